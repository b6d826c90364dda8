import { Router, type ErrorRequestHandler, type RequestHandler } from 'express';
import { createAdminSite, type Administered } from './admin-site/admin-site.ts';
import { GatewayError } from './errors.ts';
import { callback } from './middleware/callback.ts';
import { clientFault } from './middleware/client-fault.ts';
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

/**
 * The gateway's own routes, all below `routePrefix`: the contract's table, line by line.
 *
 * @param admin What answers below `/admin`; undefined where nobody can sign in.
 */
function ownRoutes(runtime: Runtime, admin?: RequestHandler): Router {
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
  if (admin !== undefined) routes.use(at('/admin'), admin);
  routes.use(() => {
    throw new GatewayError('not_found', 'The gateway has no such address.');
  });
  routes.use(failures(runtime));
  return routes;
}

/** The gateway's own routes under the configuration of the moment; each request keeps the one it began with. */
export function currentRoutes(source: Administered): RequestHandler {
  const built = new WeakMap<Runtime, Router>();
  const admin = createAdminSite(source);
  return function currentRoutesMiddleware(req, res, next) {
    const runtime = source.current;
    const routes = built.get(runtime) ?? ownRoutes(runtime, admin?.(runtime));
    built.set(runtime, routes);
    void routes(req, res, next);
  };
}

function failures(runtime: Runtime): ErrorRequestHandler {
  // Express tells an error handler by its four parameters
  return function failureMiddleware(error, req, res, _next) {
    answerFailure(runtime, req, res, clientFault(error) ?? error);
  };
}
