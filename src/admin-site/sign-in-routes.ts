import { Router, type RequestHandler } from 'express';
import type { Administrator } from '../admin/administrator.ts';
import { GatewayError, isGatewayError } from '../errors.ts';
import { rawQuery } from '../middleware/own-query.ts';
import { requestBytes } from '../middleware/request-bytes.ts';
import type { Runtime } from '../middleware/runtime.ts';
import type { PagesParts } from './page-parts.ts';
import { readForm } from './form.ts';
import { forgedPage } from './pages/failed.ts';
import { goOnPage, noRolePage, signInPage, type SignInTrouble } from './pages/sign-in.ts';
import { comesFromOwnPage } from './same-site.ts';
import { isCsrfTokenOf } from './sessions.ts';
import { sendAdminPage } from './shell.ts';
import type { ShownPage } from './visit.ts';

/** The ways in and out: `/sign-in` by a token, `/sign-in/provider` and `/callback` by OpenID Connect, `/sign-out`. */
export function signInRoutes(runtime: Runtime, parts: PagesParts, base: string): Router {
  const routes = Router({ caseSensitive: false });
  routes
    .route('/sign-in')
    .get(form(runtime, parts, base))
    .post(byToken(runtime, parts, base));
  routes.get('/sign-in/provider', toProvider(runtime, parts));
  routes.get('/callback', fromProvider(runtime, parts, base));
  routes.post('/sign-out', signOut(runtime, parts, base));
  return routes;
}

function form(runtime: Runtime, { render }: PagesParts, base: string): RequestHandler {
  return function signInFormMiddleware(req, res) {
    sendAdminPage(req, res, { ...signInPage(runtime), status: 200 }, { runtime, render, base });
  };
}

function byToken(runtime: Runtime, parts: PagesParts, base: string): RequestHandler {
  return async function signInByTokenMiddleware(req, res) {
    const again = (trouble: SignInTrouble) => {
      sendAdminPage(req, res, signInPage(runtime, trouble), { runtime, render: parts.render, base });
    };
    // nobody is to be signed in by another site's form, as somebody they are not
    if (!comesFromOwnPage(req.headers, runtime.config.publicOrigin)) {
      again('foreign');
      return;
    }
    const typed = readForm(req.headers['content-type'], await requestBytes(runtime, req, res));
    const { requestId } = runtime.contextOf(req);
    let administrator: Administrator | undefined;
    try {
      const token = typed.get('token')?.trim() ?? '';
      administrator = await parts.signIns.tokens.verify(token, runtime.trust.address(req), { requestId });
    } catch (error) {
      if (!isGatewayError(error) || error.code !== 'rate_limited') throw error;
      again('rate_limited');
      return;
    }
    if (administrator === undefined) {
      again('wrong-token');
      return;
    }
    await parts.sessions.begin(req, res, administrator);
    res.redirect(303, base);
  };
}

function toProvider(runtime: Runtime, { oidc }: PagesParts): RequestHandler {
  return async function toProviderMiddleware(req, res) {
    if (oidc === undefined) throw new GatewayError('not_found', 'The administration has no such page.');
    runtime.drain.check();
    await runtime.limitLogins(runtime.trust.address(req));
    const { location, setCookies } = await oidc.begin(req.headers.cookie);
    for (const cookie of setCookies) res.appendHeader('Set-Cookie', cookie);
    res.redirect(303, location);
  };
}

function fromProvider(runtime: Runtime, parts: PagesParts, base: string): RequestHandler {
  return async function fromProviderMiddleware(req, res) {
    const { oidc, render } = parts;
    if (oidc === undefined) throw new GatewayError('not_found', 'The administration has no such page.');
    await runtime.limitCallbacks(runtime.trust.address(req));
    const outcome = await oidc.finish(rawQuery(req.url), req.headers.cookie);
    for (const cookie of outcome.clearCookies) res.appendHeader('Set-Cookie', cookie);
    const { requestId } = runtime.contextOf(req);
    const show = (page: ShownPage, goTo?: string) => {
      sendAdminPage(req, res, page, { runtime, render, base, goTo });
    };
    if (outcome.kind === 'administrator') {
      await parts.sessions.begin(req, res, outcome.administrator);
      runtime.audit.record({ kind: 'administrator_signed_in', actor: outcome.administrator.name, requestId });
      show(goOnPage(base), base);
      return;
    }
    const code = outcome.kind === 'no-role' ? 'forbidden' : 'login_required';
    runtime.audit.record({ kind: 'administrator_refused', code, requestId });
    show(outcome.kind === 'no-role' ? noRolePage(base, outcome.claims) : signInPage(runtime, 'refused'));
  };
}

function signOut(runtime: Runtime, parts: PagesParts, base: string): RequestHandler {
  return async function signOutMiddleware(req, res) {
    const session = await parts.sessions.find(req);
    const isOwn = comesFromOwnPage(req.headers, runtime.config.publicOrigin);
    const typed = isOwn
      ? readForm(req.headers['content-type'], await requestBytes(runtime, req, res))
      : new Map<string, string>();
    if (session !== undefined && !isCsrfTokenOf(session, typed.get('csrf'))) {
      sendAdminPage(req, res, forgedPage(base), { runtime, render: parts.render, base });
      return;
    }
    await parts.sessions.end(req, res);
    res.redirect(303, `${base}/sign-in`);
  };
}
