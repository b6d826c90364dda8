/** How a claim reaches the agent. */
export type MapType = 'Variable' | 'ChatId' | 'NickName';

/** One line of `authMapping`, in the order in which it was written. */
export interface MappingEntry {
  /** The claim's name as written, e.g. `national_id` or `signicat.national_id`. */
  readonly claim: string;
  readonly mapType: MapType;
  /** What the agent's screen calls it. Optional at the vendor, so here too. */
  readonly description: string | undefined;
  /** For a Variable: its header name below the prefix, e.g. `Variable-national-id`. */
  readonly headerSuffix: string;
}

/** A JSON Web Key as it stands in the configuration (RFC 7517). */
export type PrivateJwk = Readonly<Record<string, unknown>> & { readonly kty: string };

/** One federated client id at a provider. Identity belongs to exactly one of these. */
export interface Connection {
  /** Unique over all customers; structured, so that no two pairs of names can join to the same key. */
  readonly id: string;
  readonly customerKey: string;
  /** `authConnectionName`. May repeat between customers. */
  readonly name: string;
  readonly clientId: string;
  /** Undefined for a public client, which then authenticates with PKCE alone. */
  readonly clientSecret: string | undefined;
  /** `authEndpoint` without a trailing slash: the issuer whose discovery document is read. */
  readonly endpoint: string;
  /** Members of the discovery document that the configuration overrides, under their metadata names. */
  readonly overrides: Readonly<{
    issuer?: string;
    authorization_endpoint?: string;
    token_endpoint?: string;
    userinfo_endpoint?: string;
    jwks_uri?: string;
    end_session_endpoint?: string;
  }>;
  /** Space-separated, always with `openid`. */
  readonly scope: string;
  readonly acrValues: string | undefined;
  readonly tokenAuthMethod: 'client_secret_basic' | 'client_secret_post';
  /** The `prompt` of a login that is not interactive; undefined leaves the parameter out. */
  readonly prompt: string | undefined;
  readonly codeRedemption: 'queue-entry' | 'callback';
  readonly mapping: readonly MappingEntry[];
  /** Claims masked beside the national id's own names. */
  readonly maskedClaims: readonly string[];
  readonly pseudonymizedClaims: readonly string[];
  readonly decryptionKeys: readonly PrivateJwk[];
  readonly requestSigningKey: PrivateJwk | undefined;
  readonly pushedRequests: boolean;
  readonly clockToleranceSeconds: number;
}

/** One queue of one customer; secure when it names a connection. */
export interface Queue {
  readonly customerKey: string;
  /** As written in the configuration: what the upstream is told. */
  readonly queueKey: string;
  readonly connection: Connection | undefined;
  /** `acr` values with which an Identity may enter; none means any. Only a secure queue has some. */
  readonly requiredAcrValues: readonly string[];
}

/** A tenant of the contact centre. */
export interface Customer {
  readonly customerKey: string;
  /** Whole origins, `https://www.bank.example`, that a login may return to beside the gateway's own. */
  readonly returnOrigins: readonly string[];
  readonly connections: readonly Connection[];
  readonly queues: readonly Queue[];
}

/** Where a request may name its queue. Exactly one of the four sources is set, or the path holds `:queueKey`. */
export interface QueueRule {
  readonly method: string | undefined;
  /** Express 5 path syntax; undefined matches every path. */
  readonly path: string | undefined;
  readonly query: string | undefined;
  readonly header: string | undefined;
  /** Member of a JSON or form body of at most 64 KiB. */
  readonly body: string | undefined;
  /** A fixed key: every request on that path is for this queue. */
  readonly queueKey: string | undefined;
}

/**
 * Where a request names its chat, or which answer starts one. Exactly one of the four sources is set, or the path holds
 * `:chatId`.
 */
export interface ChatRule {
  readonly method: string | undefined;
  /** Express 5 path syntax; undefined matches every path. */
  readonly path: string | undefined;
  readonly query: string | undefined;
  readonly header: string | undefined;
  /** Member of a JSON or form body of at most 64 KiB. */
  readonly body: string | undefined;
  /** The answer starts a chat: the member with its id (`chat.id`), or a text with members in braces. */
  readonly chatIdFrom: string | undefined;
}

/** The chat server. */
export interface UpstreamConfig {
  /** `http://127.0.0.1:8080`: scheme, host and port only. */
  readonly origin: string;
  /** Path of the upstream's address without a trailing slash; empty at the root. */
  readonly basePath: string;
  /** Milliseconds from the arrival of a request to the first byte of its answer, redemption included. */
  readonly timeoutMs: number;
  /** Milliseconds without a byte after which a running answer counts as broken. */
  readonly idleTimeoutMs: number;
}

/** Cookie, keys and lifetimes of the browser's session. */
export interface SessionConfig {
  /** Cookie name without the `__Host-` that https adds. */
  readonly cookieName: string;
  /** First one signs, all of them verify. At least 32 characters each. */
  readonly secrets: readonly string[];
  /** Key ring of 32 bytes each: the first seals, all of them open. */
  readonly sealKeys: readonly Buffer[];
  /** Key of pseudonyms (32 bytes). */
  readonly pseudonymKey: Buffer;
  readonly idleSeconds: number;
  readonly absoluteSeconds: number;
}

/** How much of the audit record is kept, and where its lines go. */
export interface AuditConfig {
  /** Entries of each part. */
  readonly maxEntries: number;
  readonly maxDays: number;
  /** Each entry as a line of JSON on stdout. */
  readonly stdout: boolean;
}

/** The whole configuration after validation: frozen, without vendor names, every default filled in. */
export interface GatewayConfig {
  /** Without a trailing slash, path included when the gateway is mounted below one. */
  readonly publicUrl: string;
  readonly publicOrigin: string;
  /** Path of `publicUrl` without a trailing slash; empty at the root. */
  readonly publicPath: string;
  /** Cookies are `Secure` and `__Host-`. */
  readonly secureCookies: boolean;
  /** Undefined only in the drop-in: an admitted request then goes on to the host's own handlers. */
  readonly upstream: UpstreamConfig | undefined;
  readonly headerPrefix: string;
  readonly headerLimitBytes: number;
  readonly routePrefix: string;
  readonly preset: 'puzzel-v1' | undefined;
  readonly unknownQueues: 'open' | 'refuse';
  readonly customers: readonly Customer[];
  readonly queueRules: readonly QueueRule[];
  readonly chatRules: readonly ChatRule[];
  readonly session: SessionConfig;
  /** Private P-256 keys that sign assertions, the first one signs; empty when the gateway makes its own. */
  readonly assertionKeys: readonly PrivateJwk[];
  readonly audit: AuditConfig;
  readonly redis: { readonly url: string; readonly tlsRejectUnauthorized: boolean } | undefined;
  /** Hop count or addresses, as Express' `trust proxy`; undefined trusts nobody. */
  readonly trustProxy: number | readonly string[] | undefined;
  /** Logins a minute and address before 429; at least 300. */
  readonly loginsPerMinute: number;
  /** Milliseconds for each call to a provider. */
  readonly providerTimeoutMs: number;
  readonly logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'silent';
  /** Worker processes of `npm start`; 1 means that one process does everything. */
  readonly workers: number;
  readonly port: number;
  readonly host: string;
  /** What an operator should know though it is no error, e.g. that no queue is secure. */
  readonly warnings: readonly string[];
}
