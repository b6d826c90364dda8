import assert from 'node:assert/strict';
import fc from 'fast-check';
import { aliasNames } from './header-generators.ts';
import { assertOursOnly, HANDSHAKE, PLACES, spoofs, type HeaderRig } from './header-rig.ts';
import { runs } from './runs.ts';

/** Up to thirty headers whose names CGI reads as ours, spelt with these separators, in requests and upgrades: none arrives. */
export async function assertNoAliasArrives(rig: HeaderRig, separators?: readonly string[]): Promise<void> {
  const names = fc.array(aliasNames(separators), { minLength: 1, maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(names, fc.constantFrom(...PLACES), fc.boolean(), async (spelt, place, upgrade) => {
      const handshake = upgrade && !rig.hosted ? ['Connection', 'Upgrade', ...HANDSHAKE] : [];
      const headers = [...spoofs(spelt), 'Cookie', rig.cookie, ...handshake];
      const [seen, ...more] = (await rig.send({ path: place.path, headers })).seen;
      assert.equal(more.length, 0);
      assertOursOnly(seen!, place.secure ? 'identity' : 'nobody');
    }),
    { numRuns: runs(40) },
  );
}
