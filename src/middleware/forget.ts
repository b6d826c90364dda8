import type { IncomingMessage, ServerResponse } from 'node:http';
import { connectionNameOf, customerOf } from '../config/connection-id.ts';
import type { ConnectionState } from '../session/browser-records.ts';
import type { SessionHandle } from '../session/session.ts';
import type { LogoutSender } from './logout-sender.ts';
import type { Runtime } from './runtime.ts';

/** Is there anything that a log-out could end in the session that this request's cookie names? */
export async function knowsBrowser(
  runtime: Runtime,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<boolean> {
  if (runtime.sessions.idOf(req) === undefined) return false;
  return (await begin(runtime, req, res)).connections().length > 0;
}

/**
 * Ends what the sender may end in the session of this browser: identities, codes, chats, streams and sockets; session
 * and cookie too, unless another customer's identity still needs them.
 *
 * @returns The ids of the connections that ended.
 */
export async function forgetBrowser(
  runtime: Runtime,
  req: IncomingMessage,
  res: ServerResponse,
  { kind, ends }: Pick<LogoutSender, 'kind' | 'ends'>,
): Promise<readonly string[]> {
  if (kind === 'foreign') return [];
  const sessionId = runtime.sessions.idOf(req);
  const session = await begin(runtime, req, res);
  const known = session.connections();
  // connections that were changed since are ended too: they may be changed back
  const ended = [...new Set([...runtime.connectionIds, ...known])].filter(ends);
  if (sessionId !== undefined && !known.every(ends)) {
    await forgetRecords(runtime, req, sessionId, ended, () => {
      runtime.exchanges.leave(sessionId, ended);
    });
    return known.filter(ends);
  }
  // first, so that this browser forgets even when the store cannot
  if (sessionId !== undefined || kind !== 'nameless') runtime.sessions.clearCookie(req, res);
  if (sessionId !== undefined) await forgetSession(runtime, req, sessionId, known);
  await session.destroy();
  return known;
}

/** Ends the session of a page without cookies, and with it all its tokens. The browser's cookie session is none of it. */
export async function forgetHolder(runtime: Runtime, req: IncomingMessage): Promise<readonly string[]> {
  const holder = await runtime.cookieless.holderOf(req);
  if (holder === undefined) return [];
  await runtime.cookieless.forget(req);
  await forgetSession(runtime, req, holder.sessionId, [holder.connectionId]);
  return [holder.connectionId];
}

async function begin(runtime: Runtime, req: IncomingMessage, res: ServerResponse): Promise<SessionHandle> {
  try {
    return await runtime.sessions.begin(req, res);
  } catch (error) {
    // this browser forgets even when the store cannot
    runtime.sessions.clearCookie(req, res);
    throw error;
  }
}

async function forgetSession(
  runtime: Runtime,
  req: IncomingMessage,
  sessionId: string,
  known: readonly string[],
): Promise<void> {
  await forgetRecords(runtime, req, sessionId, [...new Set([...runtime.connectionIds, ...known])], () => {
    runtime.exchanges.end(sessionId);
  });
}

async function forgetRecords(
  runtime: Runtime,
  req: IncomingMessage,
  sessionId: string,
  connectionIds: readonly string[],
  breakOff: () => void,
): Promise<void> {
  const held = await runtime.records.overview(sessionId, connectionIds);
  await runtime.records.forget(sessionId, connectionIds);
  await runtime.chatOwners.forget(sessionId, connectionIds);
  breakOff();
  for (const { record } of held) {
    if (record === undefined) continue;
    // a trace that a full store keeps leads to nothing, and ends by itself
    await runtime.persons.drop(record.identity.subject, sessionId).catch(() => undefined);
  }
  const { requestId } = runtime.contextOf(req);
  runtime.logger.info({ requestId }, 'logged out');
  recordLogout(runtime, requestId, held);
}

/** One entry for each connection that had somebody here; none for a session that held nothing. */
function recordLogout(runtime: Runtime, requestId: string, held: readonly ConnectionState[]): void {
  for (const { connectionId, record, waiting } of held) {
    if (record === undefined && !waiting) continue;
    const about = { customer: customerOf(connectionId), connection: connectionNameOf(connectionId) };
    runtime.audit.record({ kind: 'logged_out', requestId, ...about, subject: record?.identity.subject });
  }
}
