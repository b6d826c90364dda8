/**
 * Threat: the `authCode` of a page's address is used by somebody else, or a victim's browser finishes the attacker's login. The
 * handle is worth nothing without the browser's cookie, and a callback counts in the browser that began it only.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test, type TestContext } from 'node:test';
import fc from 'fast-check';
import { CookielessPage, PAGE, challengeOf } from '../support/cookieless-page.ts';
import { startProvider } from '../support/provider.ts';
import { redisMissing, startRedis } from '../support/redis.ts';
import { runs } from '../support/runs.ts';
import { BASE, NO_COOKIES, PuzzelPage, SAME_SITE, startPuzzel } from '../http/puzzel-page.ts';
import { connection, identityOf, inEveryFace, kari, ola, startSystem } from '../support/system.ts';
import { LOGIN } from '../support/login-walk.ts';
import { codeOf } from '../support/problem-code.ts';

inEveryFace(
  'a handle in another browser, in any place, opens nothing; in its own it is not needed',
  async (t, face) => {
    const { url, provider, upstream, browser } = await startSystem(t, { face });
    const victim = browser();
    const landed = await victim.open(url + LOGIN);
    const handle = new URL(landed.url).searchParams.get('authCode')!;
    assert.ok(
      provider.requests.every(({ url: at, body }) => !`${at.search}${[...body].join()}`.includes(handle)),
    );
    const before = upstream.requests.length;
    for (let i = 0; i < 3; i++) {
      const thief = browser();
      for (const path of [
        `/queues/q_bank?authCode=${handle}`,
        `/queues/q_bank?authCode=${handle}&authCode=${handle}`,
        `/queues/q_bank/messages?code=${handle}`,
        `/queues/q_bank?AUTHCODE=${handle}`,
      ])
        assert.equal(codeOf(await thief.fetch(url + path)), 'login_required', path.split('?')[0]);
      for (const headers of [
        { authorization: `Bearer ${handle}` },
        { cookie: `secure-chat=${handle}` },
        { cookie: `secure-chat=s%3A${handle}.x` },
        { 'x-auth-code': handle },
      ])
        assert.equal((await thief.fetch(`${url}/queues/q_bank`, { headers })).status, 401);
      const page = await thief.navigate(`${url}/queues/q_bank?authCode=${handle}`);
      assert.equal(page.status, 401, 'a fresh handle without its cookie is the end, not a loop');
      const session = await thief.fetch(`${url}/secure-chat/session?authCode=${handle}`);
      assert.deepEqual(JSON.parse(session.body), { authenticated: false });
      const callback = await thief.fetch(`${url}/secure-chat/callback?code=${handle}&state=${handle}`);
      assert.equal(codeOf(callback), 'state_mismatch');
    }
    assert.deepEqual([provider.calls('token'), upstream.requests.length], [0, before]);
    assert.equal(
      (await victim.fetch(`${url}/queues/q_bank`)).status,
      200,
      'the code was not used up by them',
    );
    assert.equal(identityOf(upstream)['x-secure-chat-id'], 'kari-sub');
  },
);

inEveryFace("login CSRF: a victim's browser does not finish the attacker's login", async (t, face) => {
  const { url, provider, upstream, browser } = await startSystem(t, { face });
  const victim = browser();
  await victim.open(`${url}/queues/q_bank`);
  await victim.navigate(url + LOGIN);
  const cookies = victim.cookies('127.0.0.1');
  provider.setPerson(ola);
  const attacker = browser();
  const started = await attacker.navigate(url + LOGIN);
  const answered = await attacker.navigate(started.headers.get('location')!);
  const link = answered.headers.get('location')!;
  for (const target of [victim, browser()]) {
    const visit = await target.fetch(link);
    assert.deepEqual([visit.status, codeOf(visit)], [400, 'state_mismatch']);
    assert.equal(visit.headers.getSetCookie().length, 0);
  }
  assert.equal(victim.cookies('127.0.0.1'), cookies);
  assert.equal((await victim.fetch(`${url}/queues/q_bank`)).status, 200);
  assert.equal(identityOf(upstream)['x-secure-chat-id'], 'kari-sub', 'still the victim');
  const own = await attacker.navigate(link);
  assert.match(own.headers.get('location') ?? '', /authCode=/, 'nor was it used up for its owner');
});

test('a transaction cookie of another login, cut, swapped or doubled, is not the one that is asked for', async (t) => {
  const { url, provider, browser } = await startSystem(t, { options: { loginsPerMinute: 1_000_000 } });
  const begin = async () => {
    const visitor = browser();
    const started = await visitor.navigate(url + LOGIN);
    const answered = await visitor.navigate(started.headers.get('location')!);
    const [name, value] = [...visitor.jar.get('127.0.0.1')!].find(([cookie]) => cookie.includes('-tx-'))!;
    return { callback: answered.headers.get('location')!, name, value };
  };
  const foreign = await begin();
  type Forge = (own: Awaited<ReturnType<typeof begin>>) => string;
  const forges: Forge[] = [
    () => '',
    () => `${foreign.name}=${foreign.value}`,
    ({ name }) => `${name}=${foreign.value}`,
    ({ name }) => `${name}=`,
    ({ name, value }) => `${name}=${value.slice(0, -1)}`,
    ({ name, value }) => `${name}=${value}x`,
    ({ name, value }) => `${name}=${value.toUpperCase()}`,
    ({ name, value }) => `${name}=${value}; ${name}=${foreign.value}`,
    ({ name, value }) => `${name}="${value}"`,
    ({ name, value }) => `__Host-${name}=${value}`,
    ({ name, value }) => `${name.toUpperCase()}=${value}`,
    ({ value }) => `${foreign.name}=${value}`,
  ];
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...forges), async (forge) => {
      const own = await begin();
      const cookie = forge(own);
      const visit = await browser().fetch(own.callback, { headers: cookie === '' ? {} : { cookie } });
      assert.deepEqual([visit.status, codeOf(visit)], [400, 'state_mismatch']);
    }),
    { numRuns: runs(12), examples: forges.map((forge) => [forge]) },
  );
  const own = await begin();
  const cookie = `a=b; ${foreign.name}=${foreign.value}; ${own.name}=${own.value}; c="d"`;
  assert.equal((await browser().fetch(own.callback, { headers: { cookie } })).status, 302);
  assert.equal(provider.calls('token'), 0);
});

test('an identity does not follow the session cookie of before the login', async (t) => {
  const { url, provider, upstream, browser } = await startSystem(t);
  const attacker = browser();
  await attacker.open(`${url}/queues/q_bank`);
  const planted = new Map([...attacker.jar.get('127.0.0.1')!].filter(([name]) => !name.includes('-tx-')));
  const victim = browser();
  victim.jar.set('127.0.0.1', new Map(planted));
  provider.setPerson(ola);
  await victim.open(url + LOGIN);
  assert.equal((await victim.open(`${url}/queues/q_bank`)).status, 200);
  assert.equal(identityOf(upstream)['x-secure-chat-id'], 'ola-sub');
  const back = await attacker.fetch(`${url}/queues/q_bank`);
  assert.equal(back.status, 401, 'who planted the cookie has nothing of it');
});

/** Two customers, each with a queue of the same key, behind two processes on one Redis. */
async function startTwoProcesses(t: TestContext, redisUrl: string) {
  const provider = await startProvider({ person: kari });
  t.after(() => provider.stop());
  const queue = (queueKey: string) => ({ queueKey, authConnectionName: 'Signicat' });
  const customer = (customerKey: string) => ({
    customerKey,
    returnOrigins: [PAGE, 'https://shop.example'],
    connections: [connection(provider)],
    queues: [queue('q_bank'), queue('q_loan')],
  });
  const options = {
    sessionSecret: 'one secret for all processes of this test',
    redisUrl,
    customers: [customer('1'), customer('2')],
    loginsPerMinute: 1_000_000,
  };
  return [await startSystem(t, { provider, options }), await startSystem(t, { provider, options })] as const;
}

