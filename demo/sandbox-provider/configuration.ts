import { createHash, randomBytes } from 'node:crypto';
import { Html } from '../page/html.ts';
import type { Grant, OidcContext } from './oidc.ts';
import { errorPage, loggedOutPage, logoutPage } from './pages.ts';
import { claimsOf, personById } from './people.ts';

/** A site that may ask this provider for logins. */
export interface SandboxClient {
  readonly clientId: string;
  readonly clientName: string;
  readonly clientSecret: string;
  readonly redirectUri: string;
  /** A second one, where the site is reached in two ways. */
  readonly otherRedirectUri?: string;
  /** Where a logout may return to. */
  readonly postLogoutRedirectUri?: string;
}

const SCOPES = ['openid', 'profile', 'address', 'signicat.national_id', 'nin'];

/** Seconds. Codes outlive a slow first chat request; the login itself lasts as long as Signicat's default. */
const LIFETIMES = {
  AuthorizationCode: 60,
  AccessToken: 300,
  IdToken: 600,
  Interaction: 900,
  Session: 3600,
  Grant: 3600,
};

/** Nobody is asked for consent: both clients belong to the same bank, and are granted whatever they ask for. */
async function grantEverything({ oidc }: OidcContext): Promise<Grant> {
  const grant = new oidc.provider.Grant({
    clientId: oidc.client.clientId,
    accountId: oidc.session.accountId,
  });
  grant.addOIDCScope(SCOPES.join(' '));
  await grant.save();
  return grant;
}

function findAccount(_context: unknown, accountId: string) {
  const person = personById(accountId);
  if (person === undefined) return undefined;
  return { accountId, claims: () => ({ sub: accountId, ...claimsOf(person) }) };
}

function clientMetadata(client: SandboxClient): object {
  return {
    client_id: client.clientId,
    client_name: client.clientName,
    client_secret: client.clientSecret,
    redirect_uris: [client.redirectUri, client.otherRedirectUri].filter((uri) => uri !== undefined),
    post_logout_redirect_uris: client.postLogoutRedirectUri ? [client.postLogoutRedirectUri] : [],
    subject_type: 'pairwise',
  };
}

/** oidc-provider's pages, in the sandbox's own design. */
const pages = {
  logoutSource: (context: OidcContext, form: string): void => {
    context.body = logoutPage(new Html(form));
  },
  postLogoutSuccessSource: (context: OidcContext): void => {
    context.body = loggedOutPage();
  },
  renderError: (context: OidcContext, out: { error: string; error_description?: string }): void => {
    context.type = 'html';
    context.body = errorPage(out.error, out.error_description);
  },
};

/**
 * Configuration of oidc-provider that resembles Signicat's legacy platform (facts: `sub` differs per client, personal
 * claims come from userinfo only, the national id has a dot inside its name). All clients share one login session, so
 * that `prompt=none` succeeds for the chat after a login at the portal.
 *
 * @param signingKey private JWK for RS256
 */
export function sandboxConfiguration(clients: readonly SandboxClient[], signingKey: object): object {
  const salt = randomBytes(16);
  return {
    clients: clients.map(clientMetadata),
    jwks: { keys: [signingKey] },
    scopes: SCOPES,
    claims: {
      openid: ['sub', 'acr', 'amr', 'auth_time'],
      profile: ['name', 'given_name', 'family_name', 'birthdate', 'locale'],
      address: ['address'],
      'signicat.national_id': ['signicat.national_id'],
      nin: ['nin', 'nin_type', 'nin_issuing_country'],
    },
    conformIdTokenClaims: true,
    subjectTypes: ['pairwise'],
    pairwiseIdentifier: (_context: unknown, accountId: string, client: { clientId: string }) =>
      createHash('sha256')
        .update(salt)
        .update(JSON.stringify([client.clientId, accountId]))
        .digest('base64url'),
    findAccount,
    loadExistingGrant: grantEverything,
    // each login makes a grant of its own, and a code given to one tab stays good while another tab logs in
    expiresWithSession: () => false,
    cookies: {
      keys: [randomBytes(32).toString('base64url')],
      names: {
        session: 'sandbox_session',
        interaction: 'sandbox_login',
        resume: 'sandbox_resume',
      },
    },
    interactions: { url: (_context: unknown, { uid }: { uid: string }) => `/login/${uid}` },
    routes: {
      authorization: '/authorize',
      token: '/token',
      userinfo: '/userinfo',
      end_session: '/session/end',
      jwks: '/jwks.json',
    },
    ttl: LIFETIMES,
    clientBasedCORS: () => false,
    features: {
      devInteractions: { enabled: false },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: pages.logoutSource,
        postLogoutSuccessSource: pages.postLogoutSuccessSource,
      },
    },
    renderError: pages.renderError,
  };
}
