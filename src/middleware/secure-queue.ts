import type { IncomingMessage, ServerResponse } from 'node:http';
import { maskingOf } from '../config/connection-id.ts';
import { foldQueueKey } from '../config/fold-queue-key.ts';
import type { Connection, Queue } from '../config/gateway-config.ts';
import { isGatewayError } from '../errors.ts';
import type { Address } from '../queues/canonical-path.ts';
import type { IdentityRecord } from '../session/browser-records.ts';
import { sessionIdFor } from './bearer.ts';
import { foreignChat, type FoundChat } from './chats.ts';
import { isNavigation } from './navigation.ts';
import { isTaken } from './required-acr.ts';
import { placeOf } from './queue-place.ts';
import { outcomeOf, withoutOutcome } from './return-address.ts';
import type { Runtime } from './runtime.ts';
import { loginUrl, redirect, startLogin } from './silent-login.ts';

/** A secure queue, which is one that names a connection. */
export type SecureQueue = Queue & { readonly connection: Connection };

/** A request that may enter: who it is, and the session it came with. */
export interface Admission {
  readonly record: IdentityRecord;
  readonly sessionId: string;
}

/** True for a queue that only the verified may enter. */
export function isSecure(queue: Queue | undefined): queue is SecureQueue {
  return queue?.connection !== undefined;
}

/**
 * Admits a request to a secure queue: an identity of the queue's own connection, verified in a way that the queue takes,
 * or a waiting code that becomes one. Undefined when the browser has neither. Throws `identity_changed` when the chat in
 * this queue is another person's, `queue_refused` when the chat that the request names is a stranger's.
 *
 * @param chat The chat that the request names, which then decides in place of the one that this browser has opened.
 */
export async function admit(
  runtime: Runtime,
  req: IncomingMessage,
  queue: SecureQueue,
  deadline: number,
  chat?: FoundChat,
): Promise<Admission | undefined> {
  const { connection } = queue;
  const carried = await sessionIdFor(runtime, req, queue);
  const sessionId = chat?.sessionId ?? carried;
  if (sessionId === undefined) return undefined;
  const read =
    runtime.records.known(sessionId, connection.id) ??
    (await runtime.records.identity(sessionId, connection.id));
  const requestId = () => runtime.contextOf(req).requestId;
  const record =
    read?.record ?? (await runtime.redemption.onEntry(sessionId, connection, deadline, requestId));
  if (record === undefined || !mayEnter(record, queue)) return undefined;
  if (carried !== undefined && carried !== sessionId) {
    // who is somebody else by cookie or token does not go on with a chat by its secret
    const other = await runtime.records.identity(carried, connection.id);
    if (other !== undefined && other.record.identity.subject !== record.identity.subject) throw foreignChat();
  }
  const { queueKey } = queue;
  await chat?.admit({ sessionId, connectionId: connection.id, queueKey }, record.identity.subject);
  const known = record.queues.includes(foldQueueKey(queueKey));
  if (!known && !(await firstEntry(runtime, req, sessionId, record, queue, chat))) return undefined;
  await runtime.records.touch(sessionId, [connection.id]);
  const place = placeOf(queue);
  if (place !== undefined) runtime.queueUse.note(place);
  return { record, sessionId };
}

/** Verified in a way that the queue takes, and masked as its connection masks today. */
function mayEnter({ identity, masking }: IdentityRecord, queue: SecureQueue): boolean {
  return isTaken(queue.requiredAcrValues, identity) && masking === maskingOf(queue.connection);
}

/**
 * The first request of an identity in a queue: the chat there becomes this person's, and the log says so. False when a
 * log-out or a login in another tab has taken the identity away meanwhile.
 */
