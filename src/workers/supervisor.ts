import { performance } from 'node:perf_hooks';
import type { Logger } from '../observe/logger.ts';
import { restartDelay } from './backoff.ts';
import type { WorkerProcess } from './worker-process.ts';

/** What a supervisor works with. */
export interface SupervisorParts {
  readonly count: number;
  /** `beside`: others listen, and this one is to do so once it is ready; else it listens at once. */
  readonly start: (beside: boolean) => WorkerProcess;
  readonly logger: Logger;
  /** Told once, when all have died before any of them served: the reason is the same for those to come. */
  readonly hopeless: (reason: string) => void;
}

/** Keeps as many workers as it was told. */
export interface Supervisor {
  /**
   * Replaces all workers in turn: the new one is ready and listens before the old one takes no more, so that never fewer serve. Given up
   * when a new one does not come to serve: the old ones then go on. Asked for meanwhile, it happens once more.
   */
  replaceAll(): Promise<void>;
  /** Drains all workers and resolves when the last one is gone; after `graceMs` they are killed. */
  stop(graceMs: number): Promise<void>;
}

/** As long as a worker has to serve for its next death to count as the first. */
const LIVED_MS = 10_000;
/** For a new worker to be ready and listen, and for a retired one to be gone: above the 20 s for which it may finish. */
const PATIENCE_MS = 30_000;

interface Slot {
  worker: WorkerProcess | undefined;
  deaths: number;
  restart: NodeJS.Timeout | undefined;
}

interface Life {
  readonly slot: Slot;
  /** `performance.now()`. */
  listeningSince: number | undefined;
  reason: string | undefined;
  readonly gone: Promise<void>;
}

interface State extends SupervisorParts {
  readonly slots: readonly Slot[];
  readonly lives: Map<WorkerProcess, Life>;
  served: boolean;
  stopping: boolean;
  replacing: boolean;
  again: boolean;
}

/** Starts `count` workers at once. */
export function createSupervisor(parts: SupervisorParts): Supervisor {
  const slots = Array.from({ length: parts.count }, (): Slot => ({
    worker: undefined,
    deaths: 0,
    restart: undefined,
  }));
  const state: State = {
    ...parts,
    slots,
    lives: new Map(),
    served: false,
    stopping: false,
    replacing: false,
    again: false,
  };
  for (const slot of slots) slot.worker = begin(state, slot);
  return {
    replaceAll: () => replaceAll(state),
    stop: (graceMs) => stop(state, graceMs),
  };
}

function begin(state: State, slot: Slot): WorkerProcess {
  const worker = state.start(isServed(state));
  const gone = new Promise<void>((resolve) => {
    worker.onGone((how) => {
      const life = state.lives.get(worker);
      state.lives.delete(worker);
      resolve();
      // whoever was replaced has only finished
      if (life !== undefined && slot.worker === worker) died(state, life, worker, how);
    });
  });
  const life: Life = { slot, listeningSince: undefined, reason: undefined, gone };
  state.lives.set(worker, life);
  worker.onListening(() => {
    life.listeningSince = performance.now();
    state.served = true;
  });
  worker.onReason((reason) => {
    life.reason = reason;
  });
  return worker;
}

/** Does anybody listen? */
function isServed({ lives }: State): boolean {
  return [...lives.values()].some(({ listeningSince }) => listeningSince !== undefined);
}

function died(
  state: State,
  { slot, listeningSince, reason }: Life,
  { pid }: WorkerProcess,
  how: string,
): void {
  slot.worker = undefined;
  if (state.stopping) return;
  const lived = listeningSince !== undefined && performance.now() - listeningSince >= LIVED_MS;
  slot.deaths = lived ? 1 : slot.deaths + 1;
  if (!state.served && state.slots.every(({ deaths }) => deaths > 0)) {
    state.stopping = true;
    for (const { restart } of state.slots) clearTimeout(restart);
    state.hopeless(reason ?? how);
    return;
  }
  const retryMs = restartDelay(slot.deaths);
  state.logger.error(
    { worker: pid, how, reason, deaths: slot.deaths, retryMs },
    'a worker has died and is started again',
  );
  slot.restart = setTimeout(() => {
    slot.restart = undefined;
    slot.worker = begin(state, slot);
  }, retryMs);
}

async function replaceAll(state: State): Promise<void> {
  if (state.replacing) {
    state.again = true;
    return;
  }
  state.replacing = true;
  do {
    state.again = false;
    if (await replaceEach(state)) state.logger.info({}, 'all workers are replaced');
  } while (takeAgain(state));
  state.replacing = false;
}

async function replaceEach(state: State): Promise<boolean> {
  for (const slot of state.slots) if (!(await replace(state, slot))) return false;
  return true;
}

function takeAgain(state: State): boolean {
  return state.again && !state.stopping;
}

/** Asked anew after a wait. */
function isStopping({ stopping }: State): boolean {
  return stopping;
}

/** False when this and all further ones are to stay. */
async function replace(state: State, slot: Slot): Promise<boolean> {
  if (state.stopping) return false;
  const next = begin(state, slot);
  if (!(await comesToServe(state, next))) {
    if (!isStopping(state))
      state.logger.error({ worker: next.pid }, 'a new worker does not serve: the others are not replaced');
    next.kill();
    return false;
  }
  const former = slot.worker;
  clearTimeout(slot.restart);
  slot.worker = next;
  slot.deaths = 0;
  if (former === undefined) return true;
  former.retire();
  await goneWithin(state, former, PATIENCE_MS);
  return true;
}

async function comesToServe(state: State, worker: WorkerProcess): Promise<boolean> {
  const life = state.lives.get(worker);
  if (life === undefined) return false;
  const { promise, stop } = timeout(PATIENCE_MS);
  const listening = new Promise<void>((resolve) => {
    worker.onListening(resolve);
  });
  await Promise.race([listening, life.gone, promise]);
  stop();
  return life.listeningSince !== undefined && state.lives.has(worker) && !state.stopping;
}

async function stop(state: State, graceMs: number): Promise<void> {
  state.stopping = true;
  for (const { restart } of state.slots) clearTimeout(restart);
  const workers = [...state.lives.keys()];
  for (const worker of workers) worker.drain();
  await Promise.all(workers.map((worker) => goneWithin(state, worker, graceMs)));
}

/** Waits for its end, and brings it about when it does not come. */
async function goneWithin(state: State, worker: WorkerProcess, ms: number): Promise<void> {
  const life = state.lives.get(worker);
  if (life === undefined) return;
  const { promise, stop: enough } = timeout(ms);
  await Promise.race([life.gone, promise]);
  enough();
  if (!state.lives.has(worker)) return;
  state.logger.error({ worker: worker.pid }, 'a worker does not end and is killed');
  worker.kill();
  await life.gone;
}

function timeout(ms: number): { promise: Promise<void>; stop: () => void } {
  let stop = (): void => undefined;
  const promise = new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    stop = () => {
      clearTimeout(timer);
    };
  });
  return { promise, stop };
}
