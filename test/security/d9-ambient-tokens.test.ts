/**
 * Threat: something that a client sends is believed beside the session: a bearer token, an assertion, another product's
 * header, a cookie made by hand. Identity comes from the gateway's own session and from nothing else.
 */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { CookielessPage, PAGE, challengeOf } from '../support/cookieless-page.ts';
import type { TokenShape } from '../support/provider-tokens.ts';
import { shakeHands } from '../support/handshake.ts';
import { rawRequest } from '../support/raw-client.ts';
import { runs } from '../support/runs.ts';
import { identityOf, inEveryFace, startSystem, type System } from '../support/system.ts';
import { LOGIN } from '../support/login-walk.ts';
import { codeOf } from '../support/problem-code.ts';

const SECRET = 'a secret for tests that is long enough';

inEveryFace('valid tokens of the provider, sent by the client anywhere, are nobody', async (t, face) => {
  const { url, provider, upstream, browser } = await startSystem(t, { face });
  let idToken = '';
  const take: TokenShape['rewrite'] = (token) => (idToken = token);
  provider.behave({ idToken: { rewrite: take } });
  const verified = browser();
  await verified.open(`${url}/queues/q_bank`);
  const bearer = provider.requests.find(({ endpoint }) => endpoint === 'userinfo')!.headers.authorization!;
  const accessToken = bearer.slice(7);
  const arrived = upstream.requests.length;
  const handle = new URL((await browser().open(url + LOGIN)).url).searchParams.get('authCode')!;
  for (const token of [idToken, accessToken, handle]) {
    const places: Record<string, string>[] = [
      { authorization: `Bearer ${token}` },
      { authorization: `bearer ${token}` },
      { authorization: `Basic ${Buffer.from(`kari-sub:${token}`).toString('base64')}` },
      { 'proxy-authorization': `Bearer ${token}` },
      { 'x-secure-chat-assertion': token },
      { 'x-forwarded-access-token': token, 'x-forwarded-user': 'kari-sub' },
      { 'x-auth-request-user': 'kari-sub', 'x-auth-request-access-token': token },
      { 'x-amzn-oidc-data': token, 'x-amzn-oidc-identity': 'kari-sub' },
      { 'x-id-token': token, 'x-userinfo': Buffer.from('{"sub":"kari-sub"}').toString('base64') },
      { 'remote-user': 'kari-sub', 'ssl-client-verify': 'SUCCESS' },
      { cookie: `access_token=${token}; id_token=${token}; secure-chat=${token}; host.sid=${token}` },
    ];
    for (const headers of places) {
      const visit = await browser().fetch(`${url}/queues/q_bank`, { headers });
      assert.deepEqual([visit.status, codeOf(visit)], [401, 'login_required'], Object.keys(headers).join());
    }
    for (const query of [
      `authCode=${token}`,
      `access_token=${token}`,
      `id_token=${token}`,
      `code=${token}`,
    ]) {
      const visit = await browser().fetch(`${url}/queues/q_bank?${query}`);
      assert.equal(visit.status, 401, query.split('=')[0]);
    }
  }
  assert.equal(upstream.requests.length, arrived + 1, 'but the page that the login landed on');
  const honest = await verified.fetch(`${url}/queues/q_bank`, {
    headers: { authorization: 'Bearer own-of-app' },
  });
  assert.equal(honest.status, 200, "a token of the application's own does no harm");
  assert.equal(identityOf(upstream)['x-secure-chat-id'], 'kari-sub');
  assert.equal(upstream.requests.at(-1)!.headers.authorization, 'Bearer own-of-app');
});

