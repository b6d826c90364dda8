import { GatewayError } from '../errors.ts';
import type { Sealer } from './seal.ts';
import { createSealedRecords, type StoredRecord } from './sealed-records.ts';
import type { StateStore } from './state-store.ts';
import { createTurns } from './turns.ts';

/**
 * Where something of a person is kept: a session id with the connection that verified there, or the name of a chat's record.
 * Times are milliseconds since 1970.
 */
export type Trace =
  | { readonly sessionId: string; readonly connectionId: string; readonly until: number }
  | { readonly chat: string; readonly until: number };

/** What is kept of one person. */
export interface Traces {
  readonly sessionIds: readonly string[];
  /** Connections that have verified the person, among them those that are configured no more. */
  readonly connectionIds: readonly string[];
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
  /** Absent in what an earlier release has written. */
  readonly connections?: readonly string[];
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
  const turns = createTurns();

  async function write(key: string, read: StoredRecord | undefined, kept: Kept): Promise<boolean> {
    const until = Math.max(0, ...[...kept.sessions, ...kept.chats].map(([, end]) => end));
    const token = read?.token ?? (await state.get(key));
    if (token === undefined) return records.add(key, kept, until);
    // one that is over may still be there; any other was written since
    if (read === undefined && records.open(key, token) !== undefined) return false;
    // first, since a life that ends between the two would take what was noted with it
    await state.touch([key], until - Date.now());
    return records.replace(key, { token }, kept, until);
  }

  async function add(key: string, trace: Trace): Promise<void> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const read = await records.read(key);
      const kept = (read?.value ?? NOTHING) as Kept;
      const next = noted(kept, trace);
      if (next === kept || (await write(key, read, next))) return;
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
    else await records.discard(key, read);
  }

  async function erase(subject: string, end: (traces: Traces) => Promise<void>): Promise<Traces> {
    const key = name(subject);
    let all: Traces = { sessionIds: [], connectionIds: [], chats: [] };
    await records.write(erasedName(subject), Date.now(), Date.now() + MINUTE_MS);
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const read = await records.read(key);
      if (read === undefined) return all;
      const kept = read.value as Kept;
      const traces = tracesOf(kept);
      all = joined(all, traces);
      await end(traces);
      // only when nothing was noted meanwhile
      if (await records.discard(key, read)) return all;
    }
    throw new GatewayError('session_store_unavailable', 'This person logs in too often. Try again.');
  }

  return {
    note: (subject, trace) => {
      const key = name(subject);
      return turns.take(key, () => add(key, trace));
    },
    drop,
    erase,
    erasedAt: async (subject) => (await records.read(erasedName(subject)))?.value as number | undefined,
  };
}

function tracesOf({ sessions, connections = [], chats }: Kept): Traces {
  return {
    sessionIds: sessions.map(([id]) => id),
    connectionIds: connections,
    chats: chats.map(([chat]) => chat),
  };
}

function joined(a: Traces, b: Traces): Traces {
  const union = (kind: keyof Traces) => [...new Set([...a[kind], ...b[kind]])];
  return { sessionIds: union('sessionIds'), connectionIds: union('connectionIds'), chats: union('chats') };
}

/** The same when it holds the trace already. */
function noted(kept: Kept, trace: Trace): Kept {
  if ('chat' in trace) {
    const chats = withOne(kept.chats, trace.chat, trace.until);
    return chats === kept.chats ? kept : { ...kept, chats };
  }
  const sessions = withOne(kept.sessions, trace.sessionId, trace.until);
  const { connections = [] } = kept;
  const known = connections.includes(trace.connectionId);
  if (known && sessions === kept.sessions) return kept;
  return {
    ...kept,
    sessions,
    connections: known ? connections : [...connections, trace.connectionId].slice(-MOST),
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
