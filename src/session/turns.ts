/** Work that must not overlap with other work under the same key. */
export interface Turns {
  /** Runs `work` when what was asked for before it under this key is over, however that ended. */
  take<T>(key: string, work: () => Promise<T>): Promise<T>;
}

/**
 * Turns within this process. What processes write at once has to be compared and tried anew all the same; this keeps the
 * many of one process from outdoing each other at it.
 */
export function createTurns(): Turns {
  const last = new Map<string, Promise<unknown>>();
  return {
    take(key, work) {
      const before = last.get(key) ?? Promise.resolve();
      const turn = before.then(work, work);
      last.set(key, turn);
      const over = (): void => {
        if (last.get(key) === turn) last.delete(key);
      };
      turn.then(over, over);
      return turn;
    },
  };
}
