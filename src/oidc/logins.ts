import type { Claims } from '../claims/identity-types.ts';
import type { Connection, GatewayConfig, Queue } from '../config/gateway-config.ts';
import { GatewayError, isGatewayError } from '../errors.ts';
import { describeError, type Logger } from '../observe/logger.ts';
import type { Sealer } from '../session/seal.ts';
import type { StateStore } from '../session/state-store.ts';
import { authorizationUrl } from './authorization-url.ts';
import type { Client } from './client.ts';
import { createClients, type Clients } from './clients.ts';
import { endSessionUrl } from './end-session.ts';
import type { ProviderMetadata } from './metadata.ts';
import { redeem, type WaitingCode } from './redeem.ts';
import { readAuthorizationResponse } from './response.ts';
import { createStrategies, type Outcome } from './strategy.ts';
import { createTransactions, type Claimant, type LoginInput, type LoginTransaction } from './transactions.ts';

export type { WaitingCode } from './redeem.ts';

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
  /** Default: clients of their own, which `close` closes. */
  readonly clients?: Clients;
}

/** Logins for every connection of the configuration. Asks no provider before the first login. */
export function createLogins(parts: LoginParts): Logins {
  const { config, store, sealer, logger } = parts;
  const pool = parts.clients ?? createClients({ timeoutMs: config.providerTimeoutMs });
  const connections = config.customers.flatMap((customer) => customer.connections);
  const clients = pool.of(connections);
  const transactions = createTransactions({ store, sealer, secureCookies: config.secureCookies });
  const redirectUri = new URL(`${config.publicUrl}${config.routePrefix}/callback`).href;
  const strategies = createStrategies(connections, redirectUri, (connection, parameters) =>
    authorizationUrl(clientOf(connection), parameters),
  );

  function clientOf({ id }: Connection): Client {
    const client = clients.get(id);
    if (client === undefined) throw new TypeError('a login needs a connection of this configuration');
    return client;
  }

  async function start(request: { readonly cookieHeader: string | undefined }, login: LoginStart) {
    const { connection, queue, interactive } = login;
    const acrValues = queue.requiredAcrValues.join(' ') || undefined;
    const metadata = await clientOf(connection).metadata();
    const begun = await transactions.begin(inputOf(login, metadata), request.cookieHeader);
    const leg = { kind: 'request', begun, interactive, acrValues } as const;
    const outcome = await strategies.authenticate(connection, leg);
    if (outcome.kind !== 'redirect') throw new TypeError('an authorization request ends in a redirect');
    return { location: outcome.location, setCookies: begun.setCookies };
  }

  async function finish(request: { readonly rawQuery: string; readonly cookieHeader: string | undefined }) {
    const response = readAuthorizationResponse(request.rawQuery);
    const { transaction, expired, clearCookies } = await transactions.take(
      response.state,
      request.cookieHeader,
    );
    const connection = clients.get(transaction.connectionId)?.connection;
    if (connection === undefined) {
      throw new GatewayError('state_mismatch', 'The connection of this login is no longer configured.');
    }
    const about = { connection, transaction, clearCookies };
    const result = expired
      ? refusal(new GatewayError('transaction_expired', 'The login took longer than ten minutes.'))
      : await strategies
          .authenticate(connection, { kind: 'response', transaction, response })
          .then(named, refusal);
    note(logger, about, result);
    return { ...about, ...result };
  }

  return {
    start,
    finish,
    redeem: (connection, waiting, deadline) => redeem(clientOf(connection), waiting, deadline),
    endSessionUrl: (connection, returnTo) => endSessionUrl(clientOf(connection), returnTo),
    close: () => pool.close(),
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

function note(
  logger: Logger,
  { connection, transaction }: Pick<LoginOutcome, 'connection' | 'transaction'>,
  result: Result,
): void {
  const failure = result.kind === 'refused' ? describeError(result.error) : undefined;
  const fields = {
    customer: connection.customerKey,
    connection: connection.name,
    queue: transaction.queueKey,
    outcome: result.kind === 'error' ? result.error : result.kind,
    failure,
  };
  if (result.kind === 'refused') logger.warn(fields, 'authorization response refused');
  else logger.debug(fields, 'authorization response read');
}

type Result =
  | { readonly kind: 'code'; readonly waiting: WaitingCode }
  | { readonly kind: 'error'; readonly error: string }
  | { readonly kind: 'refused'; readonly error: GatewayError };

function named(outcome: Outcome): Result {
  if (outcome.kind === 'success') return { kind: 'code', waiting: outcome.waiting };
  if (outcome.kind === 'fail') return { kind: 'error', error: outcome.authError };
  throw new TypeError('an authorization response does not end in a redirect');
}

function refusal(error: unknown): Result {
  if (isGatewayError(error)) return { kind: 'refused', error };
  throw error;
}
