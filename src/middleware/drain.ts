/** Whether the gateway takes new work: false to true once, on SIGTERM. */
export interface Drain {
  readonly draining: boolean;
  begin(): void;
}

/** A gateway that takes work. */
export function createDrain(): Drain {
  let draining = false;
  return {
    get draining() {
      return draining;
    },
    begin() {
      draining = true;
    },
  };
}
