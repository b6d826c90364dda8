/** A claim with CR, LF, NUL, U+0085, U+2028 or a bidi override: no header is split, nothing forged, no other claim lost. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readsAsOurs } from '../support/header-generators.ts';
import { runs } from '../support/runs.ts';
import { startValueRig } from '../support/value-rig.ts';

const BREAKS = ['\r', '\n', '\r\n', '\u0085', '\u2028', '\u2029'];
const range = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => String.fromCharCode(from + i));
const BIDI = [...range(0x202a, 0x202e), ...range(0x2066, 0x2069)];
const CONTROLS = [...range(0, 0x1f), ...range(0x7f, 0x9f)].filter((char) => !BREAKS.includes(char));
const INJECTION = 'X-Secure-Chat-Id: evil';
const CLAIMS = ['odd', 'address', 'honest'];

test('line breaks of every kind become a space, and ", " in an address; nothing else becomes a header', async (t) => {
  const rig = await startValueRig(t, CLAIMS);
  for (const cut of [...BREAKS, ...BREAKS.map((one) => one + one)]) {
    const text = `Kari${cut}${INJECTION}${cut}Transfer-Encoding: chunked`;
    const told = await rig.tell({
      sub: `s${cut}t`,
      nick: text,
      odd: text,
      address: { formatted: text },
      honest: 'ok',
    });
    const spaces = cut.length === 2 && cut !== '\r\n' ? '  ' : cut === '\r\n\r\n' ? '  ' : ' ';
    const inLine = `Kari${spaces}${INJECTION}${spaces}Transfer-Encoding: chunked`;
    assert.equal(told.value('Id'), `s${spaces}t`);
    assert.equal(told.value('Nickname'), inLine);
    assert.equal(told.value('Variable-odd'), inLine);
    assert.equal(told.variables['odd'], inLine);
    assert.equal(told.value('Variable-address'), `Kari, ${INJECTION}, Transfer-Encoding: chunked`);
    assert.equal(told.value('Variable-honest'), 'ok');
    const names = told.seen.rawHeaders.filter((_, i) => i % 2 === 0).map((name) => name.toLowerCase());
    assert.equal(new Set(names.filter((name) => readsAsOurs(name))).size, told.raw.size);
    assert.ok(!names.includes('transfer-encoding'));
  }
});

test('other controls and bidi overrides are taken out of every value', async (t) => {
  const rig = await startValueRig(t, CLAIMS);
  const all = [...CONTROLS, ...BIDI];
  for (const chars of [all, ...Array.from({ length: 6 }, (_, i) => all.slice(i * 13, i * 13 + 13))]) {
    const text = `a${chars.join('b')}c`;
    const plain = `a${'b'.repeat(chars.length - 1)}c`;
    const told = await rig.tell({
      sub: text,
      nick: text,
      odd: [text, { deep: text }],
      address: text,
      honest: 'ok',
    });
    assert.deepEqual(
      [told.value('Id'), told.value('Nickname'), told.value('Variable-odd'), told.value('Variable-address')],
      [plain, plain, `${plain}, ${plain}`, plain],
    );
    assert.equal(told.value('Variable-honest'), 'ok');
  }
});

test('any mixture: one request, printable values, no control in what an agent reads', async (t) => {
  const claims = Array.from({ length: 12 }, (_, i) => `v${i}`);
  const rig = await startValueRig(t, claims);
  const nasty = fc.constantFrom(...BREAKS, ...CONTROLS, ...BIDI);
  const text = fc
    .array(fc.oneof(nasty, fc.constantFrom('a', ' ', ': ', 'X-Secure-Chat-Id', ',', '%0d%0a', '"', '\\')), {
      maxLength: 8,
    })
    .map((parts) => parts.join(''));
  await fc.assert(
    fc.asyncProperty(fc.array(text, { minLength: 12, maxLength: 12 }), async (texts) => {
      const person = Object.fromEntries(texts.map((one, i) => [`v${i}`, one]));
      const told = await rig.tell({ ...person, sub: 'kari', nick: 'Kari' });
      assert.deepEqual([told.value('Id'), told.value('Nickname')], ['kari', 'Kari']);
      for (const [name, raw] of told.raw) {
        assert.match(raw, /^[ -~]*$/, name);
        assert.doesNotMatch(decodeURIComponent(raw), /[\p{Cc}\u2028-\u202e\u2066-\u2069]/u, name);
      }
      for (const value of Object.values(told.variables))
        assert.doesNotMatch(value, /[\p{Cc}\u2028-\u202e\u2066-\u2069]/u);
    }),
    { numRuns: runs(25) },
  );
});

test('text that only looks like an injection passes as it is', async (t) => {
  const rig = await startValueRig(t, CLAIMS);
  for (const odd of ['a\\r\\nb', '%0d%0aX-Evil: 1', 'a;b:c,d', '\\u000a', '<br>', '\'"`']) {
    const told = await rig.tell({ sub: 's', nick: odd, odd });
    assert.deepEqual([told.value('Nickname'), told.variables['odd']], [odd, odd]);
  }
});
