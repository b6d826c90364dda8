/** Metrics, debugging and administration reachable from outside (CVE-2022-24797): below the prefix the gateway has no such address, elsewhere it is the upstream's, without an identity. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { runs } from '../support/runs.ts';
import { startAdministered } from '../admin-site/rig.ts';
import { inEveryFace, startSystem } from '../support/system.ts';

/** What other products have at such addresses. */
const NAMES = [
  'metrics',
  'metrics/prometheus',
  'debug',
  'debug/pprof',
  'debug/pprof/heap',
  'debug/vars',
  'debug/requests',
  'admin',
  'admin/config',
  'admin/sessions',
  'status',
  'server-status',
  'stub_status',
  'actuator',
  'actuator/env',
  'actuator/heapdump',
  'heapdump',
  'env',
  '.env',
  '.git/config',
  'config',
  'config.json',
  'info',
  'trace',
  'dump',
  'console',
  'api/rawdata',
  'dashboard',
  'userinfo',
  'oauth2/userinfo',
  'oauth2/sign_in',
  'tokens',
  'sessions',
  'users',
  'keys',
  'json/version',
  '__debug__',
  'node_modules/express/package.json',
  'server.ts',
  'ping',
  'version',
];
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'REPORT'];

const address = fc.record({
  name: fc.constantFrom(...NAMES),
  tail: fc.constantFrom('', '/', '?debug=1', '?seconds=1', '/x', '.json'),
  upper: fc.boolean(),
  method: fc.constantFrom(...METHODS),
});
const written = ({ name, tail, upper }: { name: string; tail: string; upper: boolean }) =>
  `/${upper ? name.toUpperCase() : name}${tail}`;

inEveryFace('operators’ addresses below the prefix are 404, also for who is logged in', async (t, face) => {
  const { url, upstream, browser } = await startSystem(t, { face });
  const visitor = browser();
  await visitor.open(`${url}/queues/q_bank`);
  const before = upstream.requests.length;
  await fc.assert(
    fc.asyncProperty(
      address,
      fc.constantFrom('/secure-chat', '/Secure-Chat', '/SECURE-CHAT'),
      async (asked, prefix) => {
        const { status, body, headers } = await visitor.fetch(url + prefix + written(asked), {
          method: asked.method,
        });
        const place = `${asked.method} ${prefix}${written(asked)}`;
        assert.equal(status, 404, place);
        assert.equal(headers.get('cache-control'), 'no-store', place);
        if (asked.method === 'HEAD') return;
        const problem = JSON.parse(body) as Record<string, unknown>;
        assert.equal(problem['code'], 'not_found', place);
        assert.deepEqual(
          Object.keys(problem),
          ['type', 'title', 'status', 'detail', 'code', 'requestId'],
          place,
        );
      },
    ),
    { numRuns: runs(60) },
  );
  assert.equal(upstream.requests.length, before, 'the upstream never hears of them');
});

inEveryFace('the same addresses elsewhere are the upstream’s, and go there as anybody’s', async (t, face) => {
  const { url, upstream, browser } = await startSystem(t, { face });
  const visitor = browser();
  await visitor.open(`${url}/queues/q_bank`);
  const own = visitor.cookies('127.0.0.1').split('=')[0]!;
  await fc.assert(
    fc.asyncProperty(address, async (asked) => {
      const place = written(asked);
      const { status } = await visitor.fetch(url + place, { method: asked.method });
      const { method, url: target, rawHeaders } = upstream.requests.at(-1)!;
      assert.deepEqual([status, method, target], [200, asked.method, place]);
      assert.ok(!rawHeaders.some((text) => /^x.secure.chat/i.test(text) || text.includes(own)), place);
    }),
    { numRuns: runs(40) },
  );
});

inEveryFace('health and readiness say a word and nothing of the inside', async (t, face) => {
  const { url, browser } = await startSystem(t, { face });
  for (const path of ['/healthz', '/readyz', '/healthz?verbose=1', '/readyz?full']) {
    const { status, body } = await browser().fetch(`${url}/secure-chat${path}`);
    assert.deepEqual([status, body], [200, '{"status":"ok"}'], path);
  }
  // outside the prefix the upstream has its own
  assert.match((await browser().fetch(`${url}/healthz`)).body, /"url":"\/healthz"/);
});

inEveryFace(
  'where there is an administration, whoever has not signed in gets its sign-in and nothing else',
  async (t, face) => {
    const { url, browser, gateway } = await startAdministered(t, { face });
    const before = await gateway.administration!.read();
    const visitor = browser();
    await visitor.open(`${url}/queues/q_bank`);
    const paths = [
      '',
      '/customer',
      '/connection',
      '/mapping',
      '/secret',
      '/queue',
      '/confirm?act=reset',
      '/audit',
      '/sessions',
      '/api/v1/settings',
    ];
    for (const path of paths) {
      for (const method of ['GET', 'POST']) {
        const { status, body } = await visitor.navigate(`${url}/secure-chat/admin${path}`, {
          method,
          headers: { 'sec-fetch-site': 'same-origin', 'content-type': 'application/x-www-form-urlencoded' },
          ...(method === 'POST' ? { body: 'do=save' } : {}),
        });
        assert.ok([401, 405].includes(status), `${method} ${path} ${status}`);
        assert.doesNotMatch(body, /12345|Signicat|q_bank/, path);
      }
    }
    assert.deepEqual((await gateway.administration!.read()).customers, before.customers);
  },
);
