import express, { type Express } from 'express';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Administration } from './admin/administration.ts';
import { createLive } from './admin/live.ts';
import { isProduction } from './config/env.ts';
import { resolveConfig } from './config/config.ts';
import type { GatewayConfig } from './config/gateway-config.ts';
import type { GatewayOptions } from './config/options.ts';
import { currentCore } from './middleware/current-core.ts';
import type { RuntimeExtras } from './middleware/extras.ts';
import { currentRoutes } from './own-routes.ts';
import { attachServer, closeServer, retireServer } from './serving.ts';

/** The stand-alone gateway: an Express 5 app, and the faster way into it that `listen` uses. */
export interface Gateway extends Express {
  /** The plain handler: proxied traffic never meets Express here, the gateway's own routes do. */
  readonly listener: RequestListener;
  /** For a server that was not made by `listen`: `server.on('upgrade', gateway.upgrade)`. */
  readonly upgrade: (req: IncomingMessage, socket: Duplex, head: Buffer) => void;
  /** Queues, connections and customers, on top of the options. */
  readonly administration: Administration;
  /** Resolves when the session store answers and what administrators have set is in force; rejects with `session_store_unavailable` when it does not. */
  readonly ready: () => Promise<void>;
  /** Drains: new work gets 503 `draining`, what runs may finish for `graceMs` (10 000), then everything is closed. */
  readonly close: (graceMs?: number) => Promise<void>;
  /**
   * The same where another process takes the new connections: takes none, serves on what comes on those that are open,
   * asks for no more on them, and closes when all is quiet, after `graceMs` (10 000) in any case.
   */
  readonly retire: (graceMs?: number) => Promise<void>;
}

/**
 * The gateway as an app of its own: every request below `routePrefix` is the gateway's, all others are proxied.
 *
 * @throws ConfigError with every problem of the options.
 */
export function createGateway(options: GatewayOptions, extras: RuntimeExtras = {}): Gateway {
  return gatewayFrom(resolveConfig(options, { production: isProduction(), face: 'gateway' }), extras);
}

/** The same from a configuration that is resolved already, as `npm start` has it. */
export function gatewayFrom(config: GatewayConfig, extras: RuntimeExtras = {}): Gateway {
  const live = createLive(config, extras);
  const core = currentCore(live);
  const own = express().disable('x-powered-by').disable('etag').use(currentRoutes(live));
  const listener: RequestListener = (req, res) => {
    core.handle(req, res, () => {
      own(req, res);
    });
  };
  const app = express().disable('x-powered-by').disable('etag').use(listener);
  const upgrade = (req: IncomingMessage, socket: Duplex, head: Buffer) => {
    core.upgrade(req, socket, head);
  };
  const servers = new Set<Server>();
  const listen = (...args: unknown[]): Server => {
    const server = attachServer(createServer(), { listener, upgrade });
    servers.add(server.once('close', () => servers.delete(server)));
    return Reflect.apply(server.listen.bind(server), undefined, args) as Server;
  };
  let closing: Promise<void> | undefined;
  const close = async (graceMs: number, end: typeof closeServer): Promise<void> => {
    await Promise.all([...servers].map((server) => end(server, graceMs)));
    await live.close();
  };
  return Object.assign(app, {
    listener,
    upgrade,
    listen,
    ready: () => live.ready(),
    administration: live.administration,
    close(graceMs = 10_000) {
      live.current.drain.begin();
      return (closing ??= close(graceMs, closeServer));
    },
    retire(graceMs = 10_000) {
      live.current.drain.leave();
      return (closing ??= close(graceMs, retireServer));
    },
  });
}