const good = 'its own';
const part = (...others: string[]) => fc.constantFrom(good, good, ...others);
const spoilt = fc
  .record({
    handle: part('another', 'upper', 'cut', 'longer', 'none'),
    verifier: part('another', 'challenge', 'upper', 'cut', 'longer', 'none'),
    queueKey: part('q_loan', 'q_open', ''),
    customerKey: part('2', '3', ''),
    origin: part('https://shop.example', 'https://evil.example', 'null', '', `${PAGE}/`, `${PAGE}:443`),
    process: fc.constantFrom<0 | 1>(0, 1),
  })
  .filter(({ process: _, ...proof }) => Object.values(proof).some((value) => value !== good));

type Proof = Parameters<Parameters<typeof spoilt.filter>[0]>[0];
const whole = { handle: good, verifier: good, queueKey: good, customerKey: good, origin: good };
/** Each part alone. */
const SINGLE: Proof[] = [
  ...['another', 'upper', 'cut'].map((handle): Proof => ({ ...whole, handle, process: 0 })),
  ...['another', 'challenge', 'cut'].map((verifier): Proof => ({ ...whole, verifier, process: 1 })),
  { ...whole, queueKey: 'q_loan', process: 0 },
  { ...whole, customerKey: '2', process: 1 },
  { ...whole, origin: 'https://shop.example', process: 0 },
];

const SPOIL: Record<string, (text: string) => string> = {
  [good]: (text) => text,
  another: () => randomBytes(32).toString('base64url'),
  challenge: challengeOf,
  upper: (text) => text.toUpperCase(),
  cut: (text) => text.slice(0, -1),
  longer: (text) => `${text}A`,
  none: () => '',
};

