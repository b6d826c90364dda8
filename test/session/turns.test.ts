import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTurns } from '../../src/session/turns.ts';

test('work of one key runs one after the other, also behind work that fails, and that of another key at once', async () => {
  const turns = createTurns();
  const told: string[] = [];
  const work = (name: string) => async () => {
    told.push(`${name} begins`);
    await new Promise(setImmediate);
    told.push(`${name} ends`);
    if (name === 'a1') throw new Error(name);
    return name;
  };
  const outcomes = await Promise.allSettled([
    turns.take('a', work('a1')),
    turns.take('a', work('a2')),
    turns.take('b', work('b1')),
  ]);
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['rejected', 'fulfilled', 'fulfilled'],
  );
  assert.ok(told.indexOf('a2 begins') > told.indexOf('a1 ends'));
  assert.ok(told.indexOf('b1 begins') < told.indexOf('a1 ends'));
});
