/**
 * Tells other processes that something of common interest has changed, not what: they look for themselves. News may get
 * lost, so whoever depends on a change also looks now and then without having heard.
 */
export interface News {
  /** @throws GatewayError `session_store_unavailable`. */
  tell(): Promise<void>;
  /** Calls `heard` for whatever another process, or this one, tells from now on. */
  listen(heard: () => void): void;
  close(): void;
}

/** News that stay in this process. */
export function createMemoryNews(): News {
  const listeners = new Set<() => void>();
  return {
    async tell() {
      await Promise.resolve();
      for (const heard of listeners) heard();
    },
    listen: (heard) => {
      listeners.add(heard);
    },
    close: () => {
      listeners.clear();
    },
  };
}
