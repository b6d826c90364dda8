import { readAssertionKeys } from './assertion-keys.ts';
import { readChatRules } from './chat-rules.ts';
import { readCustomers } from './customers.ts';
import { deepFreeze } from './deep-freeze.ts';
import { DEFAULTS } from './defaults.ts';
import type { Customer, GatewayConfig, SessionConfig } from './gateway-config.ts';
import { bareHeaderBytes, fixedHeaderBytes } from './header-room.ts';
import { readHeaderPrefix, readRoutePrefix } from './names.ts';
import { readPublicUrl, readRedis, readTrustProxy, readUpstream } from './network.ts';
import type { GatewayOptions } from './options.ts';
import { ConfigError, Report } from './problems.ts';
import { readQueueRules } from './queue-rules.ts';
import { readKeyRings } from './secrets.ts';
import { checkShape, type Sifted } from './shape.ts';
import { readWorkers } from './workers.ts';

/** Circumstances that decide what is required. */
export interface ConfigContext {
  /** `NODE_ENV=production`: Redis, a session secret and `publicUrl` are required. */
  readonly production: boolean;
  /** The stand-alone gateway needs an upstream; the middleware may leave admitted requests to its host. */
  readonly face: 'gateway' | 'middleware';
}

/**
 * Turns what a user wrote into the frozen configuration.
 *
 * @throws ConfigError with every problem of the options at once.
 */
export function resolveConfig(options: GatewayOptions, context: ConfigContext): GatewayConfig {
  const report = new Report();
  const config = readOptions(options, context, report);
  if (report.problems.length > 0) throw new ConfigError(report.problems);
  return config;
}

/**
 * As `resolveConfig`, for options of unknown make: problems and warnings go to `report`, and the result is only to be used
 * when there are no problems.
 */
export function readOptions(written: unknown, context: ConfigContext, report: Report): GatewayConfig {
  const options = checkShape(written, report);
  const { production } = context;
  const customers = readCustomers(options, report);
  const headerPrefix = readHeaderPrefix(options.headerPrefix, report);
  const headerLimitBytes = options.headerLimitBytes ?? DEFAULTS.headerLimitBytes;
  checkHeaderRoom(customers, headerPrefix, headerLimitBytes, report);
  warnOfUnfinished(options, report);
  const hasUpstream = context.face === 'gateway' || Object.hasOwn(options, 'upstream');
  if (options.preset !== undefined && !hasUpstream)
    report.problem(['preset'], 'an upstream beside it', 'its answers say which chats are started');
  const resolved = {
    ...readPublicUrl(options, production, report),
    upstream: readUpstream(options, context.face === 'gateway', report),
    headerPrefix,
    headerLimitBytes,
    routePrefix: readRoutePrefix(options.routePrefix, report),
    preset: options.preset,
    unknownQueues: options.unknownQueues ?? DEFAULTS.unknownQueues,
    customers,
    queueRules: readQueueRules(options.queueRules, { headerPrefix, customers }, report),
    chatRules: readChatRules(
      options.chatRules,
      { headerPrefix, hasUpstream, preset: options.preset },
      report,
    ),
    session: readSession(
      options,
      { secret: production || Object.hasOwn(options, 'redisUrl'), production },
      report,
    ),
    assertionKeys: readAssertionKeys(options.assertionKeys, ['assertionKeys'], report),
    audit: { ...DEFAULTS.audit, ...withoutUndefined(options.audit) },
    redis: readRedis(options, production, report),
    trustProxy: readTrustProxy(options.trustProxy, report),
    loginsPerMinute: options.loginsPerMinute ?? DEFAULTS.loginsPerMinute,
    providerTimeoutMs: options.providerTimeoutMs ?? DEFAULTS.providerTimeoutMs,
    logLevel: options.logLevel ?? DEFAULTS.logLevel,
    workers: readWorkers(options, context, report),
    port: options.port ?? DEFAULTS.port,
    host: options.host ?? DEFAULTS.host,
  };
  return deepFreeze({ ...resolved, warnings: [...report.warnings] });
}

function readSession(
  options: Sifted<GatewayOptions>,
  needs: { readonly secret: boolean; readonly production: boolean },
  report: Report,
): SessionConfig {
  const { cookieName, idleSeconds, absoluteSeconds } = {
    ...DEFAULTS.session,
    ...withoutUndefined(options.session),
  };
  if (idleSeconds > absoluteSeconds) {
    report.problem(['session', 'idleSeconds'], `at most session.absoluteSeconds (${absoluteSeconds})`);
  }
  return { cookieName, idleSeconds, absoluteSeconds, ...readKeyRings(options, needs, report) };
}

/** What was left after the check of its shape, so that defaults show through. */
function withoutUndefined<T extends object>(
  options: T | undefined,
): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  return Object.fromEntries(
    Object.entries(options ?? {}).filter(([, value]) => value !== undefined),
  ) as never;
}

function checkHeaderRoom(
  customers: readonly Customer[],
  prefix: string,
  limit: number,
  report: Report,
): void {
  for (const customer of customers) {
    for (const connection of customer.connections) {
      const bare = bareHeaderBytes(prefix, connection, customer.queues);
      if (bare > limit) {
        report.problem(
          ['headerLimitBytes'],
          `at least ${bare}`,
          'not even customer, queue and connection fit',
        );
        continue;
      }
      const needed = fixedHeaderBytes(prefix, connection, customer.queues);
      if (needed <= limit) continue;
      report.warn(
        `headerLimitBytes: names and descriptions of all claims that ${connection.name} maps take ${needed} bytes; of a person who has them all the last ones are left out`,
      );
    }
  }
}

function warnOfUnfinished(options: Sifted<GatewayOptions>, report: Report): void {
  if (options.metricsPort !== undefined)
    report.warn('metricsPort is accepted, but this release serves no metrics');
}
