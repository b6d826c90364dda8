import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { JWK } from 'jose';
import { HANDLERS, html, inTrouble, type State } from './provider-endpoints.ts';
import {
  borrowSigningKey,
  encryptionPair,
  returnSigningKey,
  type ClaimSet,
  type TokenShape,
} from './provider-tokens.ts';

/**
 * A real OpenID provider on 127.0.0.1 that can be told to misbehave.
 *
 *     const provider = await startProvider({ clients: { portal: { secret: 's' } } });
 *     provider.setPerson({ sub: 'anna', name: 'Anna' });   // somebody is logged in; undefined: nobody
 *     provider.behave({ idToken: { alg: 'none' } });       // replaces the behaviour; behave({}) is good again
 *     provider.calls('token');                             // how often /token was asked
 *     await provider.stop();
 *
 * `prompt=none` without a person answers `login_required`; without `prompt`, an HTML login page. Codes are single use,
 * PKCE, redirect_uri and the client's authentication are checked. Persons beside the current one: put them into
 * `people` and add `&as=<name>` to the authorization address, or send the cookie `as=<name>`.
 */
export interface Provider {
  /** Issuer, without a trailing slash: the `authEndpoint` of a connection. */
  readonly issuer: string;
  /** The same: where the endpoints live. */
  readonly url: string;
  readonly clients: Record<string, ProviderClient>;
  readonly people: Map<string, ClaimSet>;
  /** Every request, in order of arrival. */
  readonly requests: ProviderRequest[];
  /** Private JWK for `authDecryptionKeys`: what this provider encrypts to. */
  readonly decryptionKey: JWK;
  /** Public JWK of the key that signs at this moment. */
  signingJwk(): JWK;
  calls(endpoint: Endpoint): number;
  behave(behaviour: Behaviour): void;
  setPerson(claims: ClaimSet | undefined): void;
  /** New signing key; the old one leaves the JWKS unless `keepOld`. */
  rotateKeys(options?: { keepOld?: boolean }): Promise<void>;
  /** Refuses connections from now on, until `up()` listens on the same port again. */
  down(): Promise<void>;
  up(): Promise<void>;
  stop(): Promise<void>;
}

export type Endpoint = 'discovery' | 'authorize' | 'par' | 'token' | 'userinfo' | 'jwks';

export interface ProviderClient {
  /** Absent: a public client. */
  readonly secret?: string;
  /** Default `client_secret_basic`, or `none` without a secret. */
  readonly method?: 'client_secret_basic' | 'client_secret_post' | 'none';
  /** When given, only these redirect addresses are taken. */
  readonly redirectUris?: readonly string[];
  /** Public key of signed request objects. When given, unsigned requests are refused. */
  readonly requestKey?: JWK;
}

export interface ProviderOptions {
  /** Default: `{ portal: { secret: 'portal-secret' } }`. */
  readonly clients?: Record<string, ProviderClient>;
  /** Path of the issuer, e.g. `/oidc`. Default: none. */
  readonly path?: string;
  readonly person?: ClaimSet;
  /** Announces and sends `iss` with the authorization response (RFC 9207). Default true. */
  readonly iss?: boolean;
}

/**
 * `hang`: never answers. `drop`: cuts the connection. `html`: 200 with a page. A number: that status with a page. A
 * function answers by itself, see `provider-troubles.ts`.
 */
export type Trouble =
  'hang' | 'drop' | 'html' | 'redirect' | 'array' | 'huge' | number | ((response: ServerResponse) => void);

export interface Behaviour {
  /** Trouble, or members laid over the document (`null` removes). */
  readonly discovery?: Trouble | ClaimSet;
  /** Answers every authorization request with this error. */
  readonly authorizeError?: string;
  /** Laid over the parameters of the authorization response (`null` removes): `{ iss: 'https://evil' }`. */
  readonly authorizeParams?: ClaimSet;
  readonly par?: Trouble;
  /** Trouble, or an OAuth error body with its status (default 400). */
  readonly token?: Trouble | { readonly error: string; readonly status?: number };
  /** Laid over the token answer (`null` removes). */
  readonly tokenParams?: ClaimSet;
  /** Milliseconds that a code lives. Default: for ever. */
  readonly codeLifetimeMs?: number;
  readonly idToken?: TokenShape;
  /** ID tokens as nested JWE. */
  readonly encryptIdToken?: boolean;
  readonly userinfo?: Trouble | 'jwt' | 'jwe' | 'jwe-json';
  readonly userinfoToken?: TokenShape;
  readonly userinfoClaims?: ClaimSet;
  readonly jwks?: Trouble | { readonly keys: readonly JWK[] };
}

export interface ProviderRequest {
  readonly endpoint: Endpoint | undefined;
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingMessage['headers'];
  readonly body: URLSearchParams;
}

const PATHS: Record<string, Endpoint> = {
  '/.well-known/openid-configuration': 'discovery',
  '/authorize': 'authorize',
  '/par': 'par',
  '/token': 'token',
  '/userinfo': 'userinfo',
  '/jwks.json': 'jwks',
};

/** Starts the provider on a free port of 127.0.0.1. */
export async function startProvider(options: ProviderOptions = {}): Promise<Provider> {
  const requests: ProviderRequest[] = [];
  const server = createServer((request, response) => void receive(request, response));
  const listen = (port: number): Promise<void> =>
    new Promise((resolve) => void server.listen(port, '127.0.0.1', resolve));
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => {
        resolve();
      });
      server.closeAllConnections();
    });
  await listen(0);
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const signer = await borrowSigningKey();
  const borrowed = [signer];
  const path = options.path ?? '';
  const state: State = {
    issuer: `http://127.0.0.1:${port}${path}`,
    path,
    sendIss: options.iss ?? true,
    clients: options.clients ?? { portal: { secret: 'portal-secret' } },
    people: new Map(),
    codes: new Map(),
    accessTokens: new Map(),
    pushed: new Map(),
    person: options.person,
    behaviour: {},
    signer,
    published: [signer.jwk],
  };

  async function receive(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of message) chunks.push(chunk as Buffer);
    const url = new URL(message.url ?? '/', state.issuer);
    const endpoint = PATHS[url.pathname.slice(path.length)];
    const body = new URLSearchParams(Buffer.concat(chunks).toString());
    const request = { endpoint, method: message.method ?? '', url, headers: message.headers, body };
    requests.push(request);
    if (endpoint === undefined) {
      html(response, 404);
      return;
    }
    if (endpoint !== 'authorize' && inTrouble(state.behaviour[endpoint], response)) return;
    await HANDLERS[endpoint](state, request, response);
  }

  return {
    issuer: state.issuer,
    url: state.issuer,
    clients: state.clients,
    people: state.people,
    requests,
    decryptionKey: (await encryptionPair()).privateJwk,
    signingJwk: () => state.signer.jwk,
    calls: (endpoint) => requests.filter((request) => request.endpoint === endpoint).length,
    behave: (behaviour) => void (state.behaviour = behaviour),
    setPerson: (claims) => void (state.person = claims),
    rotateKeys: async ({ keepOld = false } = {}) => {
      state.signer = await borrowSigningKey();
      borrowed.push(state.signer);
      state.published = [...(keepOld ? state.published : []), state.signer.jwk];
    },
    down: close,
    up: () => listen(port),
    stop: async () => {
      if (server.listening) await close();
      for (const key of borrowed.splice(0)) returnSigningKey(key);
    },
  };
}
