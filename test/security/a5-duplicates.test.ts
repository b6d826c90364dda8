/** The same identity header twice, in two spellings or comma-joined: each arrives on exactly one line, and it is ours. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { aliasNames, cgiEnvironment, PREFIX } from '../support/header-generators.ts';
import { assertOursOnly, behindEveryWall, HANDSHAKE, PLACES, spoofs } from '../support/header-rig.ts';
import { runs } from '../support/runs.ts';
import { headerValues } from '../support/upstream.ts';

/** CVE-2026-33433, CVE-2020-14359: the first copy, the last copy, or all of them joined won. */
const TWICE = [
  [`${PREFIX}Id`, `${PREFIX}Id`],
  [`${PREFIX}Id`, 'x-secure-chat-id'],
  [`${PREFIX}Id`, 'X_Secure_Chat_Id'],
  ['X_Secure_Chat_Id', `${PREFIX}Id`, 'X.Secure.Chat.Id'],
] as const;
const VALUES = ['evil', 'evil, kari-sub', 'kari-sub, evil', ',evil,', '"evil"', '\tevil\t', ''];
const PLAIN = ['Customer', 'Queue', 'Connection', 'Id', 'Nickname', 'Variables', 'Variable-national-id'];

behindEveryWall('named pairs, before and behind everything else', async (_t, rig) => {
  for (const names of TWICE)
    for (const value of VALUES)
      for (const ends of ['first', 'last'] as const) {
        const cookie = ['Cookie', rig.cookie];
        const copies = spoofs(names, value);
        const headers = ends === 'first' ? [...copies, ...cookie] : [...cookie, ...copies];
        const [seen, ...more] = (await rig.send({ path: '/queues/q_bank', headers })).seen;
        assert.equal(more.length, 0);
        assertOursOnly(seen!, 'identity');
        assert.deepEqual(headerValues(seen!.rawHeaders, `${PREFIX}Id`), ['kari-sub']);
      }
});

behindEveryWall('any heap of copies: one line each, also joined as CGI would', async (_t, rig) => {
  const copy = fc.tuple(fc.oneof(aliasNames(), fc.constantFrom(...PLAIN.map((s) => PREFIX + s))), fc.nat(6));
  await fc.assert(
    fc.asyncProperty(
      fc.array(copy, { minLength: 2, maxLength: 25 }),
      fc.constantFrom(...PLACES),
      fc.boolean(),
      async (copies, { path, secure }, upgrade) => {
        const doubled = [...copies, ...copies].flatMap(([name, value]) => [name, VALUES[value]!]);
        const handshake = upgrade && !rig.hosted ? ['Connection', 'Upgrade', ...HANDSHAKE] : [];
        const headers = [...doubled, 'Cookie', rig.cookie, ...handshake];
        const [seen, ...more] = (await rig.send({ path, headers })).seen;
        assert.equal(more.length, 0);
        assertOursOnly(seen!, secure ? 'identity' : 'nobody');
        if (!secure) return;
        for (const suffix of PLAIN) {
          const [line, ...others] = headerValues(seen!.rawHeaders, PREFIX + suffix);
          assert.deepEqual(others, [], suffix);
          const name = `HTTP_X_SECURE_CHAT_${suffix.toUpperCase().replaceAll('-', '_')}`;
          assert.equal(cgiEnvironment(seen!.rawHeaders).get(name), line, suffix);
        }
      },
    ),
    { numRuns: runs(30) },
  );
});

behindEveryWall('other headers may come twice, and arrive twice', async (_t, rig) => {
  const headers = ['X-Tag', 'a', 'X-Tag', 'b', 'x-tag', 'a, b', 'X_Tag', 'c', 'Cookie', rig.cookie];
  for (const { path } of PLACES) {
    const [seen] = (await rig.send({ path, headers })).seen;
    assert.deepEqual(headerValues(seen!.rawHeaders, 'X-Tag'), ['a', 'b', 'a, b']);
    assert.deepEqual(headerValues(seen!.rawHeaders, 'X_Tag'), ['c']);
  }
});
