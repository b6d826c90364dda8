import { GatewayError, isGatewayError } from '../errors.ts';
import { describeError, type Logger } from '../observe/logger.ts';
import type { Client } from './client.ts';
import type { LoginOutcome, LoginStart } from './logins.ts';
import type { WaitingCode } from './redeem.ts';
import type { AuthorizationResponse } from './response.ts';
import type { Begun, Outcome, Strategies } from './strategy.ts';
import type { TakenTransaction } from './transactions.ts';

/** The two legs of a login through the strategy, whoever sends the browser on its way. */
export interface Legs {
  /** The address of the authorization request. `redirectUri` defaults to the callback. */
  readonly requestFor: (login: LoginStart, begun: Begun, redirectUri?: string) => Promise<string>;
  /** What the authorization response to a transaction comes to. `redirectUri` as in the request. */
  readonly outcomeOf: (
    response: AuthorizationResponse,
    taken: TakenTransaction,
    redirectUri?: string,
  ) => Promise<LoginOutcome>;
}

/** What the legs stand on. */
export interface LegParts {
  /** By the ids of their connections. */
  readonly clients: ReadonlyMap<string, Client>;
  readonly strategies: Strategies;
  readonly logger: Logger;
}

/** Both legs for all connections. */
export function createLegs({ clients, strategies, logger }: LegParts): Legs {
  async function requestFor(login: LoginStart, begun: Begun, redirectUri?: string) {
    const { connection, queue, interactive } = login;
    const acrValues = queue.requiredAcrValues.join(' ') || undefined;
    const leg = { kind: 'request', begun, interactive, acrValues, redirectUri } as const;
    const outcome = await strategies.authenticate(connection, leg);
    if (outcome.kind !== 'redirect') throw new TypeError('an authorization request ends in a redirect');
    return outcome.location;
  }

  async function outcomeOf(
    response: AuthorizationResponse,
    { transaction, expired, clearCookies }: TakenTransaction,
    redirectUri?: string,
  ): Promise<LoginOutcome> {
    const connection = clients.get(transaction.connectionId)?.connection;
    if (connection === undefined) {
      throw new GatewayError('state_mismatch', 'The connection of this login is no longer configured.');
    }
    const about = { connection, transaction, clearCookies };
    const result = expired
      ? refusal(new GatewayError('transaction_expired', 'The login took longer than ten minutes.'))
      : await strategies
          .authenticate(connection, { kind: 'response', transaction, response, redirectUri })
          .then(named, refusal);
    note(logger, about, result);
    return { ...about, ...result };
  }

  return { requestFor, outcomeOf };
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
