import type { RequestHandler } from 'express';
import type { IncomingMessage } from 'node:http';
import { createAudit, type Audit } from '../audit/audit.ts';
import { createAssertions } from '../assertion/assertion.ts';
import { createAssertionKeys, type AssertionKeys } from '../assertion/keys.ts';
import { createPseudonymizer } from '../claims/pseudonym.ts';
import type { GatewayConfig, Queue } from '../config/gateway-config.ts';
import { GatewayError } from '../errors.ts';
import { createLogger, writeStdoutLine, type Logger } from '../observe/logger.ts';
import { createLogins, type Logins } from '../oidc/logins.ts';
import { isTransactionCookie } from '../oidc/transactions.ts';
import { createAssets, type Assets } from '../pages/assets.ts';
import { createPages, type Pages } from '../pages/pages.ts';
import { createSecurityHeaders, type SecurityHeaders } from '../pages/security-headers.ts';
import { presetChatRules, presetResolver, presetRules } from '../presets/preset.ts';
import { createClientTrust, type ClientTrust } from '../proxy/client-trust.ts';
import { createHeaderWall, type HeaderWall } from '../proxy/header-wall.ts';
import { createProxy, type Proxy } from '../proxy/proxy.ts';
import { createQueueResolver, type QueueResolver } from '../queues/resolve.ts';
import { createBrowserRecords, type BrowserRecords } from '../session/browser-records.ts';
import { createBrowserSessions, type BrowserSessions } from '../session/session.ts';
import { createStores, type Stores } from '../session/stores.ts';
import { createChats, type Chats } from './chats.ts';
import { createChatOwners, type ChatOwners } from './chat-owners.ts';
import { createCookieless, type Cookieless } from './cookieless.ts';
import { createCors, type Cors } from './cors.ts';
import type { RuntimeExtras } from './extras.ts';
import { createDrain, type Drain } from './drain.ts';
import { createErasure, type Erasure } from './erasure.ts';
import { createIdentityBlock, type IdentityBlock } from './identity-block.ts';
import { createKnownEntries, type KnownEntries } from './known-entries.ts';
import { createHandles, type Handles } from './handles.ts';
import { createLogoutTickets, type LogoutTickets } from './logout-tickets.ts';
import type { OpenExchanges } from './open-exchanges.ts';
import { isPageCookie } from './page-cookie.ts';
import { presetChats } from './preset-chats.ts';
import { createPreset, type Preset } from './preset.ts';
import { createRateLimit, type RateLimit } from './rate-limit.ts';
import { createRedemption, type Redemption } from './redemption.ts';
import { createSharedExchanges } from './shared-exchanges.ts';
import { createSuperseded, type Superseded } from './superseded.ts';
import { contextOf, deadlineOf, type RequestContext } from './request-context.ts';
import { loginUrl } from './silent-login.ts';

