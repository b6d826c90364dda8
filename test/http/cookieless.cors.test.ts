import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CookielessPage, PAGE, challengeOf } from '../support/cookieless-page.ts';
import { startProvider } from '../support/provider.ts';
import { quickClient } from '../support/quick-client.ts';
import { runs } from '../support/runs.ts';
import { customerWith, inEveryFace, kari, startSystem } from '../support/system.ts';
import { codeOf } from '../support/problem-code.ts';
import type { Visit } from '../support/browser.ts';

const BANK = '/queues/q_bank';

/** What a chat server says that knows of no gateway. */
const OPEN_TO_ALL = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Allow-Credentials': 'true',
  'Access-Control-Expose-Headers': 'X-Chat',
  Vary: 'Accept-Encoding',
};

const corsOf = ({ headers }: Visit): Record<string, string> =>
  Object.fromEntries([...headers].filter(([name]) => name.startsWith('access-control-')));

const preflight = (origin: string, method: string, headers?: string) => ({
  method: 'OPTIONS',
  headers: {
    origin,
    'access-control-request-method': method,
    ...(headers === undefined ? {} : { 'access-control-request-headers': headers }),
  },
});

inEveryFace(
  'preflights of the gateway’s routes and of secure queues are answered for the customer’s origins',
  async (t, face) => {
    const { url, upstream } = await startSystem(t, { face });
    const ask = quickClient(t, url);
    const asked: [path: string, method: string, headers: string | undefined][] = [
      ['/secure-chat/login', 'POST', 'content-type'],
      ['/secure-chat/token', 'POST', 'authorization,content-type'],
      ['/secure-chat/session', 'GET', 'authorization'],
      ['/secure-chat/logout', 'POST', 'authorization'],
      [BANK, 'GET', 'authorization'],
      [`${BANK}/messages?a=b`, 'PATCH', 'Authorization, X-Chat-Version'],
      ['/enter?queueKey=q_bank', 'DELETE', undefined],
    ];
    for (const [path, method, headers] of asked) {
      const visit = await ask(path, preflight(PAGE, method, headers));
      assert.equal(visit.status, 204, path);
      assert.equal(visit.body, '');
      assert.deepEqual(corsOf(visit), {
        'access-control-allow-origin': PAGE,
        'access-control-allow-credentials': 'true',
        'access-control-allow-methods': method,
        'access-control-max-age': '600',
        ...(headers && {
          'access-control-allow-headers': headers.toLowerCase().split(/, ?/).join(', '),
        }),
      });
      assert.match(visit.headers.get('vary') ?? '', /\bOrigin\b/);
      const foreign = await ask(path, preflight('https://evil.example', method, headers));
      assert.deepEqual(corsOf(foreign), {}, path);
    }
    assert.equal(upstream.requests.length, 0);
  },
);

inEveryFace(
  'an answer of a secure queue names the page’s origin, whatever the upstream says; an open queue’s is the upstream’s',
  async (t, face) => {
    const { url, browser } = await startSystem(t, {
      face,
      upstream: (_req, res) => void res.writeHead(200, OPEN_TO_ALL).end('ok'),
    });
    const page = new CookielessPage(url);
    const token = await page.token(browser());
    const answer = await page.ask(BANK, { token });
    assert.equal(answer.headers.get('access-control-allow-origin'), PAGE);
    assert.equal(answer.headers.get('access-control-allow-credentials'), 'true');
    assert.match(answer.headers.get('access-control-expose-headers') ?? '', /X-Chat/);
    assert.deepEqual((answer.headers.get('vary') ?? '').split(', ').sort(), ['Accept-Encoding', 'Origin']);
    const refusal = await page.ask(BANK);
    assert.equal(codeOf(refusal), 'login_required');
    assert.equal(refusal.headers.get('access-control-allow-origin'), PAGE, 'the page can read why');
    assert.match(refusal.headers.get('access-control-expose-headers') ?? '', /Retry-After/);
    const visitor = browser();
    await visitor.open(url + BANK);
    const foreign = await visitor.fetch(url + BANK, { headers: { origin: 'https://evil.example' } });
    assert.equal(foreign.status, 200);
    assert.deepEqual(corsOf(foreign), { 'access-control-expose-headers': 'X-Chat' });
    const open = await page.ask('/queues/q_open', { origin: 'https://evil.example' });
    assert.equal(open.headers.get('access-control-allow-origin'), '*');
    assert.equal(open.headers.get('access-control-allow-credentials'), 'true');
  },
);

