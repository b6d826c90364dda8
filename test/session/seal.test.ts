import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { createSealer } from '../../src/session/seal.ts';
import { anyCodePoint } from '../support/any-code-point.ts';

const key = randomBytes(32);
const sealer = createSealer([key]);

test('what is sealed opens again, under its own context only', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme' }),
      fc.string({ unit: anyCodePoint }),
      fc.string({ unit: anyCodePoint }),
      (text, context, other) => {
        const sealed = sealer.seal(text, context);
        assert.equal(sealer.open(sealed, context), text.toWellFormed());
        if (other !== context) assert.equal(sealer.open(sealed, other), undefined);
      },
    ),
    { numRuns: 200 },
  );
});

test('contexts that differ in a lone surrogate differ', () => {
  assert.equal(sealer.open(sealer.seal('x', '\ud800'), '\ud801'), undefined);
  assert.equal(sealer.open(sealer.seal('x', '\ud800'), '\ufffd'), undefined);
});

test('one flipped bit anywhere, in version, key id, nonce, text or tag, and nothing opens', () => {
  const sealed = Buffer.from(sealer.seal('a text of some length', 'context'), 'base64url');
  for (let position = 0; position < sealed.length; position++) {
    for (const bit of [1, 16, 128]) {
      const tampered = Buffer.from(sealed);
      tampered[position] = (tampered[position] ?? 0) ^ bit;
      assert.equal(
        sealer.open(tampered.toString('base64url'), 'context'),
        undefined,
        `byte ${position} bit ${bit}`,
      );
    }
  }
});

test('cut or lengthened at either end, nothing opens', () => {
  const sealed = sealer.seal('a text', 'context');
  for (let length = 0; length < sealed.length; length++) {
    assert.equal(sealer.open(sealed.slice(0, length), 'context'), undefined, `first ${length}`);
    assert.equal(sealer.open(sealed.slice(sealed.length - length), 'context'), undefined, `last ${length}`);
  }
  for (const longer of [`${sealed}A`, `${sealed}AAAA`, `A${sealed}`, `AAAA${sealed}`]) {
    assert.equal(sealer.open(longer, 'context'), undefined);
  }
});

test('only the one spelling that was written opens', () => {
  const sealed = sealer.seal('a text!', 'context');
  const spellings = [
    `${sealed}=`,
    `${sealed}\n`,
    ` ${sealed}`,
    `${sealed.slice(0, 9)} ${sealed.slice(9)}`,
    `${sealed}\u0000`,
  ];
  const withPlus =
    Array.from({ length: 200 }, () => sealer.seal('x', 'context')).find((text) => /[-_]/.test(text)) ?? '';
  assert.notEqual(withPlus, '');
  spellings.push(withPlus.replaceAll('-', '+').replaceAll('_', '/'));
  for (const spelling of spellings)
    assert.equal(sealer.open(spelling, 'context'), undefined, JSON.stringify(spelling));
});

test('spare bits of the last character are not free to choose', () => {
  for (const text of ['a', 'ab', 'abc']) {
    const sealed = sealer.seal(text, 'context');
    for (const last of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_') {
      const changed = sealed.slice(0, -1) + last;
      if (changed !== sealed) assert.equal(sealer.open(changed, 'context'), undefined);
    }
  }
});

test('garbage never throws', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string({ unit: anyCodePoint, maxLength: 200 }), fc.base64String({ maxLength: 200 })),
      (garbage) => {
        assert.equal(sealer.open(garbage, 'context'), undefined);
      },
    ),
    { numRuns: 300 },
  );
});

test('the same text sealed twice differs everywhere but in version and key id', () => {
  const seen = new Set(Array.from({ length: 500 }, () => sealer.seal('same', 'context')));
  assert.equal(seen.size, 500);
  const nonces = new Set(
    [...seen].map((text) => Buffer.from(text, 'base64url').subarray(5, 17).toString('hex')),
  );
  assert.equal(nonces.size, 500);
});

test('another key opens nothing', () => {
  assert.equal(createSealer([randomBytes(32)]).open(sealer.seal('x', 'c'), 'c'), undefined);
});

test('after a rotation the old records open and keep their names, and new ones use the new key', () => {
  const fresh = randomBytes(32);
  const rotated = createSealer([fresh, key]);
  assert.equal(rotated.open(sealer.seal('old', 'c'), 'c'), 'old');
  assert.equal(rotated.key('identity', 'id'), sealer.key('identity', 'id'));
  assert.equal(sealer.open(rotated.seal('new', 'c'), 'c'), undefined);
  assert.equal(createSealer([fresh]).open(rotated.seal('new', 'c'), 'c'), 'new');
});

test('when the last key is dropped, names change', () => {
  const fresh = randomBytes(32);
  assert.notEqual(
    createSealer([fresh]).key('identity', 'id'),
    createSealer([fresh, key]).key('identity', 'id'),
  );
});

test('a key twice in the ring does no harm', () => {
  assert.equal(createSealer([key, key]).open(sealer.seal('x', 'c'), 'c'), 'x');
});

test('names of different parts never collide', () => {
  const parts = fc.array(fc.string({ maxLength: 4 }), { maxLength: 4 });
  fc.assert(
    fc.property(parts, parts, (one, two) => {
      const same = JSON.stringify(one) === JSON.stringify(two);
      assert.equal(sealer.key('identity', ...one) === sealer.key('identity', ...two), same);
    }),
    { numRuns: 300 },
  );
  const names = [
    sealer.key('identity', 'ab', 'c'),
    sealer.key('identity', 'a', 'bc'),
    sealer.key('identity', 'abc'),
    sealer.key('identity', '["a","bc"]'),
    sealer.key('identity', 'ab', 'c', ''),
    sealer.key('code', 'ab', 'c'),
  ];
  assert.equal(new Set(names).size, names.length);
});

test('a name tells its kind and nothing else', () => {
  assert.match(sealer.key('redeem-lock', 'session-id', 'connection'), /^redeem-lock:[\w-]{43}$/);
  for (const kind of ['', 'Code', 'a:b', 'a b', '-a', 'a-', 'æ']) {
    assert.throws(() => sealer.key(kind, 'x'), TypeError, kind);
  }
});

test('a ring without keys, or with a key that has not 32 bytes, is a TypeError', () => {
  for (const keys of [[], [randomBytes(31)], [key, randomBytes(33)], [randomBytes(0)]]) {
    assert.throws(() => createSealer(keys), TypeError);
  }
});
