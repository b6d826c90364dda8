import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, test, type TestContext } from 'node:test';
import { Redis } from 'ioredis';
import { createRedisJournal } from '../../src/session/redis-journal.ts';
import { connectRedis } from '../../src/session/redis.ts';
import { createSealer } from '../../src/session/seal.ts';
import { silent } from '../support/faces.ts';
import { redisMissing, startRedis } from '../support/redis.ts';
import { auditOn, flawOf, recordAll, type AuditRig } from './audit-rig.ts';

const redis = await startRedis();
after(() => redis?.stop());

const STREAM = 'scg:audit:visitors';
const HEAD = 'scg:audit-head:visitors';
const ANCHOR = 'scg:audit-anchor:visitors';

type Row = [id: string, fields: string[]];

interface Tampered extends AuditRig {
  readonly hand: Redis;
  rows(): Promise<Row[]>;
  /** Writes the stream anew. */
  rewrite(rows: readonly Row[]): Promise<void>;
}

/** A record of ten entries and its opening in a real Redis, and somebody's hand in that. */
async function tampered(t: TestContext, caps: { maxEntries?: number } = {}): Promise<Tampered> {
  const hand = new Redis(redis!.url);
  t.after(() => {
    hand.disconnect();
  });
  await hand.flushall();
  const link = connectRedis({ url: redis!.url, tlsRejectUnauthorized: true }, silent);
  t.after(() => link.close());
  const rig = auditOn(t, { journal: createRedisJournal(link), ...caps });
  await recordAll(
    rig,
    Array.from({ length: 10 }, (_, index) => `q${index}`),
  );
  return {
    ...rig,
    hand,
    rows: () => hand.xrange(STREAM, '-', '+'),
    async rewrite(rows) {
      await hand.del(STREAM);
      for (const [id, fields] of rows) await hand.xadd(STREAM, id, ...fields);
    },
  };
}

function withTampered(title: string, body: (record: Tampered) => Promise<void>): void {
  test(title, { skip: redisMissing }, async (t) => body(await tampered(t)));
}

withTampered('an untouched record is whole, and so is one to which is written on', async (record) => {
  assert.equal(await flawOf(record), 'whole');
  await recordAll(record, ['more']);
  assert.equal(await flawOf(record), 'whole');
  const { parts } = await record.audit.verifyAudit();
  assert.deepEqual(
    parts.map(({ part, entries }) => [part, entries]),
    [
      ['visitors', 12],
      ['administration', 0],
    ],
  );
});

withTampered('a removed entry is found, with its number', async (record) => {
  const rows = await record.rows();
  await record.hand.xdel(STREAM, rows[4]![0]);
  assert.equal(await flawOf(record), 'missing 5');
  await recordAll(record, ['later']);
  assert.equal(await flawOf(record), 'missing 5', 'what is written later does not cover it');
});

for (const [what, alter] of [
  ['its text', ([, fields]: Row) => fields.splice(3, 1, `${fields[3]!.slice(0, -4)}AAAA`)],
  ['its text, by that of another entry', ([, fields]: Row, [, other]: Row) => fields.splice(3, 1, other[3]!)],
  ['the hash of the one before', ([, fields]: Row) => fields.splice(1, 1, 'A'.repeat(43))],
  ['a field more', ([, fields]: Row) => fields.push('x', 'y')],
  [
    'the name of its key',
    ([, fields]: Row) => {
      const bytes = Buffer.from(fields[3]!, 'base64url');
      bytes[1]! ^= 1;
      fields.splice(3, 1, bytes.toString('base64url'));
    },
  ],
] as const) {
  withTampered(`an altered entry is found: ${what}`, async (record) => {
    const rows = await record.rows();
    alter(rows[6]!, rows[2]!);
    await record.rewrite(rows);
    assert.equal(await flawOf(record), 'altered 7');
  });
}

withTampered('the last entry can be altered as little as any other', async (record) => {
  const rows = await record.rows();
  const bytes = Buffer.from(rows.at(-1)![1][3]!, 'base64url');
  bytes[1]! ^= 1;
  rows.at(-1)![1][3] = bytes.toString('base64url');
  await record.rewrite(rows);
  assert.equal(await flawOf(record), 'altered 11');
});

withTampered('an inserted entry is found, made up or a copy', async (record) => {
  const rows = await record.rows();
  const [ms] = rows[4]![0].split('-');
  const copy: Row = [`${Number(ms)}-${rows[4]![0].split('-')[1]}`, [...rows[3]![1]]];
  await record.rewrite([...rows.slice(0, 4), copy, ...rows.slice(5)]);
  assert.equal(await flawOf(record), 'altered 5');
  const made: Row = [`${Number(rows.at(-1)![0].split('-')[0]) + 1}-12`, ['p', 'x', 's', 'y']];
  await record.rewrite([...rows, made]);
  assert.equal(await flawOf(record), 'out of order 12', 'behind the head there is nothing yet');
  const between: Row = [`${rows[5]![0].split('-')[0]}-5`, [...rows[4]![1]]];
  if (between[0] !== rows[4]![0]) {
    await record.rewrite([...rows.slice(0, 5), between, ...rows.slice(5)]);
    assert.equal(await flawOf(record), 'out of order 5');
  }
});

withTampered('entries that changed places are found', async (record) => {
  const rows = await record.rows();
  const [a, b] = [rows[3]![1], rows[4]![1]];
  rows[3]![1] = b;
  rows[4]![1] = a;
  await record.rewrite(rows);
  assert.equal(await flawOf(record), 'altered 4');
});

withTampered('a cut head is found', async (record) => {
  const rows = await record.rows();
  await record.rewrite(rows.slice(3));
  assert.equal(await flawOf(record), 'missing 1');
});

