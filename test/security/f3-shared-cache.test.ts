/** An answer for one person is kept by a cache and served to the next: our own routes and all of a secure queue say no-store, whatever the upstream says; an open queue's caching is the upstream's. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Desk } from '../admin-site/pages-rig.ts';
import { ADMIN_TOKEN, startAdministered } from '../admin-site/rig.ts';
import { walkLogin } from '../support/login-walk.ts';
import { quickClient } from '../support/quick-client.ts';
import { runs } from '../support/runs.ts';
import { inEveryFace, startSystem } from '../support/system.ts';
import type { UpstreamHandler } from '../support/upstream.ts';

/** What upstreams say to caches, and to those of one maker; each with words that ask for keeping. */
const CACHE_HEADERS: readonly (readonly [name: string, values: readonly string[]])[] = [
  [
    'Cache-Control',
    [
      'public, max-age=31536000, immutable',
      's-maxage=600',
      'max-age=60, stale-while-revalidate=600',
      'public',
      'no-cache',
      'private',
    ],
  ],
  ['cache-control', ['max-age=1', 'must-understand, public']],
  ['X-Accel-Expires', ['600', '@4102444800']],
  ['Edge-Control', ['max-age=600', '!no-store']],
  ['X-LiteSpeed-Cache-Control', ['public,max-age=600']],
  ['Expires', ['Fri, 01 Jan 2038 00:00:00 GMT', '0']],
  ['Pragma', ['cache', 'public']],
  ['Surrogate-Control', ['max-age=3600', 'content="ESI/1.0"']],
  ['CDN-Cache-Control', ['max-age=3600', 'public, s-maxage=60']],
  ['Cloudflare-CDN-Cache-Control', ['max-age=3600']],
  ['Vercel-CDN-Cache-Control', ['max-age=3600']],
];
const KEEPERS = new Set(CACHE_HEADERS.map(([name]) => name.toLowerCase()));

const said = fc.array(
  fc
    .constantFrom(...CACHE_HEADERS)
    .chain(([name, values]) => fc.tuple(fc.constant(name), fc.constantFrom(...values))),
  { minLength: 1, maxLength: 4 },
);
const STATUSES = [200, 201, 206, 301, 302, 304, 404, 410, 500];
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS'];

/** Says what the request tells it to say, cookies of its own among it. */
const obedient: UpstreamHandler = (req, res) => {
  const { headers, status } = JSON.parse(String(req.headers['x-say'] ?? '{"headers":[],"status":200}')) as {
    headers: [string, string][];
    status: number;
  };
  res.statusCode = status;
  res.setHeader('Set-Cookie', 'chat=1; Path=/');
  for (const [name, value] of headers) res.appendHeader(name, value);
  req.resume();
  res.end();
};

inEveryFace(
  'an answer of a secure queue says no-store and nothing else to caches; that of an open queue says what the upstream said',
  async (t, face) => {
    const { url, browser } = await startSystem(t, { face, upstream: obedient });
    const visitor = browser();
    await visitor.open(`${url}/queues/q_bank`);
    const ask = quickClient(t, url);
    const cookie = visitor.cookies('127.0.0.1');
    await fc.assert(
      fc.asyncProperty(
        said,
        fc.constantFrom(...STATUSES),
        fc.constantFrom(...METHODS),
        async (headers, status, method) => {
          const options = { method, headers: { cookie, 'x-say': JSON.stringify({ headers, status }) } };
          const keepers = ({ headers: got }: Awaited<ReturnType<typeof ask>>) =>
            [...got].filter(([name]) => KEEPERS.has(name) || /cache-control|surrogate/.test(name));
          const secure = await ask('/queues/q_bank/x', options);
          assert.equal(secure.status, status);
          assert.deepEqual(keepers(secure), [['cache-control', 'no-store']]);
          const open = await ask('/queues/q_open/x', options);
          const merged = new Headers(headers);
          assert.deepEqual(keepers(open), [...merged]);
        },
      ),
      { numRuns: runs(60) },
    );
    const silentUpstream = await ask('/queues/q_bank', { headers: { cookie } });
    assert.equal(
      silentUpstream.headers.get('cache-control'),
      'no-store',
      'also when the upstream says nothing',
    );
    assert.equal((await ask('/queues/q_open', { headers: { cookie } })).headers.get('cache-control'), null);
  },
);

