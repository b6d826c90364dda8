import { z } from 'zod';
import { auditSchema } from './audit-options.ts';
import { chatRuleSchema } from './chat-rule-options.ts';
import { connectionShape } from './connection-options.ts';
import { customerSchema } from './customer-options.ts';
import { DEFAULTS } from './defaults.ts';
import { flag, jwks, list, text, wholeNumber } from './option-kinds.ts';
import { queueRuleSchema } from './queue-rule-options.ts';

const WORKERS = 'a whole number from 1 to 128, or auto';
const MAX_TIMEOUT_MS = 3_600_000;
const MAX_SESSION_SECONDS = 30 * 86_400;

const upstreamSchema = z.strictObject({
  /** Address of the chat server; http is taken anywhere. Required. */
  url: text().describe('Address of the chat server; http is taken anywhere. Required.'),
  /** Milliseconds from the arrival of a request to the first byte of its answer. Default: `25000`. */
  timeoutMs: wholeNumber(1, MAX_TIMEOUT_MS)
    .optional()
    .meta({ default: DEFAULTS.upstream.timeoutMs })
    .describe(
      'Milliseconds from the arrival of a request to the first byte of its answer. Default: `25000`.',
    ),
  /** Milliseconds without a byte after which a running answer counts as broken. Default: `300000`. */
  idleTimeoutMs: wholeNumber(1, MAX_TIMEOUT_MS)
    .optional()
    .meta({ default: DEFAULTS.upstream.idleTimeoutMs })
    .describe(
      'Milliseconds without a byte after which a running answer counts as broken. Default: `300000`.',
    ),
});

const sessionSchema = z.strictObject({
  /** Name of the session cookie, without the `__Host-` that https adds. Default: `secure-chat`. */
  cookieName: text(100)
    .regex(/^[A-Za-z0-9_-]+$/, 'letters, digits, "-" and "_"')
    .regex(/^(?!__(?:Host|Secure)-)/i, 'a name without __Host- or __Secure-, which https adds by itself')
    .optional()
    .meta({ default: DEFAULTS.session.cookieName })
    .describe('Name of the session cookie, without the `__Host-` that https adds. Default: `secure-chat`.'),
  /** Seconds without a request after which a session ends. Default: `1800`. */
  idleSeconds: wholeNumber(1, MAX_SESSION_SECONDS)
    .optional()
    .meta({ default: DEFAULTS.session.idleSeconds })
    .describe('Seconds without a request after which a session ends. Default: `1800`.'),
  /** Seconds after which a session ends however busy it is. Default: `28800`. */
  absoluteSeconds: wholeNumber(1, MAX_SESSION_SECONDS)
    .optional()
    .meta({ default: DEFAULTS.session.absoluteSeconds })
    .describe('Seconds after which a session ends however busy it is. Default: `28800`.'),
});

