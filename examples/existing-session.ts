// The difference to express-middleware.ts: the host has a session, and the gateway shares it, upgrades included.
import express from 'express';
import session from 'express-session';
import { secureChat } from 'secure-chat-gateway';

declare module 'express-session' {
  interface SessionData {
    visits?: number;
  }
}

const hostSession = session({
  secret: process.env['SESSION_SECRET'] ?? 'only for trying this out on loopback',
  name: 'bank.sid',
  resave: false,
  saveUninitialized: false,
});

const app = express();
app.use(hostSession);
app.get('/visits', (req, res) => {
  req.session.visits = (req.session.visits ?? 0) + 1;
  res.json({ visits: req.session.visits });
});

const chat = secureChat(
  {
    publicUrl: process.env['PUBLIC_URL'],
    upstream: process.env['UPSTREAM_URL'] ?? 'http://127.0.0.1:8080',
    sessionSecret: process.env['SESSION_SECRET'],
    authConnectionName: 'Signicat',
    authClientId: 'puzzelchatssodev',
    authClientSecret: process.env['AUTH_CLIENT_SECRET'],
    authEndpoint: process.env['AUTH_ENDPOINT'] ?? 'https://preprod.signicat.com/oidc',
    authMapping: { AuthUserId: { MapType: 'ChatId' }, given_name: { MapType: 'NickName' } },
    secureQueues: ['q_bank'],
  },
  { session: hostSession },
);
app.use(chat);

app.listen(Number(process.env['PORT'] ?? 3000)).on('upgrade', chat.upgrade);
