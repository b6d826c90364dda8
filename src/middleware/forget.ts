import type { IncomingMessage, ServerResponse } from 'node:http';
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
  { kind, connectionIds }: Pick<LogoutSender, 'kind' | 'connectionIds'>,
): Promise<readonly string[]> {
  if (kind === 'foreign') return [];
  const sessionId = runtime.sessions.idOf(req);
  const session = await begin(runtime, req, res);
  const known = session.connections();
  if (sessionId !== undefined && known.some((id) => !connectionIds.includes(id))) {
    await forgetRecords(runtime, req, sessionId, connectionIds, () => {
      runtime.exchanges.leave(sessionId, connectionIds);
    });
    return known.filter((id) => connectionIds.includes(id));
  }
  // first, so that this browser forgets even when the store cannot
  if (sessionId !== undefined || kind !== 'nameless') runtime.sessions.clearCookie(req, res);
  if (sessionId !== undefined) await forgetSession(runtime, req, sessionId);
  await session.destroy();
  return known;
}

/** Ends the session of a page without cookies, and with it all its tokens. The browser's cookie session is none of it. */
export async function forgetHolder(runtime: Runtime, req: IncomingMessage): Promise<readonly string[]> {
  const holder = await runtime.cookieless.holderOf(req);
  if (holder === undefined) return [];
  await runtime.cookieless.forget(req);
  await forgetSession(runtime, req, holder.sessionId);
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

async function forgetSession(runtime: Runtime, req: IncomingMessage, sessionId: string): Promise<void> {
  await forgetRecords(runtime, req, sessionId, runtime.connectionIds, () => {
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
  for (const { record } of held)
    if (record !== undefined) await runtime.erasure.persons.drop(record.identity.subject, sessionId);
  const { requestId } = runtime.contextOf(req);
  runtime.logger.info({ requestId }, 'logged out');
  recordLogout(runtime, requestId, held);
}

/** One entry for each connection that had somebody here; none for a session that held nothing. */
function recordLogout(runtime: Runtime, requestId: string, held: readonly ConnectionState[]): void {
  const connections = runtime.config.customers.flatMap((customer) => customer.connections);
  for (const { connectionId, record, waiting } of held) {
    const connection = connections.find(({ id }) => id === connectionId);
    if (record === undefined && !waiting) continue;
    const about = { customer: connection?.customerKey, connection: connection?.name };
    runtime.audit.record({ kind: 'logged_out', requestId, ...about, subject: record?.identity.subject });
  }
}
