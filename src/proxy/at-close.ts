/** An answer or an upgraded socket: an emitter that says when it has closed. */
export interface Closable {
  on(event: 'close', listener: () => void): unknown;
}

/** What there is to do then; for one Closable only. */
export interface ClosingTask {
  /** The list's own. */
  nextTask: ClosingTask | undefined;
  /** It has closed. */
  closed(): void;
}

const TASKS = Symbol('tasks at close');

type WithTasks = Closable & { [TASKS]?: ClosingTask | undefined };

/**
 * Has the task done when it closes, the latest first. One listener serves all tasks: from the second on node:events keeps
 * listeners in an array literal, and V8 allocates literals that were often found alive in its old space, where a
 * request that is over keeps whatever it refers to from being freed with the young.
 */
export function atClose(closable: Closable, task: ClosingTask): void {
  const owner: WithTasks = closable;
  const first = owner[TASKS];
  if (first === undefined) owner.on('close', doTasks);
  task.nextTask = first;
  owner[TASKS] = task;
}

function doTasks(this: WithTasks): void {
  let task = this[TASKS];
  while (task !== undefined) {
    const { nextTask } = task;
    task.closed();
    task = nextTask;
  }
}
