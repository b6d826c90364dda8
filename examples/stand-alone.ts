// The gateway as an app of its own, from code. `npm start` does the same from the environment.
import { createGateway } from 'secure-chat-gateway';

const gateway = createGateway({
  publicUrl: process.env['PUBLIC_URL'],
  upstream: { url: process.env['UPSTREAM_URL'] ?? 'http://127.0.0.1:8080' },
  sessionSecret: process.env['SESSION_SECRET'],
  redisUrl: process.env['REDIS_URL'],
  customers: [
    {
      customerKey: '12345',
      returnOrigins: ['https://www.bank.example'],
      connections: [
        {
          authConnectionName: 'Signicat',
          authClientId: 'puzzelchatssodev',
          authClientSecret: process.env['AUTH_CLIENT_SECRET'],
          authEndpoint: process.env['AUTH_ENDPOINT'] ?? 'https://preprod.signicat.com/oidc',
          authScope: 'openid profile signicat.national_id',
          authMapping: {
            AuthUserId: { MapType: 'ChatId' },
            given_name: { MapType: 'NickName' },
            national_id: { MapType: 'Variable', Description: 'Personnummer' },
          },
        },
      ],
      queues: [{ queueKey: 'q_bank', authConnectionName: 'Signicat' }, { queueKey: 'q_open' }],
    },
  ],
});

gateway.listen(Number(process.env['PORT'] ?? 3000));
process.once('SIGTERM', () => void gateway.close().then(() => process.exit(0)));
