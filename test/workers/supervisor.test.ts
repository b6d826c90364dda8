import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { mock, test, type TestContext } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { restartDelay } from '../../src/workers/backoff.ts';
import { createSupervisor } from '../../src/workers/supervisor.ts';
import type { WorkerProcess } from '../../src/workers/worker-process.ts';
import { recordingLogger } from '../session/loggers.ts';

/** A worker without a process: does what it is asked at once, unless it is deaf. */
class FakeWorker extends EventEmitter implements WorkerProcess {
  static next = 1;
  readonly pid = FakeWorker.next++;
  readonly asked: string[] = [];
  deaf = false;
  onListening(listener: () => void): void {
    this.on('listening', listener);
  }
  onReason(listener: (reason: string) => void): void {
    this.on('reason', listener);
  }
  onGone(listener: (how: string) => void): void {
    this.once('gone', listener);
  }
  retire(): void {
    this.#end('retire');
  }
  drain(): void {
    this.#end('drain');
  }
  kill(): void {
    this.deaf = false;
    this.#end('kill');
  }
  #end(how: string): void {
    this.asked.push(how);
    if (!this.deaf) this.emit('gone', 'exit 0');
  }
}

function supervise(t: TestContext, count: number) {
  // the clock too: how long a worker has lived is asked of it
  mock.timers.enable({ apis: ['setTimeout'] });
  let clock = 0;
  const now = mock.method(performance, 'now', () => clock);
  t.after(() => {
    mock.timers.reset();
    now.mock.restore();
  });
  const workers: FakeWorker[] = [];
  /** What each worker was told. */
  const beside: boolean[] = [];
  const { logger, lines } = recordingLogger();
  const reasons: string[] = [];
  const supervisor = createSupervisor({
    count,
    logger,
    start(others) {
      beside.push(others);
      const worker = new FakeWorker();
      workers.push(worker);
      return worker;
    },
    hopeless: (reason) => reasons.push(reason),
  });
  const pass = (ms: number) => {
    clock += ms;
    mock.timers.tick(ms);
  };
  const settle = async () => {
    for (let turns = 0; turns < 10; turns += 1) await turn();
  };
  return { supervisor, workers, beside, lines, reasons, pass, settle };
}

test('the time before a restart doubles from a quarter of a second to half a minute', () => {
  assert.deepEqual(
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 100].map(restartDelay),
    [250, 500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000],
  );
});

test('a worker that dies again and again is started ever later, for ever, and each time the log says so', (t) => {
  const { workers, lines, pass } = supervise(t, 2);
  for (const worker of workers) worker.emit('listening');
  for (let deaths = 1; deaths <= 12; deaths += 1) {
    const before = workers.length;
    workers.at(-1)!.emit('gone', 'SIGSEGV');
    pass(restartDelay(deaths) - 1);
    assert.equal(workers.length, before, `too early after death ${deaths}`);
    pass(1);
    assert.equal(workers.length, before + 1);
    assert.match(
      lines.at(-1)!,
      new RegExp(`"how":"SIGSEGV","deaths":${deaths},"retryMs":${restartDelay(deaths)}}`),
    );
  }
});

test('one that has served for ten seconds begins anew', (t) => {
  const { workers, pass } = supervise(t, 2);
  for (const worker of workers) worker.emit('listening');
  for (let deaths = 1; deaths <= 5; deaths += 1) {
    workers.at(-1)!.emit('gone', 'exit 1');
    pass(restartDelay(deaths));
  }
  workers.at(-1)!.emit('listening');
  pass(10_000);
  const before = workers.length;
  workers.at(-1)!.emit('gone', 'exit 1');
  pass(250);
  assert.equal(workers.length, before + 1);
});

