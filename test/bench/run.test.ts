import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { main } from '../../bench/main.ts';
import type { Results } from '../../bench/results.ts';

const noGenerator =
  spawnSync('wrk', ['-v']).error === undefined ||
  existsSync(new URL('../../bench/node_modules/autocannon', import.meta.url))
    ? false
    : 'neither wrk nor the packages of bench/ on this machine';

test(
  'a quick run measures upstream and gateway, and keeps what it found',
  { skip: noGenerator },
  async (t) => {
    const out = await mkdtemp(join(tmpdir(), 'scg-bench-test-'));
    t.after(() => rm(out, { recursive: true }));
    const printed: string[] = [];
    const args = [
      '--quick',
      '--only',
      'direct,open,secure-memory',
      '--seconds',
      '1',
      '--rate',
      '50',
      '--out',
      out,
    ];
    const code = await main(args, (text) => void printed.push(text));
    assert.equal(code, 0, printed.join('\n'));
    assert.match(printed.join('\n'), /this gateway, open queue/);
    const results = JSON.parse(await readFile(join(out, 'latest.json'), 'utf8')) as Results;
    assert.deepEqual(
      results.rows.map(({ name }) => name),
      ['direct', 'open', 'secure-memory'],
    );
    for (const { requestsPerSecond, p99Ms } of results.rows) {
      assert.ok(requestsPerSecond > 0);
      assert.ok(p99Ms > 0);
    }
  },
);

test('a row that is none is refused before anything starts', async () => {
  const printed: string[] = [];
  assert.equal(await main(['--only', 'nothing'], (text) => void printed.push(text)), 1);
  assert.match(printed.join('\n'), /no row or figure "nothing"/);
});
