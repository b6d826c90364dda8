import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { Journal } from '../../src/session/journal.ts';
import { createMemoryJournal } from '../../src/session/memory-journal.ts';
import { auditOn, flawOf, redeemed } from './audit-rig.ts';

/** A record whose journal counts what it is asked, and appends once `opened`. */
function counted(t: TestContext, opened: Promise<void> = Promise.resolve()) {
  const journal = createMemoryJournal();
  const asked = { looks: 0, appends: 0 };
  const counting: Journal = {
    ...journal,
    look(name, count) {
      asked.looks += 1;
      return journal.look(name, count);
    },
    async append(name, batch) {
      asked.appends += 1;
      await opened;
      return journal.append(name, batch);
    },
  };
  return { ...auditOn(t, { journal: counting, maxEntries: 10_000 }), asked };
}

test('recording asks nothing of the store, and a rush is appended by the five hundred', async (t) => {
  const rig = counted(t);
  for (let i = 0; i < 5000; i++) rig.audit.record(redeemed(`q${i}`));
  assert.deepEqual(rig.asked, { looks: 0, appends: 0 });
  await rig.audit.settle();
  assert.equal(rig.asked.appends, 10);
  assert.equal(await flawOf(rig), 'whole');
  const { length } = await rig.journal.look('visitors', 0);
  assert.equal(length, 5001, 'with the one that says that the record began');
});

test('while one append is under way no other one is begun, and what came meanwhile goes together', async (t) => {
  let open: () => void = () => undefined;
  const rig = counted(
    t,
    new Promise((resolve) => {
      open = resolve;
    }),
  );
  rig.audit.record(redeemed('first'));
  const settled = [rig.audit.settle()];
  for (let i = 0; i < 100; i++) {
    rig.audit.record(redeemed(`q${i}`));
    settled.push(rig.audit.settle());
  }
  assert.ok(rig.asked.appends <= 1);
  open();
  await Promise.all(settled);
  assert.equal(rig.asked.appends, 2);
  assert.equal(await flawOf(rig), 'whole');
});
