import { randomBytes } from 'node:crypto';
import type { GatewayOptions } from '../src/index.ts';
import { QUEUES } from './portal/snippets.ts';

/** What the gateway of the demo has to be told of the others. */
export interface GatewaySurroundings {
  readonly gateway: string;
  readonly chatServer: string;
  readonly portal: string;
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Undefined keeps the state in memory. */
  readonly redisUrl: string | undefined;
  /** Hash of the administrator's token; undefined: nobody administers. */
  readonly tokenHash?: string | undefined;
}

/** The vendor's own example, pasted unchanged. */
export const AUTH_MAPPING = {
  AuthProvider: { MapType: 'Variable', Description: 'Authentication' },
  AuthUserId: { MapType: 'ChatId', Description: 'Name' },
  national_id: { MapType: 'Variable', Description: 'Personnummer' },
  given_name: { MapType: 'NickName' },
  name: { MapType: 'Variable', Description: 'Name' },
  family_name: { MapType: 'Variable', Description: 'Family name' },
  birthdate: { MapType: 'Variable', Description: 'Fødselsdato' },
  sub: { MapType: 'Variable', Description: 'Sub' },
  locale: { MapType: 'Variable', Description: 'Locale' },
  picture: { MapType: 'Variable', Description: 'Picture' },
  address: { MapType: 'Variable', Description: 'Address' },
} as const;

/** Configuration of the demo's gateway: one bank, one connection, a secure queue and an open one. */
export function gatewayOptions(around: GatewaySurroundings): GatewayOptions {
  return {
    publicUrl: around.gateway,
    upstream: { url: around.chatServer },
    sessionSecret: randomBytes(32).toString('base64url'),
    logLevel: 'error',
    ...(around.redisUrl !== undefined && { redisUrl: around.redisUrl }),
    ...(around.tokenHash !== undefined && {
      admin: { tokenHash: [`administrator:demo:${around.tokenHash}`] },
    }),
    customers: [
      {
        customerKey: '12345',
        returnOrigins: [around.portal],
        connections: [
          {
            authConnectionName: 'Signicat',
            authClientId: around.clientId,
            authEndpoint: around.issuer,
            authClientSecret: around.clientSecret,
            authScope: 'openid profile address signicat.national_id',
            authMapping: AUTH_MAPPING,
          },
        ],
        queues: [{ queueKey: QUEUES.secure, authConnectionName: 'Signicat' }, { queueKey: QUEUES.open }],
      },
    ],
  };
}