test('a cookie that anybody could have put together opens nothing', async (t) => {
  const { url, upstream, browser } = await startSystem(t);
  const visitor = browser();
  await visitor.open(`${url}/queues/q_bank`);
  const jar = visitor.jar.get('127.0.0.1')!;
  const [name, value] = [...jar].find(([cookie]) => !cookie.includes('-tx-'))!;
  const plain = decodeURIComponent(value);
  const [id = '', signature = ''] = plain.slice(2).split('.');
  const mac = (text: string, key: string) =>
    createHmac('sha256', key).update(text).digest('base64').replace(/=+$/, '');
  const arrived = upstream.requests.length;
  const refused = async (cookie: string, why: string) => {
    const visit = await browser().fetch(`${url}/queues/q_bank`, { headers: { cookie: `${name}=${cookie}` } });
    assert.deepEqual([visit.status, codeOf(visit)], [401, 'login_required'], why);
  };
  const made: Record<string, string> = {
    'no signature': `s:${id}`,
    'an empty signature': `s:${id}.`,
    'no marker': `${id}.${signature}`,
    'a JSON cookie': `j:{"id":"${id}"}`,
    'an own key': `s:${id}.${mac(id, 'key of the attacker')}`,
    'another split': `s:${id.slice(0, -1)}.${id.slice(-1)}${signature}`,
    'the dot moved': `s:${id}${signature.slice(0, 1)}.${signature.slice(1)}`,
    'two signatures': `s:${id}.${signature}.${signature}`,
    'another session, well signed': `s:${'A'.repeat(id.length)}.${mac('A'.repeat(id.length), SECRET)}`,
  };
  for (const [why, cookie] of Object.entries(made)) await refused(encodeURIComponent(cookie), why);
  const change = fc.tuple(
    fc.nat(plain.length - 1),
    fc.constantFrom('a', 'Z', '0', '9', '-', '_', '.', '+', '/', ':'),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
      const letters = Array.from(plain);
      for (const [at, letter] of changes) letters[at] = letter;
      // the last letter of a base64 text of 32 bytes has two bits to spare
      fc.pre(Buffer.from(letters.join(''), 'base64').compare(Buffer.from(plain, 'base64')) !== 0);
      fc.pre(letters.join('').slice(0, -1) !== plain.slice(0, -1));
      await refused(encodeURIComponent(letters.join('')), 'a letter changed');
    }),
    { numRuns: runs(60) },
  );
  assert.equal(upstream.requests.length, arrived);
  const honest = await browser().fetch(`${url}/queues/q_bank`, {
    headers: { cookie: `a=b; ${name}=${value}` },
  });
  assert.equal(honest.status, 200);
});

test('the cookie of a gateway with other secrets opens nothing here', async (t) => {
  const one = await startSystem(t);
  const other = await startSystem(t, {
    provider: one.provider,
    options: { sessionSecret: 'another secret for tests that is long enough' },
  });
  const visitor = other.browser();
  await visitor.open(`${other.url}/queues/q_bank`);
  assert.equal((await visitor.fetch(`${other.url}/queues/q_bank`)).status, 200);
  assert.equal((await visitor.fetch(`${one.url}/queues/q_bank`)).status, 401);
});

/** The head of one request, byte for byte; its status, and whether the chat server got it. */
async function sendLines(system: System, target: string, lines: readonly string[], version = '1.1') {
  const { host, port } = new URL(system.url);
  const before = system.upstream.requests.length;
  const head = [`GET ${target} HTTP/${version}`, `Host: ${host}`, ...lines, 'Connection: close', '', ''];
  const text = await rawRequest(Number(port), head.join('\r\n'));
  return { status: Number(text.slice(9, 12)), arrived: system.upstream.requests.slice(before) };
}

