import type { Journal, JournalEntry } from './journal.ts';

interface Kept {
  head?: string;
  anchor?: string;
  entries: JournalEntry[];
}

/** Journals in this process' memory, as long as whoever trims them allows. */
export function createMemoryJournal(): Journal {
  const journals = new Map<string, Kept>();
  const on = async <T>(name: string, work: (kept: Kept) => T): Promise<T> => {
    await Promise.resolve();
    const kept = journals.get(name) ?? { entries: [] };
    journals.set(name, kept);
    return work(kept);
  };
  return {
    look: (name, count) =>
      on(name, ({ head, anchor, entries }) => ({
        head,
        anchor,
        length: entries.length,
        first: entries.slice(0, count),
      })),
    append: (name, batch) =>
      on(name, (kept) => {
        if (kept.head !== batch.expected) return kept.head ?? '';
        kept.entries.push(...batch.entries);
        kept.head = batch.head;
        return undefined;
      }),
    trim: (name, expected, anchor, from) =>
      on(name, (kept) => {
        if (kept.anchor !== expected) return false;
        kept.anchor = anchor;
        kept.entries = kept.entries.filter(({ id }) => compareIds(id, from) >= 0);
        return true;
      }),
    after: (name, id, count) =>
      on(name, ({ entries }) =>
        entries.filter((entry) => id === undefined || compareIds(entry.id, id) > 0).slice(0, count),
      ),
    before: (name, id, count) =>
      on(name, ({ entries }) =>
        entries
          .filter((entry) => id === undefined || compareIds(entry.id, id) < 0)
          .slice(-count)
          .reverse(),
      ),
  };
}

function compareIds(a: string, b: string): number {
  const [aMs = 0, aNumber = 0] = a.split('-').map(Number);
  const [bMs = 0, bNumber = 0] = b.split('-').map(Number);
  return aMs - bMs || aNumber - bNumber;
}
