import { performance } from 'node:perf_hooks';
import { Chain, type Link } from './chain.ts';

/** Something that has to be over by a moment. */
export interface Due extends Link {
  /** `performance.now()`. */
  readonly deadline: number;
  /** It was not over by then. Told once; it may be added again. */
  expired(): void;
}

/** Deadlines of thousands of exchanges on one timer: each costs next to nothing, and may be told late by 50 ms. */
export interface Deadlines {
  add(due: Due): void;
  /** It is over. */
  delete(due: Due): void;
}

const SWEEP_MS = 50;

/** No deadlines. Ticks only while there are some. */
export function createDeadlines(): Deadlines {
  const waiting = new Chain<Due>();
  let timer: NodeJS.Timeout | undefined;
  const sweep = (): void => {
    const now = performance.now();
    for (const due of waiting.members()) {
      // one that has expired may have ended others
      if (due.deadline > now || due.after === undefined) continue;
      due.leave();
      due.expired();
    }
    if (!waiting.isEmpty) return;
    clearInterval(timer);
    timer = undefined;
  };
  return {
    add(due) {
      waiting.add(due);
      timer ??= setInterval(sweep, SWEEP_MS).unref();
    },
    delete(due) {
      due.leave();
    },
  };
}