test(
  'a page’s handle goes to nobody without the whole proof, and once, whichever process is asked',
  { skip: redisMissing },
  async (t) => {
    const redis = (await startRedis())!;
    t.after(() => redis.stop());
    const systems = await startTwoProcesses(t, redis.url);
    const pages = systems.map(({ url }) => new CookielessPage(url));
    const login = await pages[0]!.login(systems[0].browser(), { customerKey: '1' });
    const claim = (at: number, over: Record<string, string> = {}, origin = PAGE) =>
      pages[at]!.claim(login, { customerKey: '1', ...over }, { origin });
    await fc.assert(
      fc.asyncProperty(spoilt, async (proof) => {
        const { handle, verifier, queueKey, customerKey, origin } = proof;
        const over = {
          authCode: SPOIL[handle]!(login.authCode),
          verifier: SPOIL[verifier]!(login.verifier),
          ...(queueKey === good ? {} : { queueKey }),
          ...(customerKey === good ? {} : { customerKey }),
        };
        const visit = await claim(proof.process, over, origin === good ? PAGE : origin);
        assert.ok([400, 401, 403].includes(visit.status), `${visit.status} ${JSON.stringify(proof)}`);
        assert.doesNotMatch(visit.body, /scg_/);
      }),
      { numRuns: SINGLE.length + runs(40), examples: SINGLE.map((proof) => [proof]) },
    );
    const claims = await Promise.all([0, 1, 0, 1, 0, 1, 0, 1].map((at) => claim(at)));
    assert.deepEqual(claims.map(({ status }) => status).sort(), [200, ...Array<number>(7).fill(401)]);
    assert.equal((await claim(1)).status, 401, 'used');
  },
);

const thief = fc.record({
  origin: fc.constantFrom(undefined, PAGE, 'null', 'https://evil.example', 'http://www.bank.example'),
  site: fc.constantFrom(undefined, 'same-origin' as const, 'same-site' as const, 'cross-site' as const),
  cookies: fc.boolean(),
});

inEveryFace('with the preset a handle is worth nothing to another browser or page', async (t, face) => {
  const { url, provider, upstream, browser } = await startPuzzel(t, { face });
  for (const kind of [SAME_SITE, NO_COOKIES]) {
    const page = new PuzzelPage(url, browser(), kind);
    const code = await page.login(provider.issuer);
    const arrived = upstream.requests.length;
    await fc.assert(
      fc.asyncProperty(thief, fc.boolean(), async (stranger, loggedIn) => {
        // a page of the very origin without any cookie is what such a login is for
        fc.pre(kind !== NO_COOKIES || stranger.origin !== PAGE || (stranger.cookies && loggedIn));
        const other = new PuzzelPage(url, browser(), stranger);
        if (loggedIn) other.visitor.jar.set('127.0.0.1', new Map([['secure-chat-page', 'A'.repeat(43)]]));
        assert.equal(codeOf(await other.start(code)), 'login_required');
      }),
      { numRuns: runs(25) },
    );
    assert.equal(upstream.requests.length, arrived);
    assert.equal((await page.start(code)).status, 200);
    assert.equal(codeOf(await page.start(code)), 'login_required', 'once');
  }
});

inEveryFace('with the preset no browser finishes a login that another one began', async (t, face) => {
  const { url, provider, browser } = await startPuzzel(t, { face });
  for (const kind of [
    SAME_SITE,
    NO_COOKIES,
    { cookies: true },
    { origin: PAGE, site: 'same-origin' as const, cookies: false },
  ]) {
    const attacker = new PuzzelPage(url, browser({ 'user-agent': 'curl' }), kind);
    const link = await attacker.answered(provider.issuer);
    const own = browser({ 'user-agent': 'curl' });
    own.jar.set('127.0.0.1', new Map([['secure-chat-page', 'B'.repeat(43)]]));
    assert.equal(codeOf(await own.fetch(link)), 'state_mismatch', 'a browser with a cookie of its own');
    assert.equal(codeOf(await browser({ 'user-agent': 'Firefox' }).fetch(link)), 'state_mismatch');
    assert.equal(codeOf(await browser().fetch(`${link}&state=x`)), 'request_malformed');
    // a page on another origin may have no cookies: of such a login a browser is known by its address
    if (kind !== NO_COOKIES && kind !== SAME_SITE)
      assert.equal(codeOf(await browser({ 'user-agent': 'curl' }).fetch(link)), 'state_mismatch');
    const callback = link.replace(`${BASE}/auth/redirect`, '/secure-chat/callback');
    assert.equal(
      codeOf(await attacker.visitor.fetch(callback)),
      'state_mismatch',
      'nor is it one of /callback',
    );
  }
  const attacker = new PuzzelPage(url, browser({ 'user-agent': 'curl' }));
  await attacker.state();
  const link = await attacker.answered(provider.issuer);
  assert.equal(
    codeOf(await browser({ 'user-agent': 'curl' }).fetch(link)),
    'state_mismatch',
    'cookies work there',
  );
  assert.equal(provider.calls('token'), 0);
});
