import { Router, type ErrorRequestHandler, type RequestHandler } from 'express';
import { GatewayError } from './errors.ts';
import { callback } from './middleware/callback.ts';
import { answerFailure } from './middleware/failure.ts';
import { healthz, readyz } from './middleware/health.ts';
import { login } from './middleware/login.ts';
import { logout } from './middleware/logout.ts';
import type { Runtime } from './middleware/runtime.ts';
import { sessionInfo } from './middleware/session-info.ts';
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

  routes.use(runtime.securityHeaders);
  routes.route(at('/login')).get(login(runtime)).all(only('GET'));
  routes.route(at('/callback')).get(callback(runtime)).all(only('GET'));
  routes.route(at('/session')).get(sessionInfo(runtime)).all(only('GET'));
  routes.route(at('/logout')).post(logout(runtime)).all(only('POST'));
  routes.route(at('/done')).get(windowDone(runtime)).all(only('GET'));
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
    answerFailure(runtime, req, res, error);
  };
}
