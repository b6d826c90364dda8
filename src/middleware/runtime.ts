import type { RequestHandler } from 'express';
import type { IncomingMessage } from 'node:http';
import { createAudit, type Audit } from '../audit/audit.ts';
import { createAssertions } from '../assertion/assertion.ts';
import { createAssertionKeys, type AssertionKeys } from '../assertion/keys.ts';
import { createPseudonymizer } from '../claims/pseudonym.ts';
import type { GatewayConfig, Queue } from '../config/gateway-config.ts';
import type { GatewayError } from '../errors.ts';
import { createLogger, writeStdoutLine, type Logger } from '../observe/logger.ts';
import { createClients, type Clients } from '../oidc/clients.ts';
import type { Logins } from '../oidc/logins.ts';
import { isTransactionCookie } from '../oidc/transactions.ts';
import { createAssets, type Assets } from '../pages/assets.ts';
import { createPages, type Pages } from '../pages/pages.ts';
import { createSecurityHeaders, type SecurityHeaders } from '../pages/security-headers.ts';
import { createClientTrust, type ClientTrust } from '../proxy/client-trust.ts';
import { createHeaderWall, type HeaderWall } from '../proxy/header-wall.ts';
import { createProxy, type Proxy } from '../proxy/proxy.ts';
import type { QueueResolver } from '../queues/resolve.ts';
import { isAdminCookie } from '../session/admin-cookie.ts';
import { createBrowserRecords, type BrowserRecords } from '../session/browser-records.ts';
import { createPersons, type Persons } from '../session/persons.ts';
import { createBrowserSessions, type BrowserSessions } from '../session/session.ts';
import { createStores, type Stores } from '../session/stores.ts';
import type { Chats } from './chats.ts';
import { createChatOwners, type ChatOwners } from './chat-owners.ts';
import { createCookieless, type Cookieless } from './cookieless.ts';
import type { Cors } from './cors.ts';
import { customerParts } from './customer-parts.ts';
import type { RuntimeExtras } from './extras.ts';
import { createDrain, type Drain } from './drain.ts';
import type { Erasure } from './erasure.ts';
import { createIdentityBlock, type IdentityBlock } from './identity-block.ts';
import type { KnownEntries } from './known-entries.ts';
import { createHandles, type Handles } from './handles.ts';
import { createLogoutTickets, type LogoutTickets } from './logout-tickets.ts';
import type { OpenExchanges } from './open-exchanges.ts';
import { isPageCookie } from './page-cookie.ts';
import { createPreset, type Preset } from './preset.ts';
import { createRateLimit, type RateLimit } from './rate-limit.ts';
import { createQueueUse, type QueueUse } from './queue-use.ts';
import type { Redemption } from './redemption.ts';
import { createSharedExchanges } from './shared-exchanges.ts';
import { createSuperseded, type Superseded } from './superseded.ts';
import { contextOf, deadlineOf, type RequestContext } from './request-context.ts';
import type { loginUrl } from './silent-login.ts';

/** The parts of one gateway that no administrator changes: built once. */
export interface FixedParts {
  readonly logger: Logger;
  readonly stores: Stores;
  readonly audit: Audit;
  readonly sessions: BrowserSessions;
  readonly records: BrowserRecords;
  readonly persons: Persons;
  readonly pseudonym: (text: string) => string;
  readonly clients: Clients;
  readonly chatOwners: ChatOwners;
  /** Undefined without one in the configuration. */
  readonly preset: Preset | undefined;
  readonly handles: Handles;
  readonly cookieless: Cookieless;
  readonly logoutTickets: LogoutTickets;
  readonly superseded: Superseded;
  readonly assertionKeys: AssertionKeys;
  readonly identityBlock: IdentityBlock;
  readonly wall: HeaderWall;
  readonly trust: ClientTrust;
  readonly proxy: Proxy | undefined;
  readonly pages: Pages;
  readonly assets: Assets;
  /** The headers of every answer of the gateway's own. */
  readonly securityHeaders: SecurityHeaders;
  readonly exchanges: OpenExchanges;
  readonly queueUse: QueueUse;
  readonly drain: Drain;
  readonly limitLogins: RateLimit;
  readonly limitCallbacks: RateLimit;
  contextOf(req: IncomingMessage): RequestContext;
  /** Its context's deadline, without making one. */
  deadlineOf(req: IncomingMessage): number;
  isOwnRoute(path: string): boolean;
  close(): Promise<void>;
}

/**
 * The parts of one gateway under one configuration, shared by both faces and all routes. A request keeps the one it began
 * with.
 */
export interface Runtime extends FixedParts {
  readonly config: GatewayConfig;
  /** Which queues are secure is not known yet, see `customerParts`. */
  readonly held: boolean;
  readonly logins: Logins;
  readonly redemption: Redemption;
  readonly erasure: Erasure;
  /** Undefined without chat rules. */
  readonly chats: Chats | undefined;
  readonly knownEntries: KnownEntries;
  readonly cors: Cors;
  readonly resolver: QueueResolver;
  readonly connectionIds: readonly string[];
  returnOrigins(customerKey: string): readonly string[];
  /** The refusal of a request without identity, with the way to log in. */
  loginRequired(queue: Queue, options?: Parameters<typeof loginUrl>[2]): GatewayError;
}

