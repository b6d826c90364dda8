import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadConfig } from '../../src/config/config.ts';
import { Report } from '../../src/config/problems.ts';
import { readWorkers } from '../../src/config/workers.ts';
import { fourLines, problemsOf, resolved } from './examples.ts';

const redis = { redisUrl: 'redis://h', sessionSecret: 'fi5t-9Kx2p-Wm7rQ-z4LtN-v8BsY-c1HjD' };

for (const [written, workers] of [
  [undefined, 1],
  [1, 1],
  ['1', 1],
  [4, 4],
  [' 28 ', 28],
  ['128', 128],
] as const) {
  test(`workers ${JSON.stringify(written)} are ${workers}`, () => {
    assert.equal(resolved({ ...redis, workers: written }).workers, workers);
  });
}

for (const written of [0, '0', -1, 1.5, 129, '129', '4x', '', 'all', true, '01']) {
  test(`workers ${JSON.stringify(written)} are a problem`, () => {
    const problems = problemsOf({ ...fourLines, ...redis, workers: written });
    assert.deepEqual(
      problems.map(({ path }) => path),
      ['workers'],
    );
  });
}

test('auto is one for each processor', () => {
  const report = new Report();
  const read = (processors: number, more: object = {}) =>
    readWorkers({ workers: 'auto', ...more }, { face: 'gateway', processors: () => processors }, report);
  assert.equal(read(1), 1);
  assert.deepEqual(report.problems, []);
  assert.equal(read(6, redis), 6);
  assert.deepEqual(report.problems, []);
  read(6);
  assert.equal(report.problems.length, 1);
});

test('more than one worker on a store in memory is a problem that names the cure; one is none', () => {
  const [problem, ...others] = problemsOf({ ...fourLines, workers: 2 });
  assert.deepEqual([problem?.path, problem?.expected, others], ['workers', '1 without Redis', []]);
  assert.match(problem?.hint ?? '', /REDIS_URL/);
  assert.equal(resolved({ workers: 1 }).workers, 1);
});

test('a problem of WEB_CONCURRENCY is named by it, with all others', () => {
  assert.throws(
    () => loadConfig({ argv: [], env: { WEB_CONCURRENCY: 'many', PORT: 'x' } }),
    (error: Error) =>
      /WEB_CONCURRENCY \(workers\): expected a whole number from 1 to 128, or auto/.test(error.message) &&
      /PORT/.test(error.message),
  );
});
