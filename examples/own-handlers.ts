// The difference to express-middleware.ts: there is no upstream. Admitted requests go on to the host's own handlers.
import express from 'express';
import { secureChat } from 'secure-chat-gateway';

const app = express();
app.use(
  secureChat({
    publicUrl: process.env['PUBLIC_URL'],
    sessionSecret: process.env['SESSION_SECRET'],
    authConnectionName: 'Signicat',
    authClientId: 'puzzelchatssodev',
    authClientSecret: process.env['AUTH_CLIENT_SECRET'],
    authEndpoint: process.env['AUTH_ENDPOINT'] ?? 'https://preprod.signicat.com/oidc',
    authMapping: { AuthUserId: { MapType: 'ChatId' }, given_name: { MapType: 'NickName' } },
    secureQueues: ['q_bank'],
  }),
);

app.get('/queues/:queueKey', (req, res) => {
  res.json({ nickName: req.secureChat?.identity.nickName ?? 'unverified' });
});

app.listen(Number(process.env['PORT'] ?? 3000));
