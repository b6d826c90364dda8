import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MisuseError } from '../../src/errors.ts';
import { describeBug } from '../../src/observe/logger.ts';

function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return assert.fail('nothing was thrown');
}

test('a bug is told by class and place, never by what it quotes, however that is shaped', () => {
  const number = 17029012345;
  const bugs = [
    () => JSON.parse(`{"a":\n    at ${number} "b"}`) as unknown,
    () => new Headers({ a: `x\n    at ${number}\u0001` }),
    () => {
      const [first] = number as unknown as [number];
      return first;
    },
    () => {
      throw Object.assign(new Error(`x\n    at ${number} (a.ts:1:1)`), {
        stack: `Error: y\n    at ${number} (a.ts:1:1)`,
      });
    },
  ];
  for (const bug of bugs) assert.doesNotMatch(describeBug(thrownBy(bug)), new RegExp(String(number)));
  assert.match(
    describeBug(thrownBy(() => (undefined as unknown as { x: number }).x)),
    /^TypeError at .+logger\.test\.ts:\d+:\d+\)?$/,
  );
});

test('a bug with a code, or without a message, is told with its place too', () => {
  for (const bug of [
    () => Buffer.from(5 as unknown as string),
    () => {
      throw new Error();
    },
  ])
    assert.match(describeBug(thrownBy(bug)), /^\w+ at .+:\d+:\d+\)?$/);
});

test('a mistake in the building in says what to do', () => {
  assert.equal(describeBug(new MisuseError('mount it first')), 'mount it first');
});
