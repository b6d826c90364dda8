/** Lets one call in an interval through for each key: a store is not told of every request. */
export interface TouchGate {
  /** True when this key is due; it then counts as touched. */
  due(key: string): boolean;
  /** `Date.now()` until which the key is not due; 0 when it is. */
  quietUntil(key: string): number;
  /** Makes the key due again, after a touch that failed. */
  reopen(key: string): void;
}

/** Remembers at most `maxKeys` (default 10 000), the longest unseen forgotten first: at worst one touch too many. */
export function createTouchGate(intervalMs: number, maxKeys = 10_000): TouchGate {
  const touchedAt = new Map<string, number>();
  return {
    due(key) {
      const now = Date.now();
      const last = touchedAt.get(key);
      // a clock that was set back must not hold touches up
      if (last !== undefined && last <= now && now - last < intervalMs) return false;
      touchedAt.delete(key);
      touchedAt.set(key, now);
      const [oldest] = touchedAt.keys();
      if (touchedAt.size > maxKeys && oldest !== undefined) touchedAt.delete(oldest);
      return true;
    },
    quietUntil: (key) => (touchedAt.get(key) ?? -intervalMs) + intervalMs,
    reopen: (key) => {
      touchedAt.delete(key);
    },
  };
}
