import type { JournalEntry } from '../session/journal.ts';
import type { AuditEntry } from './entry.ts';
import { hashOf, readId, START, type Anchor, type Head, type Links } from './links.ts';

/** What is wrong with an entry, or with what stands in its place. */
export type Flaw = 'missing' | 'altered' | 'out of order';

/** The first place where a part of the record is not what was written. */
export interface Finding {
  readonly what: Flaw;
  /** Number of the entry that is meant, counted from 1 over the life of the record. */
  readonly number: number;
  /** Its id where it is there; the id of what stands in its place where it is not. */
  readonly id: string | undefined;
}

/** Goes along a chain, entry by entry, from the oldest. */
export interface Walk {
  /** The first flaw that this entry shows, in itself or in the one before it. */
  step(stored: JournalEntry): Finding | undefined;
  /** The entry that `step` has just opened; undefined where its key is gone. */
  readonly entry: AuditEntry | undefined;
  /** Compares what was walked with the head. Undefined for a head means that none is there. */
  end(head: Head | undefined): Finding | undefined;
  /** What the next entry has to follow. */
  readonly expected: Anchor;
}

/** A walk from the anchor on, or from the very first entry. */
export function startWalk(links: Links, anchor: Anchor = { number: 1, previous: START }): Walk {
  let expected = anchor;
  let last: JournalEntry | undefined;
  let entry: AuditEntry | undefined;

  function step(stored: JournalEntry): Finding | undefined {
    const { number } = readId(stored.id);
    const { id } = stored;
    if (number > expected.number) return { what: 'missing', number: expected.number, id };
    if (number < expected.number) return { what: 'out of order', number, id };
    entry = links.openEntry(stored);
    if (entry === undefined && !links.isUnreadable(stored)) return { what: 'altered', number, id };
    if (stored.previous !== expected.previous) {
      if (entry === undefined) return { what: 'altered', number, id };
      // this one is as it was written, so what it says of the one before is true
      if (last !== undefined) return { what: 'altered', number: number - 1, id: last.id };
      return { what: 'out of order', number, id };
    }
    last = stored;
    expected = { number: number + 1, previous: hashOf(stored) };
    return undefined;
  }

  return {
    step,
    get entry() {
      return entry;
    },
    get expected() {
      return expected;
    },
    end(head) {
      const { number, previous } = expected;
      if (head === undefined) return number === 1 ? undefined : { what: 'missing', number, id: undefined };
      if (head.number >= number) return { what: 'missing', number, id: undefined };
      if (head.number < number - 1) return { what: 'out of order', number: number - 1, id: last?.id };
      if (head.hash !== previous) return { what: 'altered', number: number - 1, id: last?.id };
      return undefined;
    },
  };
}
