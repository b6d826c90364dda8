import express, { type Express, type Request, type Response } from 'express';
import { exportJWK, generateKeyPair } from 'jose';
import { assets } from '../page/assets.ts';
import { pageHeaders } from '../page/html-page.ts';
import { type SandboxClient, sandboxConfiguration } from './configuration.ts';
import { acrOf, EIDS, eidOfAcrValues } from './eids.ts';
import { createOidcProvider, type OidcProvider } from './oidc.ts';
import { errorPage, frontPage, loginPage } from './pages.ts';
import { eidOf, personById } from './people.ts';

/** What the sandbox is told at its start. */
export interface SandboxOptions {
  /** Origin under which browsers and clients reach it; the issuer is `<origin>/oidc`. */
  readonly origin: string;
  readonly clients: readonly SandboxClient[];
}

async function createSigningKey(): Promise<object> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  return { ...(await exportJWK(privateKey)), alg: 'RS256', use: 'sig', kid: 'sandbox-1' };
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function loginRoutes(provider: OidcProvider, clients: readonly SandboxClient[]): express.Router {
  const router = express.Router();
  router.use(pageHeaders());

  router.get('/:uid', async (request, response) => {
    const { uid, params } = await provider.interactionDetails(request, response);
    const asked = eidOfAcrValues(text(params['acr_values']));
    const eid = asked ?? EIDS.find(({ id }) => id === request.query['eid']) ?? EIDS[0]!;
    const client = clients.find(({ clientId }) => clientId === params['client_id']);
    const clientName = client?.clientName ?? 'A site';
    response.send(loginPage({ uid, clientName, eid, mayChoose: asked === undefined }));
  });

  router.post('/:uid', express.urlencoded({ extended: false }), async (request, response) => {
    const { person: id } = request.body as { person?: unknown };
    const person = personById(text(id) ?? '');
    if (person === undefined) {
      response.status(400).send(errorPage('unknown_person', 'Pick one of the test persons.'));
      return;
    }
    const eid = eidOf(person);
    await provider.interactionFinished(request, response, {
      login: { accountId: person.id, acr: acrOf(eid), amr: eid.amr, remember: true },
    });
  });

  router.post('/:uid/cancel', async (request, response) => {
    await provider.interactionFinished(request, response, {
      error: 'access_denied',
      error_description: 'the person cancelled the login',
    });
  });
  return router;
}

/** A login page that was left open too long, or belongs to another browser. */
function staleLogin(_error: unknown, _request: Request, response: Response, next: () => void): void {
  if (response.headersSent) {
    next();
    return;
  }
  response
    .status(400)
    .send(errorPage('login_expired', 'This login page is too old. Go back and start again.'));
}

/**
 * The sandbox provider: OpenID Connect with one shared login session for all of its clients, and a login page where one
 * picks a Norwegian, Swedish, Danish or Finnish test person. Everything lives in memory.
 */
export async function createSandboxProvider({ origin, clients }: SandboxOptions): Promise<Express> {
  const issuer = `${origin}/oidc`;
  const configuration = sandboxConfiguration(clients, await createSigningKey());
  const provider = await createOidcProvider(issuer, configuration);
  const app = express();
  app.disable('x-powered-by');
  app.use(assets(import.meta.dirname));
  app.use('/oidc', provider.callback());
  app.get('/', pageHeaders(), (_request, response) => {
    response.send(frontPage(issuer));
  });
  app.use('/login', loginRoutes(provider, clients), staleLogin);
  return app;
}
