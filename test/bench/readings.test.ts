import assert from 'node:assert/strict';
import process from 'node:process';
import { test } from 'node:test';
import { checkAnswers } from '../../bench/measure.ts';
import { readOptions } from '../../bench/options.ts';
import { cpuSeconds, memoryBytes, parseStat } from '../../bench/process-tree.ts';
import { summarise, type CpuProfile } from '../../bench/profile/summary.ts';
import { parseInfo } from '../../bench/redis-facts.ts';

const noProc = process.platform === 'linux' ? false : 'no /proc on this machine';

test('the times of a process are read behind its name, whatever that holds', () => {
  const stat = '42 (a) b (c) S 7 42 42 0 -1 4194304 1 2 3 4 150 50 20 5 20 0 1 0 100';
  assert.deepEqual(parseStat(stat), { parent: 7, cpuSeconds: 2.25 });
});

test('time and memory of this process are known', { skip: noProc }, () => {
  assert.ok(cpuSeconds(process.pid)! > 0);
  assert.ok(memoryBytes(process.pid)! > 2 ** 20);
  assert.equal(cpuSeconds(2 ** 30), undefined);
});

test('commands of Redis are added up without those that ask for the sum', () => {
  const info =
    'process_id:12\r\nused_memory:1000\r\ncmdstat_get:calls=5,usec=1\r\ncmdstat_config|set:calls=2,usec=1\r\ncmdstat_info:calls=9,usec=1\r\ndb0:keys=3,expires=1\r\n';
  assert.deepEqual(parseInfo(info), { pid: 12, commands: 7, usedBytes: 1000, keys: 3 });
});

const secure = { name: 'secure', identified: true };
const open = { name: 'open', identified: false };
const report = { requests: 100, failed: 0, closed: 0 };

test('right answers are measured: requests under way at the end may have reached the upstream', () => {
  checkAnswers(secure, report, { requests: 164, identified: 164 });
  checkAnswers(open, report, { requests: 100, identified: 0 });
});

test('wrong answers end the run', () => {
  const wrong: [Parameters<typeof checkAnswers>, RegExp][] = [
    [[secure, report, { requests: 100, identified: 99 }], /99 of 100 requests came with the identity/],
    [[open, report, { requests: 100, identified: 1 }], /1 of 100 requests came with the identity/],
    [[secure, report, { requests: 99, identified: 99 }], /had 99 of the 100/],
    [[open, { ...report, failed: 1 }, { requests: 100, identified: 0 }], /1 of 100 requests failed/],
    [[open, { ...report, closed: 1 }, { requests: 100, identified: 0 }], /1 connections were closed/],
    [[open, { ...report, requests: 0 }, { requests: 0, identified: 0 }], /no request was answered/],
  ];
  for (const [given, message] of wrong)
    assert.throws(() => {
      checkAnswers(...given);
    }, message);
});

test('a row that may close connections does so seldom', () => {
  const apache = { ...secure, mayClose: true };
  checkAnswers(apache, { ...report, closed: 1 }, { requests: 100, identified: 100 });
  assert.throws(() => {
    checkAnswers(apache, { ...report, closed: 2 }, { requests: 100, identified: 100 });
  });
});

const frame = (functionName: string, url = '') => ({ functionName, url, lineNumber: 9 });
const profile: CpuProfile = {
  nodes: [
    { id: 1, callFrame: frame('(root)'), children: [2, 5, 6] },
    { id: 2, callFrame: frame('outer', 'file:///x/dist/proxy/proxy.js'), children: [3] },
    { id: 3, callFrame: frame('inner', 'file:///x/dist/proxy/proxy.js'), children: [4] },
    { id: 4, callFrame: frame('send', 'file:///y/node_modules/undici/lib/a.js') },
    { id: 5, callFrame: frame('(idle)') },
    { id: 6, callFrame: frame('start', 'node:internal/main') },
  ],
  startTime: 0,
  endTime: 100,
  samples: [6, 2, 3, 4, 5],
  timeDeltas: [0, 10, 20, 30, 30],
};

test('a profile is added up by code and by function, without what was idle', () => {
  const { groups, self, inclusive } = summarise(profile, { from: 100, to: 0 });
  assert.deepEqual(groups[0], { name: 'gateway: proxy', share: 50 / 90 });
  assert.deepEqual(groups.find(({ name }) => name === 'package: undici')?.share, 30 / 90);
  assert.deepEqual(groups.find(({ name }) => name === 'Node: main')?.share, 10 / 90);
  assert.ok(self.some(({ name }) => name === 'send (undici/lib/a.js)'));
  assert.deepEqual(inclusive[0], { name: 'outer (src/proxy/proxy.ts)', share: 80 / 90 });
  assert.deepEqual(inclusive[1], { name: 'inner (src/proxy/proxy.ts)', share: 60 / 90 });
});

test('of a profile only the window counts', () => {
  const { self } = summarise(profile, { from: 95, to: 50 });
  assert.deepEqual(
    self.map(({ name }) => name),
    ['inner (src/proxy/proxy.ts)', 'outer (src/proxy/proxy.ts)'],
  );
});

test('options that are none are refused, and a quick run goes into no document', () => {
  assert.equal(readOptions(['--seconds', '3']).seconds, 3);
  assert.equal(readOptions(['--quick']).out, undefined);
  assert.deepEqual(readOptions(['--only', 'direct,open']).only, ['direct', 'open']);
  assert.throws(() => readOptions(['--seconds', '0']), /whole number/);
  assert.throws(() => readOptions(['--nope']), /nope/);
  assert.throws(() => readOptions(['--quick', '--write']), /no document/);
});
