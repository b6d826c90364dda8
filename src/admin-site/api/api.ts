import { Router, type ErrorRequestHandler, type Request, type RequestHandler } from 'express';
import type { IncomingMessage } from 'node:http';
import { GatewayError } from '../../errors.ts';
import { answerProblem } from '../../middleware/failure.ts';
import type { Runtime } from '../../middleware/runtime.ts';
import { sendJson } from '../../middleware/send-json.ts';
import { actorOf, type Actor } from '../actor.ts';
import type { SiteParts } from '../admin-site.ts';

/** Everything below `/admin/api`. Answers are JSON, also for a browser that comes by an address. */
export function adminApi(runtime: Runtime, parts: SiteParts): Router {
  const api = Router({ caseSensitive: false });
  const actors = new WeakMap<IncomingMessage, Actor>();

  const signedIn: RequestHandler = async (req, _res, next) => {
    const actor = await actorOf(runtime, req, parts.signIns);
    if (actor === undefined) {
      throw new GatewayError('login_required', 'Sign in with the token of an administrator.');
    }
    actors.set(req, actor);
    next();
  };
  const actor = (req: Request): Actor => {
    const known = actors.get(req);
    if (known === undefined) throw new TypeError('this route is not behind the sign-in');
    return known;
  };

  api.use('/v1', signedIn);
  api.get('/v1/me', (req, res) => {
    const { name, role, how } = actor(req).administrator;
    sendJson(res, { name, role, how });
  });
  api.use(() => {
    throw new GatewayError('not_found', 'The administration has no such address.');
  });
  api.use(problems(runtime));
  return api;
}

function problems(runtime: Runtime): ErrorRequestHandler {
  // Express tells an error handler by its four parameters
  return function problemsMiddleware(error, req, res, _next) {
    answerProblem(runtime, req, res, error);
  };
}
