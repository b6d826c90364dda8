import type { Claims } from '../claims/identity-types.ts';
import type { Connection, GatewayConfig, Queue } from '../config/gateway-config.ts';
import type { GatewayError } from '../errors.ts';
import type { Logger } from '../observe/logger.ts';
import type { Sealer } from '../session/seal.ts';
import type { StateStore } from '../session/state-store.ts';
import { authorizationUrl } from './authorization-url.ts';
import { createClient, type Client } from './client.ts';
import { endSessionUrl } from './end-session.ts';
import { createLegs } from './legs.ts';
import type { ProviderMetadata } from './metadata.ts';
import { createProviderFetch } from './provider-fetch.ts';
import {
  createPageTransactions,
  type PageBinding,
  type PageBrowser,
  type TakenPageTransaction,
} from './page-transactions.ts';
import { redeem, type WaitingCode } from './redeem.ts';
import { readAuthorizationResponse } from './response.ts';
import { createStrategies } from './strategy.ts';
import { createTransactions, type Claimant, type LoginInput, type LoginTransaction } from './transactions.ts';

export type { WaitingCode } from './redeem.ts';

/** Where a page's authorization response comes in, and which browser it has to come from. */
export interface PageStart {
  readonly redirectUri: string;
  readonly binding: PageBinding;
}

/** What a page's login came to, and how sure it is that it is in the browser where it began. */
export type PageOutcome = LoginOutcome & Pick<TakenPageTransaction, 'binding' | 'bound'>;

/** One login to begin; `returnTo` has passed `checkReturnTo`. */
export interface LoginStart {
  readonly connection: Connection;
  readonly queue: Queue;
  readonly returnTo: URL;
  readonly display: 'page' | 'window' | 'popup';
  /** Leaves `prompt` out, so that the provider may show its pages. */
  readonly interactive: boolean;
  /** This login repeats one whose code had expired. */
  readonly retry: boolean;
  /** Absent where the browser's own cookie says whose login it is. */
  readonly claimant?: Claimant | undefined;
}

/**
 * What a callback came to. `code`: the person is logged in at the provider, the code waits. `error`: they are not, or did
 * not want to; `error` is the word for `authError`. `refused`: the response is not to be believed or came too late.
 */
export type LoginOutcome = {
  readonly connection: Connection;
  readonly transaction: LoginTransaction;
  /** `Set-Cookie` lines to send whatever the outcome. */
  readonly clearCookies: readonly string[];
} & (
  | { readonly kind: 'code'; readonly waiting: WaitingCode }
  | { readonly kind: 'error'; readonly error: string }
  | { readonly kind: 'refused'; readonly error: GatewayError }
);

/** Logins at the providers of all connections. */
export interface Logins {
  /**
   * Begins a login transaction and says where the browser goes.
   *
   * @throws GatewayError `provider_unavailable`, `provider_error`, `session_store_unavailable`.
   */
  start(
    request: { readonly cookieHeader: string | undefined },
    login: LoginStart,
  ): Promise<{ readonly location: string; readonly setCookies: readonly string[] }>;
  /**
   * Reads a callback: refuses repeats, takes and deletes the transaction, compares, then `iss`, `error`, `code`.
   *
   * @throws GatewayError `request_malformed` or `state_mismatch` while no transaction is found,
   * `session_store_unavailable`.
   */
  finish(request: {
    readonly rawQuery: string;
    readonly cookieHeader: string | undefined;
  }): Promise<LoginOutcome>;
  /**
   * Begins a login whose authorization request the page builds itself. `location` is that request as the gateway would
   * make it; it carries neither nonce nor PKCE, so that the answer to either is the same.
   *
   * @throws GatewayError as `start`.
   */
  beginPage(
    login: LoginStart,
    page: PageStart,
  ): Promise<{ readonly state: string; readonly location: string }>;
  /** As `finish`, for the response to a page's request. `redirectUri` is the address at which it came. */
  finishPage(request: {
    readonly rawQuery: string;
    readonly redirectUri: string;
    readonly browser: PageBrowser;
  }): Promise<PageOutcome>;
  /**
   * Redeems a code, see `redeem`.
   *
   * @param deadline Milliseconds of `performance.now()`.
   */
  redeem(connection: Connection, waiting: WaitingCode, deadline: number): Promise<Claims>;
  /** The address that ends the login at the provider too, see `endSessionUrl`. */
  endSessionUrl(connection: Connection, returnTo: string): Promise<string | undefined>;
  /** Waits for the calls under way, and takes no more. */
  close(): Promise<void>;
}

