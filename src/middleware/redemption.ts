import type { Audit } from '../audit/audit.ts';
import type { Connection } from '../config/gateway-config.ts';
import type { Identity } from '../claims/identity-types.ts';
import { toIdentity } from '../claims/identity.ts';
import { isGatewayError } from '../errors.ts';
import type { Logger } from '../observe/logger.ts';
import type { Logins, WaitingCode } from '../oidc/logins.ts';
import type { BrowserRecords, IdentityRecord } from '../session/browser-records.ts';
import type { Persons } from '../session/persons.ts';
import { createSingleFlight } from '../session/once.ts';
import type { ChatOwners } from './chat-owners.ts';
import type { OpenExchanges } from './open-exchanges.ts';
import { epochOf } from './request-context.ts';
import { isTaken } from './required-acr.ts';

/** A code that waits for its queue, with what its redemption has to know. */
export interface WaitingLogin {
  readonly waiting: WaitingCode;
  /** The queue that the login was started for. */
  readonly queueKey: string;
  /** This login repeats one whose code had expired. */
  readonly retry: boolean;
  /** Who was verified by this connection in this browser before. */
  readonly previousSubject: string | undefined;
  /** Present when the queue demands an `acr`: the login may be in vain, and must then leave what there was before. */
  readonly demand: AcrDemand | undefined;
}

/** What a login has to reach, and what was verified in this browser before it. */
export interface AcrDemand {
  readonly acrValues: readonly string[];
  readonly former: IdentityRecord | undefined;
}

/** The id of the request that asks; made only when it is needed. */
export type RequestIdSource = () => string;

/** Turns codes into Identities, once each, whoever asks first and in whichever process. */
export interface Redemption {
  /**
   * Redeems the code that waits for this browser and connection; undefined when none does.
   *
   * @param deadline `performance.now()` by which it has to be done.
   */
  onEntry(
    sessionId: string,
    connection: Connection,
    deadline: number,
    requestId: RequestIdSource,
  ): Promise<IdentityRecord | undefined>;
  /** Redeems a code in hand and keeps the Identity. */
  now(
    sessionId: string,
    connection: Connection,
    login: WaitingLogin,
    deadline: number,
    requestId: RequestIdSource,
  ): Promise<IdentityRecord>;
  /**
   * Did the last code of this browser and connection expire, so that the login that starts now is its one repetition?
   * True once.
   */
  takeRepetition(sessionId: string | undefined, connection: Connection): Promise<boolean>;
}

/** What redemption works with. */
export interface RedemptionParts {
  readonly chatOwners: Pick<ChatOwners, 'assign'>;
  readonly exchanges: Pick<OpenExchanges, 'verified'>;
  readonly logins: Pick<Logins, 'redeem'>;
  readonly audit: Pick<Audit, 'record'>;
  readonly persons: Pick<Persons, 'note'>;
  readonly records: BrowserRecords;
  readonly pseudonym: (text: string) => string;
  readonly absoluteSeconds: number;
  readonly logger: Logger;
}

/** One redemption service for all connections. */
export function createRedemption(parts: RedemptionParts): Redemption {
  const flights = createSingleFlight<IdentityRecord | undefined>();
  return {
    now: (...login) => redeem(parts, ...login),
    onEntry: (sessionId, connection, deadline, requestId) =>
      flights.run(JSON.stringify([sessionId, connection.id]), () =>
        parts.records.alone(sessionId, connection.id, epochOf(deadline), () =>
          takeAndRedeem(parts, sessionId, connection, deadline, requestId),
        ),
      ),
    async takeRepetition(sessionId, connection) {
      return sessionId !== undefined && (await parts.records.takeExpired(sessionId, connection.id));
    },
  };
}

