import * as client from 'openid-client';
import type { Customer, PendingLogin } from './sessions.ts';

/** How the portal is known at the provider. */
export interface PortalLoginOptions {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly redirectUri: string;
  readonly postLogoutRedirectUri: string;
}

/** The portal's own OpenID Connect login, as any bank's website has one; the gateway takes no part in it. */
export class PortalLogin {
  readonly #options: PortalLoginOptions;
  #discovered: Promise<client.Configuration> | undefined;

  constructor(options: PortalLoginOptions) {
    this.#options = options;
  }

  /** Where to send the browser, and what to remember of it until it is back. */
  async start(): Promise<{ url: URL; pending: PendingLogin }> {
    const configuration = await this.#configuration();
    const pending = {
      state: client.randomState(),
      nonce: client.randomNonce(),
      codeVerifier: client.randomPKCECodeVerifier(),
    };
    const url = client.buildAuthorizationUrl(configuration, {
      redirect_uri: this.#options.redirectUri,
      scope: 'openid profile',
      state: pending.state,
      nonce: pending.nonce,
      code_challenge: await client.calculatePKCECodeChallenge(pending.codeVerifier),
      code_challenge_method: 'S256',
    });
    return { url, pending };
  }

  /**
   * Finishes a login.
   *
   * @param query the query string of the callback, with its question mark
   * @throws when the provider refused, or anything about its answer is not as it should be
   */
  async finish(query: string, pending: PendingLogin): Promise<Customer> {
    const configuration = await this.#configuration();
    const address = new URL(this.#options.redirectUri);
    address.search = query;
    const tokens = await client.authorizationCodeGrant(configuration, address, {
      expectedState: pending.state,
      expectedNonce: pending.nonce,
      pkceCodeVerifier: pending.codeVerifier,
      idTokenExpected: true,
    });
    const claims = tokens.claims();
    if (claims === undefined) throw new TypeError('the provider sent no ID token');
    const person = await client.fetchUserInfo(configuration, tokens.access_token, claims.sub);
    return {
      name: person.name ?? 'customer',
      givenName: person.given_name ?? 'customer',
      idToken: tokens.id_token ?? '',
    };
  }

  /** Where to end the provider's session as well. */
  async logoutUrl(idToken: string): Promise<URL> {
    return client.buildEndSessionUrl(await this.#configuration(), {
      id_token_hint: idToken,
      post_logout_redirect_uri: this.#options.postLogoutRedirectUri,
    });
  }

  async #configuration(): Promise<client.Configuration> {
    const { issuer, clientId, clientSecret } = this.#options;
    this.#discovered ??= client
      .discovery(new URL(issuer), clientId, undefined, client.ClientSecretBasic(clientSecret), {
        // eslint-disable-next-line @typescript-eslint/no-deprecated -- the sandbox speaks plain http, on loopback
        execute: [client.allowInsecureRequests, client.enableNonRepudiationChecks],
      })
      .catch((error: unknown) => {
        this.#discovered = undefined;
        throw error;
      });
    return this.#discovered;
  }
}
