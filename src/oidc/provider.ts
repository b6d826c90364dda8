import type { Connection } from '../config/gateway-config.ts';
import { isCompletelyOverridden, readMetadata, type ProviderMetadata } from './metadata.ts';
import { providerError, providerFailure } from './provider-failure.ts';
import type { ProviderFetch } from './provider-fetch.ts';

/** The provider of one connection, discovered when first needed. */
export interface Provider {
  /**
   * Its metadata: at once when known, after discovery otherwise. Callers at the same time share one discovery.
   *
   * @throws GatewayError `provider_unavailable`, `provider_error`.
   */
  readonly metadata: () => Promise<ProviderMetadata>;
}

/** Age at which metadata is read again; the old copy serves meanwhile, and for as long as the provider is away. */
const REFRESH_MS = 3_600_000;

/** Pause after a failed discovery: doubled from the first to the last of these. */
const FIRST_PAUSE_MS = 250;
const LAST_PAUSE_MS = 5000;

/**
 * Discovery of one connection's provider: lazy, cached, shared while under way, and not repeated in a rush while it
 * fails.
 *
 * @param now Clock in milliseconds.
 */
export function createProvider(
  connection: Connection,
  fetch: ProviderFetch,
  now: () => number = Date.now,
): Provider {
  let known: { readonly metadata: ProviderMetadata; readonly at: number } | undefined;
  let underWay: Promise<ProviderMetadata> | undefined;
  let failures = 0;
  let failure: { readonly error: unknown; readonly until: number } | undefined;

  function load(): Promise<ProviderMetadata> {
    underWay ??= discover(connection, fetch)
      .then(
        (metadata) => {
          known = { metadata, at: now() };
          failures = 0;
          failure = undefined;
          return metadata;
        },
        (error: unknown) => {
          const pause = Math.min(FIRST_PAUSE_MS * 2 ** failures, LAST_PAUSE_MS);
          failures += 1;
          failure = { error, until: now() + pause };
          throw error;
        },
      )
      .finally(() => {
        underWay = undefined;
      });
    return underWay;
  }

  async function metadata(): Promise<ProviderMetadata> {
    const resting = failure !== undefined && now() < failure.until;
    if (known !== undefined) {
      if (now() - known.at > REFRESH_MS && !resting) load().catch(() => undefined);
      return known.metadata;
    }
    if (failure !== undefined && resting) throw failure.error;
    return await load();
  }

  return { metadata };
}

async function discover(connection: Connection, fetch: ProviderFetch): Promise<ProviderMetadata> {
  try {
    return readMetadata(await readDocument(connection, fetch), connection);
  } catch (error) {
    if (isCompletelyOverridden(connection)) return readMetadata(undefined, connection);
    throw providerFailure(error, 'The discovery document cannot be used.');
  }
}

async function readDocument(connection: Connection, fetch: ProviderFetch): Promise<unknown> {
  const answer = await fetch(`${connection.endpoint}/.well-known/openid-configuration`, {
    method: 'GET',
    headers: { accept: 'application/json' },
    body: undefined,
  });
  if (answer.status !== 200)
    throw providerError(`The provider has no discovery document (status ${answer.status}).`);
  try {
    return await answer.json();
  } catch (cause) {
    throw providerError('The discovery document is not JSON.', cause);
  }
}
