import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { test } from 'node:test';
import { createOpenExchanges } from '../../src/middleware/open-exchanges.ts';
import { atClose, type ClosingTask } from '../../src/proxy/at-close.ts';
import { attachServer } from '../../src/serving.ts';
import { later } from '../middleware/fake-exchange.ts';
import { until } from '../support/until.ts';
import { startUpstream } from '../support/upstream.ts';
import { startGateway } from './gateway.ts';

class Telling implements ClosingTask {
  nextTask: ClosingTask | undefined;
  readonly closed: () => void;
  constructor(closed: () => void) {
    this.closed = closed;
  }
}

test('each task is done when its own emitter closes, and no other’s', () => {
  const [one, other] = [new EventEmitter(), new EventEmitter()];
  const done: string[] = [];
  atClose(one, new Telling(() => done.push('first')));
  atClose(other, new Telling(() => done.push('other')));
  atClose(one, new Telling(() => done.push('second')));
  assert.deepEqual(done, []);
  one.emit('close');
  assert.deepEqual(done, ['second', 'first']);
  other.emit('close');
  assert.deepEqual(done, ['second', 'first', 'other']);
});

test('server, register and proxy wait for the end of an answer with one listener', async (t) => {
  const answers: ServerResponse[] = [];
  const listeners: (number | undefined)[] = [];
  const upstream = await startUpstream((_req, res) => {
    listeners.push(answers[0]?.listenerCount('close'));
    res.end('hello');
  });
  t.after(() => upstream.stop());
  const exchanges = createOpenExchanges();
  t.after(() => {
    exchanges.close();
  });
  const gateway = await startGateway(t, { upstream: upstream.url });
  attachServer(gateway.server, {
    listener(_req, res) {
      answers.push(res);
      exchanges.admit('s', res, { ...later, place: 'here' });
    },
    upgrade: () => undefined,
  });
  assert.equal(await (await fetch(gateway.url)).text(), 'hello');
  assert.deepEqual(listeners, [1]);
  await until('the register to forget it', () => exchanges.places().length === 0);
});
