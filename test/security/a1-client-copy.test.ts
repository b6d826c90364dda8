/** A client writes identity headers itself: on no route, method, upgrade or error does one arrive, or come back. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { aliasNames } from '../support/header-generators.ts';
import {
  assertNoEcho,
  assertOursOnly,
  behindEveryWall,
  HANDSHAKE,
  OWN_ROUTES,
  PLACES,
  spoofs,
  type HeaderRig,
} from '../support/header-rig.ts';
import { runs } from '../support/runs.ts';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND', 'SEARCH', 'PURGE'];
const CLAIMED = [
  'Id',
  'Nickname',
  'Customer',
  'Queue',
  'Variables',
  'Variable-national-id',
  'Acr',
  'Assertion',
];
const COPIES = spoofs(CLAIMED.map((suffix) => `X-Secure-Chat-${suffix}`));

const withCookie = ({ cookie }: HeaderRig) => [undefined, cookie];
const sent = (cookie: string | undefined): string[] => (cookie === undefined ? [] : ['Cookie', cookie]);

behindEveryWall('no copy arrives, whatever the method and the queue', async (_t, rig) => {
  for (const method of METHODS)
    for (const place of PLACES)
      for (const cookie of withCookie(rig)) {
        const outcome = await rig.send({ method, path: place.path, headers: [...COPIES, ...sent(cookie)] });
        assertNoEcho(outcome);
        if (place.secure && cookie === undefined) {
          assert.deepEqual([outcome.status, outcome.seen], [401, []], `${method} ${place.name}`);
          continue;
        }
        assert.equal(outcome.seen.length, 1, `${method} ${place.name}: ${outcome.head}`);
        assertOursOnly(outcome.seen[0]!, place.secure ? 'identity' : 'nobody');
      }
});

behindEveryWall('TRACE, which would show what was sent, goes nowhere', async (_t, rig) => {
  for (const { path } of PLACES)
    for (const cookie of withCookie(rig)) {
      const outcome = await rig.send({ method: 'TRACE', path, headers: [...COPIES, ...sent(cookie)] });
      assert.deepEqual([outcome.status, outcome.seen.length], [400, 0]);
      assert.ok(!outcome.body.includes('evil'));
    }
});

behindEveryWall('of the own routes none goes upstream, and none repeats a copy', async (_t, rig) => {
  for (const method of ['GET', 'HEAD', 'POST', 'OPTIONS', 'TRACE'])
    for (const path of OWN_ROUTES)
      for (const headers of [COPIES, [...COPIES, 'Accept', 'text/html', 'Sec-Fetch-Mode', 'navigate']]) {
        const outcome = await rig.send({ method, path, headers });
        assert.deepEqual(outcome.seen, [], `${method} ${path}`);
        assert.ok(outcome.status >= 200 && outcome.status < 500, `${method} ${path}: ${outcome.status}`);
        assertNoEcho(outcome);
        assert.ok(!outcome.body.includes('evil'), `${method} ${path}`);
      }
});

behindEveryWall('an upgrade has the same wall', async (_t, rig) => {
  for (const { path, secure, name } of PLACES)
    for (const cookie of withCookie(rig)) {
      const headers = ['Connection', 'Upgrade', ...HANDSHAKE, ...COPIES, ...sent(cookie)];
      const outcome = await rig.send({ path, headers });
      assertNoEcho(outcome);
      if (rig.hosted || (secure && cookie === undefined)) {
        // a host's handlers take no upgrade
        assert.deepEqual([outcome.status, outcome.seen], [rig.hosted ? 404 : 401, []], name);
        continue;
      }
      assert.deepEqual([outcome.status, outcome.seen.length], [101, 1], name);
      assertOursOnly(outcome.seen[0]!, secure ? 'identity' : 'nobody');
    }
});

behindEveryWall('a protocol that is not offered is a plain request behind the same wall', async (_t, rig) => {
  for (const protocol of ['h2c', 'TLS/1.0', 'HTTP/2.0'])
    for (const { path, secure } of PLACES) {
      const headers = ['Connection', 'Upgrade', 'Upgrade', protocol, ...COPIES, 'Cookie', rig.cookie];
      const outcome = await rig.send({ path, headers });
      assertNoEcho(outcome);
      for (const seen of outcome.seen) assertOursOnly(seen, secure ? 'identity' : 'nobody');
      if (!rig.hosted) assert.equal(outcome.seen.length, 1, `${protocol} ${path}: ${outcome.head}`);
    }
});

behindEveryWall('error answers repeat no copy', async (_t, rig) => {
  const { upstream } = rig.system;
  await upstream.stop();
  for (const path of ['/plain', '/queues/q_bank', '/queues/%', '/a/../b', '/queues/q_bank?queueKey=q_loan']) {
    const outcome = await rig.send({ path, headers: [...COPIES, 'Cookie', rig.cookie] });
    if (outcome.seen.length === 0) assert.ok(outcome.status >= 400, path);
    assertNoEcho(outcome);
    assert.ok(!outcome.body.includes('evil'), path);
  }
});

behindEveryWall(
  'any method, place and set of names: nothing of the client reads as ours',
  async (_t, rig) => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...METHODS),
        fc.constantFrom(...PLACES),
        fc.boolean(),
        fc.array(aliasNames(), { minLength: 1, maxLength: 12 }),
        async (method, place, verified, names) => {
          const cookie = verified ? rig.cookie : undefined;
          const headers = [...spoofs(names), ...sent(cookie), 'X-Honest', 'kept'];
          const outcome = await rig.send({ method, path: place.path, headers });
          assertNoEcho(outcome);
          for (const seen of outcome.seen) {
            assertOursOnly(seen, place.secure ? 'identity' : 'nobody');
            assert.ok(seen.rawHeaders.includes('X-Honest'));
          }
          assert.equal(outcome.seen.length, place.secure && !verified ? 0 : 1);
        },
      ),
      { numRuns: runs(30) },
    );
  },
);

behindEveryWall('a client that sends no copy gets exactly what it asked for', async (_t, rig) => {
  for (const { path, secure } of PLACES) {
    const headers = ['X-Custom', 'a', 'X-Custom', 'b', 'Cookie', rig.cookie];
    const [seen] = (await rig.send({ path, headers })).seen;
    const custom = seen!.rawHeaders.filter((_, i) => i % 2 === 1 && seen!.rawHeaders[i - 1] === 'X-Custom');
    assert.deepEqual(custom, ['a', 'b']);
    assert.equal(seen!.url, path);
    assertOursOnly(seen!, secure ? 'identity' : 'nobody');
  }
});
