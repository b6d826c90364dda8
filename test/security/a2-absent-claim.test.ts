/** A claim is absent and the client sends its header instead: copies go first, so an absent claim stays absent. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cgiEnvironment, cgiName, PREFIX, SEPARATORS } from '../support/header-generators.ts';
import { assertOursOnly, behindEveryWall, spoofs, startHeaderRig } from '../support/header-rig.ts';
import { runs } from '../support/runs.ts';
import { kari } from '../support/system.ts';

/** Mapped claims, and the header that each one is sent in. */
const HEADERS = {
  given_name: 'Nickname',
  name: 'Variable-name',
  birthdate: 'Variable-birthdate',
  'signicat.national_id': 'Variable-national-id',
} as const;
/** What the provider of the tests never says. */
const NEVER_SAID = ['Truncated', 'Variable-email'];
const COPIES = spoofs([...Object.values(HEADERS), ...NEVER_SAID].map((suffix) => PREFIX + suffix));

const ABSENT: readonly unknown[] = [undefined, null, '', '   ', [], {}, [null, ''], '\u0000\u202E', [[]]];

behindEveryWall(
  'every mapped claim that is absent leaves no header, and no copy instead',
  async (_t, rig) => {
    for (const value of ABSENT) {
      const empty = Object.fromEntries(Object.keys(HEADERS).map((claim) => [claim, value]));
      const cookie = await rig.verify({ ...empty, sub: 'somebody' });
      const headers = [...COPIES, 'Cookie', cookie];
      const [seen] = (await rig.send({ path: '/queues/q_bank', headers })).seen;
      assertOursOnly(seen!, 'identity');
      const environment = cgiEnvironment(seen!.rawHeaders);
      for (const suffix of [...Object.values(HEADERS), ...NEVER_SAID])
        assert.equal(
          environment.get(cgiName(PREFIX + suffix)),
          undefined,
          `${suffix} for ${JSON.stringify(value)}`,
        );
      assert.equal(environment.get('HTTP_X_SECURE_CHAT_ID'), 'somebody');
    }
  },
);

test('whichever claims are absent, those headers are absent and the others are true', async (t) => {
  const rig = await startHeaderRig(t);
  const person = { given_name: 'Kari', name: 'Kari', birthdate: '1990-02-17' };
  await fc.assert(
    fc.asyncProperty(
      fc.subarray(['given_name', 'name', 'birthdate'] as const),
      fc.constantFrom(...ABSENT),
      fc.constantFrom(...SEPARATORS),
      async (missing, value, separator) => {
        const claims: Record<string, unknown> = { ...person, sub: 'somebody' };
        for (const claim of missing) claims[claim] = value;
        const copies = COPIES.map((text, i) => (i % 2 === 0 ? text.replaceAll('-', separator) : text));
        const headers = [...copies, 'Cookie', await rig.verify(claims)];
        const [seen] = (await rig.send({ path: '/queues/q_bank', headers })).seen;
        const environment = cgiEnvironment(seen!.rawHeaders);
        for (const claim of ['given_name', 'name', 'birthdate'] as const) {
          const expected = missing.includes(claim) ? undefined : person[claim];
          assert.equal(environment.get(cgiName(PREFIX + HEADERS[claim])), expected, claim);
        }
      },
    ),
    { numRuns: runs(15) },
  );
});

behindEveryWall('a claim that is there arrives in spite of the copy', async (_t, rig) => {
  const headers = [...COPIES, 'Cookie', await rig.verify(kari)];
  const [seen] = (await rig.send({ path: '/queues/q_bank', headers })).seen;
  assertOursOnly(seen!, 'identity');
  const environment = cgiEnvironment(seen!.rawHeaders);
  assert.equal(environment.get('HTTP_X_SECURE_CHAT_NICKNAME'), 'Kari');
  assert.equal(environment.get('HTTP_X_SECURE_CHAT_VARIABLE_NATIONAL_ID'), '170290*****');
});
