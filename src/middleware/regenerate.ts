import type { IncomingMessage, ServerResponse } from 'node:http';
import type { IdentityRecord } from '../session/browser-records.ts';
import type { WaitingLogin } from './redemption.ts';
import type { Runtime } from './runtime.ts';

/** The session that a login has given a browser. */
export interface LoginPlace {
  readonly sessionId: string;
  /** Writes the session; to be awaited before the answer. */
  readonly save: () => Promise<void>;
  /** Who was verified by this connection in this browser before. */
  readonly previousSubject: string | undefined;
  /** What was verified by this connection in this browser before. */
  readonly former: IdentityRecord | undefined;
}

/**
 * New session id at login (fixation); what other connections verified in this browser moves along, sealed anew.
 *
 * @param elsewhere The cookie is for pages of other sites, see `SessionHandle.serveOtherSites`.
 */
export async function regenerate(
  runtime: Runtime,
  req: IncomingMessage,
  res: ServerResponse,
  connectionId: string,
  elsewhere = false,
): Promise<LoginPlace> {
  const session = await runtime.sessions.begin(req, res);
  const oldId = runtime.sessions.idOf(req);
  const known = session.connections();
  const former = oldId === undefined ? undefined : await runtime.records.identity(oldId, connectionId);
  const waiting =
    oldId === undefined ? undefined : await runtime.records.takeCode<WaitingLogin>(oldId, connectionId);
  await session.regenerate();
  if (elsewhere) session.serveOtherSites();
  if (oldId !== undefined) {
    // first, so that a request under way with the old id either finds the mark or is found by the move
    await runtime.superseded.mark(oldId, session.id());
    const others = known.filter((id) => id !== connectionId);
    const moved = (await runtime.records.overview(oldId, others)).flatMap(({ record }) => record ?? []);
    await runtime.erasure.follow(moved, session.id());
    await runtime.records.move(oldId, session.id(), known, connectionId);
    const gone = former === undefined ? moved : [...moved, former.record];
    await runtime.erasure.moved(gone, oldId, session.id());
    await runtime.chatOwners.move(oldId, session.id(), known);
    runtime.exchanges.move(oldId, session.id());
  }
  session.remember(connectionId);
  return {
    sessionId: session.id(),
    save: () => session.save(),
    previousSubject: former?.record.identity.subject ?? waiting?.previousSubject,
    former: former?.record ?? waiting?.demand?.former,
  };
}