/** Where the runtime of a new request comes from. */
export interface RuntimeSource {
  readonly current: Runtime;
  /** Settles once it is known what administrators have set; undefined from then on. Requests wait for it. */
  readonly starting: Promise<void> | undefined;
}

/** Builds the parts from a validated configuration. Opens no connection that start-up would have to wait for. */
export function createRuntime(config: GatewayConfig, extras: RuntimeExtras = {}): Runtime {
  const logger = extras.logger ?? createLogger(config.logLevel);
  for (const warning of config.warnings) logger.warn({}, warning);
  const stores = createStores(config, logger);
  const audit = createAudit({
    ...stores,
    caps: config.audit,
    writeLine: config.audit.stdout ? auditLine(extras) : undefined,
    logger,
  });
  const browsers = browserParts(config, stores, logger, extras.session);
  const wall = createHeaderWall(config.headerPrefix);
  const trust = createClientTrust(config.trustProxy);
  const ownCookies = (name: string, value?: string) =>
    browsers.sessions.ownCookie(name, value) || isTransactionCookie(name) || isOtherCookie(name);
  const { publicUrl, upstream } = config;
  const proxy = upstream && createProxy({ publicUrl, upstream, wall, ownCookies, trust, logger });
  const clients = createClients({ timeoutMs: config.providerTimeoutMs });
  const { exchanges, queueUse } = browsers;
  const fixed: FixedParts = {
    logger,
    stores,
    audit,
    ...browsers,
    ...assertionParts(config, stores, logger),
    wall,
    trust,
    proxy,
    clients,
    preset: createPreset(config, stores),
    ...answerParts(config),
    drain: createDrain(),
    limitLogins: createRateLimit(config.loginsPerMinute),
    limitCallbacks: createRateLimit(config.loginsPerMinute),
    ...lookups(config),
    async close() {
      exchanges.close();
      queueUse.close();
      await proxy?.close();
      await clients.close();
      await audit.close();
      await stores.close();
    },
  };
  return withConfig(fixed, config);
}

/** The gateway's own beside those of sessions and of login transactions. */
function isOtherCookie(name: string): boolean {
  return isPageCookie(name) || isAdminCookie(name);
}

/** The same gateway under another configuration, which differs in customers only. `held` as in `customerParts`. */
export function withConfig(fixed: FixedParts, config: GatewayConfig, held = false): Runtime {
  return { ...fixed, ...customerParts(fixed, config, held) };
}

/** Where the audit record's lines go: beside the log, unless the host says otherwise. */
function auditLine(extras: RuntimeExtras): ((line: string) => void) | undefined {
  return extras.auditLine ?? (extras.logger === undefined ? writeStdoutLine : undefined);
}

function assertionParts(config: GatewayConfig, { state, sealer }: Stores, logger: Logger) {
  const assertionKeys = createAssertionKeys({ configured: config.assertionKeys, state, sealer, logger });
  const assertions = createAssertions(config.publicUrl, assertionKeys);
  return { assertionKeys, identityBlock: createIdentityBlock(config, assertions) };
}

/** What is known of browsers. */
function browserParts(
  config: GatewayConfig,
  stores: Stores,
  logger: Logger,
  hostSession: RequestHandler | undefined,
) {
  const { state, sealer, cache } = stores;
  const { idleSeconds, absoluteSeconds, pseudonymKey } = config.session;
  const records = createBrowserRecords({ state, sealer, cache, idleSeconds, absoluteSeconds });
  const superseded = createSuperseded({ state, sealer });
  const exchanges = createSharedExchanges({ stores, records, superseded, idleSeconds, logger });
  return {
    sessions: createBrowserSessions({ config, store: stores.sessions, hostSession }),
    records,
    persons: createPersons(stores),
    pseudonym: createPseudonymizer(pseudonymKey),
    chatOwners: createChatOwners({ state, sealer, absoluteSeconds }),
    exchanges,
    queueUse: createQueueUse({ ...stores, idleSeconds, open: () => exchanges.places(), logger }),
    handles: createHandles({ state, sealer }),
    superseded,
    cookieless: createCookieless({ state, sealer, cache, ...config }),
    logoutTickets: createLogoutTickets({
      state,
      sealer,
      secureCookies: config.secureCookies,
      perMinute: config.loginsPerMinute,
    }),
  };
}

function answerParts(config: GatewayConfig) {
  const assets = createAssets(config);
  return { assets, pages: createPages(config, assets), securityHeaders: createSecurityHeaders(config) };
}

function lookups(config: GatewayConfig) {
  const settings = {
    timeoutMs: config.upstream?.timeoutMs ?? 25_000,
    trustRequestId: config.trustProxy !== undefined,
  };
  const own = config.routePrefix.toLowerCase();
  return {
    contextOf: (req: IncomingMessage) => contextOf(req, settings),
    deadlineOf: (req: IncomingMessage) => deadlineOf(req, settings),
    isOwnRoute: (path: string) => {
      // the shortest test first: nearly every request is not for the gateway itself
      if (path.length < own.length || path.slice(0, own.length).toLowerCase() !== own) return false;
      return path.length === own.length || path[own.length] === '/';
    },
  };
}
