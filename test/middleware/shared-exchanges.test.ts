import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test, type TestContext } from 'node:test';
import { GatewayError } from '../../src/errors.ts';
import type { Exchange } from '../../src/middleware/open-exchanges.ts';
import { createSharedExchanges } from '../../src/middleware/shared-exchanges.ts';
import { createMemoryWire, createStoreMessages } from '../../src/session/messages.ts';
import { createSealer } from '../../src/session/seal.ts';
import type { StateStore } from '../../src/session/state-store.ts';
import { silentLogger } from '../session/loggers.ts';
import { until } from '../support/until.ts';

class Fake extends EventEmitter implements Exchange {
  destroyed = false;
  destroy(): void {
    this.destroyed = true;
    this.emit('close');
  }
}

const later = { connectionId: 'c', subject: 'kari', expiresAt: Date.now() + 3_600_000 };

/** Two processes that have messages and nothing else: no look ever finds anything. */
function twoProcesses(t: TestContext) {
  const sealer = createSealer([Buffer.alloc(32, 1)]);
  const messages = createStoreMessages(createMemoryWire(), sealer, silentLogger);
  const away = () => Promise.reject(new GatewayError('session_store_unavailable', 'away'));
  const state = { count: away, getMany: away, touch: away } as unknown as StateStore;
  const [here, there] = [1, 2].map(() =>
    createSharedExchanges({
      stores: { state, sealer, messages },
      records: { overview: away } as never,
      superseded: { successorOf: away } as never,
      idleSeconds: 60,
      logger: silentLogger,
    }),
  );
  t.after(() => {
    here!.close();
    there!.close();
  });
  return { here: here!, there: there! };
}

test('a log-out is heard in the other process, at once, and by what is admitted a moment later', async (t) => {
  const { here, there } = twoProcesses(t);
  const [mine, other] = [new Fake(), new Fake()];
  here.admit('s', mine, later);
  here.admit('t', other, later);
  there.end('s');
  await until('the end', () => mine.destroyed);
  assert.equal(other.destroyed, false);
  assert.equal(here.admit('s', new Fake(), later), false);
});

test('a log-out of one customer is heard, and ends what its connections had opened only', async (t) => {
  const { here, there } = twoProcesses(t);
  const [mine, other] = [new Fake(), new Fake()];
  here.admit('s', mine, later);
  here.admit('s', other, { ...later, connectionId: 'of another customer' });
  there.leave('s', ['c']);
  await until('the end', () => mine.destroyed);
  assert.equal(other.destroyed, false);
});

test('a login is heard: what runs follows to the new id, and ends when another person is verified there', async (t) => {
  const { here, there } = twoProcesses(t);
  const [mine, witness] = [new Fake(), new Fake()];
  here.admit('old', mine, later);
  here.admit('w', witness, later);
  there.move('old', 'new');
  there.verified('new', 'c', 'kari');
  there.verified('new', 'another connection', 'ola');
  there.end('w');
  await until('the last message', () => witness.destroyed);
  assert.equal(mine.destroyed, false);
  there.verified('new', 'c', 'ola');
  await until('the end', () => mine.destroyed);
});

test('news that overtake each other come to the same', async (t) => {
  for (const first of ['end', 'verified'] as const) {
    const { here, there } = twoProcesses(t);
    const [mine, witness] = [new Fake(), new Fake()];
    here.admit('old', mine, later);
    here.admit('w', witness, later);
    if (first === 'end') there.end('new');
    else there.verified('new', 'c', 'ola');
    there.end('w');
    await until('the first message', () => witness.destroyed);
    assert.equal(mine.destroyed, false);
    there.move('old', 'new');
    await until('the end', () => mine.destroyed);
  }
});

test('after its close a process hears nothing', async (t) => {
  const { here, there } = twoProcesses(t);
  const [mine, witness] = [new Fake(), new Fake()];
  here.admit('s', mine, later);
  here.close();
  there.admit('s', witness, later);
  there.end('s');
  await until('the end there', () => witness.destroyed);
  await until('a turn', () => true);
  assert.equal(mine.destroyed, false);
});
