import type { SessionData } from 'express-session';
import type { Runtime } from '../middleware/runtime.ts';
import { storeFailure } from '../session/store-failure.ts';

/** What of one session is needed to end it. */
export type SessionEnding = Pick<
  Runtime,
  'stores' | 'records' | 'persons' | 'chatOwners' | 'exchanges' | 'superseded' | 'connectionIds' | 'audit'
>;

/** A login gives the browser a new session id; more of them than this come in ten minutes to nobody. */
const MOST_SUCCESSORS = 8;

/**
 * Ends one session in every process, with its identities, waiting codes and what runs: whoever it is that has it. The audit record
 * names each person who was verified there. What the person has elsewhere stays.
 *
 * @returns How many identities were ended.
 * @throws GatewayError `session_store_unavailable`: call again.
 */
export async function revokeSession(
  runtime: SessionEnding,
  sessionId: string,
  by: { readonly actor: string; readonly requestId?: string | undefined },
): Promise<{ readonly identities: number }> {
  let identities = 0;
  let present: string | undefined = sessionId;
  for (let step = 0; present !== undefined && step < MOST_SUCCESSORS; step += 1) {
    identities += await endOne(runtime, present, by);
    present = await runtime.superseded.successorOf(present);
  }
  // a revocation that found nobody is an administrator's act all the same
  if (identities === 0) runtime.audit.record({ kind: 'session_revoked', ...by, count: 0 });
  return { identities };
}

async function endOne(
  { stores, records, persons, chatOwners, exchanges, connectionIds, audit }: SessionEnding,
  sessionId: string,
  by: { readonly actor: string; readonly requestId?: string | undefined },
): Promise<number> {
  const known = (await readSession(stores, sessionId))?.secureChat?.connections ?? [];
  // a connection that was changed since may be changed back
  const all = [...new Set([...connectionIds, ...known])];
  const held = (await records.overview(sessionId, all)).flatMap(({ record }) => record ?? []);
  await records.forget(sessionId, all);
  await chatOwners.forget(sessionId, all);
  exchanges.end(sessionId);
  await settled((done) => {
    stores.sessions.destroy(sessionId, done);
  });
  for (const { identity } of held) {
    await persons.drop(identity.subject, sessionId);
    audit.record({ kind: 'session_revoked', ...by, subject: identity.subject, count: 1 });
  }
  return held.length;
}

function readSession({ sessions }: Runtime['stores'], sessionId: string): Promise<SessionData | undefined> {
  return new Promise((resolve, reject) => {
    sessions.get(sessionId, (error: unknown, data) => {
      if (error === undefined || error === null) resolve(data ?? undefined);
      else reject(storeFailure(error));
    });
  });
}

function settled(start: (done: (error?: unknown) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    start((error) => {
      if (error === undefined || error === null) resolve();
      else reject(storeFailure(error));
    });
  });
}