const generalShape = {
  /** Address of the JSON Schema, for editors; the gateway does not read it. Default: none. */
  $schema: z
    .string()
    .optional()
    .describe('Address of the JSON Schema, for editors; the gateway does not read it. Default: none.'),
  /** Address of the gateway as browsers see it. Required in production. Default: `http://localhost:<port>`. */
  publicUrl: text()
    .optional()
    .describe(
      'Address of the gateway as browsers see it. Required in production. Default: `http://localhost:<port>`.',
    ),
  /** The chat server: an address, or an object with its timeouts. Required; the drop-in may leave it out. */
  upstream: z
    .union([text(), upstreamSchema], { error: 'an address, or { url, timeoutMs, idleTimeoutMs }' })
    .optional()
    .describe(
      'The chat server: an address, or an object with its timeouts. Required; the drop-in may leave it out.',
    ),
  /** Start of the name of every identity header. Default: `X-Secure-Chat-`. */
  headerPrefix: text(100)
    .optional()
    .meta({ default: DEFAULTS.headerPrefix })
    .describe('Start of the name of every identity header. Default: `X-Secure-Chat-`.'),
  /** Bytes that all identity headers of a request may take together. Default: `8192`. */
  headerLimitBytes: wholeNumber(512, 65_536)
    .optional()
    .meta({ default: DEFAULTS.headerLimitBytes })
    .describe('Bytes that all identity headers of a request may take together. Default: `8192`.'),
  /** Path below `publicUrl` of the gateway's own routes. Default: `/secure-chat`. */
  routePrefix: text(200)
    .optional()
    .meta({ default: DEFAULTS.routePrefix })
    .describe("Path below `publicUrl` of the gateway's own routes. Default: `/secure-chat`."),
  /** Chat protocol whose queues and bodies the gateway knows. Default: none. */
  preset: z
    .enum(['puzzel-v1'])
    .optional()
    .describe('Chat protocol whose queues and bodies the gateway knows. Default: none.'),
  /** What becomes of a request for a queue in no `queues` list. Default: `open`. */
  unknownQueues: z
    .enum(['open', 'refuse'])
    .optional()
    .meta({ default: DEFAULTS.unknownQueues })
    .describe('What becomes of a request for a queue in no `queues` list. Default: `open`.'),
  /** Customers with their connections and queues. Default: the customer `default` of the four-line form. */
  customers: z
    .array(customerSchema)
    .optional()
    .describe(
      'Customers with their connections and queues. Default: the customer `default` of the four-line form.',
    ),
  /** Where a request names its queue; all rules that match are read. Default: `:queueKey` of `/queues/:queueKey{/*rest}`, and the query parameter `queueKey` on any path. */
  queueRules: z
    .array(queueRuleSchema)
    .optional()
    .meta({ default: DEFAULTS.queueRules.map((rule) => ({ ...rule })) })
    .describe(
      'Where a request names its queue; all rules that match are read. Default: `:queueKey` of `/queues/:queueKey{/*rest}`, and the query parameter `queueKey` on any path.',
    ),
  /** Which answers start a chat, and where later requests name it: a chat in a secure queue then belongs to who started it. Default: none, chats are not bound. */
  chatRules: z
    .array(chatRuleSchema)
    .optional()
    .describe(
      'Which answers start a chat, and where later requests name it: a chat in a secure queue then belongs to who started it. Default: none, chats are not bound.',
    ),
  /** Address of Redis, `redis://` or `rediss://`. Secret. Default: none, state is kept in memory; refused in production. */
  redisUrl: text()
    .optional()
    .describe(
      'Address of Redis, `redis://` or `rediss://`. Secret. Default: none, state is kept in memory; refused in production.',
    ),
  /** Whether the certificate of a `rediss://` server must verify. Default: `true`. */
  redisTlsRejectUnauthorized: flag()
    .optional()
    .meta({ default: DEFAULTS.redisTlsRejectUnauthorized })
    .describe('Whether the certificate of a `rediss://` server must verify. Default: `true`.'),
  /** Session secrets of at least 32 characters, the first one signs: an array or a comma list. Secret. Required with Redis and in production. Default: random per process. */
  sessionSecret: list(
    'Session secrets of at least 32 characters, the first one signs: an array or a comma list. Secret. Required with Redis and in production. Default: random per process.',
  ),
  /** Seal keys, 32 bytes in base64 each, the first one seals: an array or a comma list. Secret. Default: derived from `sessionSecret`. */
  sealKey: list(
    'Seal keys, 32 bytes in base64 each, the first one seals: an array or a comma list. Secret. Default: derived from `sessionSecret`.',
  ),
  /** Key of pseudonyms, 32 bytes in base64. Secret. Default: derived from the last of `sealKey`, else from the last of `sessionSecret`. */
  pseudonymKey: text()
    .optional()
    .describe(
      'Key of pseudonyms, 32 bytes in base64. Secret. Default: derived from the last of `sealKey`, else from the last of `sessionSecret`.',
    ),
  /** Private P-256 JWKs that sign assertions, the first one signs, all are published: an array or `{ keys: [] }`. Secret. Default: made by the gateway, kept sealed in the session store, shared by all processes. */
  assertionKeys: jwks(
    'Private P-256 JWKs that sign assertions, the first one signs, all are published: an array or `{ keys: [] }`. Secret. Default: made by the gateway, kept sealed in the session store, shared by all processes.',
  ),
  /** Session cookie and lifetimes. */
  session: sessionSchema.optional().describe('Session cookie and lifetimes.'),
  /** The audit record: how much of it is kept, and whether it goes to stdout too. */
  audit: auditSchema
    .optional()
    .describe('The audit record: how much of it is kept, and whether it goes to stdout too.'),
  /** Proxies in front of the gateway: a number of hops, or addresses and subnets (an array or a comma list). Default: none is trusted. */
  trustProxy: z
    .union([wholeNumber(0, 32), text(), z.array(text())], {
      error:
        'a number of hops (1 on Heroku), or the addresses of your proxies; to trust everybody is not offered',
    })
    .optional()
    .describe(
      'Proxies in front of the gateway: a number of hops, or addresses and subnets (an array or a comma list). Default: none is trusted.',
    ),
  /** TCP port to listen on; 0 takes any free one. Default: `3000`. */
  port: wholeNumber(0, 65_535)
    .optional()
    .meta({ default: DEFAULTS.port })
    .describe('TCP port to listen on; 0 takes any free one. Default: `3000`.'),
  /** Address to listen on. Default: `0.0.0.0`. */
  host: text(255)
    .optional()
    .meta({ default: DEFAULTS.host })
    .describe('Address to listen on. Default: `0.0.0.0`.'),
  /** Worker processes of `npm start` on the one port, 1 to 128, or `auto` for one per processor; more than one need Redis. Default: `1`. */
  workers: z
    .union([wholeNumber(1, 128), z.string().regex(/^\s*(?:auto|[1-9]\d?|1[01]\d|12[0-8])\s*$/, WORKERS)], {
      error: WORKERS,
    })
    .optional()
    .meta({ default: DEFAULTS.workers })
    .describe(
      'Worker processes of `npm start` on the one port, 1 to 128, or `auto` for one per processor; more than one need Redis. Default: `1`.',
    ),
  /** Least severe records that are logged. Default: `info`. */
  logLevel: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent'])
    .optional()
    .meta({ default: DEFAULTS.logLevel })
    .describe('Least severe records that are logged. Default: `info`.'),
  /** Loopback port for metrics; accepted, but this release serves none. Default: off. */
  metricsPort: wholeNumber(1, 65_535)
    .optional()
    .describe('Loopback port for metrics; accepted, but this release serves none. Default: off.'),
  /** Logins a minute and address before 429; at least 300. Default: `600`. */
  loginsPerMinute: wholeNumber(300, 1_000_000)
    .optional()
    .meta({ default: DEFAULTS.loginsPerMinute })
    .describe('Logins a minute and address before 429; at least 300. Default: `600`.'),
  /** Milliseconds that one call to a provider may take. Default: `5000`. */
  providerTimeoutMs: wholeNumber(1, 60_000)
    .optional()
    .meta({ default: DEFAULTS.providerTimeoutMs })
    .describe('Milliseconds that one call to a provider may take. Default: `5000`.'),
};

/** Keys that only the four-line form has at the top level: one connection, its secure queues, its return origins. */
export const fourLineSchema = z.strictObject({
  ...z.strictObject(connectionShape).partial().shape,
  /** Four-line form: queues that demand an Identity: an array or a comma list. Default: none, which is worth a warning. */
  secureQueues: list(
    'Four-line form: queues that demand an Identity: an array or a comma list. Default: none, which is worth a warning.',
  ),
  /** Four-line form: whole https origins that a login may return to: an array or a comma list. Default: none beside that of `publicUrl`. */
  returnOrigins: list(
    'Four-line form: whole https origins that a login may return to: an array or a comma list. Default: none beside that of `publicUrl`.',
  ),
});

/** Every key that a user may write, in the drop-in, the configuration file or, by its variable, the environment. */
export const gatewayOptionsSchema = z.strictObject({ ...generalShape, ...fourLineSchema.shape });

/** What a user may write. Unknown keys are refused. `resolveConfig` turns it into a `GatewayConfig`. */
export type GatewayOptions = z.input<typeof gatewayOptionsSchema>;
