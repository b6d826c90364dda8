import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { after, test } from 'node:test';
import { Redis } from 'ioredis';
import { createRedisJournal } from '../../src/session/redis-journal.ts';
import { connectRedis } from '../../src/session/redis.ts';
import { createSealer } from '../../src/session/seal.ts';
import { silent } from '../support/faces.ts';
import { redisMissing, startRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';
import { auditOn, flawOf, recordAll, redeemed } from './audit-rig.ts';
import { programOf } from '../support/program-of.ts';

const redis = await startRedis();
after(() => redis?.stop());
const key = randomBytes(32);

function onRedis(url: string) {
  const link = connectRedis({ url, tlsRejectUnauthorized: true }, silent, { commandMs: 400 });
  return { link, journal: createRedisJournal(link) };
}

test(
  'processes that append a thousand entries each at once write one whole chain',
  { skip: redisMissing },
  async (t) => {
    const names = ['a', 'b', 'c'];
    const program = programOf('test/audit/process.ts');
    const codes = await Promise.all(
      names.map(async (name) => {
        const child = spawn(
          process.execPath,
          [...program, redis!.url, key.toString('base64'), name, '1000'],
          { stdio: 'ignore' },
        );
        t.after(() => child.kill('SIGKILL'));
        return (await once(child, 'exit'))[0] as number;
      }),
    );
    assert.deepEqual(codes, [0, 0, 0]);
    const { link, journal } = onRedis(redis!.url);
    t.after(() => link.close());
    const reader = auditOn(t, { journal, sealer: createSealer([key]) });
    assert.equal(await flawOf(reader), 'whole');
    const seen = new Map(names.map((name) => [name, [] as number[]]));
    for (let page = await reader.audit.readAudit({ limit: 500 }); ;) {
      for (const { queue, kind } of page.entries)
        if (kind === 'code_redeemed') seen.get(queue![0]!)!.unshift(Number(queue!.slice(1)));
      if (page.next === undefined) break;
      page = await reader.audit.readAudit({ limit: 500, after: page.next });
    }
    const wanted = Array.from({ length: 1000 }, (_, index) => index);
    for (const name of names) assert.deepEqual(seen.get(name), wanted, `${name}: each once, in its order`);
  },
);

test(
  'while Redis is away entries go to stdout, and what fits is in the record afterwards, once',
  { skip: redisMissing },
  async (t) => {
    const own = (await startRedis(['--appendonly', 'no']))!;
    t.after(() => own.stop());
    const { link, journal } = onRedis(own.url);
    t.after(() => link.close());
    const rig = auditOn(t, { journal });
    await recordAll(rig, ['before']);
    own.pause();
    // a batch whose answer never comes may still have arrived
    await recordAll(rig, ['x', 'y']);
    rig.audit.record(redeemed('during'));
    own.resume();
    await until('the entries', async () => {
      await rig.audit.settle();
      return (await rig.audit.readAudit({ kinds: ['code_redeemed'] })).entries.length === 4;
    });
    assert.deepEqual(
      (await rig.audit.readAudit({ kinds: ['code_redeemed'] })).entries.map(({ queue }) => queue),
      ['during', 'y', 'x', 'before'],
    );
    assert.equal(await flawOf(rig), 'whole');
    for (const queue of ['x', 'y', 'during'])
      assert.equal(rig.lines.filter((line) => line.includes(`"queue":"${queue}"`)).length, 1);
  },
);

test(
  'what does not fit while Redis is away is lost to the record, which says how much it was',
  { skip: redisMissing },
  async (t) => {
    const own = (await startRedis())!;
    t.after(() => own.stop());
    const { link, journal } = onRedis(own.url);
    t.after(() => link.close());
    const rig = auditOn(t, { journal, maxEntries: 100_000 });
    await recordAll(rig, ['before']);
    await own.kill();
    for (let i = 0; i < 6000; i++) rig.audit.record(redeemed(`q${i}`));
    await own.restart();
    await until('the gap', async () => {
      await rig.audit.settle();
      return (await rig.audit.readAudit({ kinds: ['entries_lost'] })).entries.length === 1;
    });
    const [gap] = (await rig.audit.readAudit({ kinds: ['entries_lost'] })).entries;
    const hand = new Redis(own.url);
    t.after(() => {
      hand.disconnect();
    });
    // one says that the record began anew, one that there is a gap
    assert.equal((await hand.xlen('scg:audit:visitors')) - 2 + gap!.count!, 6000);
    assert.equal(gap!.count, 1000);
    assert.equal(rig.lines.filter((line) => line.includes('code_redeemed')).length, 6001);
  },
);