/** What logins stand on. */
export interface LoginParts {
  readonly config: GatewayConfig;
  readonly store: StateStore;
  readonly sealer: Sealer;
  readonly logger: Logger;
}

/** Logins for every connection of the configuration. Asks no provider before the first login. */
export function createLogins({ config, store, sealer, logger }: LoginParts): Logins {
  const { fetch, close } = createProviderFetch({ timeoutMs: config.providerTimeoutMs });
  const connections = config.customers.flatMap((customer) => customer.connections);
  const clients = new Map(connections.map((connection) => [connection.id, createClient(connection, fetch)]));
  const transactions = createTransactions({ store, sealer, secureCookies: config.secureCookies });
  const pages = createPageTransactions({ store, sealer });
  const redirectUri = new URL(`${config.publicUrl}${config.routePrefix}/callback`).href;
  const strategies = createStrategies(connections, redirectUri, (connection, parameters) =>
    authorizationUrl(clientOf(connection), parameters),
  );

  const { requestFor, outcomeOf } = createLegs({ clients, strategies, logger });

  function clientOf({ id }: Connection): Client {
    const client = clients.get(id);
    if (client === undefined) throw new TypeError('a login needs a connection of this configuration');
    return client;
  }

  async function start(request: { readonly cookieHeader: string | undefined }, login: LoginStart) {
    const metadata = await clientOf(login.connection).metadata();
    const begun = await transactions.begin(inputOf(login, metadata), request.cookieHeader);
    return { location: await requestFor(login, begun), setCookies: begun.setCookies };
  }

  async function beginPage(login: LoginStart, page: PageStart) {
    const metadata = await clientOf(login.connection).metadata();
    const begun = await pages.begin(inputOf(login, metadata), page.binding);
    return { state: begun.state, location: await requestFor(login, begun, page.redirectUri) };
  }

  async function finish(request: { readonly rawQuery: string; readonly cookieHeader: string | undefined }) {
    const response = readAuthorizationResponse(request.rawQuery);
    return await outcomeOf(response, await transactions.take(response.state, request.cookieHeader));
  }

  async function finishPage(request: Parameters<Logins['finishPage']>[0]): Promise<PageOutcome> {
    const response = readAuthorizationResponse(request.rawQuery);
    const { binding, bound, ...taken } = await pages.take(response.state, request.browser);
    const outcome = await outcomeOf(response, { ...taken, clearCookies: [] }, request.redirectUri);
    return { ...outcome, binding, bound };
  }

  return {
    start,
    finish,
    beginPage,
    finishPage,
    redeem: (connection, waiting, deadline) => redeem(clientOf(connection), waiting, deadline),
    endSessionUrl: (connection, returnTo) => endSessionUrl(clientOf(connection), returnTo),
    close,
  };
}

/** What the transaction of a login remembers. */
function inputOf(
  { connection, queue, returnTo, ...how }: LoginStart,
  metadata: ProviderMetadata,
): LoginInput {
  return {
    connectionId: connection.id,
    customerKey: queue.customerKey,
    queueKey: queue.queueKey,
    returnTo: returnTo.href,
    display: how.display,
    retry: how.retry,
    claimant: how.claimant,
    issuer: metadata.issuer,
    issPromised: metadata.authorization_response_iss_parameter_supported === true,
  };
}