/** Everything that is not the one place and spelling; `${t}` is a good token. */
const ODD_LINES: readonly ((t: string) => string[])[] = [
  (t) => [`Authorization: Bearer ${t}`, `Authorization: Bearer ${t}`],
  (t) => [`Authorization: Bearer ${t}`, `authorization: bearer ${t.slice(0, -1)}x`],
  (t) => [`Authorization: Bearer ${t}, Bearer ${t}`],
  (t) => [`Authorization: Bearer ${t},`],
  (t) => [`Authorization: Bearer "${t}"`],
  (t) => [`Authorization: Bearer, ${t}`],
  (t) => [`Authorization: Bearer=${t}`],
  (t) => [`Authorization: ${t}`],
  (t) => [`Authorization: Token ${t}`],
  (t) => [`Authorization: Basic x, Bearer ${t}`],
  (t) => [`Authorization: Bearer ${t}x`],
  (t) => [`Authorization: Bearer ${t.slice(0, -1)}`],
  (t) => [`Authorization: Bearer SCG_${t.slice(4)}`],
  (t) => [`Authorization: Bearer ${t.replace('scg_', 'scg%5F')}`],
  (t) => [`Authorization: Bearer\r\n ${t}`],
  (t) => [`Authorization : Bearer ${t}`],
  (t) => [`Authorization_: Bearer ${t}`],
  (t) => [`X-Authorization: Bearer ${t}`],
  (t) => [`Proxy-Authorization: Bearer ${t}`],
  (t) => [`X-Access-Token: ${t}`],
  (t) => [`Sec-WebSocket-Protocol: secure-chat, secure-chat.bearer.${t}`],
  (t) => [`Cookie: secure-chat=${t}; scg=${t}; Authorization=Bearer ${t}`],
];
const ODD_QUERIES: readonly ((t: string) => string)[] = [
  (t) => `access_token=${t}`,
  (t) => `token=${t}`,
  (t) => `authCode=${t}`,
  (t) => `authCode=${t.slice(4)}`,
  (t) => `Authorization=Bearer%20${t}`,
];

inEveryFace(
  'a bearer token counts in its one place and spelling, over HTTP/1.0 too, and anywhere else it is nobody’s',
  async (t, face) => {
    const system = await startSystem(t, { face });
    const token = await new CookielessPage(system.url).token(system.browser());
    const name = fc.constantFrom('Authorization', 'authorization', 'AUTHORIZATION', 'aUTHORIZATION');
    const scheme = fc.constantFrom('Bearer', 'bearer', 'BEARER', 'bEaReR');
    const blanks = fc.constantFrom(' ', '   ', '\t', ' \t ');
    const version = fc.constantFrom('1.0', '1.1');
    await fc.assert(
      fc.asyncProperty(name, scheme, blanks, version, async (written, said, gap, spoken) => {
        const line = `${written}:${gap}${said}${gap}${token}${gap}`;
        const { status, arrived } = await sendLines(system, '/queues/q_bank', [line], spoken);
        assert.deepEqual([status, arrived.length], [200, 1], JSON.stringify(line));
        assert.doesNotMatch(arrived[0]!.rawHeaders.join('\n'), /scg_|authorization/i);
        assert.equal(identityOf(system.upstream)['x-secure-chat-id'], 'kari-sub');
      }),
      { numRuns: runs(16) },
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...ODD_LINES), version, async (odd, spoken) => {
        const { status, arrived } = await sendLines(system, '/queues/q_bank', odd(token), spoken);
        assert.ok([400, 401].includes(status), `${status} ${odd('…').join()}`);
        assert.equal(arrived.length, 0);
      }),
      { numRuns: ODD_LINES.length + runs(5), examples: ODD_LINES.map((odd) => [odd, '1.1']) },
    );
    for (const odd of ODD_QUERIES)
      assert.equal((await sendLines(system, `/queues/q_bank?${odd(token)}`, [])).status, 401, odd('…'));
    const unknown = (t: string) => [`Sec-WebSocket-Protocol: secure-chat, ${t}`];
    for (const odd of [...ODD_LINES.slice(0, 12), unknown]) {
      const { arrived } = await sendLines(system, '/queues/q_open', odd(token));
      assert.equal(arrived.length, 1);
      assert.ok(!arrived[0]!.rawHeaders.join('\n').includes(token), odd('…').join());
    }
  },
);

