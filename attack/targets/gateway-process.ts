import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { createGateway } from '../../src/gateway.ts';
import { attachServer } from '../../src/serving.ts';

const [line] = (await once(createInterface(process.stdin), 'line')) as [string];
const { issuer, upstream } = JSON.parse(line) as { issuer: string; upstream: string };
const silent = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

const server = createServer();
await once(server.listen(0, '127.0.0.1'), 'listening');
const { port } = server.address() as AddressInfo;
const gateway = createGateway(
  {
    publicUrl: `http://127.0.0.1:${port}`,
    upstream: { url: upstream },
    sessionSecret: 'only for an attack on this machine and long enough',
    // the suite logs in more often than any visitor
    loginsPerMinute: 1_000_000,
    customers: [
      {
        customerKey: '12345',
        connections: [
          {
            authConnectionName: 'Signicat',
            authClientId: 'portal',
            authClientSecret: 'portal-secret',
            authEndpoint: issuer,
            authScope: 'openid profile',
            authMapping: {
              AuthUserId: { MapType: 'ChatId', Description: 'Id' },
              given_name: { MapType: 'NickName' },
            },
          },
        ],
        queues: [{ queueKey: 'q_bank', authConnectionName: 'Signicat' }, { queueKey: 'q_open' }],
      },
    ],
  },
  { logger: silent },
);
attachServer(server, gateway);
process.stdin.once('close', () => process.exit(0));
process.stdout.write(`ready ${port}\n`);
