import { GatewayError } from '../errors.ts';
import type { Sealer } from './seal.ts';
import { createSealedRecords, type StoredRecord } from './sealed-records.ts';
import type { StateStore } from './state-store.ts';

/** Where something of a person is kept: a session id, or the name of a chat's record. Times are milliseconds since 1970. */
export type Trace =
  { readonly sessionId: string; readonly until: number } | { readonly chat: string; readonly until: number };

/** What is kept of one person. */
export interface Traces {
  readonly sessionIds: readonly string[];
  /** Names of records, from which no chat's id can be found. */
  readonly chats: readonly string[];
}

/**
 * Which sessions and chats are a person's, so that they can be ended without a search through the store. One sealed record
 * for each pseudonym, which lives as long as the longest of what it names. Every method rejects with
 * `GatewayError('session_store_unavailable')` when the store cannot answer.
 */
export interface Persons {
  /** To be called before the thing itself is written: nothing may be kept of a person that is not found here. */
  note(subject: string, trace: Trace): Promise<void>;
  /** This session has ended. */
  drop(subject: string, sessionId: string): Promise<void>;
  /**
   * Hands what is noted to `end`, and forgets it when that is done; again, when more was noted meanwhile. What fails half-way is
   * still noted.
   */
  erase(subject: string, end: (traces: Traces) => Promise<void>): Promise<Traces>;
  /** When this person was erased, milliseconds since 1970, if that was within the last minute. */
  erasedAt(subject: string): Promise<number | undefined>;
}

interface Kept {
  readonly sessions: readonly (readonly [sessionId: string, until: number])[];
  readonly chats: readonly (readonly [name: string, until: number])[];
}

const NOTHING: Kept = { sessions: [], chats: [] };
const ATTEMPTS = 10;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** Of sessions and of chats each; beyond it the ones that end first are no longer found. */
const MOST = 500;

/** Persons in the given store. */
export function createPersons({ state, sealer }: { state: StateStore; sealer: Sealer }): Persons {
  const records = createSealedRecords(state, sealer);
  const name = (subject: string) => sealer.key('person', subject);
  const erasedName = (subject: string) => sealer.key('erased-person', subject);

  async function write(key: string, read: StoredRecord | undefined, kept: Kept): Promise<boolean> {
    const until = Math.max(0, ...[...kept.sessions, ...kept.chats].map(([, end]) => end));
    // one that was emptied a moment ago is over, and still there
    const token = read?.token ?? (await state.get(key));
    if (token === undefined) return records.add(key, kept, until);
    if (!(await records.replace(key, { token }, kept, until))) return false;
    await state.touch([key], until - Date.now());
    return true;
  }

  async function note(subject: string, trace: Trace): Promise<void> {
    const key = name(subject);
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const read = await records.read(key);
      const kept = (read?.value ?? NOTHING) as Kept;
      const next: Kept =
        'chat' in trace
          ? { ...kept, chats: withOne(kept.chats, trace.chat, trace.until) }
          : { ...kept, sessions: withOne(kept.sessions, trace.sessionId, trace.until) };
      if (next.chats === kept.chats && next.sessions === kept.sessions) return;
      if (await write(key, read, next)) return;
    }
    throw new GatewayError('session_store_unavailable', 'The session changed too often at once. Try again.');
  }

  async function drop(subject: string, sessionId: string): Promise<void> {
    const key = name(subject);
    const read = await records.read(key);
    if (read === undefined) return;
    const kept = read.value as Kept;
    const sessions = kept.sessions.filter(([one]) => one !== sessionId);
    // a lost race leaves the name of a session that is not there any more: it ends with its life
    if (sessions.length === kept.sessions.length) return;
    if (sessions.length + kept.chats.length > 0) await write(key, read, { ...kept, sessions });
    else if (await records.replace(key, read, NOTHING, Date.now())) await state.touch([key], 1);
  }

  async function erase(subject: string, end: (traces: Traces) => Promise<void>): Promise<Traces> {
    const key = name(subject);
    const sessionIds = new Set<string>();
    const chats = new Set<string>();
    await records.write(erasedName(subject), Date.now(), Date.now() + MINUTE_MS);
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const read = await records.read(key);
      if (read === undefined) return { sessionIds: [...sessionIds], chats: [...chats] };
      const kept = read.value as Kept;
      for (const [sessionId] of kept.sessions) sessionIds.add(sessionId);
      for (const [chat] of kept.chats) chats.add(chat);
      await end({ sessionIds: kept.sessions.map(([id]) => id), chats: kept.chats.map(([chat]) => chat) });
      // emptied only when nothing was noted meanwhile; an empty one is over at once
      if (await records.replace(key, read, NOTHING, Date.now())) await state.touch([key], 1);
    }
    throw new GatewayError('session_store_unavailable', 'This person logs in too often. Try again.');
  }

  return {
    note,
    drop,
    erase,
    erasedAt: async (subject) => (await records.read(erasedName(subject)))?.value as number | undefined,
  };
}

type List = Kept['sessions'];

/** The same list when the thing is there already and its end is known well enough. */
function withOne(list: List, name: string, until: number): List {
  const known = list.find(([one]) => one === name);
  if (known !== undefined && known[1] >= until) return list;
  const now = Date.now();
  const others = list.filter(([one, end]) => one !== name && end > now);
  return [...others, [name, until + (known === undefined ? 0 : HOUR_MS)] as const]
    .sort(([, a], [, b]) => a - b)
    .slice(-MOST);
}
