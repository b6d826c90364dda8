/** Names in any script, emoji, lone surrogates, literal `%41`: `decodeURIComponent` gives back exactly the claim. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { asciiJson, encodeHeaderValue } from '../../src/proxy/encode-value.ts';
import { anyCodePoint } from '../support/any-code-point.ts';
import { runs } from '../support/runs.ts';
import { startValueRig } from '../support/value-rig.ts';

const NAMED = [
  '\u00c5se \u00d8deg\u00e5rd',
  '\u0141ukasz',
  '\u{1f9d1}\u200d\u{1f4bb} \u{1f1f3}\u{1f1f4}',
  'A\u030ase',
  '\u05d0\u05d1 \u0645\u0631\u064a\u0645',
  '%41',
  '100 %',
  '%',
  'a+b',
  '%C3%A5',
  'caf\u00e9%20',
  '\uffff\ufffe\ufeff',
  '\u{10ffff}',
  '=?UTF-8?Q?x?=',
];
/** Any code units, lone surrogates among them. */
const units = fc
  .array(fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.integer({ min: 0xd7f0, max: 0xe010 })), {
    maxLength: 12,
  })
  .map((codes) => String.fromCharCode(...codes));
const anyText = fc.oneof(units, fc.string({ unit: anyCodePoint, maxLength: 10 }), fc.constantFrom(...NAMED));

/** The contract, said once more: what is left of a text when it may be shown. */
function expected(text: string): string | undefined {
  const shown = text
    .toWellFormed()
    .replaceAll(/\r\n|[\n\r\u0085\u2028\u2029]/g, ' ')
    .replaceAll(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, '');
  return shown.trim() === '' ? undefined : shown;
}

test('encoding: always printable ASCII, always back to the very text', () => {
  fc.assert(
    fc.property(fc.oneof(units, fc.string({ unit: anyCodePoint, maxLength: 40 })), (text) => {
      const encoded = encodeHeaderValue(text);
      assert.match(encoded, /^[ -~]*$/);
      assert.equal(encoded, encoded.trim());
      assert.equal(decodeURIComponent(encoded), text.toWellFormed());
      const json = asciiJson([{ value: text }]);
      assert.match(json, /^[ -~]*$/);
      assert.deepEqual(JSON.parse(decodeURIComponent(json)), [{ value: text }]);
    }),
    { numRuns: runs(3000) },
  );
});

test('encoding: plain text stays readable, and only that', () => {
  const plain = fc.stringMatching(/^[!-$&-~]([ -$&-~]{0,30}[!-$&-~])?$/);
  fc.assert(
    fc.property(plain, (text) => {
      assert.equal(encodeHeaderValue(text), text);
    }),
    { numRuns: runs(1000) },
  );
  for (const text of ['%41', ' a', 'a ', '\u00e5', 'a\tb', '\u007f'])
    assert.match(encodeHeaderValue(text), /%[0-9A-F]{2}/, text);
});

test('from the provider to the wire: every claim comes back exact, in its header and in Variables', async (t) => {
  const claims = Array.from({ length: 14 }, (_, i) => `v${i}`);
  const rig = await startValueRig(t, claims, { options: { headerLimitBytes: 14_000 } });
  const texts = fc.array(anyText, { minLength: 14, maxLength: 14 });
  await fc.assert(
    fc.asyncProperty(texts, anyText, async (values, nick) => {
      const person = Object.fromEntries(values.map((one, i) => [`v${i}`, one]));
      const told = await rig.tell({ ...person, sub: 'kari', nick });
      assert.equal(told.value('Nickname'), expected(nick));
      assert.equal(told.value('Truncated'), undefined);
      for (const [index, text] of values.entries()) {
        assert.equal(told.value(`Variable-v${index}`), expected(text));
        assert.equal(told.variables[`v${index}`], expected(text));
      }
      assert.match(told.raw.get('VARIABLES')!, /^[ -~]*$/);
      assert.equal(decodeURIComponent(told.raw.get('VARIABLES')!), told.raw.get('VARIABLES'));
    }),
    { numRuns: runs(20), examples: [[NAMED, NAMED[0]!]] },
  );
});

test('a person whose sub is no ASCII, or half a character, is one person all the same', async (t) => {
  const rig = await startValueRig(t, ['name']);
  for (const [sub, shown] of [
    ['\u00c5se', '\u00c5se'],
    ['a\ud800b', 'a\ufffdb'],
    ['\udfff', '\ufffd'],
  ] as const) {
    const told = await rig.tell({ sub, nick: sub, name: sub });
    assert.deepEqual(
      [told.value('Id'), told.value('Nickname'), told.variables['name']],
      [shown, shown, shown],
    );
  }
});
