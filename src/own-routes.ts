import { Router, type ErrorRequestHandler, type RequestHandler } from 'express';
import { GatewayError, isGatewayError } from './errors.ts';
import { callback } from './middleware/callback.ts';
import { clientScript } from './middleware/client-script.ts';
import { answerFailure } from './middleware/failure.ts';
import { healthz, readyz } from './middleware/health.ts';
import { jwks } from './middleware/jwks.ts';
import { login } from './middleware/login.ts';
import { logout } from './middleware/logout.ts';
import { logoutByTicket } from './middleware/logout-by-ticket.ts';
import { postLogin } from './middleware/post-login.ts';
import type { Runtime } from './middleware/runtime.ts';
import { sessionInfo } from './middleware/session-info.ts';
import { token } from './middleware/token.ts';
import { windowDone } from './middleware/window-done.ts';

/** The gateway's own routes, all below `routePrefix`: the contract's table, line by line. */
export function ownRoutes(runtime: Runtime): Router {
  const routes = Router({ caseSensitive: false });
  const at = (path: string) => runtime.config.routePrefix + path;
  const only =
    (method: string): RequestHandler =>
    (req, res) => {
      res.setHeader('Allow', method);
      throw new GatewayError('method_not_allowed', `This address takes ${method} only, not ${req.method}.`);
    };

  /** Pages of the customers' origins may ask from where they are. */
  const shared: RequestHandler = (req, res, next) => {
    if (runtime.cors.answerPreflight(req, res)) return;
    runtime.cors.share(req, res);
    next();
  };

  routes.use(runtime.securityHeaders);
  routes.route(at('/login')).options(shared).post(shared, postLogin(runtime));
  routes.route(at('/login')).head(only('GET, POST')).get(login(runtime)).all(only('GET, POST'));
  routes.route(at('/token')).all(shared).post(token(runtime)).all(only('POST'));
  routes.route(at('/callback')).head(only('GET')).get(callback(runtime)).all(only('GET'));
  routes.route(at('/session')).all(shared).get(sessionInfo(runtime)).all(only('GET'));
  routes.route(at('/logout')).all(shared).post(logout(runtime));
  routes.route(at('/logout')).head(only('POST')).get(logoutByTicket(runtime)).all(only('POST'));
  routes.route(at('/done')).get(windowDone(runtime)).all(only('GET'));
  routes.route(at('/client.js')).get(clientScript('client.js')).all(only('GET, HEAD'));
  routes.route(at('/client.mjs')).get(clientScript('client.mjs')).all(only('GET, HEAD'));
  routes.route(at('/jwks.json')).get(jwks(runtime)).all(only('GET'));
  routes.route(at('/healthz')).get(healthz()).all(only('GET'));
  routes.route(at('/readyz')).get(readyz(runtime)).all(only('GET'));
  routes.use(at('/assets'), runtime.assets.handler);
  routes.use(() => {
    throw new GatewayError('not_found', 'The gateway has no such address.');
  });
  routes.use(failures(runtime));
  return routes;
}

function failures(runtime: Runtime): ErrorRequestHandler {
  // Express tells an error handler by its four parameters
  return function failureMiddleware(error, req, res, _next) {
    answerFailure(runtime, req, res, clientFault(error) ?? error);
  };
}

/** What body-parser refuses is the client's fault, not the gateway's. */
function clientFault(error: unknown): GatewayError | undefined {
  if (!(error instanceof Error) || isGatewayError(error) || !('status' in error)) return undefined;
  if (error.status === 413)
    return new GatewayError('body_too_large', 'The body of this request is too large.', { cause: error });
  if (typeof error.status !== 'number' || error.status < 400 || error.status > 499) return undefined;
  return new GatewayError('request_malformed', 'The body of this request cannot be read.', { cause: error });
}
