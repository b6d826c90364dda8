import express, {
  Router,
  type ErrorRequestHandler,
  type Request,
  type RequestHandler,
  type Response,
} from 'express';
import { GatewayError } from '../../errors.ts';
import { readRevision } from './if-match.ts';
import type { Runtime } from '../../middleware/runtime.ts';
import { sendJson } from '../../middleware/send-json.ts';
import { actorOf, type Actor } from '../actor.ts';
import type { SiteParts } from '../admin-site.ts';
import { checkCsrf } from '../csrf.ts';
import { expressPath, paramsOf, type Answer, type Operation } from './operation.ts';
import { OPERATIONS } from './operations.ts';
import { openApiDocument } from './openapi.ts';
import { answerApiProblem } from './problems.ts';
import { parsedBody, parsedQuery } from './parse.ts';

const BODY_LIMIT = '64kb';

/** Everything below `/admin/api`. Answers are JSON, also for a browser that comes by an address, and never for another origin. */
export function adminApi(runtime: Runtime, parts: SiteParts): Router {
  const api = Router({ caseSensitive: false });
  const { publicPath, routePrefix } = runtime.config;
  const server = `${publicPath}${routePrefix}/admin/api/v1`;

  api.use((_req, res, next) => {
    // also where a host's own CORS has allowed it
    runtime.cors.withhold(res);
    next();
  });
  api
    .route('/openapi.json')
    .get((_req, res) => {
      sendJson(res, openApiDocument(server));
    })
    .all(only(['get']));
  for (const path of new Set(OPERATIONS.map((one) => one.path))) {
    const operations = OPERATIONS.filter((one) => one.path === path);
    const route = api.route(`/v1${expressPath(path)}`);
    for (const one of operations) route[one.method](serve(runtime, parts, one));
    route.all(only(operations.map(({ method }) => method)));
  }
  api.use(() => {
    throw new GatewayError('not_found', 'The administration has no such address.');
  });
  api.use(problems(runtime));
  return api;
}

function serve(runtime: Runtime, parts: SiteParts, operation: Operation): RequestHandler[] {
  const actors = new WeakMap<Request, Actor>();
  const enter: RequestHandler = async (req, _res, next) => {
    actors.set(req, await enteredBy(runtime, parts, operation, req));
    next();
  };
  const answer = async (req: Request, res: Response): Promise<void> => {
    const actor = actors.get(req);
    if (actor === undefined) throw new GatewayError('login_required', 'Sign in first.');
    send(
      res,
      await operation.run({
        runtime,
        administration: parts.administration,
        administrator: actor.administrator,
        params: paramsOf(req),
        query: parsedQuery(req, operation.query),
        body: parsedBody(req, operation),
        revision: operation.changesSettings ? readRevision(req) : undefined,
        requestId: runtime.contextOf(req).requestId,
      }),
    );
  };
  // nobody's body is read before it is known whose it is
  return [enter, express.json({ limit: BODY_LIMIT }), answer];
}

async function enteredBy(
  runtime: Runtime,
  { signIns }: SiteParts,
  { role }: Operation,
  req: Request,
): Promise<Actor> {
  const actor = await actorOf(runtime, req, signIns);
  if (actor === undefined)
    throw new GatewayError('login_required', 'Sign in as an administrator, or send your token.');
  const { administrator } = actor;
  try {
    checkCsrf(req, actor, runtime.config.publicOrigin);
    if (role === 'administrator' && administrator.role !== 'administrator')
      throw new GatewayError('forbidden', 'A viewer may look, and change nothing.');
  } catch (error) {
    const { requestId } = runtime.contextOf(req);
    const about = { actor: administrator.name, requestId };
    runtime.audit.record({ kind: 'administrator_refused', code: 'forbidden', ...about });
    throw error;
  }
  return actor;
}

function send(res: Response, { document, revision }: Answer): void {
  if (revision !== undefined) res.setHeader('ETag', `"${revision}"`);
  if (document === undefined) res.writeHead(204, { 'Cache-Control': 'no-store' }).end();
  else sendJson(res, document);
}

function only(methods: readonly string[]): RequestHandler {
  const allowed = [...methods, ...(methods.includes('get') ? ['head'] : [])].map((one) => one.toUpperCase());
  return (req, res) => {
    res.setHeader('Allow', allowed.join(', '));
    throw new GatewayError(
      'method_not_allowed',
      `This address takes ${allowed.join(', ')}, not ${req.method}.`,
    );
  };
}

function problems(runtime: Runtime): ErrorRequestHandler {
  // Express tells an error handler by its four parameters
  return function problemsMiddleware(error, req, res, _next) {
    answerApiProblem(runtime, req, res, error);
  };
}
