import assert from 'node:assert/strict';
import { test, mock } from 'node:test';
import { createOpenExchanges } from '../../src/middleware/open-exchanges.ts';
import { FakeExchange, later } from './fake-exchange.ts';

test('a session that ends takes its exchanges with it, and nobody else’s', () => {
  const open = createOpenExchanges();
  const [mine, other] = [new FakeExchange(), new FakeExchange()];
  open.admit('s', mine, later);
  open.admit('t', other, later);
  open.end('s');
  assert.deepEqual([mine.destroyed, other.destroyed], [true, false]);
  open.close();
});

test('what was admitted before a log-out and registers after it is broken off', () => {
  const open = createOpenExchanges();
  open.end('s');
  const late = new FakeExchange();
  assert.equal(open.admit('s', late, later), false);
  open.close();
});

test('exchanges follow their session to a new id, late ones too, until another person is verified there', () => {
  const open = createOpenExchanges();
  const [before, after, ola] = [new FakeExchange(), new FakeExchange(), new FakeExchange()];
  open.admit('old', before, later);
  open.move('old', 'new');
  open.admit('old', after, later);
  open.verified('new', 'other-connection', 'ola');
  assert.deepEqual([before.destroyed, after.destroyed], [false, false]);
  open.verified('new', 'c', 'ola');
  open.admit('new', ola, { ...later, subject: 'ola' });
  const late = new FakeExchange();
  assert.equal(open.admit('old', late, later), false);
  assert.deepEqual([before.destroyed, after.destroyed, ola.destroyed], [true, true, false]);
  open.close();
});

test('one that has closed already is not kept, and the end of an identity ends what runs under it', () => {
  mock.timers.enable({ apis: ['setInterval', 'Date'], now: 1000 });
  const open = createOpenExchanges();
  const gone = new FakeExchange();
  gone.destroyed = true;
  open.admit('s', gone, later);
  assert.equal(gone.listenerCount('close'), 0);
  const [short, long] = [new FakeExchange(), new FakeExchange()];
  open.admit('s', short, { ...later, expiresAt: 2500 });
  open.admit('s', long, { ...later, expiresAt: 60_000 });
  mock.timers.tick(2000);
  assert.deepEqual([short.destroyed, long.destroyed], [true, false]);
  open.close();
  mock.timers.reset();
});