test('preflights of open queues are the upstream’s; where a body may name the queue, those with Authorization are not', async (t) => {
  const { url, upstream, browser } = await startSystem(t, {
    upstream: (_req, res) => void res.writeHead(200, OPEN_TO_ALL).end(),
    options: {
      queueRules: [
        { path: '/queues/:queueKey{/*rest}' },
        { path: '/sessions', body: 'queueKey' },
        { path: '/queues/q_open', body: 'queueKey' },
      ],
    },
  });
  const ask = quickClient(t, url);
  const answered = async (path: string, headers?: string, origin = PAGE) =>
    (await ask(path, preflight(origin, 'POST', headers))).status === 204;
  assert.deepEqual(
    await Promise.all([
      answered('/queues/q_open', 'authorization'),
      answered('/static', 'authorization'),
      answered('/sessions', 'content-type'),
      answered('/sessions', 'authorization, content-type', 'https://evil.example'),
      answered('/sessions', 'content-type, authorization'),
    ]),
    [false, false, false, false, true],
  );
  const token = await new CookielessPage(url).token(browser());
  const sent = await new CookielessPage(url).ask('/sessions', { token, json: { queueKey: 'q_bank' } });
  assert.equal(sent.headers.get('access-control-allow-origin'), PAGE);
  assert.equal(upstream.requests.at(-1)!.headers['x-secure-chat-id'], 'kari-sub');
});

test('names that are none are not allowed back', async (t) => {
  const { url } = await startSystem(t);
  const ask = quickClient(t, url);
  for (const [method, headers] of [
    ['GE T', 'authorization'],
    ['GET', 'a b'],
    ['GET', 'x(y)'],
    ['GET', 'x, "y"'],
  ] as const) {
    const visit = await ask('/secure-chat/session', preflight(PAGE, method, headers));
    assert.equal(visit.headers.get('access-control-allow-methods'), null, `${method} ${headers}`);
    assert.equal(visit.status, 405);
  }
});

/** Origins that resemble an allowed one, and whatever else a client may write. */
const lookalikes = fc.oneof(
  fc.constantFrom(
    'null',
    '*',
    'https://bank.example',
    'http://www.bank.example',
    'https://www.bank.example.',
    'https://www.bank.example/',
    'https://www.bank.example:443',
    'https://www.bank.example:8443',
    'https://www.bank.example.evil.example',
    'https://evil-www.bank.example',
    'https://www.bank.example@evil.example',
    'https://www.bank.example, https://evil.example',
    'HTTPS://WWW.BANK.EXAMPLE',
    'https://www.bank.example https://evil.example',
    'https://other.example',
  ),
  fc.webUrl().map((address) => new URL(address).origin),
  fc
    .tuple(fc.nat(PAGE.length - 1), fc.constantFrom('.', '-', 'x', '%2e', '\u00e9', ''))
    .map(([at, put]) => PAGE.slice(0, at) + put + PAGE.slice(at + 1)),
);

