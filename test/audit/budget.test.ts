import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBudget } from '../../src/audit/budget.ts';
import type { AuditEvent } from '../../src/audit/audit.ts';

const refusal = (code: AuditEvent['code']): AuditEvent => ({ kind: 'request_refused', code });

test('of one class of refusal ten a minute stand by themselves, the others are counted', () => {
  let now = 1_700_000_000_000;
  const budget = createBudget(20_000, () => now);
  const taken = () =>
    Array.from({ length: 50 }, () => budget.takes(refusal('login_required'))).filter(Boolean);
  assert.equal(taken().length, 10);
  assert.equal(budget.takes(refusal('path_ambiguous')), true, 'another class has its own ten');
  now += 60_000;
  assert.equal(taken().length, 10);
  assert.deepEqual(budget.counted(), [
    {
      kind: 'request_refused',
      code: 'login_required',
      authError: undefined,
      since: new Date(now - 60_000).toISOString(),
      count: 80,
    },
  ]);
  assert.deepEqual(budget.counted(), []);
});

test('what anybody can cause fills a twentieth at once and a quarter of the record a day, not more', () => {
  let now = 1_700_000_000_000;
  const budget = createBudget(20_000, () => now);
  let singles = 0;
  const counted = () => budget.counted().length;
  let counts = 0;
  for (let second = 0; second < 86_400; second += 10) {
    now += 10_000;
    for (let i = 0; i < 20; i++) singles += Number(budget.takes({ kind: 'login_begun' }));
    if (second % 600 === 0) counts += counted();
  }
  assert.ok(singles >= 5000 && singles <= 6001, String(singles));
  assert.ok(counts <= 144, String(counts));
});

test('what a verified person does is never counted away', () => {
  const budget = createBudget(100);
  for (let i = 0; i < 1000; i++) {
    budget.takes({ kind: 'login_begun' });
    assert.ok(budget.takes({ kind: 'identity_attached' }));
  }
});

test('a clock that is set back gives nothing away and takes nothing', () => {
  let now = 1_700_000_000_000;
  const budget = createBudget(100, () => now);
  while (budget.takes({ kind: 'login_begun' }));
  now -= 86_400_000;
  assert.equal(budget.takes({ kind: 'login_begun' }), false);
});
