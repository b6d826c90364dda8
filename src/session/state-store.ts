/**
 * The gateway's own records: login transactions, waiting codes, handles, identities. Small strings, each with a life of
 * its own. Implemented in memory and on Redis behind one contract suite (test/stores). Every method rejects with
 * `GatewayError('session_store_unavailable')` when the store cannot answer.
 */
export interface StateStore {
  /** The value, or undefined when it is absent or its life is over. */
  get(key: string): Promise<string | undefined>;
  /** The first `length` characters of an ASCII value; undefined as for `get`. Costs the same however long the value is. */
  start(key: string, length: number): Promise<string | undefined>;
  /** Several at once, in one round trip, in the order of the keys. */
  getMany(keys: readonly string[]): Promise<(string | undefined)[]>;
  /** How many of them are there, in one short answer. */
  count(keys: readonly string[]): Promise<number>;
  /** How many records have a name of this kind (`sealer.key`). Goes through all there are: for administrators, not for requests. */
  tally(kind: string): Promise<number>;
  /** Writes the value with a life of `ttlMs` milliseconds from now. */
  set(key: string, value: string, ttlMs: number): Promise<void>;
  /** Writes only when the key is absent. True when this caller wrote it. Atomic over all processes. */
  add(key: string, value: string, ttlMs: number): Promise<boolean>;
  /** Writes only when the present value is `expected`. True when it did. Keeps the key's remaining life. Atomic. */
  replace(key: string, expected: string, value: string): Promise<boolean>;
  /** Deletes only when the present value is `expected`. True when it did. Atomic. */
  discard(key: string, expected: string): Promise<boolean>;
  /** Reads and deletes in one step: of many callers at once, over all processes, exactly one gets the value. */
  take(key: string): Promise<string | undefined>;
  delete(keys: readonly string[]): Promise<void>;
  /** Milliseconds that the key has left to live; 0 when it is absent. */
  remaining(key: string): Promise<number>;
  /** Starts the life of these keys anew; absent keys stay absent. */
  touch(keys: readonly string[], ttlMs: number): Promise<void>;
  /** Resolves when the store answers and would take a write; for `/readyz`. Leaves nothing behind. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
