import type { IncomingMessage } from 'node:http';
import { foldQueueKey } from '../config/fold-queue-key.ts';
import type { BrowserRecords } from '../session/browser-records.ts';
import type { RecordCache, KnownRecord } from '../session/record-cache.ts';
import type { BrowserSessions } from '../session/session.ts';
import type { Cookieless } from './cookieless.ts';
import type { Entry, IdentityHeaders } from './identity-block.ts';
import { admittanceOf, type Admittance } from './open-exchanges.ts';
import type { Admission, SecureQueue } from './secure-queue.ts';

/** An entry that was decided before, and all that its next request needs. */
export interface KnownEntry extends Entry {
  readonly identity: IdentityHeaders;
  readonly admittance: Admittance;
}

/**
 * The way of a request whose like was admitted a moment ago: found by the exact text of its cookies, good while the record
 * that it stands on is known to be unchanged, its assertion may be used again and the session's idle time need not begin
 * anew. Whoever is not found takes the whole way, which decides; nothing is decided here.
 */
export interface KnownEntries {
  find(req: IncomingMessage, queue: SecureQueue): KnownEntry | undefined;
  /** Notes an admission by cookie that names no chat. */
  keep(req: IncomingMessage, queue: SecureQueue, admission: Admission, identity: IdentityHeaders): void;
}

/** What they stand on. */
export interface KnownEntriesParts {
  readonly sessions: Pick<BrowserSessions, 'cookieTextOf'>;
  readonly cookieless: Pick<Cookieless, 'carries'>;
  readonly records: Pick<BrowserRecords, 'known' | 'touchedUntil'>;
  readonly cache: Pick<RecordCache, 'holds'>;
}

/** Texts kept at once, and characters of them and their headers in all; the oldest are forgotten first. */
const MOST_TEXTS = 10_000;
const MOST_CHARACTERS = 16 * 1024 * 1024;
const LONGEST_TEXT = 4096;

interface Kept extends KnownEntry {
  readonly record: KnownRecord;
  /** `Date.now()` from and until when it may be used. */
  readonly from: number;
  readonly until: number;
}

interface Visitor {
  readonly entries: Map<SecureQueue, Kept>;
  characters: number;
}

/** None at first. */
export function createKnownEntries(parts: KnownEntriesParts): KnownEntries {
  const { sessions, cookieless, records, cache } = parts;
  const visitors = createVisitors();
  return {
    find(req, queue) {
      const text = sessions.cookieTextOf(req);
      if (text === undefined || cookieless.carries(req)) return undefined;
      const entries = visitors.get(text)?.entries;
      const kept = entries?.get(queue);
      if (kept === undefined) return undefined;
      const now = Date.now();
      if (kept.from <= now && now < kept.until && cache.holds(kept.record)) return kept;
      entries?.delete(queue);
      return undefined;
    },
    keep(req, queue, admission, identity) {
      const text = sessions.cookieTextOf(req);
      if (text === undefined || text.length > LONGEST_TEXT || cookieless.carries(req)) return;
      const { record, sessionId } = admission;
      const known = records.known(sessionId, queue.connection.id);
      // what was decided on another record than the one that is watched, or by a first entry, is not known
      if (known?.record !== record || !record.queues.includes(foldQueueKey(queue.queueKey))) return;
      const until = Math.min(identity.until, records.touchedUntil(sessionId, [queue.connection.id]));
      visitors.keep(text, {
        queue,
        admission,
        identity,
        admittance: admittanceOf(record, queue),
        record: known.kept,
        from: identity.from,
        until,
      });
    },
  };
}

function createVisitors() {
  const visitors = new Map<string, Visitor>();
  let characters = 0;
  const forgetOldest = (): void => {
    for (const [text, visitor] of visitors) {
      if (visitors.size <= MOST_TEXTS && characters <= MOST_CHARACTERS) return;
      visitors.delete(text);
      characters -= visitor.characters;
    }
  };
  return {
    get: (text: string) => visitors.get(text),
    keep(text: string, kept: Kept): void {
      const visitor = visitors.get(text) ?? { entries: new Map<SecureQueue, Kept>(), characters: 0 };
      const isNew = visitor.entries.size === 0;
      visitor.entries.set(kept.queue, kept);
      const length = (isNew ? text.length : 0) + lengthOf(kept.identity);
      visitor.characters += length;
      characters += length;
      visitors.set(text, visitor);
      forgetOldest();
    },
  };
}

function lengthOf({ headers }: IdentityHeaders): number {
  return headers.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
}