async function redeem(
  parts: RedemptionParts,
  sessionId: string,
  connection: Connection,
  login: WaitingLogin,
  deadline: number,
  requestId: RequestIdSource,
): Promise<IdentityRecord> {
  const { name, customerKey: customer } = connection;
  const about = { requestId: requestId(), customer, connection: name, queue: login.queueKey };
  try {
    const record = await redeemAndKeep(parts, sessionId, connection, login, deadline);
    parts.audit.record({ kind: 'code_redeemed', ...about, subject: record.identity.subject });
    return record;
  } catch (error) {
    const code = isGatewayError(error) ? error.code : 'internal_error';
    parts.audit.record({ kind: 'redemption_failed', ...about, code });
    throw error;
  }
}

async function redeemAndKeep(
  { logins, records, pseudonym, absoluteSeconds, chatOwners, exchanges, persons, logger }: RedemptionParts,
  sessionId: string,
  connection: Connection,
  login: WaitingLogin,
  deadline: number,
): Promise<IdentityRecord> {
  const claims = await logins.redeem(connection, login.waiting, deadline);
  const identity = toIdentity(claims, connection, pseudonym);
  const { subject, acr } = identity;
  const taken = isTaken(login.demand?.acrValues ?? [], identity);
  const record =
    (taken ? undefined : stillGood(login.demand?.former, subject)) ??
    identityRecord(identity, connection, absoluteSeconds);
  await persons.note(subject, { sessionId, until: record.expiresAt });
  await records.saveIdentity(sessionId, connection.id, record);
  exchanges.verified(sessionId, connection.id, subject);
  // who was here already and logs in again for a queue has been told of the change, and starts anew there
  if (taken && login.previousSubject === subject) {
    await chatOwners.assign({ sessionId, connectionId: connection.id, queueKey: login.queueKey }, subject);
  }
  logger.info(
    { customer: connection.customerKey, connection: connection.name, subject, acr },
    'code redeemed',
  );
  return record;
}

/** A login in vain takes nothing from the same person: other queues go on with what they had. */
function stillGood(former: IdentityRecord | undefined, subject: string): IdentityRecord | undefined {
  if (former?.identity.subject !== subject || former.expiresAt <= Date.now()) return undefined;
  return former;
}

async function takeAndRedeem(
  parts: RedemptionParts,
  sessionId: string,
  connection: Connection,
  deadline: number,
  requestId: RequestIdSource,
): Promise<IdentityRecord | undefined> {
  const { records } = parts;
  const login = await records.takeCode<WaitingLogin>(sessionId, connection.id);
  // another process finished between the look and the lock
  if (login === undefined) return (await records.identity(sessionId, connection.id))?.record;
  try {
    const record = await redeem(parts, sessionId, connection, login, deadline, requestId);
    await records.takeExpired(sessionId, connection.id);
    return record;
  } catch (error) {
    await afterFailure(parts, sessionId, connection, login, error);
    return;
  }
}

/** Puts an unspent code back, and lets an expired one be repeated once; every other failure is the caller's. */
async function afterFailure(
  { records, logger }: RedemptionParts,
  sessionId: string,
  connection: Connection,
  login: WaitingLogin,
  error: unknown,
): Promise<undefined> {
  if (isUnsent(error)) await records.putCode(sessionId, connection.id, login);
  if (!isGatewayError(error) || error.code !== 'code_expired') throw error;
  if (login.retry) {
    await records.takeExpired(sessionId, connection.id);
    throw error;
  }
  logger.info(
    { customer: connection.customerKey, connection: connection.name },
    'code expired before it was redeemed; one more silent login',
  );
  await records.markExpired(sessionId, connection.id);
  return undefined;
}

/** Nothing of the code has left this machine, so it is still good. */
function isUnsent(error: unknown): boolean {
  return (
    isGatewayError(error) &&
    error.code === 'provider_unavailable' &&
    'notSent' in error &&
    error.notSent === true
  );
}

function identityRecord(identity: Identity, connection: Connection, absoluteSeconds: number): IdentityRecord {
  const verifiedAt = Date.now();
  return {
    identity,
    connectionId: connection.id,
    verifiedAt,
    expiresAt: verifiedAt + absoluteSeconds * 1000,
    queues: [],
  };
}
