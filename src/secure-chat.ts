import type { Request, RequestHandler } from 'express';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Administration } from './admin/administration.ts';
import { createLive } from './admin/live.ts';
import { resolveConfig } from './config/config.ts';
import { isProduction } from './config/env.ts';
import type { GatewayOptions } from './config/options.ts';
import { currentCore } from './middleware/current-core.ts';
import type { SecureChatContext } from './middleware/hand-over.ts';
import type { RuntimeExtras } from './middleware/extras.ts';
import { currentRoutes } from './own-routes.ts';

declare global {
  namespace Express {
    interface Request {
      /** Who is verified, on admitted secure-queue requests of a drop-in without upstream; absent otherwise. */
      readonly secureChat?: SecureChatContext;
    }
  }
}

/** The drop-in: middleware with the two things a host has to call itself. */
export interface SecureChat extends RequestHandler {
  /** For the host's server: `server.on('upgrade', chat.upgrade)`. Takes every upgrade that it is given. */
  readonly upgrade: (req: IncomingMessage, socket: Duplex, head: Buffer) => void;
  /** Queues, connections and customers, on top of the options. */
  readonly administration: Administration;
  /** Resolves when the session store answers and what administrators have set is in force; rejects with `session_store_unavailable`. */
  readonly ready: () => Promise<void>;
  /** Closes the connections to Redis and to the upstream. */
  readonly close: () => Promise<void>;
}

/**
 * The gateway as middleware of an Express app. Below its mount point it serves its own routes and sends everything else
 * to the upstream; without an `upstream` it lets admitted requests go on to the host's own handlers, with the identity
 * headers and `req.secureChat`. Uses the host's session when one is on the request, never `req.user` and never the
 * host's Passport. Mount it before body parsers, and below the path that `publicUrl` ends with.
 *
 * @throws ConfigError with every problem of the options.
 */
export function secureChat(options: GatewayOptions, extras: RuntimeExtras = {}): SecureChat {
  const config = resolveConfig(options, { production: isProduction(), face: 'middleware' });
  const live = createLive(config, extras);
  const core = currentCore(live);
  const routes = currentRoutes(live);

  const secureChatMiddleware: RequestHandler = (req: Request, res, next) => {
    core.handle(
      req,
      res,
      () => {
        void routes(req, res, next);
      },
      next,
    );
  };
  return Object.assign(secureChatMiddleware, {
    upgrade: (req: IncomingMessage, socket: Duplex, head: Buffer) => {
      core.upgrade(req, socket, head);
    },
    administration: live.administration,
    ready: () => live.ready(),
    close: () => live.close(),
  });
}
