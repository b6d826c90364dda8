/** A worker as its supervisor sees it. */
export interface WorkerProcess {
  readonly pid: number;
  /** It listens; where it was started beside others, it is ready as well. */
  onListening(listener: () => void): void;
  /** Why it cannot serve, in words for the log; its end follows. */
  onReason(listener: (reason: string) => void): void;
  /** It is gone; how it ended, for the log. */
  onGone(listener: (how: string) => void): void;
  /** Asks it to take no new connection, to finish and to end. */
  retire(): void;
  /** Asks it to drain: new work is refused, what runs may finish. */
  drain(): void;
  kill(): void;
}