inEveryFace(
  'every answer of the gateway’s own says no-store, with every method and outcome; only its hashed files may be kept',
  async (t, face) => {
    const { url, browser } = await startSystem(t, { face });
    const visitor = browser();
    const { begun, landed } = await walkLogin(
      visitor,
      url,
      '/secure-chat/login?queueKey=q_bank&returnTo=/queues/q_bank',
    );
    const popup = await walkLogin(visitor, url, '/secure-chat/login?queueKey=q_bank&display=popup');
    for (const { headers } of [begun, landed, popup.landed])
      assert.equal(headers.get('cache-control'), 'no-store');
    const cookie = visitor.cookies('127.0.0.1');
    const ask = quickClient(t, url);
    const paths = [
    ...['login', 'login?queueKey=q_bank', 'login?queueKey=q_open', 'login?queueKey=none', 'callback', 'callback?state=x&code=y', 'session', 'session?queueKey=q_bank'],
    ...['done', 'done?authError=x', 'healthz', 'readyz', 'logout', 'token', 'admin', 'nothing', 'assets/', 'assets/nothing.css', ''],
  ].map((path) => `/secure-chat/${path}`); // prettier-ignore
    const refused = [
      '/queues/q_bank?authError=login_required',
      '/queues/q_loan',
      '/queues/q_bank/../x',
      '/queues/q_bank?queueKey=q_loan',
      '/a//b',
    ];
    for (const path of [...paths, ...refused]) {
      for (const method of METHODS) {
        for (const accept of ['text/html', 'application/json']) {
          const withCookie = path.startsWith('/secure-chat/') && method !== 'POST';
          const answer = await ask(path, { method, headers: { accept, ...(withCookie && { cookie }) } });
          if (
            answer.headers.has('x-powered-by') ||
            (answer.status === 200 && !path.startsWith('/secure-chat'))
          )
            continue;
          assert.equal(answer.headers.get('cache-control'), 'no-store', `${method} ${path} ${answer.status}`);
          for (const name of KEEPERS)
            if (name !== 'cache-control') assert.equal(answer.headers.get(name), null);
        }
      }
    }
    // the same for everybody, so that it may be kept where its loader says nothing of a person
    for (const script of ['client.js', 'client.mjs']) {
      const { status, headers } = await ask(`/secure-chat/${script}`, { headers: { cookie } });
      assert.deepEqual([status, headers.get('cache-control')], [200, 'public, max-age=300']);
      assert.equal(headers.get('set-cookie'), null);
      assert.equal(
        (await ask(`/secure-chat/${script}`, { method: 'POST' })).headers.get('cache-control'),
        'no-store',
      );
    }
    const [stylesheet] = /\/secure-chat\/assets\/page\.[\da-f]{12}\.css/.exec(popup.landed.body)!;
    const file = await ask(stylesheet, { headers: { cookie } });
    assert.deepEqual(
      [file.status, file.headers.get('cache-control')],
      [200, 'public, max-age=31536000, immutable'],
    );
    assert.deepEqual(file.headers.getSetCookie(), []);
  },
);

inEveryFace('no answer with a cookie of ours may be kept', async (t, face) => {
  const { url, browser } = await startSystem(t, { face });
  const visitor = browser();
  for (const path of ['/queues/q_bank', '/secure-chat/login?queueKey=q_loan&returnTo=/queues/q_loan']) {
    const { begun, landed } = await walkLogin(visitor, url, path);
    const loggedOut = await visitor.fetch(`${url}/secure-chat/logout`, { method: 'POST' });
    for (const { headers } of [begun, landed, loggedOut]) {
      assert.equal(headers.get('cache-control'), 'no-store');
    }
    assert.ok(begun.headers.getSetCookie().length > 0 && landed.headers.getSetCookie().length > 0);
  }
});

inEveryFace(
  'no page of the administration may be kept, sent on as a referrer or read by another origin',
  async (t, face) => {
    const { url, browser } = await startAdministered(t, { face });
    const desk = new Desk(url, browser());
    const look = async () => {
      for (const path of ['', '/sign-in', '/audit', '/sessions', '/customer?customerKey=12345', '/nothing']) {
        for (const { headers } of [
          await desk.open(path, { origin: 'https://www.bank.example' }),
          await desk.post(path, { token: ADMIN_TOKEN }),
          await desk.browser.fetch(desk.base + path, {
            method: 'OPTIONS',
            headers: { origin: 'https://www.bank.example' },
          }),
        ]) {
          assert.equal(headers.get('cache-control'), 'no-store', path);
          assert.equal(headers.get('referrer-policy'), 'no-referrer', path);
          assert.match(
            headers.get('content-security-policy') ?? '',
            /default-src 'none';style-src 'self';script-src 'self'/,
            path,
          );
          assert.equal(headers.get('access-control-allow-origin'), null, path);
        }
      }
    };
    await look();
    await desk.signIn();
    await look();
  },
);
