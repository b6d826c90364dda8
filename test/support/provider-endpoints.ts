import { createHash, randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { jwtVerify, importJWK, type JWK } from 'jose';
import type { Behaviour, Endpoint, ProviderClient, ProviderRequest } from './provider.ts';
import {
  atHash,
  encryptFor,
  patchClaims,
  signToken,
  type ClaimSet,
  type SigningKey,
} from './provider-tokens.ts';

/** What a code or an access token stands for. */
export interface Grant {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly nonce: string | null;
  readonly challenge: string | null;
  readonly person: ClaimSet;
  readonly createdAt: number;
}

/** What the provider knows and how it behaves at this moment. */
export interface State {
  readonly issuer: string;
  readonly path: string;
  readonly sendIss: boolean;
  readonly clients: Record<string, ProviderClient>;
  readonly people: Map<string, ClaimSet>;
  readonly codes: Map<string, Grant>;
  readonly accessTokens: Map<string, Grant>;
  readonly pushed: Map<string, URLSearchParams>;
  person: ClaimSet | undefined;
  behaviour: Behaviour;
  signer: SigningKey;
  published: readonly JWK[];
}

/** One handler for each endpoint. */
export const HANDLERS: Record<
  Endpoint,
  (state: State, request: ProviderRequest, response: ServerResponse) => unknown
> = {
  discovery,
  authorize,
  par,
  token,
  userinfo,
  jwks: (state, _request, response) => {
    const told = state.behaviour.jwks;
    return json(response, 200, typeof told === 'object' ? told : { keys: state.published });
  },
};

function discovery(state: State, _request: ProviderRequest, response: ServerResponse): unknown {
  const { issuer, behaviour } = state;
  const document = {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    userinfo_endpoint: `${issuer}/userinfo`,
    jwks_uri: `${issuer}/jwks.json`,
    end_session_endpoint: `${issuer}/session/end`,
    pushed_authorization_request_endpoint: `${issuer}/par`,
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
    authorization_response_iss_parameter_supported: state.sendIss,
  };
  return json(
    response,
    200,
    patchClaims(document, typeof behaviour.discovery === 'object' ? behaviour.discovery : {}),
  );
}

async function authorize(state: State, request: ProviderRequest, response: ServerResponse): Promise<unknown> {
  const params = await requestParams(state, request.url.searchParams);
  const clientId = params?.get('client_id') ?? '';
  const redirectUri = params?.get('redirect_uri') ?? '';
  const allowed = state.clients[clientId]?.redirectUris;
  if (params === undefined || !Object.hasOwn(state.clients, clientId) || redirectUri === '') {
    return html(response, 400);
  }
  if (allowed !== undefined && !allowed.includes(redirectUri)) return html(response, 400);
  const name =
    request.url.searchParams.get('as') ?? /(?:^|; )as=([^;]*)/.exec(request.headers.cookie ?? '')?.[1];
  const person = name === undefined ? state.person : state.people.get(name);
  const silent = params.get('prompt') === 'none';
  const error =
    state.behaviour.authorizeError ?? (person === undefined && silent ? 'login_required' : undefined);
  if (error === undefined && person === undefined) return html(response, 200, 'Log in');
  const code = randomBytes(24).toString('base64url');
  if (error === undefined) {
    const [nonce, challenge] = [params.get('nonce'), params.get('code_challenge')];
    state.codes.set(code, {
      clientId,
      redirectUri,
      nonce,
      challenge,
      person: person ?? {},
      createdAt: Date.now(),
    });
  }
  const answer = patchClaims(
    {
      state: params.get('state'),
      ...(error === undefined ? { code } : { error }),
      ...(state.sendIss ? { iss: state.issuer } : {}),
    },
    state.behaviour.authorizeParams,
  );
  const location = new URL(redirectUri);
  for (const [key, value] of Object.entries(answer)) location.searchParams.append(key, String(value));
  return response.writeHead(302, { location: location.href }).end();
}

/** The parameters of a plain, a signed (RFC 9101) or a pushed (RFC 9126) request; undefined when it is unusable. */
async function requestParams(state: State, query: URLSearchParams): Promise<URLSearchParams | undefined> {
  const uri = query.get('request_uri');
  const params = uri === null ? query : state.pushed.get(uri);
  if (params === undefined) return undefined;
  const client = state.clients[params.get('client_id') ?? ''];
  const object = params.get('request');
  if (client?.requestKey === undefined) return object === null ? params : undefined;
  try {
    const { payload } = await jwtVerify(object ?? '', await importJWK(client.requestKey), {
      audience: state.issuer,
    });
    return new URLSearchParams(payload as Record<string, string>);
  } catch {
    return undefined;
  }
}

function par(state: State, request: ProviderRequest, response: ServerResponse): unknown {
  if (authenticate(state, request) === undefined) return json(response, 401, { error: 'invalid_client' });
  const uri = `urn:ietf:params:oauth:request_uri:${randomBytes(12).toString('base64url')}`;
  state.pushed.set(uri, request.body);
  return json(response, 201, { request_uri: uri, expires_in: 60 });
}

async function token(state: State, request: ProviderRequest, response: ServerResponse): Promise<unknown> {
  const { behaviour } = state;
  const told = behaviour.token;
  if (typeof told === 'object') return json(response, told.status ?? 400, { error: told.error });
  const clientId = authenticate(state, request);
  if (clientId === undefined) return json(response, 401, { error: 'invalid_client' });
  const code = request.body.get('code') ?? '';
  const grant = state.codes.get(code);
  state.codes.delete(code);
  const verifier = createHash('sha256')
    .update(request.body.get('code_verifier') ?? '')
    .digest('base64url');
  const stale = grant !== undefined && Date.now() - grant.createdAt > (behaviour.codeLifetimeMs ?? Infinity);
  const same =
    grant?.clientId === clientId &&
    grant.redirectUri === request.body.get('redirect_uri') &&
    (grant.challenge === null || grant.challenge === verifier);
  if (!same || stale) return json(response, 400, { error: 'invalid_grant' });
  const accessToken = randomBytes(24).toString('base64url');
  state.accessTokens.set(accessToken, grant);
  const idToken = await signToken(state.signer, idTokenClaims(state, grant, accessToken), behaviour.idToken);
  const answer = {
    access_token: accessToken,
    token_type: 'Bearer',
    expires_in: 600,
    id_token: behaviour.encryptIdToken === true ? await encryptFor(idToken, true) : idToken,
  };
  return json(response, 200, patchClaims(answer, behaviour.tokenParams));
}

function idTokenClaims(state: State, { person, clientId, nonce }: Grant, accessToken: string): ClaimSet {
  const now = Math.floor(Date.now() / 1000);
  const { sub, acr = 'urn:test:acr', amr = ['test'], auth_time = now - 30 } = person;
  const own = { iss: state.issuer, sub, aud: clientId, iat: now, exp: now + 600, auth_time, acr, amr };
  return { ...own, ...(nonce === null ? {} : { nonce }), at_hash: atHash(accessToken) };
}

async function userinfo(state: State, request: ProviderRequest, response: ServerResponse): Promise<unknown> {
  const { behaviour } = state;
  const bearer = request.headers.authorization?.replace(/^Bearer /, '') ?? '';
  const grant = state.accessTokens.get(bearer);
  if (grant === undefined) return json(response, 401, { error: 'invalid_token' });
  const claims = patchClaims(grant.person, behaviour.userinfoClaims);
  if (behaviour.userinfo === undefined) return json(response, 200, claims);
  const signed = await signToken(
    state.signer,
    { iss: state.issuer, aud: grant.clientId, ...claims },
    behaviour.userinfoToken,
  );
  const body = {
    jwt: () => signed,
    jwe: () => encryptFor(signed, true),
    'jwe-json': () => encryptFor(JSON.stringify(claims), false),
  };
  const kind = behaviour.userinfo === 'jwe' || behaviour.userinfo === 'jwe-json' ? behaviour.userinfo : 'jwt';
  return response.writeHead(200, { 'content-type': 'application/jwt' }).end(await body[kind]());
}

/** The client's id when it authenticated by its own method and no other. */
function authenticate(state: State, request: ProviderRequest): string | undefined {
  const basic = /^Basic (.+)$/.exec(request.headers.authorization ?? '')?.[1];
  const [id, secret] = Buffer.from(basic ?? '', 'base64')
    .toString()
    .split(':')
    .map(decodeURIComponent);
  const clientId = (basic === undefined ? request.body.get('client_id') : id) ?? '';
  const client = Object.hasOwn(state.clients, clientId) ? state.clients[clientId] : undefined;
  if (client === undefined) return undefined;
  const method = client.method ?? (client.secret === undefined ? 'none' : 'client_secret_basic');
  const given = {
    client_secret_basic:
      basic !== undefined && !request.body.has('client_secret') && secret === client.secret,
    client_secret_post: basic === undefined && request.body.get('client_secret') === client.secret,
    none: basic === undefined && !request.body.has('client_secret'),
  };
  return given[method] ? clientId : undefined;
}

/** True when the trouble was the whole answer. */
export function inTrouble(told: unknown, response: ServerResponse): boolean {
  if (told === 'hang') return true;
  if (typeof told === 'function') (told as (response: ServerResponse) => void)(response);
  else if (told === 'drop') response.socket?.destroy();
  else if (told === 'html') html(response, 200);
  else if (typeof told === 'number') html(response, told);
  else if (told === 'redirect') response.writeHead(302, { location: 'http://127.0.0.1:9/elsewhere' }).end();
  else if (told === 'array') json(response, 200, []);
  else if (told === 'huge') json(response, 200, { sub: 'x', filler: 'x'.repeat(10_000_000) });
  else return false;
  return true;
}

function json(response: ServerResponse, status: number, body: unknown): ServerResponse {
  return response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** Answers with a page. */
export function html(response: ServerResponse, status: number, text = 'a page'): ServerResponse {
  return response.writeHead(status, { 'content-type': 'text/html' }).end(`<!doctype html><p>${text}</p>`);
}
