/** Headers that claim another address, scheme, host or path would move the request or its login: nobody is believed but as many proxies as TRUST_PROXY says. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import fc from 'fast-check';
import type { Face } from '../support/faces.ts';
import { runs } from '../support/runs.ts';
import { startSite } from '../support/site.ts';
import { inEveryFace } from '../support/system.ts';
import { headerValues } from '../support/upstream.ts';

const CLAIMS = [
  ...[
    'Uri',
    'Url',
    'Path',
    'Prefix',
    'Host',
    'Server',
    'Proto',
    'Protocol',
    'Scheme',
    'Port',
    'Ssl',
    'Method',
    'By',
  ].map((last) => `X-Forwarded-${last}`),
  ...['URL', 'URI', 'Host', 'Method', 'Path', 'Prefix', 'Forwarded-For'].map((last) => `X-Original-${last}`),
  ...['URL', 'URI'].map((last) => `X-Rewrite-${last}`),
  'X-Forwarded-For',
  'X-Real-IP',
  'True-Client-IP',
  'X-Envoy-Original-Path',
  'X-Waws-Unencoded-Url',
  'X-HTTP-Method-Override',
  'X-Method-Override',
  'X-Host',
  'Front-End-Https',
  'Forwarded',
] as const;

const VALUES = [
  '/queues/q_open',
  '/queues/q_bank',
  '/secure-chat/healthz',
  '/healthz',
  'https://evil.example/queues/q_open',
  'evil.example',
  'https',
  '443',
  '203.0.113.66',
  'GET',
  'for=203.0.113.66;host=evil.example;proto=https',
] as const;

/** The name as it is, in another case, or with another separator that CGI folds to the same. */
const spelt = fc
  .tuple(fc.constantFrom(...CLAIMS), fc.constantFrom('as is', 'lower', 'upper', '_', '.'))
  .map(([name, how]) =>
    how === 'lower'
      ? name.toLowerCase()
      : how === 'upper'
        ? name.toUpperCase()
        : how === 'as is'
          ? name
          : name.replaceAll('-', how),
  );
const claims = fc.uniqueArray(fc.tuple(spelt, fc.constantFrom(...VALUES)), {
  minLength: 1,
  maxLength: 6,
  selector: ([name]) => name.toLowerCase(),
});
const fold = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '-');
const claimed = new Set(CLAIMS.map(fold));
/** The names that the gateway writes itself. */
const OWN = ['x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host', 'x-forwarded-port', 'forwarded'];

async function spoof(t: TestContext, face: Face): Promise<void> {
  const { url, upstream, browser } = await startSite(t, { face });
  const authority = new URL(url).host;
  await fc.assert(
    fc.asyncProperty(claims, async (pairs) => {
      const headers = Object.fromEntries(pairs);
      const visitor = browser(headers);
      assert.equal((await visitor.fetch(`${url}/queues/q_bank`)).status, 401);
      const toLogin = await visitor.navigate(`${url}/queues/q_bank`);
      const asked = new URL(toLogin.headers.get('location') ?? '');
      assert.equal(asked.searchParams.get('redirect_uri'), `${url}/secure-chat/callback`);

      upstream.requests.length = 0;
      assert.equal((await visitor.fetch(`${url}/healthz`)).status, 200);
      assert.equal((await visitor.fetch(`${url}/queues/q_open/x?y=1`)).status, 200);
      assert.deepEqual(
        upstream.requests.map((request) => request.url),
        ['/healthz', '/queues/q_open/x?y=1'],
      );
      for (const { rawHeaders } of upstream.requests) {
        const arrived = rawHeaders.filter((name, index) => index % 2 === 0 && claimed.has(fold(name)));
        assert.deepEqual(arrived.map((name) => name.toLowerCase()).sort(), [...OWN].sort());
        assert.deepEqual(headerValues(rawHeaders, 'x-forwarded-for'), ['127.0.0.1']);
        assert.deepEqual(headerValues(rawHeaders, 'x-forwarded-proto'), ['http']);
        assert.deepEqual(headerValues(rawHeaders, 'x-forwarded-host'), [authority]);
        assert.deepEqual(headerValues(rawHeaders, 'forwarded'), [
          `for=127.0.0.1;host="${authority}";proto=http`,
        ]);
      }
    }),
    { numRuns: runs(20) },
  );
}

inEveryFace('without TRUST_PROXY no claim of a client moves a request, a login or an address', spoof);

inEveryFace(
  'with TRUST_PROXY that many hops are believed and no more, and never for the redirect URI',
  async (t, face) => {
    const address = fc.ipV4();
    for (const hops of [1, 2]) {
      const { url, upstream, browser } = await startSite(t, { face, options: { trustProxy: hops } });
      await fc.assert(
        fc.asyncProperty(fc.array(address, { minLength: 3, maxLength: 5 }), async (chain) => {
          const visitor = browser({
            'X-Forwarded-For': chain.join(', '),
            'X-Forwarded-Host': 'evil.example, chat.bank.example'.slice(hops === 1 ? 0 : 14),
            'X-Forwarded-Proto': 'https',
          });
          upstream.requests.length = 0;
          await visitor.fetch(`${url}/queues/q_open`);
          const { rawHeaders } = upstream.requests[0]!;
          const believed = [...chain.slice(-hops), '127.0.0.1'].join(', ');
          assert.deepEqual(headerValues(rawHeaders, 'x-forwarded-for'), [believed]);
          assert.deepEqual(headerValues(rawHeaders, 'x-forwarded-host'), ['chat.bank.example']);
          const login = await visitor.navigate(`${url}/secure-chat/login?queueKey=q_bank&returnTo=/x`);
          const asked = new URL(login.headers.get('location') ?? '');
          assert.equal(asked.searchParams.get('redirect_uri'), `${url}/secure-chat/callback`);
        }),
        { numRuns: runs(8) },
      );
    }
  },
);
