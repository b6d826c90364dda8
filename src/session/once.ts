/** Work that several callers want at the same moment is done once, and all of them see its outcome. */
export interface SingleFlight<T> {
  /** Starts `work`, or joins the one that runs under this key. Nothing is remembered after its end. */
  run(key: string, work: () => Promise<T>): Promise<T>;
}

/** Single flight within this process; between processes see `redeem-alone.ts`. */
export function createSingleFlight<T>(): SingleFlight<T> {
  const running = new Map<string, Promise<T>>();
  return {
    run(key, work) {
      const joined = running.get(key);
      if (joined) return joined;
      const flight = work().finally(() => running.delete(key));
      running.set(key, flight);
      return flight;
    },
  };
}
