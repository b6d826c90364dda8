import type { GatewayOptions } from '../../src/config/options.ts';
import { BenchError } from '../bench-error.ts';
import type { Rig } from '../rig.ts';

/** Options of the gateway in every row and figure: one secure queue, one open, four claims mapped. */
export function gatewayOptions(rig: Rig, port: number, redisUrl: string | undefined): GatewayOptions {
  return {
    host: '127.0.0.1',
    port,
    publicUrl: `http://127.0.0.1:${port}`,
    upstream: { url: `http://127.0.0.1:${rig.upstream.port}` },
    sessionSecret: 'only for a measurement on this machine and long enough',
    loginsPerMinute: 1_000_000,
    ...(redisUrl !== undefined && { redisUrl }),
    customers: [
      {
        customerKey: '12345',
        connections: [
          {
            authConnectionName: 'Signicat',
            authClientId: 'portal',
            authClientSecret: 'portal-secret',
            authEndpoint: rig.provider.issuer,
            authScope: 'openid profile signicat.national_id',
            authMapping: {
              AuthUserId: { MapType: 'ChatId', Description: 'Name' },
              national_id: { MapType: 'Variable', Description: 'Personnummer' },
              given_name: { MapType: 'NickName' },
              name: { MapType: 'Variable', Description: 'Name' },
              birthdate: { MapType: 'Variable', Description: 'Fødselsdato' },
            },
          },
        ],
        queues: [{ queueKey: 'q_bank', authConnectionName: 'Signicat' }, { queueKey: 'q_open' }],
      },
    ],
  };
}

/** Address of the rig's Redis. */
export function redisUrlOf({ redis }: Rig): string {
  if (redis === undefined) throw new BenchError('there is no redis-server on this machine');
  return redis.url;
}
