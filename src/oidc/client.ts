import {
  ClientSecretPost,
  Configuration,
  None,
  allowInsecureRequests,
  clockTolerance,
  customFetch,
  enableDecryptingResponses,
  enableNonRepudiationChecks,
  setJwksCache,
  type ClientAuth,
  type CustomFetch,
} from 'openid-client';
import type { Connection } from '../config/gateway-config.ts';
import { withinDeadline } from './deadline.ts';
import { createJwks, type Jwks } from './jwks.ts';
import { importDecryptionKeys, openUnsignedJwe, type PrivateKey } from './keys.ts';
import { isLoopbackHttp, type ProviderMetadata } from './metadata.ts';
import { ProviderUnavailable } from './provider-failure.ts';
import type { ProviderFetch } from './provider-fetch.ts';
import { createProvider } from './provider.ts';

/** The gateway as a client of one connection's provider. */
export interface Client {
  readonly connection: Connection;
  /** @throws GatewayError `provider_unavailable`, `provider_error`. */
  readonly metadata: () => Promise<ProviderMetadata>;
  /**
   * openid-client's configuration for one use: signatures checked, keys dated so that an unknown `kid` is looked up.
   *
   * @param deadline Milliseconds of `performance.now()` after which no call goes on.
   * @throws GatewayError `provider_unavailable`, `provider_error`.
   */
  configure(deadline?: number): Promise<Configuration>;
}

/** Creates the client of one connection. Nothing is fetched before it is used. */
export function createClient(connection: Connection, fetch: ProviderFetch): Client {
  const provider = createProvider(connection, fetch);
  const jwks = createJwks();
  let keys: Promise<readonly PrivateKey[]> | undefined;

  async function configure(deadline?: number): Promise<Configuration> {
    keys ??= importDecryptionKeys(connection.decryptionKeys);
    const [metadata, decryptionKeys] = await Promise.all([
      withinDeadline(provider.metadata(), deadline),
      keys,
    ]);
    const configuration = configurationOf(connection, metadata, decryptionKeys);
    const known = jwks.known();
    if (known !== undefined) setJwksCache(configuration, known);
    configuration[customFetch] = callsOf({
      fetch,
      metadata,
      jwks,
      keyless: known === undefined,
      keys: decryptionKeys,
      deadline,
    });
    return configuration;
  }

  return { connection, metadata: provider.metadata, configure };
}

function configurationOf(
  connection: Connection,
  metadata: ProviderMetadata,
  keys: readonly PrivateKey[],
): Configuration {
  const tolerance = { [clockTolerance]: connection.clockToleranceSeconds };
  const configuration = new Configuration(metadata, connection.clientId, tolerance, authOf(connection));
  // the time of a call is bounded in provider-fetch.ts
  configuration.timeout = undefined;
  enableNonRepudiationChecks(configuration);
  if (keys.length > 0) enableDecryptingResponses(configuration, undefined, ...keys);
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- marked so to be noticed: loopback providers only
  if (isLoopbackHttp(connection.endpoint)) allowInsecureRequests(configuration);
  return configuration;
}

function authOf({ clientSecret, tokenAuthMethod }: Connection): ClientAuth {
  if (clientSecret === undefined) return None();
  return tokenAuthMethod === 'client_secret_post' ? ClientSecretPost(clientSecret) : basic(clientSecret);
}

/**
 * `client_secret_basic` (RFC 6749, section 2.3.1). openid-client's own escapes `-`, `_` and `.` too, which a server that
 * forgets to unescape takes for another secret; unescaped they are the same to every server.
 */
function basic(clientSecret: string): ClientAuth {
  return (_server, client, _body, headers) => {
    const credentials = `${formEncoded(client.client_id)}:${formEncoded(clientSecret)}`;
    headers.set('authorization', `Basic ${Buffer.from(credentials).toString('base64')}`);
  };
}

function formEncoded(text: string): string {
  return encodeURIComponent(text).replaceAll('%20', '+');
}

interface Calls {
  readonly fetch: ProviderFetch;
  readonly metadata: ProviderMetadata;
  readonly jwks: Jwks;
  /** No key set was known when this use began. */
  readonly keyless: boolean;
  readonly keys: readonly PrivateKey[];
  readonly deadline: number | undefined;
}

function callsOf({ fetch, metadata, jwks, keyless, keys, deadline }: Calls): CustomFetch {
  let first = keyless;
  const readKeys = (read: () => Promise<Response>): Promise<Response> => {
    const answer = jwks.answer(read, first);
    first = false;
    return answer;
  };
  return async (url, call) => {
    if (same(url, metadata.token_endpoint)) return await fetch(url, call, deadline);
    try {
      if (same(url, metadata.jwks_uri)) return await readKeys(() => fetch(url, call, deadline));
      return await openUnsignedJwe(await fetch(url, call, deadline), keys);
    } catch (error) {
      throw afterToken(error);
    }
  };
}

/** A later call that was not sent says nothing of the code: that one has gone out with the token call. */
function afterToken(error: unknown): unknown {
  if (!(error instanceof ProviderUnavailable) || !error.notSent) return error;
  return new ProviderUnavailable(error.message, { notSent: false, cause: error.cause });
}

function same(url: string, endpoint: string): boolean {
  return url === new URL(endpoint).href;
}
