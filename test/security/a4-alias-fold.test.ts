/** An identity header with any other separator (`X.Secure.Chat.Id`, `X~Secure!Chat$Id`): CGI reads it as ours, so none arrives. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createHeaderWall } from '../../src/proxy/header-wall.ts';
import { assertNoAliasArrives } from '../support/alias-attacks.ts';
import {
  aliasNames,
  cgiEnvironment,
  cgiName,
  readsAsOurs,
  RESEMBLING,
  resemblingNames,
  SEPARATORS,
} from '../support/header-generators.ts';
import { assertOursOnly, behindEveryWall, PLACES, spoofs } from '../support/header-rig.ts';
import { runs } from '../support/runs.ts';

const CLAIMED = ['Id', 'Nickname', 'Customer', 'Queue', 'Connection', 'Variables', 'Assertion', 'Acr'];

behindEveryWall('every character that a header name may hold, as separator', async (_t, rig) => {
  for (const { path, secure } of PLACES)
    for (const separator of SEPARATORS) {
      const names = CLAIMED.flatMap((suffix) => [
        `X-Secure-Chat${separator}${suffix}`,
        `X${separator}Secure${separator}Chat${separator}${suffix}`,
      ]);
      const [seen] = (await rig.send({ path, headers: [...spoofs(names), 'Cookie', rig.cookie] })).seen;
      assertOursOnly(seen!, secure ? 'identity' : 'nobody');
      // what CGI would hand to a program: ours alone
      const id = cgiEnvironment(seen!.rawHeaders).get('HTTP_X_SECURE_CHAT_ID');
      assert.equal(id, secure ? 'kari-sub' : undefined, separator);
    }
});

behindEveryWall('any mix of separators and case, requests and upgrades', async (_t, rig) => {
  await assertNoAliasArrives(rig);
});

const CONFIGURED = 'Corp.Chat_2~';
behindEveryWall(
  'a configured prefix is folded in the same way',
  async (_t, rig) => {
    const prefix = `${CONFIGURED}-`;
    await fc.assert(
      fc.asyncProperty(
        fc.array(aliasNames(SEPARATORS, prefix), { minLength: 1, maxLength: 20 }),
        fc.constantFrom(...PLACES),
        async (names, { path, secure }) => {
          const headers = [...spoofs(names), 'X-Secure-Chat-Id', 'another', 'Cookie', rig.cookie];
          const [seen] = (await rig.send({ path, headers })).seen;
          assertOursOnly(seen!, secure ? 'identity' : 'nobody', prefix);
          assert.ok(seen!.rawHeaders.includes('X-Secure-Chat-Id'), 'a name like any other here');
        },
      ),
      { numRuns: runs(15) },
    );
  },
  { options: { headerPrefix: `${CONFIGURED}-` } },
);

test('the wall and an independent reading of CGI agree on every name', () => {
  const wall = createHeaderWall('X-Secure-Chat-');
  const token = fc.string({
    unit: fc.constantFrom(...SEPARATORS, ...Array.from('xXsecurehatCHid019')),
    maxLength: 24,
  });
  fc.assert(
    fc.property(fc.oneof(aliasNames(), resemblingNames(), token), (name) => {
      assert.equal(wall.folds(name), readsAsOurs(name), name);
    }),
    { numRuns: runs(3000) },
  );
  // a server that is told to take such names would hand them on
  for (const odd of ['\u00A0', '\u2010', '\u017F', '(', ' ', '/', '\u0000', '\u00E9'])
    assert.ok(wall.folds(`X${odd}Secure${odd}Chat${odd}Id`), JSON.stringify(odd));
});

behindEveryWall('names that only resemble it pass, with their values', async (_t, rig) => {
  const names = fc.array(resemblingNames(), { minLength: 1, maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(fc.constant([...RESEMBLING]), names),
      fc.constantFrom(...PLACES),
      async (spelt, { path }) => {
        const distinct = [...new Map(spelt.map((name) => [cgiName(name), name])).values()];
        const headers = distinct.flatMap((name, index) => [name, `value ${index}`]);
        const [seen] = (await rig.send({ path, headers: [...headers, 'Cookie', rig.cookie] })).seen;
        for (const [index, name] of distinct.entries()) {
          const at = seen!.rawHeaders.indexOf(name);
          assert.equal(seen!.rawHeaders[at + 1], `value ${index}`, name);
        }
      },
    ),
    { numRuns: runs(20) },
  );
});
