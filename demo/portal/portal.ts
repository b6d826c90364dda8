import { randomBytes } from 'node:crypto';
import express, { type Express, type Request } from 'express';
import { assets } from '../page/assets.ts';
import { pageHeaders } from '../page/html-page.ts';
import { PortalLogin, type PortalLoginOptions } from './oidc-login.ts';
import { accountPage, failedPage, frontPage, widgetPage, type PortalView } from './pages.ts';
import { PortalSessions } from './sessions.ts';
import { chatSnippets } from './snippets.ts';

/** What the portal is told at its start. */
export interface PortalOptions {
  readonly origin: string;
  readonly gateway: string;
  readonly desk: string;
  readonly login: Omit<PortalLoginOptions, 'redirectUri' | 'postLogoutRedirectUri'>;
}

/** Where the provider returns to after a login at the portal. */
export function portalRedirectUri(origin: string): string {
  return `${origin}/callback`;
}

/** Fjordbank's website: a front page, an own login, a customer's page, and the ways into the chat. */
export function createPortal({ origin, gateway, desk, login }: PortalOptions): Express {
  const sessions = new PortalSessions();
  const snippets = chatSnippets(gateway);
  const oidc = new PortalLogin({
    ...login,
    redirectUri: portalRedirectUri(origin),
    postLogoutRedirectUri: `${origin}/`,
  });
  const viewOf = (request: Request): PortalView => {
    const { customer, logoutToken = '' } = sessions.find(request) ?? {};
    return { customer, snippets, gateway, desk, logoutUrl: `${origin}/logout?token=${logoutToken}` };
  };

  const app = express();
  app.disable('x-powered-by');
  app.use(assets(import.meta.dirname), pageHeaders(gateway));
  app.get('/snippets/:id.mjs', (request, response) => {
    const script = snippets.find(({ id }) => id === request.params.id)?.script;
    if (script === undefined) response.sendStatus(404);
    else response.type('text/javascript').send(script);
  });
  app.get('/', (request, response) => {
    response.send(frontPage(viewOf(request)));
  });
  app.get('/widget', (request, response) => {
    response.send(widgetPage(viewOf(request)));
  });
  app.get('/account', (request, response) => {
    const view = viewOf(request);
    if (view.customer) response.send(accountPage(view, view.customer));
    else response.redirect('/login');
  });
  app.get('/login', async (request, response) => {
    const { url, pending } = await oidc.start();
    sessions.start(request, response, { pending });
    response.redirect(url.href);
  });
  app.get('/callback', async (request, response) => {
    const pending = sessions.find(request)?.pending;
    const query = request.originalUrl.slice(request.path.length);
    const customer = pending && (await oidc.finish(query, pending).catch(() => undefined));
    if (customer === undefined) {
      sessions.end(request, response);
      response.status(401).send(failedPage({ ...viewOf(request), customer: undefined }));
      return;
    }
    sessions.start(request, response, { customer, logoutToken: randomBytes(18).toString('base64url') });
    response.redirect('/account');
  });
  app.get('/logout', async (request, response) => {
    const { customer, logoutToken } = sessions.find(request) ?? {};
    if (customer === undefined || request.query['token'] !== logoutToken) {
      response.redirect('/');
      return;
    }
    sessions.end(request, response);
    response.redirect((await oidc.logoutUrl(customer.idToken)).href);
  });
  return app;
}
