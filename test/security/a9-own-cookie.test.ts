/** The gateway's own cookies, wherever in `Cookie` they stand, never go upstream; every other cookie goes byte for byte. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { faces } from '../support/faces.ts';
import { HANDSHAKE, PLACES, startHeaderRig, type HeaderRig } from '../support/header-rig.ts';
import { runs } from '../support/runs.ts';
import { headerValues } from '../support/upstream.ts';

/** Cookies of other sites' making: any bytes that a line may hold but `;`, in any odd form. */
const others = fc
  .stringMatching(/^[ !-:<-~\u0080-\u00ff\t]{0,20}$/)
  .filter((pair) => pair.trim() !== '' && !/^\s*(?:secure-chat|host\.sid)[\w-]*\s*(?:=|$)/.test(pair))
  .filter((pair) => !/s(?::|%3a)/i.test(pair));

/** What must not be seen: the value of every own cookie, and its signature alone. */
function secretsOf(pairs: readonly string[]): string[] {
  return pairs.flatMap((pair) => {
    const value = pair.slice(pair.indexOf('=') + 1);
    return [value, value.slice(-20)];
  });
}

function spellings(pair: string): string[] {
  const [name, value] = [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)];
  return [pair, ` ${pair}`, `\t${name} = ${value} `, `${name}="${value}"`, ` ${name}= "${value}"`];
}

async function start(t: Parameters<typeof startHeaderRig>[0], face: (typeof faces)[number]) {
  const rig = await startHeaderRig(t, { face });
  const transaction = 'secure-chat-tx-AAAAAAAAAAAAAAAAAAAAAA=mfx0a0a.SECRETSECRETSECRETSECRET';
  const own = [...rig.cookie.split('; '), transaction];
  assert.ok(own.length >= 2);
  return { rig, own, secrets: secretsOf(own) };
}

function assertNoSecret(rawHeaders: readonly string[], secrets: readonly string[]): void {
  // never the line itself in a failing test: it holds the session
  const leaking = rawHeaders.findIndex((text) => secrets.some((secret) => text.includes(secret)));
  assert.equal(leaking, -1, `a secret in ${rawHeaders[leaking - 1] ?? 'a header'}`);
}

async function cookieLine(rig: HeaderRig, path: string, line: string, more: readonly string[] = []) {
  const { seen, status } = await rig.send({ path, headers: ['Cookie', line, ...more] });
  return {
    seen: seen[0],
    status,
    lines: seen.flatMap(({ rawHeaders }) => headerValues(rawHeaders, 'Cookie')),
  };
}

for (const face of faces) {
  test(`first, last, between, quoted, twice: never upstream (${face.name})`, async (t) => {
    const { rig, own, secrets } = await start(t, face);
    for (const { path } of PLACES)
      for (const pair of own)
        for (const mine of spellings(pair))
          for (const [line, left] of [
            [mine, undefined],
            [`${mine}; a=1`, 'a=1'],
            [`a=1; b="x y";${mine}`, 'a=1; b="x y"'],
            [`a=1;${mine}; b=2`, 'a=1; b=2'],
            [`${mine};${mine}; a=1;${mine}`, 'a=1'],
            [`a="x;${mine}; y"`, 'a="x; y"'],
          ] as const) {
            const { seen, lines } = await cookieLine(rig, path, line);
            if (seen === undefined) continue;
            assertNoSecret(seen.rawHeaders, secrets);
            // blanks around the whole value are not part of it (RFC 9110, section 5.5)
            assert.deepEqual(lines, left === undefined ? [] : [left]);
          }
  });

  test(`any other cookies keep every byte and their order, requests and upgrades (${face.name})`, async (t) => {
    const { rig, own, secrets } = await start(t, face);
    const mine = fc.constantFrom(...own.flatMap(spellings)).map((pair) => ({ pair, own: true }));
    const theirs = others.map((pair) => ({ pair, own: false }));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(mine, theirs), { minLength: 1, maxLength: 10 }),
        fc.constantFrom(...PLACES),
        fc.boolean(),
        async (pairs, { path }, upgrade) => {
          const line = [...pairs.map(({ pair }) => pair), ` ${rig.cookie}`].join(';');
          const handshake = upgrade ? ['Connection', 'Upgrade', ...HANDSHAKE] : [];
          const { seen, lines } = await cookieLine(rig, path, line, handshake);
          assertNoSecret(seen!.rawHeaders, secrets);
          const expected = pairs.filter((one) => !one.own).map(({ pair }) => pair);
          assert.equal((lines[0] ?? '').trim(), expected.join(';').trim());
        },
      ),
      { numRuns: runs(40) },
    );
  });

  test(`several Cookie lines are one as good as the other (${face.name})`, async (t) => {
    const { rig, secrets } = await start(t, face);
    const more = ['cookie', `${rig.cookie}; b=2`, 'COOKIE', rig.cookie];
    const { seen, lines } = await cookieLine(rig, '/queues/q_open', `a=1; ${rig.cookie}`, more);
    assertNoSecret(seen!.rawHeaders, secrets);
    assert.deepEqual(lines, ['a=1', 'b=2']);
  });

  test(`cookies whose names only resemble ours pass (${face.name})`, async (t) => {
    const { rig } = await start(t, face);
    const honest =
      'Secure-Chat=1; secure-chat2=2; my-secure-chat=3; __Host-secure-chat-x=4; secure_chat=5; x=secure-chat=6; secure-chat-theme=dark';
    for (const { path } of PLACES) {
      const { lines } = await cookieLine(rig, path, `${honest}; ${rig.cookie}`);
      assert.deepEqual(lines, [honest]);
    }
  });
}
