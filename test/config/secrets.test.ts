import assert from 'node:assert/strict';
import { hkdfSync, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { fourLines, placesOf, production, resolved } from './examples.ts';

const first = 'fi5t-9Kx2p-Wm7rQ-z4LtN-v8BsY-c1HjD';
const second = '2nd0-aT6uE-oP3sG-k9XwM-y5RfC-b7VqZ';
const keyA = randomBytes(32).toString('base64');
const keyB = randomBytes(32).toString('base64');

function derived(material: string | Buffer, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', material, '', `secure-chat-gateway/${purpose}/v1`, 32));
}

test('one session secret is enough: seal key and pseudonym key are derived from it, each for its purpose', () => {
  const { session } = resolved({ sessionSecret: first });
  assert.deepEqual(session.secrets, [first]);
  assert.deepEqual(session.sealKeys, [derived(first, 'seal')]);
  assert.deepEqual(session.pseudonymKey, derived(first, 'pseudonym'));
});

test('a ring of session secrets, as list or comma text, derives a ring of seal keys', () => {
  for (const sessionSecret of [`${first}, ${second}`, [first, second]]) {
    const { session } = resolved({ sessionSecret });
    assert.deepEqual(session.secrets, [first, second]);
    assert.deepEqual(session.sealKeys, [derived(first, 'seal'), derived(second, 'seal')]);
  }
});

test('a secret put in front leaves pseudonyms alone', () => {
  const before = resolved({ sessionSecret: first }).session.pseudonymKey;
  assert.deepEqual(resolved({ sessionSecret: [second, first] }).session.pseudonymKey, before);
  const sealed = resolved({ sessionSecret: first, sealKey: keyA }).session.pseudonymKey;
  assert.deepEqual(resolved({ sessionSecret: second, sealKey: [keyB, keyA] }).session.pseudonymKey, sealed);
});

test('with seal keys the pseudonym key is derived from the last of them', () => {
  const { session } = resolved({ sessionSecret: first, sealKey: `${keyB},${keyA}` });
  assert.deepEqual(session.sealKeys, [Buffer.from(keyB, 'base64'), Buffer.from(keyA, 'base64')]);
  assert.deepEqual(session.pseudonymKey, derived(Buffer.from(keyA, 'base64'), 'pseudonym'));
});

test('a pseudonym key of its own wins', () => {
  const { session } = resolved({ sessionSecret: first, sealKey: keyA, pseudonymKey: keyB });
  assert.deepEqual(session.pseudonymKey, Buffer.from(keyB, 'base64'));
});

test('without a session secret every process has its own', () => {
  const [one, two] = [resolved().session, resolved().session];
  assert.equal(one.secrets.length, 1);
  assert.ok((one.secrets[0] ?? '').length >= 32);
  assert.notDeepEqual(one.secrets, two.secrets);
  assert.notDeepEqual(one.sealKeys, two.sealKeys);
});

test('with Redis a session secret is required', () => {
  assert.deepEqual(placesOf({ ...fourLines, redisUrl: 'redis://h' }), ['sessionSecret']);
});

const badSecrets: readonly [string, unknown, string][] = [
  ['31 characters', first.slice(0, 31), 'sessionSecret'],
  ['a short second secret', [first, 'short'], 'sessionSecret[1]'],
  ['a short second secret of a comma text', `${first},short`, 'sessionSecret[1]'],
  ['changeme, repeated', 'changeme-changeme-changeme-changeme', 'sessionSecret'],
  ['changeme with numbers', 'changeme1changeme2changeme3changeme4', 'sessionSecret'],
  ['secret, repeated', 'secret secret secret secret secret!', 'sessionSecret'],
  ['keyboard cat', 'keyboard cat, keyboard cat! keyboard cat', 'sessionSecret[1]'],
  ['the sentence of a sample', 'use [openssl rand -hex 32] to generate a 32 bytes value', 'sessionSecret'],
  ['the same secret twice', [first, first], 'sessionSecret[1]'],
  ['an empty list', [], 'sessionSecret'],
  ['commas only', ',,', 'sessionSecret'],
];
for (const [what, sessionSecret, place] of badSecrets) {
  test(`${what} is refused as session secret`, () => {
    const places = placesOf({ ...fourLines, sessionSecret });
    assert.ok(places.includes(place), places.join());
  });
}

const SYMBOLS = '!#$%&()*+-./:;<=>?@[]^_{|}~';

test('random secrets of the usual makes are never called guessable', () => {
  for (let run = 0; run < 500; run += 1) {
    const bytes = randomBytes(32);
    for (const sessionSecret of [
      bytes.subarray(0, 16).toString('hex'),
      bytes.toString('base64'),
      bytes.toString('base64url'),
      String.fromCodePoint(...Array.from(bytes, (byte) => 0x4e00 + byte * 7)),
      Array.from(bytes, (byte) => SYMBOLS[byte % SYMBOLS.length]).join(''),
    ]) {
      assert.deepEqual(placesOf({ ...fourLines, sessionSecret }), [], sessionSecret);
    }
  }
});

const badKeys: readonly [string, unknown, string][] = [
  ['16 bytes', randomBytes(16).toString('base64'), ''],
  ['33 bytes', randomBytes(33).toString('base64'), ''],
  ['hexadecimal digits', randomBytes(32).toString('hex'), ''],
  ['an empty list', [], ''],
];
for (const key of ['sealKey', 'pseudonymKey'] as const) {
  for (const [what, value, place] of badKeys) {
    if (key === 'pseudonymKey' && Array.isArray(value)) continue;
    test(`${what} is refused as ${key}`, () => {
      assert.deepEqual(placesOf({ ...fourLines, sessionSecret: first, [key]: value }), [key + place]);
    });
  }
}

test('a repeated seal key is refused, also in the other alphabet of base64', () => {
  const bytes = Buffer.alloc(32, '\xfb\xef\xbe\xff12345', 'latin1');
  const both = [bytes.toString('base64'), bytes.toString('base64url')];
  assert.notEqual(both[0], both[1]);
  assert.deepEqual(placesOf({ ...fourLines, sealKey: both }), ['sealKey[1]']);
});

test('two pseudonym keys are one too many', () => {
  assert.deepEqual(placesOf({ ...fourLines, pseudonymKey: `${keyA},${keyB}` }), ['pseudonymKey']);
});

for (const [what, options, place] of [
  ['one repeated character', { sessionSecret: 'x'.repeat(64) }, 'sessionSecret'],
  ['two characters in any order', { sessionSecret: 'aabbabaabbbababbaabaabbabbbaabbaba' }, 'sessionSecret'],
  ['a repeated pattern', { sessionSecret: 'abc1'.repeat(12) }, 'sessionSecret'],
  [
    'a seal key of nothing',
    { sessionSecret: first, sealKey: Buffer.alloc(32).toString('base64') },
    'sealKey',
  ],
] as const) {
  test(`${what} is a warning while trying things out, and refused in production`, () => {
    const complete = { ...fourLines, redisUrl: 'redis://h', publicUrl: 'https://chat.example', ...options };
    assert.deepEqual(placesOf(complete), []);
    assert.ok(resolved(complete).warnings.some((warning) => warning.startsWith(place)));
    assert.deepEqual(placesOf(complete, production), [place]);
  });
}