async function firstEntry(
  runtime: Runtime,
  req: IncomingMessage,
  sessionId: string,
  record: IdentityRecord,
  queue: SecureQueue,
  chat: FoundChat | undefined,
): Promise<boolean> {
  const { connection, customerKey, queueKey } = queue;
  const { subject } = record.identity;
  const place = { sessionId, connectionId: connection.id, queueKey };
  let entered = true;
  if (chat !== undefined) entered = await runtime.chatOwners.enterOwn(place, subject);
  else await runtime.chatOwners.enter(place, subject, opensAnew(runtime, req));
  // the records may have moved to another session id before the owner was written under this one
  if (await runtime.superseded.has(sessionId)) return false;
  const read = await runtime.records.identity(sessionId, connection.id);
  if (read?.record.identity.subject !== subject) return false;
  // without the name of their chat the person is still in that of another
  if (!entered) return true;
  const queues = [...new Set([...read.record.queues, foldQueueKey(queueKey)])];
  // a lost race costs the next request this look-up again, nothing else
  await runtime.records.replaceIdentity(sessionId, connection.id, read.token, { ...read.record, queues });
  const { requestId } = runtime.contextOf(req);
  const about = { requestId, customer: customerKey, connection: connection.name, queue: queueKey, subject };
  runtime.logger.info(about, 'identity entered a queue');
  runtime.audit.record({ kind: 'identity_attached', ...about, chat: chat?.pseudonym });
  return true;
}

/** A navigation loads a chat anew, and so does the start of one in the protocol of a preset. */
function opensAnew(runtime: Runtime, req: IncomingMessage): boolean {
  return isNavigation(req.method, req.headers) || runtime.preset?.starts(req) === true;
}

/**
 * The answer to a request without identity: a navigation goes into the silent login and comes back to the same address;
 * where that was tried already, and for everything that is no navigation, it is a refusal that says where to log in.
 */
export async function challenge(
  runtime: Runtime,
  req: IncomingMessage,
  res: ServerResponse,
  queue: SecureQueue,
  address: Address,
): Promise<void> {
  if (!isNavigation(req.method, req.headers)) throw runtime.loginRequired(queue);
  if (runtime.cookieless.carries(req)) throw runtime.loginRequired(queue);
  const sessionId = runtime.sessions.idOf(req);
  const { connection } = queue;
  const retry = await runtime.redemption.takeRepetition(sessionId, connection);
  const returnTo = runtime.config.publicUrl + withoutOutcome(address.target);
  if (!retry) {
    const before = await comesBack(runtime, sessionId, address);
    if (before === 'too early') {
      redirect(res, runtime.config.publicUrl + address.target);
      return;
    }
    if (before === 'tried') throw runtime.loginRequired(queue, { returnTo, interactive: true });
  }
  await startLogin(runtime, req, res, {
    connection,
    queue,
    returnTo: new URL(returnTo),
    display: 'page',
    interactive: false,
    retry,
  });
}

/**
 * Has this address just come back from a login? An `authError` says so itself. An `authCode` without an identity means
 * that the browser keeps no cookies, as long as its handle is fresh: a stale one is an old bookmark or a reload. It may
 * also be that another tab's login has replaced the session while this request was on its way.
 */
async function comesBack(
  runtime: Runtime,
  sessionId: string | undefined,
  address: Address,
): Promise<'no' | 'tried' | 'too early'> {
  const { authCode, authError } = outcomeOf(address.query);
  if (authError !== undefined) return 'tried';
  if (authCode === undefined || !(await runtime.handles.isFresh(authCode))) return 'no';
  if (sessionId === undefined || !(await runtime.superseded.has(sessionId))) return 'tried';
  return (await runtime.handles.tryAgain(authCode)) ? 'too early' : 'tried';
}

/** Adds the way to log in to a refusal that a login cures. */
export function withLoginUrl(
  runtime: Runtime,
  error: unknown,
  queue: SecureQueue,
  address: Address,
  navigation: boolean,
): unknown {
  if (!isGatewayError(error) || error.loginUrl !== undefined) return error;
  if (error.code !== 'code_expired' && error.code !== 'identity_changed') return error;
  const returnTo = runtime.config.publicUrl + withoutOutcome(address.target);
  return error.withLoginUrl(loginUrl(runtime, queue, navigation ? { returnTo, interactive: true } : {}));
}
