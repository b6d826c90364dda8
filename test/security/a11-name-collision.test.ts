/** Two claims whose headers fold alike, or a claim called `__proto__`: refused at the start, never one value under another name. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ConfigError } from '../../src/config/problems.ts';
import { createGateway } from '../../src/gateway.ts';
import { silent } from '../support/faces.ts';
import { cgiName, readsAsOurs } from '../support/header-generators.ts';
import { startHeaderRig } from '../support/header-rig.ts';
import { startProvider } from '../support/provider.ts';
import { runs } from '../support/runs.ts';
import { connection } from '../support/system.ts';

const FOUR_LINES = {
  authConnectionName: 'Signicat',
  authClientId: 'portal',
  authEndpoint: 'https://preprod.signicat.com/oidc',
  upstream: 'http://127.0.0.1:9',
  publicUrl: 'https://chat.example',
  sessionSecret: 'a secret for tests that is long enough',
  returnOrigins: [],
};

/** The problems with a mapping of these claims as Variables; none when it would start. */
async function problemsWith(
  claims: readonly string[],
): Promise<readonly { expected: string; path: string }[]> {
  // by way of JSON, as a file has it: `__proto__` is then a key like any other
  const entries = claims.map((claim) => `${JSON.stringify(claim)}:{"MapType":"Variable"}`);
  const authMapping = JSON.parse(`{${entries.join(',')}}`) as Record<string, never>;
  try {
    await createGateway({ ...FOUR_LINES, authMapping }, { logger: silent }).close(0);
    return [];
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error.problems;
  }
}

const letters = fc.stringMatching(/^[a-zA-Z0-9]{1,8}$/);
const separators = fc.stringMatching(/^[ ._:/@\-\u00e6\u2028]{1,3}$/);
/** A name in words, spelt twice with other separators and another case. */
const twins = fc
  .tuple(fc.array(letters, { minLength: 2, maxLength: 4 }), separators, separators, fc.boolean())
  .map(([words, one, other, upper]) => {
    const second = words.join(other);
    return [words.join(one), upper ? second.toUpperCase() : second] as const;
  })
  .filter(([one, other]) => one !== other);

test('any two claims whose headers fold alike are refused, and the problem names both', async () => {
  const shown = (name: string) => JSON.stringify(name).replaceAll(/[^ -~]/g, '?');
  await fc.assert(
    fc.asyncProperty(twins, async ([one, other]) => {
      const told = (await problemsWith([one, other])).map(({ expected }) => expected);
      assert.ok(
        told.some((text) => text.includes(shown(one)) && text.includes(shown(other))),
        told.join('\n'),
      );
    }),
    { numRuns: runs(150), examples: [[['national_id', 'national.id']], [['a', '_a']]] },
  );
});

test('names that nobody could confuse start, each with a header of its own', async (t) => {
  const claims = [
    'national_id',
    'name',
    'nick_name',
    'nickname',
    'a1',
    'a_1',
    's',
    'variables',
    'id',
    'constructor',
  ];
  assert.deepEqual(await problemsWith(claims), []);
  const provider = await startProvider({ person: { sub: 'x' } });
  t.after(() => provider.stop());
  const authMapping = Object.fromEntries(claims.map((claim) => [claim, { MapType: 'Variable' }]));
  const customers = [
    {
      customerKey: '1',
      connections: [connection(provider, { authMapping })],
      queues: [{ queueKey: 'q_bank', authConnectionName: 'Signicat' }],
    },
  ];
  const rig = await startHeaderRig(t, { provider, options: { customers } });
  await fc.assert(
    fc.asyncProperty(fc.subarray(claims), async (present) => {
      const person = Object.fromEntries(present.map((claim) => [claim, `value of ${claim}`]));
      const cookie = await rig.verify({ ...person, national_id: undefined, sub: 'somebody' });
      const [seen] = (await rig.send({ path: '/queues/q_bank', headers: ['Cookie', cookie] })).seen;
      const lines = new Map<string, string>();
      seen!.rawHeaders.forEach((text, i, all) => {
        if (i % 2 === 1 && readsAsOurs(all[i - 1]!)) {
          assert.ok(!lines.has(cgiName(all[i - 1]!)), all[i - 1]);
          lines.set(cgiName(all[i - 1]!), text);
        }
      });
      for (const claim of claims) {
        const expected = present.includes(claim) && claim !== 'national_id' ? `value of ${claim}` : undefined;
        assert.equal(lines.get(cgiName(`X-Secure-Chat-Variable-${claim}`)), expected, claim);
      }
    }),
    { numRuns: runs(12) },
  );
});

for (const claim of ['__proto__', '', '...', '\u00e6\u00f8\u00e5'])
  test(`the claim name ${JSON.stringify(claim)} is refused`, async () => {
    assert.notEqual((await problemsWith(['name', claim])).length, 0);
  });

test('a claim called __proto__ in an answer of the provider lends its members to nobody', async (t) => {
  const rig = await startHeaderRig(t);
  const person = JSON.parse(
    '{"sub":"somebody","__proto__":{"name":"evil","given_name":"evil","nin":"evil"},"constructor":{"prototype":{"name":"evil"}}}',
  ) as Record<string, unknown>;
  const cookie = await rig.verify(person);
  const [seen] = (await rig.send({ path: '/queues/q_bank', headers: ['Cookie', cookie] })).seen;
  assert.ok(!seen!.rawHeaders.some((text) => text.includes('evil')));
  assert.ok(seen!.rawHeaders.includes('somebody'));
  assert.equal(({} as Record<string, unknown>)['name'], undefined);
});