inEveryFace(
  'a token is its page’s: not another origin’s, nor that of the gateway’s own pages',
  async (t, face) => {
    const system = await startSystem(t, { face });
    const { url } = system;
    const token = await new CookielessPage(url).token(system.browser());
    const ask = async (...lines: string[]) =>
      (await sendLines(system, '/queues/q_bank', [`Authorization: Bearer ${token}`, ...lines])).status;
    for (const origin of [
      'null',
      '',
      url,
      'https://evil.example',
      `${PAGE}/`,
      `${PAGE}:443`,
      `${PAGE}.`,
      PAGE.toUpperCase(),
      PAGE.replace('https', 'http'),
      `${PAGE} https://evil.example`,
      `${PAGE}, ${PAGE}`,
    ])
      assert.equal(await ask(`Origin: ${origin}`), 401, origin);
    assert.equal(await ask(`Origin: ${PAGE}`, `Origin: ${url}`), 401, 'two of them');
    assert.equal(
      await ask('Sec-Fetch-Site: same-origin'),
      401,
      'a GET within the gateway’s origin names none',
    );
    assert.equal(await ask(`Origin: ${PAGE}`, 'Sec-Fetch-Site: cross-site'), 200);
    assert.equal(await ask(), 200, 'a client that is no browser');
    const page = new CookielessPage(url, url);
    const verifier = 'v'.repeat(43);
    const { location } = JSON.parse((await page.begin(challengeOf(verifier))).body) as { location: string };
    const authCode = new URL((await system.browser().open(location)).url).searchParams.get('authCode')!;
    const { token: own } = JSON.parse((await page.claim({ authCode, verifier })).body) as { token: string };
    const lines = [`Authorization: Bearer ${own}`, 'Sec-Fetch-Site: same-origin'];
    assert.equal((await sendLines(system, '/queues/q_bank', lines)).status, 200, 'of a page of its own');
  },
);

inEveryFace(
  'a token opens a WebSocket as one offer beside its marker, from its own origin, and in no other way',
  async (t, face) => {
    const system = await startSystem(t, { face });
    const { url } = system;
    const token = await new CookielessPage(url).token(system.browser());
    const open = (lines: readonly string[], version?: string) =>
      shakeHands(system, '/queues/q_bank/ws', lines, version);
    const offer = `secure-chat.bearer.${token}`;
    const list = (offers: readonly string[]) => offers.map((one) => `Sec-WebSocket-Protocol: ${one}`);
    const others = fc.subarray(['chat.v1', 'json', 'x-y']);
    await fc.assert(
      fc.asyncProperty(others, fc.boolean(), fc.boolean(), async (rest, split, first) => {
        const offers = first ? ['secure-chat', offer, ...rest] : [...rest, offer, 'secure-chat'];
        const lines = split ? list(offers) : list([offers.join(',')]);
        const { status, arrived } = await open([`Origin: ${PAGE}`, ...lines]);
        assert.deepEqual([status, arrived.length], [101, 1], lines.join());
        assert.doesNotMatch(arrived[0]!.rawHeaders.join('\n'), /scg_|bearer|secure-chat,/);
      }),
      { numRuns: runs(10) },
    );
    const odd: string[][] = [
      list([offer]),
      list([`Secure-Chat, ${offer}`]),
      list(['secure-chat', `Secure-Chat.Bearer.${token}`]),
      list([`secure-chat, secure-chat.bearer. ${token}`]),
      list([`secure-chat, secure-chat.bearer.${token} x`]),
      list([`secure-chat; ${offer}`]),
      list([`"secure-chat", "${offer}"`]),
      list([`secure-chat, ${offer}, ${offer}`]),
      list([`secure-chat, ${token}`]),
      list([`secure-chat, bearer.${token}`]),
      list([`secure-chat, secure-chat.bearer.${token.slice(0, -1)}`]),
      [`Sec_WebSocket_Protocol: secure-chat, ${offer}`],
      [`Sec-WebSocket-Protocols: secure-chat, ${offer}`],
      [`Sec-WebSocket-Protocol: secure-chat, ${offer}`, `Authorization: Bearer ${token}`],
      [`Origin: null`, ...list([`secure-chat, ${offer}`])],
      [`Origin: ${url}`, ...list([`secure-chat, ${offer}`])],
      [`Origin: https://evil.example`, `Authorization: Bearer ${token}`],
      [`Origin: ${PAGE}`, `Origin: ${url}`, ...list([`secure-chat, ${offer}`])],
    ];
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...odd), fc.constantFrom('1.0', '1.1'), async (lines, version) => {
        const { status, arrived } = await open(lines, version);
        assert.ok([400, 401].includes(status), `${status} ${lines.join(' | ').replaceAll(token, '…')}`);
        assert.equal(arrived.length, 0);
      }),
      { numRuns: odd.length + runs(5), examples: odd.map((lines) => [lines, '1.1']) },
    );
  },
);
