import { performance } from 'node:perf_hooks';
import type { StoredRecord } from './sealed-records.ts';
import type { StateStore } from './state-store.ts';
import type { StoreChanges } from './store-changes.ts';

/** A record that was read, for as long as it is certain that the store still holds it. */
export interface KnownRecord extends StoredRecord {
  /** `performance.now()` when the store lets it go unless somebody uses it. */
  readonly idleEnd: number;
}

/**
 * Opened records in this process' memory, whose truth stays in the store. Bounded in number and size. What was changed by
 * this process is gone before the change is confirmed; what another has changed, within a second at the latest.
 */
export interface RecordCache {
  /** What the store certainly holds under this key, without asking it. The same object until it changes. */
  find(key: string): KnownRecord | undefined;
  /** Is this, which `find` has given before, still what it would give? */
  holds(known: KnownRecord): boolean;
  /** Asks the store, and keeps the answer unless it changes meanwhile. `open` makes a record of the stored text. */
  read(
    key: string,
    open: (sealed: string | undefined) => StoredRecord | undefined,
  ): Promise<StoredRecord | undefined>;
  /** Forgets this record, or with undefined all. */
  drop(key: string | undefined): void;
}

/** Bounds of a cache. */
export interface RecordCacheLimits {
  /** Records kept at once, default 20 000. */
  readonly maxRecords?: number;
  /** Characters of their sealed texts together, default 32 Mi: some 100 MB of memory when it is full. */
  readonly maxCharacters?: number;
  /** Milliseconds for which a record counts as unchanged without news of the store, default 800. */
  readonly leaseMs?: number;
}

/** A record longer than this is read anew each time. */
const LONGEST_CHARACTERS = 32 * 1024;

class Entry implements KnownRecord {
  readonly key: string;
  readonly value: unknown;
  readonly until: number;
  readonly token: string;
  readonly idleEnd: number;
  live = true;
  /** Since the last time that room was needed. */
  used = false;

  constructor(key: string, { value, until, token }: StoredRecord, idleEnd: number) {
    this.key = key;
    this.value = value;
    this.until = until;
    this.token = token;
    this.idleEnd = idleEnd;
  }
}

/** Readings of one key that are under way; `stale` once the key has changed meanwhile. */
interface Reading {
  count: number;
  stale: boolean;
}

/** An empty cache of what this store holds. */
export function createRecordCache(
  state: Pick<StateStore, 'get' | 'remaining'>,
  changes: StoreChanges,
  { maxRecords = 20_000, maxCharacters = 32 * 1024 * 1024, leaseMs = 800 }: RecordCacheLimits = {},
): RecordCache {
  const entries = createEntries(maxRecords, maxCharacters);
  const readings = new Map<string, Reading>();
  const drop = (key: string | undefined): void => {
    entries.drop(key);
    const stale = key === undefined ? [...readings.values()] : [readings.get(key)];
    for (const reading of stale) if (reading !== undefined) reading.stale = true;
    if (key === undefined) readings.clear();
    else readings.delete(key);
  };
  const holds = (known: KnownRecord): boolean => {
    if (!(known instanceof Entry) || !known.live) return false;
    const now = performance.now();
    known.used = true;
    return now < known.idleEnd && now - changes.toldUntil() < leaseMs && Date.now() < known.until;
  };
  changes.listen(drop);
  return {
    find(key) {
      const entry = entries.get(key);
      return entry !== undefined && holds(entry) ? entry : undefined;
    },
    holds,
    async read(key, open) {
      if (changes.toldUntil() === -Infinity) return open(await state.get(key));
      const reading = begin(readings, key);
      const askedAt = performance.now();
      try {
        const [sealed, left] = await Promise.all([state.get(key), state.remaining(key)]);
        const record = open(sealed);
        if (record === undefined || reading.stale || record.token.length > LONGEST_CHARACTERS) return record;
        return entries.keep(new Entry(key, record, askedAt + left));
      } finally {
        reading.count -= 1;
        if (reading.count === 0 && readings.get(key) === reading) readings.delete(key);
      }
    },
    drop,
  };
}

function begin(readings: Map<string, Reading>, key: string): Reading {
  const reading = readings.get(key) ?? { count: 0, stale: false };
  reading.count += 1;
  readings.set(key, reading);
  return reading;
}

/** Makes room in the order of arrival; what was used since it was last looked at has another turn. */
function createEntries(maxRecords: number, maxCharacters: number) {
  const map = new Map<string, Entry>();
  let characters = 0;
  const drop = (entry: Entry | undefined): void => {
    if (entry === undefined) return;
    entry.live = false;
    characters -= entry.token.length;
    map.delete(entry.key);
  };
  const makeRoom = (): void => {
    for (const [key, entry] of map) {
      if (map.size <= maxRecords && characters <= maxCharacters) return;
      if (entry.used) {
        entry.used = false;
        map.delete(key);
        map.set(key, entry);
      } else drop(entry);
    }
  };
  return {
    get: (key: string) => map.get(key),
    keep(entry: Entry): Entry {
      drop(map.get(entry.key));
      map.set(entry.key, entry);
      characters += entry.token.length;
      makeRoom();
      return entry;
    },
    drop(key: string | undefined): void {
      if (key !== undefined) drop(map.get(key));
      else for (const entry of [...map.values()]) drop(entry);
    },
  };
}

/** The store, with every change of this process told to the cache: before it is made, and before it is confirmed. */
export function tellingCache(state: StateStore, cache: Pick<RecordCache, 'drop'>): StateStore {
  const telling = async <T>(keys: readonly string[], change: () => Promise<T>): Promise<T> => {
    keys.forEach(cache.drop);
    try {
      return await change();
    } finally {
      keys.forEach(cache.drop);
    }
  };
  return {
    get: (key) => state.get(key),
    getMany: (keys) => state.getMany(keys),
    start: (key, length) => state.start(key, length),
    count: (keys) => state.count(keys),
    tally: (kind) => state.tally(kind),
    set: (key, value, ttlMs) => telling([key], () => state.set(key, value, ttlMs)),
    add: (key, value, ttlMs) => telling([key], () => state.add(key, value, ttlMs)),
    replace: (key, expected, value) => telling([key], () => state.replace(key, expected, value)),
    discard: (key, expected) => telling([key], () => state.discard(key, expected)),
    take: (key) => telling([key], () => state.take(key)),
    delete: (keys) => telling(keys, () => state.delete(keys)),
    remaining: (key) => state.remaining(key),
    touch: (keys, ttlMs) => telling(keys, () => state.touch(keys, ttlMs)),
    ping: () => state.ping(),
    async close() {
      cache.drop(undefined);
      await state.close();
    },
  };
}