/** The parts of one gateway, built once, shared by both faces and all routes. */
export interface Runtime {
  readonly config: GatewayConfig;
  readonly logger: Logger;
  readonly stores: Stores;
  readonly audit: Audit;
  readonly erasure: Erasure;
  readonly sessions: BrowserSessions;
  readonly records: BrowserRecords;
  readonly logins: Logins;
  readonly redemption: Redemption;
  readonly chatOwners: ChatOwners;
  /** Undefined without chat rules. */
  readonly chats: Chats | undefined;
  /** Undefined without one in the configuration. */
  readonly preset: Preset | undefined;
  readonly handles: Handles;
  readonly cookieless: Cookieless;
  readonly logoutTickets: LogoutTickets;
  readonly cors: Cors;
  readonly superseded: Superseded;
  readonly assertionKeys: AssertionKeys;
  readonly identityBlock: IdentityBlock;
  readonly resolver: QueueResolver;
  readonly wall: HeaderWall;
  readonly trust: ClientTrust;
  readonly proxy: Proxy | undefined;
  readonly pages: Pages;
  readonly assets: Assets;
  /** The headers of every answer of the gateway's own. */
  readonly securityHeaders: SecurityHeaders;
  readonly exchanges: OpenExchanges;
  readonly knownEntries: KnownEntries;
  readonly drain: Drain;
  readonly limitLogins: RateLimit;
  readonly limitCallbacks: RateLimit;
  readonly connectionIds: readonly string[];
  contextOf(req: IncomingMessage): RequestContext;
  /** Its context's deadline, without making one. */
  deadlineOf(req: IncomingMessage): number;
  isOwnRoute(path: string): boolean;
  returnOrigins(customerKey: string): readonly string[];
  /** The refusal of a request without identity, with the way to log in. */
  loginRequired(queue: Queue, options?: Parameters<typeof loginUrl>[2]): GatewayError;
  close(): Promise<void>;
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
  const browsers = browserParts(config, stores, logger, audit, extras.session);
  const wall = createHeaderWall(config.headerPrefix);
  const trust = createClientTrust(config.trustProxy);
  const ownCookies = (name: string, value?: string) =>
    browsers.sessions.ownCookie(name, value) || isTransactionCookie(name) || isPageCookie(name);
  const { publicUrl, upstream } = config;
  const proxy = upstream && createProxy({ publicUrl, upstream, wall, ownCookies, trust, logger });
  const { preset } = config;
  const resolver = presetResolver(
    preset,
    createQueueResolver({ ...config, queueRules: [...config.queueRules, ...presetRules(preset)] }),
  );
  const chatRules = [...config.chatRules, ...presetChatRules(preset)];
  const runtime: Runtime = {
    config,
    logger,
    stores,
    audit,
    ...browsers,
    knownEntries: createKnownEntries({ ...stores, ...browsers }),
    ...assertionParts(config, stores, logger),
    wall,
    trust,
    proxy,
    resolver,
    chats: presetChats(preset, createChats(chatRules, { ...stores, ...browsers, resolver, logger, audit })),
    preset: createPreset(config, stores),
    ...answerParts(config),
    cors: createCors(config),
    drain: createDrain(),
    limitLogins: createRateLimit(config.loginsPerMinute),
    limitCallbacks: createRateLimit(config.loginsPerMinute),
    ...lookups(config),
    loginRequired: (queue, options) =>
      new GatewayError('login_required', 'This queue takes verified visitors only. Log in, then try again.', {
        loginUrl: loginUrl(runtime, queue, options),
      }),
    async close() {
      browsers.exchanges.close();
      await proxy?.close();
      await browsers.logins.close();
      await audit.close();
      await stores.close();
    },
  };
  return runtime;
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

/** What is known of browsers, and how it gets known. */
function browserParts(
  config: GatewayConfig,
  stores: Stores,
  logger: Logger,
  audit: Audit,
  hostSession: RequestHandler | undefined,
) {
  const { state, sealer, cache } = stores;
  const { idleSeconds, absoluteSeconds, pseudonymKey } = config.session;
  const records = createBrowserRecords({ state, sealer, cache, idleSeconds, absoluteSeconds });
  const logins = createLogins({ config, store: state, sealer, logger });
  const chatOwners = createChatOwners({ state, sealer, absoluteSeconds });
  const superseded = createSuperseded({ state, sealer });
  const exchanges = createSharedExchanges({ stores, records, superseded, idleSeconds, logger });
  const pseudonym = createPseudonymizer(pseudonymKey);
  const erasure = createErasure({ config, stores, records, chatOwners, exchanges, pseudonym, audit });
  return {
    sessions: createBrowserSessions({ config, store: stores.sessions, hostSession }),
    records,
    logins,
    chatOwners,
    exchanges,
    pseudonym,
    erasure,
    persons: erasure.persons,
    redemption: createRedemption({
      chatOwners,
      exchanges,
      logins,
      records,
      persons: erasure.persons,
      audit,
      pseudonym,
      absoluteSeconds,
      logger,
    }),
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
  const origins = new Map(
    config.customers.map(({ customerKey, returnOrigins }) => [customerKey, returnOrigins]),
  );
  const own = config.routePrefix.toLowerCase();
  return {
    connectionIds: config.customers.flatMap(({ connections }) => connections.map(({ id }) => id)),
    contextOf: (req: IncomingMessage) => contextOf(req, settings),
    deadlineOf: (req: IncomingMessage) => deadlineOf(req, settings),
    isOwnRoute: (path: string) => {
      // the shortest test first: nearly every request is not for the gateway itself
      if (path.length < own.length || path.slice(0, own.length).toLowerCase() !== own) return false;
      return path.length === own.length || path[own.length] === '/';
    },
    returnOrigins: (customerKey: string) => origins.get(customerKey) ?? [],
  };
}
