import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outcomeOf, withOutcome, withoutOutcome } from '../../src/middleware/return-address.ts';

test('the outcome is the only one in the query, and every other byte stays', () => {
  const cases: [string, string][] = [
    ['https://a.example/p', 'https://a.example/p?authCode=h'],
    ['https://a.example/p?', 'https://a.example/p?authCode=h'],
    ['https://a.example/p?x=%20+1&y#frag?z', 'https://a.example/p?x=%20+1&y&authCode=h#frag?z'],
    ['/p?authError=login_required&x=1', '/p?x=1&authCode=h'],
    ['/p?authCode=old#f', '/p?authCode=h#f'],
    ['/p?myauthCode=1', '/p?myauthCode=1&authCode=h'],
  ];
  for (const [address, expected] of cases) assert.equal(withOutcome(address, 'authCode', 'h'), expected);
});

test('without an outcome an address stays as it is', () => {
  for (const address of ['/', '/p?', '/p?x=1#authCode=2', '/p?xauthError=1'])
    assert.equal(withoutOutcome(address), address);
  assert.equal(withoutOutcome('/p?authCode=1&authError=2'), '/p');
});

test('the outcome of a query is read, whatever stands beside it', () => {
  assert.deepEqual(outcomeOf('x=1&authError=login_required'), {
    authCode: undefined,
    authError: 'login_required',
  });
  assert.deepEqual(outcomeOf('x=1'), { authCode: undefined, authError: undefined });
});
