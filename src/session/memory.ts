import { GatewayError } from '../errors.ts';
import { lifeMs } from './life.ts';
import type { StateStore } from './state-store.ts';

/** Bounds of the store in memory. */
export interface MemoryStateOptions {
  /** Records kept at once, default 100 000. Beyond it the one written or touched longest ago is dropped. */
  readonly maxEntries?: number;
  /** Milliseconds between two sweeps of what has expired, default 30 000. */
  readonly sweepMs?: number;
  /** Told of each record that had to go for others. */
  readonly dropped?: (key: string) => void;
}

interface Entry {
  readonly value: string;
  readonly expiresAt: number;
}

/**
 * The gateway's records in this process' memory: for development and for tests, since nothing is shared and a restart
 * forgets everything. Bounded in size, and never keeps the process alive. After `close` every call rejects.
 */
export function createMemoryState(options: MemoryStateOptions = {}): StateStore {
  const entries = createEntries(options.maxEntries ?? 100_000, options.dropped);
  const sweeper = setInterval(entries.sweep, options.sweepMs ?? 30_000).unref();
  let closed = false;
  // a promise for each call, rejected alike whether the store is closed or the caller wrong
  const answer = async <T>(read: () => T): Promise<T> => {
    await Promise.resolve();
    if (closed) throw new GatewayError('session_store_unavailable', 'The session store is closed.');
    return read();
  };
  return {
    get: (key) => answer(() => entries.get(key)),
    count: (keys) => answer(() => keys.filter((key) => entries.get(key) !== undefined).length),
    tally: (kind) => answer(() => entries.tally(`${kind}:`)),
    start: (key, length) => answer(() => entries.get(key)?.slice(0, length)),
    getMany: (keys) => answer(() => keys.map((key) => entries.get(key))),
    set: (key, value, ttlMs) =>
      answer(() => {
        entries.set(key, value, ttlMs);
      }),
    add: (key, value, ttlMs) => answer(() => entries.add(key, value, ttlMs)),
    replace: (key, expected, value) => answer(() => entries.replace(key, expected, value)),
    discard: (key, expected) => answer(() => entries.discard(key, expected)),
    take: (key) => answer(() => entries.take(key)),
    delete: (keys) =>
      answer(() => {
        keys.forEach(entries.delete);
      }),
    touch: (keys, ttlMs) =>
      answer(() => {
        keys.forEach((key) => {
          entries.touch(key, ttlMs);
        });
      }),
    remaining: (key) => answer(() => entries.remaining(key)),
    ping: () => answer(() => undefined),
    close: () => {
      closed = true;
      clearInterval(sweeper);
      entries.clear();
      return Promise.resolve();
    },
  };
}

function createEntries(maxEntries: number, dropped?: (key: string) => void) {
  // in the order of their last write or touch, which Map keeps
  const map = new Map<string, Entry>();
  const live = (key: string): Entry | undefined => {
    const entry = map.get(key);
    if (!entry || entry.expiresAt > Date.now()) return entry;
    map.delete(key);
    return undefined;
  };
  const write = (key: string, entry: Entry): true => {
    map.delete(key);
    map.set(key, entry);
    if (map.size > maxEntries) dropOldest(map, dropped);
    return true;
  };
  return {
    get: (key: string) => live(key)?.value,
    set: (key: string, value: string, ttlMs: number) =>
      write(key, { value, expiresAt: Date.now() + lifeMs(ttlMs) }),
    add(key: string, value: string, ttlMs: number): boolean {
      const expiresAt = Date.now() + lifeMs(ttlMs);
      return live(key) === undefined && write(key, { value, expiresAt });
    },
    replace(key: string, expected: string, value: string): boolean {
      const entry = live(key);
      return entry?.value === expected && write(key, { value, expiresAt: entry.expiresAt });
    },
    discard: (key: string, expected: string): boolean => live(key)?.value === expected && map.delete(key),
    take(key: string): string | undefined {
      const entry = live(key);
      map.delete(key);
      return entry?.value;
    },
    delete: (key: string) => {
      map.delete(key);
    },
    remaining: (key: string) => Math.max(0, (live(key)?.expiresAt ?? 0) - Date.now()),
    touch(key: string, ttlMs: number): void {
      const entry = live(key);
      const expiresAt = Date.now() + lifeMs(ttlMs);
      if (entry) write(key, { value: entry.value, expiresAt });
    },
    tally: (start: string) =>
      [...map.keys()].filter((key) => key.startsWith(start) && live(key) !== undefined).length,
    sweep: () => {
      for (const key of [...map.keys()]) live(key);
    },
    clear: () => {
      map.clear();
    },
  };
}

function dropOldest(map: Map<string, Entry>, dropped?: (key: string) => void): void {
  for (const key of map.keys()) {
    map.delete(key);
    dropped?.(key);
    return;
  }
}
