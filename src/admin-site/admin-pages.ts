import { Router, type Request, type RequestHandler, type Response } from 'express';
import { GatewayError } from '../errors.ts';
import { isNavigation } from '../middleware/navigation.ts';
import { readOwnQuery } from '../middleware/own-query.ts';
import { requestBytes } from '../middleware/request-bytes.ts';
import type { Runtime } from '../middleware/runtime.ts';
import type { PagesParts } from './page-parts.ts';
import { readForm, type Form } from './form.ts';
import { audit, verifyAudit } from './pages/audit.ts';
import { confirm, confirmed } from './pages/confirm.ts';
import { addConnection, connection, newConnection, probe, saveConnection } from './pages/connection.ts';
import { addCustomer, customer, newCustomer, saveCustomer } from './pages/customer.ts';
import { forgedPage } from './pages/failed.ts';
import { editMapping, mapping } from './pages/mapping.ts';
import { overview } from './pages/overview.ts';
import { addQueue, newQueue, queue, saveQueue } from './pages/queue.ts';
import { secret, setSecret } from './pages/secret.ts';
import { revoke, sessions } from './pages/sessions.ts';
import { goOnPage, signInPage } from './pages/sign-in.ts';
import { comesFromOwnPage } from './same-site.ts';
import { isCsrfTokenOf, type AdminSession } from './sessions.ts';
import { sendAdminPage } from './shell.ts';
import { signInRoutes } from './sign-in-routes.ts';
import { pageFailures } from './page-failures.ts';
import { PLACE_NAMES, type Page, type Visit } from './visit.ts';

interface PageRoute {
  readonly path: string;
  /** Viewers too. */
  readonly get?: Page;
  readonly post?: Page;
  /** Viewers may send the form: it changes nothing for them. */
  readonly isReading?: (form: Form) => boolean;
}

/** The pages, one a line. What a page is about stands in its query, since keys may hold what no path may. */
const PAGES: readonly PageRoute[] = [
  { path: '/', get: overview },
  { path: '/customer', get: customer, post: saveCustomer },
  { path: '/customer/new', get: newCustomer, post: addCustomer },
  { path: '/connection', get: connection, post: saveConnection },
  { path: '/connection/new', get: newConnection, post: addConnection },
  { path: '/connection/probe', post: probe },
  { path: '/mapping', get: mapping, post: editMapping, isReading: (form) => form.get('do') === 'preview' },
  { path: '/secret', get: secret, post: setSecret },
  { path: '/queue', get: queue, post: saveQueue },
  { path: '/queue/new', get: newQueue, post: addQueue },
  { path: '/confirm', get: confirm, post: confirmed },
  { path: '/audit', get: audit },
  { path: '/audit/verify', post: verifyAudit, isReading: () => true },
  { path: '/sessions', get: sessions, post: revoke },
];

/** The pages of the administration: forms and links, no script. */
export function adminPages(runtime: Runtime, parts: PagesParts): Router {
  const pages = Router({ caseSensitive: false });
  const { publicPath, routePrefix } = runtime.config;
  const base = `${publicPath}${routePrefix}/admin`;
  pages.use(signInRoutes(runtime, parts, base));
  for (const route of PAGES) {
    const allowed = [...(route.get ? ['GET', 'HEAD'] : []), ...(route.post ? ['POST'] : [])].join(', ');
    const at = pages.route(route.path);
    if (route.get) at.get(shown(runtime, parts, base, route.get));
    if (route.post) at.post(sent(runtime, parts, base, route.post, route.isReading));
    at.all((_req, res) => {
      res.setHeader('Allow', allowed);
      throw new GatewayError('method_not_allowed', `This address takes ${allowed} only.`);
    });
  }
  pages.use(() => {
    throw new GatewayError('not_found', 'The administration has no such page.');
  });
  pages.use(pageFailures(runtime, parts, base));
  return pages;
}

function shown(runtime: Runtime, parts: PagesParts, base: string, page: Page): RequestHandler {
  return async function shownMiddleware(req, res) {
    const session = await parts.sessions.find(req);
    const { render } = parts;
    if (session === undefined) {
      if (!isNavigation(req.method, req.headers))
        throw new GatewayError('login_required', 'Sign in to the administration first.');
      // a link from elsewhere comes without the cookie; asked for by a page of this site it comes with it
      const { 'sec-fetch-site': site } = req.headers;
      const here = base + req.url.replace(/^\/(?=$|\?)/, '');
      const again = site === 'cross-site' || site === 'same-site';
      const answer = again ? goOnPage(here) : signInPage(runtime);
      sendAdminPage(req, res, answer, { runtime, render, base, goTo: again ? here : undefined });
      return;
    }
    const visit = visitOf(runtime, parts, base, req, session, new Map());
    await answer(req, res, parts, visit, page);
  };
}

function sent(
  runtime: Runtime,
  parts: PagesParts,
  base: string,
  page: Page,
  isReading: (form: Form) => boolean = () => false,
): RequestHandler {
  return async function sentMiddleware(req, res) {
    const { render } = parts;
    const session = await parts.sessions.find(req);
    const isOwn = comesFromOwnPage(req.headers, runtime.config.publicOrigin);
    if (session === undefined && isOwn) {
      sendAdminPage(req, res, signInPage(runtime, 'ended'), { runtime, render, base });
      return;
    }
    const form = isOwn
      ? readForm(req.headers['content-type'], await requestBytes(runtime, req, res))
      : new Map<string, string>();
    if (session === undefined || !isOwn || !isCsrfTokenOf(session, form.get('csrf'))) {
      const { requestId } = runtime.contextOf(req);
      runtime.audit.record({
        kind: 'administrator_refused',
        code: 'forbidden',
        requestId,
        actor: session?.administrator.name,
      });
      sendAdminPage(req, res, forgedPage(base), { runtime, render, base });
      return;
    }
    const visit = visitOf(runtime, parts, base, req, session, form);
    if (!visit.canChange && !isReading(form))
      throw new GatewayError('forbidden', 'A viewer changes nothing.');
    await answer(req, res, parts, visit, page);
  };
}

function visitOf(
  runtime: Runtime,
  { administration, health, countVerified }: PagesParts,
  base: string,
  req: Request,
  session: AdminSession,
  form: Form,
): Visit {
  return {
    runtime,
    administration,
    health,
    countVerified,
    session,
    canChange: session.administrator.role === 'administrator',
    base,
    query: readOwnQuery(req.url, PLACE_NAMES),
    form,
    requestId: runtime.contextOf(req).requestId,
  };
}

async function answer(
  req: Request,
  res: Response,
  parts: PagesParts,
  visit: Visit,
  page: Page,
): Promise<void> {
  const { runtime, base, session } = visit;
  const answered = await page(visit);
  if ('goTo' in answered) {
    if (answered.flash !== undefined) await parts.sessions.say(req, answered.flash);
    res.redirect(303, answered.goTo);
    return;
  }
  const flash = req.method === 'GET' ? await parts.sessions.said(req) : undefined;
  sendAdminPage(req, res, answered, { runtime, render: parts.render, base, session, flash });
}
