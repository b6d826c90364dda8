import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { GatewayError } from '../../src/errors.ts';
import type { Journal } from '../../src/session/journal.ts';
import { createMemoryJournal } from '../../src/session/memory-journal.ts';
import { auditOn, flawOf, recordAll } from './audit-rig.ts';

type Fate = 'arrives' | 'is lost' | 'arrives, its answer is lost';

/** Two processes on one journal; the fate of each batch of the first one is given in advance. */
function twoProcesses(t: TestContext, ...fates: Fate[]) {
  const journal = createMemoryJournal();
  const away = new GatewayError('session_store_unavailable', 'The store does not answer.');
  const uncertain: Journal = {
    ...journal,
    async append(name, batch) {
      const fate = fates.shift() ?? 'arrives';
      if (fate === 'is lost') throw away;
      const other = await journal.append(name, batch);
      if (fate === 'arrives' || other !== undefined) return other;
      throw away;
    },
  };
  const first = auditOn(t, { journal: uncertain });
  const second = auditOn(t, { journal, sealer: first.sealer });
  const queues = async () =>
    (await second.audit.readAudit({ kinds: ['code_redeemed'] })).entries.map(({ queue }) => queue).reverse();
  return { first, second, queues };
}

test('a batch that arrived without an answer is not written twice', async (t) => {
  const { first, queues } = twoProcesses(t, 'arrives, its answer is lost');
  await recordAll(first, ['a', 'b']);
  await recordAll(first, ['c']);
  await first.audit.settle();
  assert.deepEqual(await queues(), ['a', 'b', 'c']);
  assert.equal(await flawOf(first), 'whole');
});

test('nor when another process has written behind it meanwhile', async (t) => {
  const { first, second, queues } = twoProcesses(t, 'arrives', 'arrives, its answer is lost');
  await recordAll(first, ['a']);
  await recordAll(first, ['b']);
  await recordAll(second, ['other']);
  await first.audit.settle();
  assert.deepEqual(await queues(), ['a', 'b', 'other']);
  assert.equal(await flawOf(first), 'whole');
});

test('nor when it was sent a second time in vain after it had arrived', async (t) => {
  const { first, queues } = twoProcesses(t, 'is lost', 'arrives, its answer is lost', 'is lost');
  await recordAll(first, ['a']);
  await first.audit.settle();
  await first.audit.settle();
  await first.audit.settle();
  assert.deepEqual(await queues(), ['a']);
  assert.equal(await flawOf(first), 'whole');
});

test('a batch that did not arrive is written at its next try, behind whatever came between', async (t) => {
  const { first, second, queues } = twoProcesses(t, 'arrives', 'is lost');
  await recordAll(first, ['a']);
  await recordAll(first, ['b']);
  await recordAll(second, ['other']);
  await first.audit.settle();
  assert.deepEqual(await queues(), ['a', 'other', 'b']);
  assert.equal(await flawOf(first), 'whole');
});
