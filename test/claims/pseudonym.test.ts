import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { createPseudonymizer } from '../../src/claims/pseudonym.ts';

const key = Buffer.alloc(32, 7);

test('a pseudonym is the first 144 bits of HMAC-SHA256 in base64url', () => {
  const expected = createHmac('sha256', key)
    .update('Åse', 'utf8')
    .digest()
    .subarray(0, 18)
    .toString('base64url');
  assert.equal(createPseudonymizer(key)('Åse'), expected);
  assert.match(expected, /^[\w-]{24}$/);
});

test('the same text under another key is another pseudonym', () => {
  assert.notEqual(createPseudonymizer(key)('a'), createPseudonymizer(Buffer.alloc(32, 8))('a'));
});

test('a key under 16 bytes is refused', () => {
  assert.throws(
    () => createPseudonymizer(Buffer.alloc(15)),
    new TypeError('The key of pseudonyms needs at least 16 bytes, not 15.'),
  );
});
