import type { CheckedEdit } from '../config/edits.ts';
import type { GatewayConfig, Queue } from '../config/gateway-config.ts';
import { sameCustomer, sameQueue, type Overlay } from '../config/overlay.ts';
import { ConfigError, formatPath, type Problem } from '../config/problems.ts';
import { placesOf } from '../middleware/queue-place.ts';
import type { QueueUse } from '../middleware/queue-use.ts';
import { createFilePaths } from './file-paths.ts';

/** A change of what is in force. */
export interface Step {
  /** As file and environment have it. */
  readonly base: GatewayConfig;
  readonly overlay: Overlay;
  readonly before: GatewayConfig;
  readonly after: GatewayConfig;
}

/**
 * A secure queue is opened by an edit that says so of this queue, and by nothing else: not by a connection that goes away, a
 * queue that is taken out of the list, or a reset.
 *
 * @throws ConfigError with each queue that would be open.
 */
export function refuseSilentOpening(step: Step, edits: readonly CheckedEdit[]): void {
  const opened = [...placesOf(step.before).values()].filter(
    (queue) =>
      becomesOpen(step.after, queue) &&
      !edits.some((edit) => edit.kind === 'queue.open' && names(edit, queue)),
  );
  refuse(
    opened.map((queue) => ({
      path: pathOf(step, queue),
      expected: `the queue ${JSON.stringify(queue.queueKey)} to stay secure`,
      hint: 'to open it to everybody, say so with queue.open, in the same change',
    })),
  );
}

/**
 * While chats run in a secure queue it keeps its connection: a queue that is opened, taken out or given another connection
 * (or one of another issuer or client) would leave them unverified in the middle.
 *
 * @throws ConfigError with each queue in which chats run.
 */
export async function refuseWhileChatsRun(step: Step, use: Pick<QueueUse, 'running'>): Promise<void> {
  const left = placesOf(step.after);
  const lost = new Map([...placesOf(step.before)].filter(([place]) => !left.has(place)));
  const running = new Set(lost.size === 0 ? [] : await use.running([...lost.keys()]));
  const minutes = Math.ceil(step.base.session.idleSeconds / 60) + 1;
  refuse(
    [...lost].flatMap(([place, queue]) =>
      running.has(place)
        ? {
            path: pathOf(step, queue),
            expected: `the queue ${JSON.stringify(queue.queueKey)} to keep its connection while chats run in it`,
            hint: `wait until none has run for ${minutes} minutes, or force the change, which breaks them off`,
          }
        : [],
    ),
  );
}

function refuse(problems: readonly Problem[]): void {
  if (problems.length > 0) throw new ConfigError(problems);
}

function becomesOpen({ customers, unknownQueues }: GatewayConfig, queue: Queue): boolean {
  const customer = customers.find(({ customerKey }) => sameCustomer(customerKey, queue.customerKey));
  const now = customer?.queues.find(({ queueKey }) => sameQueue(queueKey, queue.queueKey));
  return now === undefined ? unknownQueues === 'open' : now.connection === undefined;
}

function names(edit: { readonly customerKey: string; readonly queueKey: string }, queue: Queue): boolean {
  return sameCustomer(queue.customerKey, edit.customerKey) && sameQueue(queue.queueKey, edit.queueKey);
}

/** Where the queue stands in the file, or where it would be appended there. */
function pathOf({ base, overlay }: Step, { customerKey, queueKey }: Queue): string {
  return formatPath(createFilePaths(base, overlay).queue(customerKey, queueKey));
}
