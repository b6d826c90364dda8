// The difference to stand-alone.ts: the gateway lives in an Express app that has routes of its own.
import express from 'express';
import { secureChat } from 'secure-chat-gateway';

const app = express();
app.get('/about', (_req, res) => {
  res.send('a page of the host');
});

const chat = secureChat({
  publicUrl: process.env['PUBLIC_URL'],
  upstream: process.env['UPSTREAM_URL'] ?? 'http://127.0.0.1:8080',
  sessionSecret: process.env['SESSION_SECRET'],
  authConnectionName: 'Signicat',
  authClientId: 'puzzelchatssodev',
  authClientSecret: process.env['AUTH_CLIENT_SECRET'],
  authEndpoint: process.env['AUTH_ENDPOINT'] ?? 'https://preprod.signicat.com/oidc',
  authMapping: { AuthUserId: { MapType: 'ChatId' }, given_name: { MapType: 'NickName' } },
  secureQueues: ['q_bank'],
});

// before body parsers: what is proxied has to arrive byte for byte
app.use(chat);

app.listen(Number(process.env['PORT'] ?? 3000)).on('upgrade', chat.upgrade);