withTampered('a cut tail is found, with and without the record of the head', async (record) => {
  const rows = await record.rows();
  await record.rewrite(rows.slice(0, -2));
  assert.equal(await flawOf(record), 'missing 10');
  await record.hand.del(HEAD);
  assert.match(await flawOf(record), /^missing 10$/);
  await record.hand.set(HEAD, 'forged');
  assert.equal(await flawOf(record), 'altered 0');
});

withTampered('everything gone is found while a head says otherwise', async (record) => {
  await record.hand.del(STREAM);
  assert.equal(await flawOf(record), 'missing 1');
});

withTampered(
  'a process that has written before notices that the record was put back, and says so in it',
  async (record) => {
    const [rows, head] = [await record.rows(), await record.hand.get(HEAD)];
    await recordAll(record, ['later', 'latest']);
    await record.rewrite(rows);
    await record.hand.set(HEAD, head!);
    assert.equal(await flawOf(record), 'whole', 'from inside Redis alone it cannot be told');
    await recordAll(record, ['after']);
    assert.equal(await flawOf(record), 'noted');
    assert.deepEqual(
      record.errors.map(({ fields }) => fields.entries),
      [2],
    );
    assert.equal((await record.audit.readAudit({ kinds: ['record_broken'] })).entries[0]!.count, 2);
  },
);

withTampered('a Redis that comes back empty is noted by the process that knew more', async (record) => {
  await record.hand.flushall();
  await recordAll(record, ['after']);
  assert.equal(await flawOf(record), 'noted');
  const [last] = (await record.audit.readAudit({ kinds: ['record_started'] })).entries;
  assert.equal(last!.count, 11);
});

test(
  'what the gateway has trimmed is no hole, and what somebody else has is',
  { skip: redisMissing },
  async (t) => {
    const record = await tampered(t, { maxEntries: 100 });
    for (let i = 0; i < 3; i++)
      await recordAll(
        record,
        Array.from({ length: 60 }, (_, index) => `r${i}-${index}`),
      );
    assert.equal(await record.hand.xlen(STREAM), 100);
    assert.equal(await flawOf(record), 'whole');
    const anchor = await record.hand.get(ANCHOR);
    const rows = await record.rows();
    await recordAll(record, ['one more']);
    assert.equal(await flawOf(record), 'whole');
    await record.hand.set(ANCHOR, anchor!);
    assert.match(await flawOf(record), /^missing /, 'an anchor of yesterday');
    await record.hand.del(ANCHOR);
    assert.equal(await flawOf(record), 'missing 1');
    await record.hand.set(ANCHOR, 'forged');
    assert.equal(await flawOf(record), 'altered 0');
    assert.ok(rows.length === 100);
  },
);

test('a hole that is trimmed away leaves a note of itself', { skip: redisMissing }, async (t) => {
  const record = await tampered(t, { maxEntries: 100 });
  await record.hand.xdel(STREAM, (await record.rows())[4]![0]);
  await recordAll(
    record,
    Array.from({ length: 150 }, (_, index) => `r${index}`),
  );
  await record.audit.settle();
  assert.equal(await flawOf(record), 'noted');
});

test('entries that are older than maxDays are dropped, the last one too', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: 1_700_000_000_000 });
  const record = auditOn(t, { maxDays: 2 });
  await recordAll(record, ['a', 'b']);
  t.mock.timers.setTime(1_700_000_000_000 + 86_400_000);
  await recordAll(record, ['c']);
  t.mock.timers.setTime(1_700_000_000_000 + 2.5 * 86_400_000);
  await record.audit.settle();
  assert.deepEqual(
    (await record.audit.readAudit()).entries.map(({ queue }) => queue),
    ['c'],
  );
  assert.equal(await flawOf(record), 'whole');
  t.mock.timers.setTime(1_700_000_000_000 + 9 * 86_400_000);
  await record.audit.settle();
  assert.equal((await record.audit.readAudit()).entries.length, 0);
  assert.equal(await flawOf(record), 'whole');
  await recordAll(record, ['d']);
  assert.equal(await flawOf(record), 'whole');
});

test('after a rotation the record stays whole and readable, and whole when the old key is gone', async (t) => {
  const [old, next] = [randomBytes(32), randomBytes(32)];
  const first = auditOn(t, { sealer: createSealer([old]) });
  await recordAll(first, ['a', 'b']);
  const both = auditOn(t, { journal: first.journal, sealer: createSealer([next, old]) });
  await recordAll(both, ['c']);
  assert.equal(await flawOf(both), 'whole');
  assert.equal((await both.audit.readAudit({ kinds: ['code_redeemed'] })).entries.length, 3);
  const after = auditOn(t, { journal: first.journal, sealer: createSealer([next]) });
  assert.equal(await flawOf(after), 'whole');
  assert.equal((await after.audit.verifyAudit()).parts[0]!.unreadable, 3);
  assert.deepEqual(
    (await after.audit.readAudit()).entries.map(({ queue }) => queue),
    ['c'],
  );
});

test('a process with the old keys alone waits while others write with new ones, and takes nothing from them', async (t) => {
  const [old, next] = [randomBytes(32), randomBytes(32)];
  const both = auditOn(t, { sealer: createSealer([next, old]) });
  await recordAll(both, ['a']);
  const left = auditOn(t, { journal: both.journal, sealer: createSealer([old]) });
  await recordAll(left, ['lost to the store']);
  await recordAll(both, ['b']);
  assert.equal(await flawOf(both), 'whole');
  assert.match(left.lines.join(), /lost to the store/);
});
