import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  needsNextKey,
  ROTATION,
  signingEntry,
  withNextKey,
  type KeyRing,
} from '../../src/assertion/rotation.ts';
import type { PrivateJwk } from '../../src/config/gateway-config.ts';

const DAY = 86_400_000;
const HOUR = 3_600_000;
const key = (name: string): PrivateJwk => ({ kty: 'EC', kid: name });
const kids = (ring: KeyRing) => ring.map(({ jwk }) => jwk['kid']);
const first: KeyRing = [{ jwk: key('one'), signsFrom: 0 }];

test('a first key signs at once, and no other is needed for a month', () => {
  assert.equal(signingEntry(first, 0).jwk['kid'], 'one');
  assert.equal(needsNextKey(first, 0, ROTATION), false);
  assert.equal(needsNextKey(first, 30 * DAY - HOUR - 1, ROTATION), false);
  assert.equal(needsNextKey(first, 30 * DAY - HOUR, ROTATION), true);
});

test('the next key is published an hour before it signs', () => {
  const now = 30 * DAY - HOUR;
  const ring = withNextKey(first, key('two'), now, ROTATION);
  assert.deepEqual(kids(ring), ['one', 'two']);
  assert.equal(signingEntry(ring, now).jwk['kid'], 'one');
  assert.equal(signingEntry(ring, now + HOUR - 1).jwk['kid'], 'one');
  assert.equal(signingEntry(ring, now + HOUR).jwk['kid'], 'two');
  assert.equal(needsNextKey(ring, now + HOUR, ROTATION), false);
});

test('after a long silence the next key still waits its hour', () => {
  const now = 300 * DAY;
  const ring = withNextKey(first, key('two'), now, ROTATION);
  assert.equal(signingEntry(ring, now).jwk['kid'], 'one');
  assert.equal(signingEntry(ring, now + HOUR).jwk['kid'], 'two');
});

test('a key stays published while assertions of it may be on their way, and goes at the next rotation', () => {
  const second = withNextKey(first, key('two'), 30 * DAY - HOUR, ROTATION);
  const soon = withNextKey(second, key('three'), 30 * DAY + HOUR, ROTATION);
  assert.deepEqual(kids(soon), ['one', 'two', 'three']);
  const third = withNextKey(second, key('three'), 60 * DAY - HOUR, ROTATION);
  assert.deepEqual(kids(third), ['two', 'three']);
});

test('a clock that runs behind all keys finds the oldest', () => {
  assert.equal(signingEntry([{ jwk: key('one'), signsFrom: 10 }], 5).jwk['kid'], 'one');
});