test('property: an origin that is not exactly the customer’s starts nothing, claims nothing and reads nothing', async (t) => {
  const provider = await startProvider({ person: kari });
  t.after(() => provider.stop());
  const { url, browser } = await startSystem(t, {
    provider,
    options: {
      loginsPerMinute: 1_000_000,
      customers: [
        customerWith(provider, '1', PAGE, 'q_bank'),
        customerWith(provider, '2', 'https://other.example', 'q_other'),
      ],
    },
  });
  const page = new CookielessPage(url);
  const token = await page.token(browser());
  const login = await page.login(browser());
  const challenge = challengeOf('v'.repeat(43));
  await fc.assert(
    fc.asyncProperty(lookalikes, async (origin) => {
      fc.pre(origin !== PAGE && /^[\x21-\x7e][\x20-\x7e]*$/.test(origin));
      const begun = await page.begin(challenge, { returnTo: undefined }, { origin });
      assert.deepEqual([begun.status, codeOf(begun)], [400, 'return_to_refused']);
      assert.deepEqual(corsOf(begun), {});
      assert.equal((await page.claim(login, {}, { origin })).status, 401);
      const asked = await page.ask(BANK, { origin, token });
      assert.deepEqual([asked.status, corsOf(asked)], [401, {}]);
      assert.equal((await page.ask('/secure-chat/token', { method: 'POST', origin, token })).status, 401);
      const info = await page.ask('/secure-chat/session', { origin, token });
      assert.deepEqual(JSON.parse(info.body), { authenticated: false });
    }),
    { numRuns: runs(40), examples: [['https://other.example'], ['null'], [`${PAGE}/`]] },
  );
  assert.equal((await page.claim(login)).status, 200, 'none of them has burned it');
  assert.equal((await page.ask(BANK, { token })).status, 200);
});

test('returnTo of a page without cookies stays on the page’s own origin', async (t) => {
  const { url } = await startSystem(t);
  const page = new CookielessPage(url);
  for (const returnTo of [
    '/portal',
    `${url}/portal`,
    'https://evil.example/',
    `${PAGE}.evil.example/`,
    `${PAGE}@evil.example/`,
    `//www.bank.example/`,
    `${PAGE}/\\evil`,
    'javascript:alert(1)',
  ]) {
    const begun = await page.begin('c'.repeat(43), { returnTo });
    assert.deepEqual([begun.status, codeOf(begun)], [400, 'return_to_refused'], returnTo);
    assert.deepEqual(corsOf(begun), {}, returnTo);
  }
  for (const returnTo of [undefined, '', `${PAGE}/a?b=c#d`])
    assert.equal((await page.begin('c'.repeat(43), { returnTo })).status, 200);
  const own = new CookielessPage(url, url);
  assert.equal((await own.begin('c'.repeat(43), { returnTo: '/portal' })).status, 200);
  assert.equal((await page.begin('c'.repeat(43), {}, { origin: null })).status, 400);
});

test('what is no request for a login or a token is request_malformed, and the page can read it', async (t) => {
  const { url } = await startSystem(t);
  const page = new CookielessPage(url);
  const refused = (visit: Visit) => {
    assert.deepEqual([visit.status, codeOf(visit)], [400, 'request_malformed']);
    assert.equal(visit.headers.get('access-control-allow-origin'), PAGE);
  };
  for (const members of [
    { challenge: 'short' },
    { challenge: 'c'.repeat(44) },
    { challenge: '='.repeat(43) },
    { challenge: 7 },
    { challengeMethod: 'plain' },
    { challengeMethod: undefined },
    { queueKey: undefined },
    { queueKey: ['q_bank'] },
    { display: 'frame' },
    { interactive: 'maybe' },
  ])
    refused(await page.begin('c'.repeat(43), members));
  const login = { authCode: 'a'.repeat(43), verifier: 'v'.repeat(43) };
  for (const members of [
    { authCode: 'x' },
    { verifier: 'x' },
    { verifier: 'v'.repeat(129) },
    { verifier: null },
  ])
    refused(await page.claim(login, members));
  for (const path of ['/secure-chat/login', '/secure-chat/token']) {
    for (const body of ['{', '[]', '"x"', ''])
      refused(
        await page.ask(path, { method: 'POST', body, headers: { 'content-type': 'application/json' } }),
      );
    const form = { method: 'POST', body: 'queueKey=q_bank', headers: { 'content-type': 'text/plain' } };
    refused(await page.ask(path, form));
  }
});
