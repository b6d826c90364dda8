/** What holds for a key that nobody writes. The schema, the checks, the documents and the tests read this one table. */
export const DEFAULTS = {
  upstream: { timeoutMs: 25_000, idleTimeoutMs: 300_000 },
  headerPrefix: 'X-Secure-Chat-',
  headerLimitBytes: 8192,
  routePrefix: '/secure-chat',
  unknownQueues: 'open',
  queueRules: [{ path: '/queues/:queueKey{/*rest}' }, { query: 'queueKey' }],
  redisTlsRejectUnauthorized: true,
  session: { cookieName: 'secure-chat', idleSeconds: 1800, absoluteSeconds: 28_800 },
  audit: { maxEntries: 20_000, maxDays: 90, stdout: true },
  port: 3000,
  host: '0.0.0.0',
  workers: 1,
  logLevel: 'info',
  loginsPerMinute: 600,
  providerTimeoutMs: 5000,
  connection: {
    authScope: 'openid profile',
    authTokenAuthMethod: 'client_secret_basic',
    authPrompt: 'none',
    codeRedemption: 'queue-entry',
    authPushedRequests: false,
    clockToleranceSeconds: 120,
  },
} as const;

/** Customer of the four-line form, which names none. */
export const DEFAULT_CUSTOMER_KEY = 'default';
