import assert from 'node:assert/strict';
import { test } from 'node:test';
import { auditOn, recordAll, redeemed } from './audit-rig.ts';

test('both parts are read as one list, newest first, page by page', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: 1_700_000_000_000 });
  const { audit } = auditOn(t);
  for (let i = 0; i < 20; i++) {
    audit.record(redeemed(`q${i}`));
    await audit.settle();
    t.mock.timers.tick(5);
    audit.record({ kind: 'configuration_changed', actor: 'anne', paths: [`p${i}`] });
    await audit.settle();
    t.mock.timers.tick(5);
  }
  const all = (await audit.readAudit({ limit: 500 })).entries;
  assert.equal(all.length, 42);
  assert.deepEqual(
    all.map(({ at }) => at),
    all
      .map(({ at }) => at)
      .toSorted()
      .reverse(),
  );
  const paged = [];
  for (let next: string | undefined, first = true; first || next !== undefined; first = false) {
    const page = await audit.readAudit({ limit: 4, after: next });
    paged.push(...page.entries);
    next = page.next;
  }
  assert.deepEqual(paged, all);
});

test('kinds and customer choose; what belongs to no customer is shown to none', async (t) => {
  const { audit } = auditOn(t);
  audit.record(redeemed('q1'));
  audit.record({ ...redeemed('q2'), customer: '67890' });
  audit.record({ kind: 'request_refused', code: 'path_ambiguous' });
  audit.record({ kind: 'secret_set', actor: 'anne', customer: '67890', paths: ['authClientSecret'] });
  await audit.settle();
  const kindsOf = async (query: Parameters<typeof audit.readAudit>[0]) =>
    (await audit.readAudit(query)).entries.map(({ kind }) => kind).sort();
  assert.deepEqual(await kindsOf({ customer: '67890' }), ['code_redeemed', 'secret_set']);
  assert.deepEqual(await kindsOf({ kinds: ['request_refused'] }), ['request_refused']);
  assert.deepEqual(await kindsOf({ customer: '12345', kinds: ['secret_set'] }), []);
});

test('an after that no page has given is a TypeError', async (t) => {
  const { audit } = auditOn(t);
  for (const after of ['', 'x', '1-1', '1-1_2-2_3-3', '(1-1_2-2'])
    await assert.rejects(audit.readAudit({ after }), TypeError, after);
});

test('a line of stdout is one object, told apart from the log, with what the entry has', async (t) => {
  const rig = auditOn(t);
  await recordAll(rig, ['q1']);
  const line = rig.lines.find((text) => text.includes('code_redeemed'))!;
  const { record, ...entry } = JSON.parse(line) as Record<string, unknown>;
  assert.equal(record, 'audit');
  assert.ok(!('level' in entry) && !('msg' in entry) && !line.includes('\n'));
  const [read] = (await rig.audit.readAudit({ kinds: ['code_redeemed'] })).entries;
  const { id, part, ...kept } = read!;
  assert.deepEqual(kept, entry);
  assert.ok(id && part === 'visitors');
});

test('only what is named gets into an entry, and no more of it than fits', async (t) => {
  const rig = auditOn(t);
  const event = {
    ...redeemed('q'.repeat(1000)),
    secret: 'planted',
    paths: Array.from({ length: 80 }, () => 'p'.repeat(500)),
  };
  rig.audit.record(event);
  await rig.audit.settle();
  const [entry] = (await rig.audit.readAudit({ kinds: ['code_redeemed'] })).entries;
  assert.equal(entry!.queue!.length, 200);
  assert.deepEqual([entry!.paths!.length, entry!.paths![0]!.length], [50, 200]);
  assert.ok(!JSON.stringify([entry, rig.lines]).includes('planted'));
  assert.throws(() => {
    rig.audit.record({ kind: 'whatever' as 'logged_out' });
  }, TypeError);
});

test('visitors cannot push what administrators did out of the record', async (t) => {
  const rig = auditOn(t, { maxEntries: 100 });
  rig.audit.record({ kind: 'secret_set', actor: 'anne', paths: ['authClientSecret'] });
  await recordAll(
    rig,
    Array.from({ length: 500 }, (_, index) => `q${index}`),
  );
  await rig.audit.settle();
  assert.equal((await rig.audit.readAudit({ kinds: ['code_redeemed'], limit: 500 })).entries.length, 100);
  assert.equal((await rig.audit.readAudit({ kinds: ['secret_set'] })).entries.length, 1);
});
