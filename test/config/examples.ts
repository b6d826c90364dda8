import { ConfigError, resolveConfig, type ConfigContext, type Problem } from '../../src/config/config.ts';
import type { GatewayConfig } from '../../src/config/gateway-config.ts';
import type { GatewayOptions } from '../../src/config/options.ts';

/** The vendor's own mapping. */
export const vendorMapping = {
  AuthProvider: { MapType: 'Variable', Description: 'Authentication' },
  AuthUserId: { MapType: 'ChatId', Description: 'Name' },
  national_id: { MapType: 'Variable', Description: 'Personnummer' },
  given_name: { MapType: 'NickName' },
  family_name: { MapType: 'Variable', Description: 'Etternavn' },
  birthdate: { MapType: 'Variable', Description: 'Fødselsdato' },
  address: { MapType: 'Variable', Description: 'Adresse' },
} satisfies GatewayOptions['authMapping'];

/** The vendor's four lines, and where the chat server is. */
export const fourLines = {
  authConnectionName: 'Signicat',
  authClientId: 'puzzelchatssodev',
  authEndpoint: 'https://preprod.signicat.com/oidc',
  authMapping: vendorMapping,
  secureQueues: 'q_bank, q_loans',
  upstream: 'http://127.0.0.1:8080',
} satisfies GatewayOptions;

/** The contract's full form. */
export const fullForm = {
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
} satisfies GatewayOptions;

export const development: ConfigContext = { production: false, face: 'gateway' };
export const production: ConfigContext = { production: true, face: 'gateway' };

/** Problems of options that need not have the right type; empty when there are none. */
export function problemsOf(options: object, context: ConfigContext = development): readonly Problem[] {
  try {
    resolveConfig(options, context);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

/** Their places only. */
export function placesOf(options: object, context: ConfigContext = development): string[] {
  return problemsOf(options, context).map((problem) => problem.path);
}

/** The four-line form with more keys, resolved. */
export function resolved(more: object = {}, context: ConfigContext = development): GatewayConfig {
  return resolveConfig({ ...fourLines, ...more }, context);
}
