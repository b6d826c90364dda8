import assert from 'node:assert/strict';
import { test } from 'node:test';
import { format } from 'prettier';
import { withResults, resultsInWords } from '../../bench/report/document.ts';
import { barPlot } from '../../bench/report/plot.ts';
import { median, medianOf } from '../../bench/report/statistics.ts';
import { markdownTable, thousands } from '../../bench/report/table.ts';
import { reachedTargets } from '../../bench/report/targets.ts';
import type { Results, RowResult } from '../../bench/results.ts';

const row = (name: string, over: Partial<RowResult> = {}): RowResult => ({
  name,
  title: name === 'secure' ? 'this gateway, secure queue' : name,
  node: 'v20.19.0',
  requestsPerSecond: 10_000,
  cpuMicros: 50,
  redisCpuMicros: 1,
  redisCommands: 0,
  p50Ms: 0.3,
  p99Ms: 1,
  addedP50Ms: 0.2,
  addedP99Ms: 0.9,
  memoryBytes: 100 * 2 ** 20,
  rounds: [],
  ...over,
});

const results = (rows: readonly RowResult[]): Results => ({
  date: '2026-01-02T03:04:05.000Z',
  machine: { cpu: 'a CPU', cores: 2, memoryGiB: 4, system: 'Linux 6', busy: 0 },
  settings: {
    seconds: 5,
    rounds: 5,
    connections: 64,
    rate: 1000,
    quick: false,
    pinned: true,
    generator: 'wrk 4.1.0',
  },
  versions: { Node: '20.19.0' },
  rows,
  figures: [{ name: 'start', title: 'start to ready', text: '400 ms', values: { milliseconds: 400 } }],
  skipped: [{ name: 'nginx', reason: 'no nginx on this machine' }],
});

test('the median is the middle one, or the mean of the two in the middle', () => {
  assert.equal(median([9, 1, 5]), 5);
  assert.equal(median([10, 9, 1, 2]), 5.5);
  assert.ok(Number.isNaN(median([])));
});

test('a median of which one value is missing is none', () => {
  assert.equal(
    medianOf([1, 2, 30], (value) => value),
    2,
  );
  assert.equal(
    medianOf([1, undefined], (value) => value),
    undefined,
  );
  assert.equal(
    medianOf([], (value) => value),
    undefined,
  );
});

test('numbers are grouped by thousands', () => {
  assert.deepEqual([1, 999.6, 1234567].map(thousands), ['1', '1 000', '1 234 567']);
});

test('tables stand as prettier writes them', async () => {
  const table = markdownTable(
    ['name', 'n'],
    [
      ['a', '1'],
      ['a long name', '12 345 678'],
    ],
  );
  assert.equal(await format(table, { parser: 'markdown', printWidth: 110 }), `${table}\n`);
});

test('the whole report stands as prettier writes it, and names machine, versions and what did not run', async () => {
  const text = resultsInWords(results([row('direct', { node: undefined }), row('secure')]));
  assert.equal(await format(text, { parser: 'markdown', printWidth: 110 }), `${text}\n`);
  assert.match(text, /a CPU, 2 cores.*wrk 4\.1\.0/);
  assert.match(text, /Node 20\.19\.0/);
  assert.match(text, /nginx \(no nginx on this machine\)/);
});

test('a machine that is not quiet is said to be so', () => {
  const quiet = results([]);
  assert.doesNotMatch(resultsInWords(quiet), /quiet/);
  assert.match(resultsInWords({ ...quiet, machine: { ...quiet.machine, busy: 0.5 } }), /others used 50 %/);
});

test('targets compare rows under the same Node only', () => {
  const targets = reachedTargets({
    rows: [
      row('secure', { requestsPerSecond: 9000 }),
      row('engine'),
      row('secure', { node: 'v24.1.0', requestsPerSecond: 8000 }),
      row('engine', { node: 'v24.1.0' }),
    ],
    figures: [],
  }).filter(({ name }) => name === 'secure / engine');
  assert.deepEqual(
    targets.map(({ node, value, met }) => [node, value, met]),
    [
      ['v20.19.0', 0.9, true],
      ['v24.1.0', 0.8, false],
    ],
  );
});

test('the goal against a peer depends on the Node, and rows that are not Node count by CPU', () => {
  const rows = ['v20.19.0', 'v24.1.0'].flatMap((node) => [
    row('secure', { node }),
    row('passport', { node, requestsPerSecond: 2000 }),
  ]);
  const targets = reachedTargets({
    rows: [...rows, row('apache-redis', { node: undefined, cpuMicros: 300 })],
    figures: [],
  });
  const of = (name: string) => targets.filter((target) => target.name.startsWith(name));
  assert.deepEqual(
    of('secure / passport').map(({ goal, met }) => [goal, met]),
    [
      [7, false],
      [4, true],
    ],
  );
  assert.deepEqual(
    of('secure / apache-redis').map(({ value, met }) => [value, met]),
    [
      [6, true],
      [6, true],
    ],
  );
});

test('a figure has its target too, and a missing one has none', () => {
  const [only, ...others] = reachedTargets(results([]));
  assert.deepEqual([only?.value, only?.met, others.length], [400, true, 0]);
});

test('the plot is well-formed, has a bar for each row, and follows a dark page', () => {
  const svg = barPlot([
    row('secure', { requestsPerSecond: 30_000 }),
    row('a <peer> & "co"', { requestsPerSecond: 3000 }),
  ]);
  assert.match(svg, /^<svg [^>]*viewBox="0 0 850 82"/);
  assert.deepEqual(
    [...svg.matchAll(/<rect class="(\w+)"[^>]*width="(\d+)"/g)].map(([, kind, width]) => [kind, width]),
    [
      ['own', '480'],
      ['other', '48'],
    ],
  );
  assert.match(svg, /prefers-color-scheme:dark/);
  assert.match(svg, /a &#60;peer&#62; &#38; &#34;co&#34; \(Node 20\)/);
});

test('the plot is as wide as its longest label, its longest bar and the number behind that', () => {
  const title = 'a stack with a name so long that a fixed margin would cut it off'.repeat(2);
  const svg = barPlot([row('short'), row('long', { title, requestsPerSecond: 30_000 })]);
  const [, width = ''] = /viewBox="0 0 (\d+) /.exec(svg) ?? [];
  const [, end = ''] = /<text x="(\d+)"[^>]*text-anchor="end">a stack/.exec(svg) ?? [];
  // in a usual font of 13 pixels a character is 7 wide on average
  assert.ok(Number(end) >= (title.length + ' (Node 20)'.length) * 7, `the label ends at ${end}`);
  assert.ok(Number(width) >= Number(end) + 480 + '30 000'.length * 7, `the plot is ${width} wide`);
});

test('results go between the markers of the document, and nowhere else', () => {
  const document = 'before\n<!-- bench: from here -->\nold\n<!-- bench: to here -->\nafter\n';
  assert.equal(
    withResults(document, 'new'),
    'before\n<!-- bench: from here -->\n\nnew\n\n<!-- bench: to here -->\nafter\n',
  );
  for (const broken of ['', document + document, document.replace('<!-- bench: to here -->', '')])
    assert.throws(() => withResults(broken, 'new'), /once each/);
});
