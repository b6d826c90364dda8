/** What becomes of the records of a store, whoever does it, in whatever process. What a cache stands on. */
export interface StoreChanges {
  /**
   * Called once, before anything is read. `changed` is told of each record that was written, deleted, given another life or
   * has expired, by its key; and with undefined when anything may have happened to all of them.
   */
  listen(changed: (key: string | undefined) => void): void;
  /**
   * `performance.now()` of a moment of which it is certain that what happened before it has been told; `-Infinity` while
   * nothing is told. A cache may be as old as the time since then.
   */
  toldUntil(): number;
}

/** The kinds of records (the first part of their keys) whose changes are told. */
export const TOLD_KINDS = ['identity', 'token', 'chat'] as const;
