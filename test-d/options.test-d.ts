import type { GatewayOptions } from '../src/config/options.ts';

/** The contract's full form. */
export const fullForm: GatewayOptions = {
  publicUrl: 'https://chat.example.no',
  upstream: { url: 'http://127.0.0.1:8080', timeoutMs: 25000 },
  headerPrefix: 'X-Secure-Chat-',
  routePrefix: '/secure-chat',
  preset: 'puzzel-v1',
  unknownQueues: 'open',
  customers: [
    {
      customerKey: '12345',
      returnOrigins: ['https://www.bank.example'],
      connections: [
        {
          authConnectionName: 'Signicat',
          authClientId: 'puzzelchatssodev',
          authEndpoint: 'https://preprod.signicat.com/oidc',
          authClientSecret: '...',
          authScope: 'openid profile signicat.national_id',
          authAcrValues: 'urn:signicat:oidc:method:nbid',
          authTokenAuthMethod: 'client_secret_basic',
          authPrompt: 'none',
          codeRedemption: 'queue-entry',
          maskedClaims: 'national_id;signicat.national_id;nin',
          authMapping: {},
        },
      ],
      queues: [{ queueKey: 'q_bank', authConnectionName: 'Signicat' }, { queueKey: 'q_open' }],
    },
  ],
  queueRules: [
    { path: '/queues/:queueKey{/*rest}' },
    { path: '/enter', query: 'queueKey' },
    { method: 'POST', path: '/sessions', body: 'queueKey' },
    { path: '/vip{/*rest}', queueKey: 'q_vip' },
  ],
};

/** The vendor's four lines, with what the gateway itself needs. */
export const fourLines: GatewayOptions = {
  authConnectionName: 'Signicat',
  authClientId: 'puzzelchatssodev',
  authEndpoint: 'https://preprod.signicat.com/oidc',
  authMapping: {
    AuthProvider: { MapType: 'Variable', Description: 'Authentication' },
    AuthUserId: { MapType: 'ChatId', Description: 'Name' },
    given_name: { MapType: 'NickName' },
  },
  upstream: 'http://127.0.0.1:8080',
  secureQueues: 'q_bank,q_loans',
  returnOrigins: ['https://www.bank.example'],
  sessionSecret: ['first', 'second'],
  trustProxy: 1,
  authPrompt: false,
  authDecryptionKeys: { keys: [{ kty: 'RSA', kid: 'one' }] },
};

/** Absent and undefined are the same. */
export const undefinedKeys: GatewayOptions = {
  publicUrl: undefined,
  customers: undefined,
  upstream: undefined,
};

export const wrongMapType: GatewayOptions = {
  // @ts-expect-error MapType is one of Variable, ChatId, NickName
  authMapping: { name: { MapType: 'Nickname' } },
};

// @ts-expect-error to trust everybody is not offered
export const trustsEverybody: GatewayOptions = { trustProxy: true };

// @ts-expect-error unknown keys are refused
export const unknownKey: GatewayOptions = { publicURL: 'https://chat.example.no' };

export const incompleteConnection: GatewayOptions = {
  // @ts-expect-error a connection has a client id and an endpoint
  customers: [{ customerKey: '1', connections: [{ authConnectionName: 'Signicat' }] }],
};

// @ts-expect-error one of the two ways to redeem
export const wrongRedemption: GatewayOptions = { codeRedemption: 'later' };
