import cluster, { type Worker } from 'node:cluster';
import type { WorkerProcess } from './worker-process.ts';

/** What the two ends tell each other. */
type Message = { readonly kind: 'retire' } | { readonly kind: 'cannot serve'; readonly reason: string };

/** In the environment of a worker that finds others at work. */
const BESIDE = 'SECURE_CHAT_WORKER_BESIDE';

/**
 * A further process of this program, with the same arguments and environment, on the same port. `beside`: others serve
 * there, so that this one may wait until it is ready.
 */
export function startWorker(beside: boolean): WorkerProcess {
  const worker = cluster.fork({ [BESIDE]: beside ? '1' : '' });
  return {
    pid: worker.process.pid ?? 0,
    onListening: (listener) => void worker.on('listening', listener),
    onReason(listener) {
      worker.on('message', (message: Message) => {
        if (message.kind === 'cannot serve') listener(message.reason);
      });
    },
    onGone(listener) {
      worker.once('exit', (code: number | null, signal: string | null) => {
        listener(signal ?? `exit ${code}`);
      });
    },
    retire() {
      tell(worker, { kind: 'retire' });
    },
    drain: () => void worker.process.kill('SIGTERM'),
    kill: () => void worker.process.kill('SIGKILL'),
  };
}

function tell(worker: Worker, message: Message): void {
  // one that is gone has nothing left to do
  if (worker.isConnected()) worker.send(message, () => undefined);
}

/** This process as a worker. */
export interface WorkerSide {
  /** Others serve on the port. */
  readonly beside: boolean;
  /** The supervisor has another one for the work. */
  onRetire(listener: () => void): void;
  /** Resolves when the supervisor knows why this one ends. */
  cannotServe(reason: string): Promise<void>;
}

/** Undefined in a process that nobody supervises. */
export function workerSide(env: Readonly<Record<string, string | undefined>>): WorkerSide | undefined {
  const { worker } = cluster;
  if (worker === undefined) return undefined;
  return {
    beside: env[BESIDE] === '1',
    onRetire(listener) {
      worker.on('message', (message: Message) => {
        if (message.kind === 'retire') listener();
      });
    },
    cannotServe: (reason) =>
      new Promise((resolve) => {
        worker.send({ kind: 'cannot serve', reason } satisfies Message, () => {
          resolve();
        });
      }),
  };
}