test('the first ones listen at once, whoever comes while another one listens does so when it is ready', async (t) => {
  const { supervisor, workers, beside, pass, settle } = supervise(t, 2);
  assert.deepEqual(beside, [false, false]);
  workers[0]!.emit('gone', 'exit 1');
  pass(250);
  assert.equal(beside.at(-1), false, 'nobody listens yet');
  workers[1]!.emit('listening');
  workers[2]!.emit('gone', 'exit 1');
  pass(500);
  assert.equal(beside.at(-1), true);
  workers[3]!.emit('listening');
  const replacing = supervisor.replaceAll();
  await settle();
  assert.equal(beside.at(-1), true);
  for (const worker of [4, 3, 1]) workers[worker]!.emit('gone', 'exit 1');
  await replacing;
  pass(250);
  assert.equal(beside.at(-1), false, 'nobody listens any more');
});

test('when all die before one has served, the reason is told once and nothing is started any more', (t) => {
  const { workers, reasons, pass } = supervise(t, 3);
  for (const worker of workers.slice()) {
    worker.emit('reason', 'cannot listen');
    worker.emit('gone', 'exit 1');
  }
  pass(60_000);
  assert.deepEqual(reasons, ['cannot listen']);
  assert.equal(workers.length, 3);
});

test('replacing: never fewer than all serve, one at a time, each told to retire', async (t) => {
  const { supervisor, workers, lines, settle } = supervise(t, 2);
  const [first, second] = workers as [FakeWorker, FakeWorker];
  for (const worker of [first, second]) worker.emit('listening');
  first.deaf = true;
  const replacing = supervisor.replaceAll();
  await settle();
  assert.equal(workers.length, 3);
  assert.deepEqual([first.asked, second.asked], [[], []], 'the new one does not serve yet');
  workers[2]!.emit('listening');
  await settle();
  assert.deepEqual([first.asked, second.asked], [['retire'], []]);
  assert.equal(workers.length, 3, 'the old one still finishes');
  first.emit('gone', 'exit 0');
  await settle();
  workers[3]!.emit('listening');
  await replacing;
  assert.deepEqual(second.asked, ['retire']);
  assert.equal(workers.length, 4);
  assert.deepEqual(lines, ['{"level":"info","message":"all workers are replaced"}']);
});

test('replacing is given up when the first new worker does not serve, and the old ones go on', async (t) => {
  const { supervisor, workers, pass, settle } = supervise(t, 2);
  const old = workers.slice();
  for (const worker of old) worker.emit('listening');
  for (const how of ['dies', 'hangs'] as const) {
    const replacing = supervisor.replaceAll();
    await settle();
    if (how === 'dies') workers.at(-1)!.emit('gone', 'exit 1');
    else pass(30_000);
    await replacing;
    assert.deepEqual(workers.at(-1)!.asked, ['kill']);
  }
  pass(60_000);
  assert.deepEqual(
    old.map(({ asked }) => asked),
    [[], []],
  );
  assert.equal(workers.length, 4);
});

test('replacing that is asked for twice meanwhile happens once more', async (t) => {
  const { supervisor, workers, settle } = supervise(t, 1);
  workers[0]!.emit('listening');
  const replacing = supervisor.replaceAll();
  await settle();
  void supervisor.replaceAll();
  void supervisor.replaceAll();
  workers[1]!.emit('listening');
  await settle();
  workers[2]!.emit('listening');
  await replacing;
  assert.equal(workers.length, 3);
});

test('the stop drains everyone, kills who does not end, and starts nobody', async (t) => {
  const { supervisor, workers, lines, pass, settle } = supervise(t, 3);
  for (const worker of workers) worker.emit('listening');
  workers[1]!.emit('gone', 'exit 1');
  workers[2]!.deaf = true;
  const stopped = supervisor.stop(5000);
  await settle();
  pass(5000);
  await stopped;
  pass(60_000);
  assert.deepEqual(
    workers.map(({ asked }) => asked),
    [['drain'], [], ['drain', 'kill']],
  );
  assert.match(lines.at(-1)!, /does not end and is killed/);
});
