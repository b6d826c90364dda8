import type { Sealer } from './seal.ts';
import type { StateStore } from './state-store.ts';

/** A record that was read, with what `replace` needs to find it unchanged. */
export interface StoredRecord {
  readonly value: unknown;
  /** End of its life, milliseconds since 1970: sealed with it, so that no store can prolong it. */
  readonly until: number;
  readonly token: string;
}

/** Values as JSON, each sealed under its own key: a record that was moved to another key does not open. */
export interface SealedRecords {
  /** A stored text that was read under this key; undefined when it is absent, over, or does not open. */
  open(key: string, sealed: string | undefined): StoredRecord | undefined;
  read(key: string): Promise<StoredRecord | undefined>;
  /** `until` ends the value's life whatever the store says; `ttlMs` is how long the store keeps it untouched. */
  write(key: string, value: unknown, until: number, ttlMs?: number): Promise<void>;
  /** Writes when there is no record yet. True when it did. */
  add(key: string, value: unknown, until: number): Promise<boolean>;
  /** Writes when the record is still the one that was read. True when it did. Keeps the store's remaining life. */
  replace(key: string, read: Pick<StoredRecord, 'token'>, value: unknown, until: number): Promise<boolean>;
  /** Deletes when the record is still the one that was read. True when it did. */
  discard(key: string, read: Pick<StoredRecord, 'token'>): Promise<boolean>;
  /** Reads and deletes in one step: one caller gets it. */
  take(key: string): Promise<StoredRecord | undefined>;
}

/** Sealed values on a `StateStore`. */
export function createSealedRecords(state: StateStore, sealer: Sealer): SealedRecords {
  const seal = (key: string, value: unknown, until: number) =>
    sealer.seal(JSON.stringify([until, value]), key);
  const open = (key: string, sealed: string | undefined): StoredRecord | undefined => {
    const text = sealed === undefined ? undefined : sealer.open(sealed, key);
    if (sealed === undefined || text === undefined) return undefined;
    const [until, value] = envelopeOf(JSON.parse(text));
    return until > Date.now() ? { value, until, token: sealed } : undefined;
  };
  return {
    open,
    read: async (key) => open(key, await state.get(key)),
    write: (key, value, until, ttlMs = until - Date.now()) =>
      state.set(key, seal(key, value, until), Math.min(ttlMs, until - Date.now())),
    add: (key, value, until) => state.add(key, seal(key, value, until), until - Date.now()),
    replace: (key, { token }, value, until) => state.replace(key, token, seal(key, value, until)),
    discard: (key, { token }) => state.discard(key, token),
    take: async (key) => open(key, await state.take(key)),
  };
}

/** By position; earlier releases have named both, and what administrators have set outlives a release. */
function envelopeOf(stored: unknown): readonly [until: number, value: unknown] {
  if (Array.isArray(stored)) return stored as [number, unknown];
  const { until, value } = stored as { until: number; value?: unknown };
  return [until, value];
}
