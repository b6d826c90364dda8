/** How the text of a variable becomes the value of an option. */
export type VariableKind = 'text' | 'number' | 'boolean' | 'json';

/** One environment variable. */
export interface Variable {
  /** Where its value stands in the options. */
  readonly path: readonly [string, ...string[]];
  readonly kind: VariableKind;
}

const option = (kind: VariableKind, ...path: [string, ...string[]]): Variable => ({ path, kind });

/** Every variable that sets an option, in the order of the documents. Lists stay text: the options take them so. */
export const VARIABLES = {
  PORT: option('number', 'port'),
  HOST: option('text', 'host'),
  PUBLIC_URL: option('text', 'publicUrl'),
  UPSTREAM_URL: option('text', 'upstream', 'url'),
  REDIS_URL: option('text', 'redisUrl'),
  REDIS_TLS_REJECT_UNAUTHORIZED: option('boolean', 'redisTlsRejectUnauthorized'),
  SESSION_SECRET: option('text', 'sessionSecret'),
  SEAL_KEY: option('text', 'sealKey'),
  PSEUDONYM_KEY: option('text', 'pseudonymKey'),
  ASSERTION_KEYS: option('json', 'assertionKeys'),
  TRUST_PROXY: option('text', 'trustProxy'),
  WEB_CONCURRENCY: option('text', 'workers'),
  LOG_LEVEL: option('text', 'logLevel'),
  AUDIT_STDOUT: option('boolean', 'audit', 'stdout'),
  ADMIN_TOKEN_HASH: option('text', 'admin', 'tokenHash'),
  ADMIN_AUTH_CLIENT_SECRET: option('text', 'admin', 'oidc', 'authClientSecret'),
  METRICS_PORT: option('number', 'metricsPort'),
  AUTH_CONNECTION_NAME: option('text', 'authConnectionName'),
  AUTH_CLIENT_ID: option('text', 'authClientId'),
  AUTH_CLIENT_SECRET: option('text', 'authClientSecret'),
  AUTH_ENDPOINT: option('text', 'authEndpoint'),
  AUTH_MAPPING: option('json', 'authMapping'),
  AUTH_SCOPE: option('text', 'authScope'),
  AUTH_ACR_VALUES: option('text', 'authAcrValues'),
  AUTH_TOKEN_AUTH_METHOD: option('text', 'authTokenAuthMethod'),
  AUTH_MASKED_CLAIMS: option('text', 'maskedClaims'),
  SECURE_QUEUES: option('text', 'secureQueues'),
  RETURN_ORIGINS: option('text', 'returnOrigins'),
} as const satisfies Record<string, Variable>;

/** Variables that are no options: the file to read, and whether this is production. */
export const OTHER_VARIABLES = ['CONFIG_FILE', 'NODE_ENV'] as const;
