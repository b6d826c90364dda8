import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { CookielessPage, PAGE, challengeOf, walkOut } from '../support/cookieless-page.ts';
import { startProvider } from '../support/provider.ts';
import { connection, identityOf, inEveryFace, kari, ola, startSystem } from '../support/system.ts';
import { codeOf } from '../support/problem-code.ts';

const BANK = '/queues/q_bank';
const SHOP = 'https://shop.example';

/** Two customers with a queue of the same key, the first with two queues and two origins. */
const customersAt = (provider: Awaited<ReturnType<typeof startProvider>>) => {
  const queue = (queueKey: string) => ({ queueKey, authConnectionName: 'Signicat' });
  const connections = [connection(provider)];
  return [
    {
      customerKey: '1',
      returnOrigins: [PAGE, SHOP],
      connections,
      queues: [queue('q_bank'), queue('q_loan')],
    },
    { customerKey: '2', returnOrigins: [PAGE], connections, queues: [queue('q_bank')] },
  ];
};

inEveryFace(
  'an authCode is worth nothing without its verifier, origin, queue and customer, and once',
  async (t, face) => {
    const provider = await startProvider({ person: kari });
    t.after(() => provider.stop());
    const { url, browser, upstream } = await startSystem(t, {
      face,
      provider,
      options: { customers: customersAt(provider) },
    });
    const page = new CookielessPage(url);
    const mine = { customerKey: '1' };
    const login = await page.login(browser(), mine);
    const thefts: [string, Parameters<CookielessPage['claim']>][] = [
      ['another origin of the customer', [login, mine, { origin: SHOP }]],
      ['a foreign origin', [login, mine, { origin: 'https://evil.example' }]],
      ['no origin', [login, mine, { origin: null }]],
      ['a wrong verifier', [{ ...login, verifier: randomBytes(32).toString('base64url') }, mine]],
      ['the challenge for a verifier', [{ ...login, verifier: challengeOf(login.verifier) }, mine]],
      ['another queue', [login, { ...mine, queueKey: 'q_loan' }]],
      ['another customer', [login, { customerKey: '2' }]],
      ['a made-up authCode', [{ ...login, authCode: randomBytes(32).toString('base64url') }, mine]],
    ];
    for (const [how, [stolen, members, request]] of thefts) {
      const visit = await page.claim(stolen, members, request);
      const problem = JSON.parse(visit.body) as { code: string; loginUrl: string };
      assert.deepEqual([visit.status, problem.code], [401, 'login_required'], how);
      assert.ok(problem.loginUrl.startsWith(`${url}/secure-chat/login?`), how);
    }
    const claims = await Promise.all(Array.from({ length: 8 }, () => page.claim(login, mine)));
    assert.deepEqual(claims.map(({ status }) => status).sort(), [200, ...Array<number>(7).fill(401)]);
    assert.equal((await page.claim(login, mine)).status, 401, 'used');
    const { token } = JSON.parse(claims.find(({ status }) => status === 200)!.body) as { token: string };

    const at = async (path: string, over: object = {}) => (await page.ask(path, { token, ...over })).status;
    assert.equal(await at('/enter?queueKey=q_bank&customerKey=1'), 200);
    const arrived = upstream.requests.length;
    assert.equal(await at('/enter?queueKey=q_loan&customerKey=1'), 401, 'another queue');
    assert.equal(await at('/enter?queueKey=q_bank&customerKey=2'), 401, 'another customer');
    assert.equal(await at('/enter?queueKey=q_bank&customerKey=1', { origin: SHOP }), 401, 'another origin');
    assert.equal(upstream.requests.length, arrived);
    assert.equal(await at('/enter?queueKey=q_bank&customerKey=1', { origin: null }), 200, 'no browser');
    const info = await page.ask('/secure-chat/session?queueKey=q_loan&customerKey=1', { token });
    assert.deepEqual(JSON.parse(info.body), { authenticated: false });
  },
);

inEveryFace(
  'an authCode of a cookie login is no page’s to claim, and the handle of a page opens no cookie session',
  async (t, face) => {
    const { url, browser } = await startSystem(t, { face });
    const page = new CookielessPage(url);
    const visitor = browser();
    const landed = new URL(
      await walkOut(visitor, `${url}/secure-chat/login?queueKey=q_bank&returnTo=${PAGE}/chat`, url),
    );
    const authCode = landed.searchParams.get('authCode')!;
    assert.equal((await page.claim({ authCode, verifier: 'v'.repeat(43) })).status, 401);
    assert.equal((await visitor.fetch(url + BANK)).status, 200);
    const login = await page.login(browser());
    for (const headers of [
      { authorization: `Bearer ${login.authCode}` },
      { authorization: `Bearer scg_${login.authCode}` },
      { cookie: `secure-chat=${login.authCode}` },
    ])
      assert.equal((await page.ask(BANK, { headers })).status, 401);
    assert.equal((await page.claim(login)).status, 200);
  },
);

inEveryFace(
  'login CSRF: a ticket of the attacker’s gives the victim nothing of his, and him nothing of theirs',
  async (t, face) => {
    const { url, provider, upstream, browser } = await startSystem(t, { face });
    const page = new CookielessPage(url);
    const verifier = randomBytes(32).toString('base64url');
    const begin = async () =>
      (JSON.parse((await page.begin(challengeOf(verifier))).body) as { location: string }).location;

    // the attacker begins in his own browser, and lets the victim's finish
    provider.setPerson(ola);
    const attacker = browser();
    const started = await attacker.navigate(await begin());
    const answered = await attacker.navigate(started.headers.get('location')!);
    const victim = browser();
    await victim.open(url + BANK);
    const cookies = victim.cookies('127.0.0.1');
    const finished = await victim.fetch(answered.headers.get('location')!);
    assert.deepEqual([finished.status, codeOf(finished)], [400, 'state_mismatch']);

    // the victim's browser walks the attacker's ticket from start to end
    provider.setPerson(kari);
    const ticket = await begin();
    const landed = new URL(await walkOut(victim, ticket, url));
    assert.equal(landed.origin, PAGE, 'the handle is where the attacker is not');
    assert.equal(victim.cookies('127.0.0.1'), cookies, 'and no session of the victim’s has changed');
    const authCode = landed.searchParams.get('authCode')!;
    const own = randomBytes(32).toString('base64url');
    assert.equal(
      (await page.claim({ authCode, verifier: own })).status,
      401,
      'the victim’s page claims nothing',
    );
    assert.equal(codeOf(await attacker.fetch(ticket)), 'transaction_expired', 'the ticket is used');
    for (const guess of [ticket.split('ticket=')[1]!, randomBytes(32).toString('base64url')])
      assert.equal((await page.claim({ authCode: guess, verifier })).status, 401);
    assert.equal((await victim.fetch(url + BANK)).status, 200);
    assert.equal(identityOf(upstream)['x-secure-chat-id'], 'ola-sub', 'as whom they were before');
  },
);

test('tickets, handles and tokens are over when their time is', async (t) => {
  const { url, browser } = await startSystem(t, {
    connection: { codeRedemption: 'callback' },
    options: { session: { idleSeconds: 7200 } },
  });
  const page = new CookielessPage(url);
  const challenge = challengeOf('v'.repeat(43));
  const ticketOf = async () =>
    (JSON.parse((await page.begin(challenge)).body) as { location: string }).location;
  const [late, inTime] = [await ticketOf(), await ticketOf()];
  const [lateLogin, login] = [await page.login(browser()), await page.login(browser())];
  const token = await page.token(browser());
  assert.equal((await page.ask(BANK, { token })).status, 200);
  const start = Date.now();
  t.mock.timers.enable({ apis: ['Date'], now: start + 299_000 });
  assert.equal((await browser().navigate(inTime)).status, 302);
  t.mock.timers.setTime(start + 300_001);
  assert.equal(codeOf(await browser().fetch(late)), 'transaction_expired');
  t.mock.timers.setTime(start + 595_000);
  assert.equal((await page.claim(login)).status, 200);
  const renewed = await page.ask('/secure-chat/token', { method: 'POST', token });
  const next = (JSON.parse(renewed.body) as { token: string }).token;
  t.mock.timers.setTime(start + 600_001);
  assert.equal((await page.claim(lateLogin)).status, 401);
  assert.equal(codeOf(await page.ask(BANK, { token })), 'login_required');
  assert.equal((await page.ask('/secure-chat/token', { method: 'POST', token })).status, 401);
  assert.equal((await page.ask(BANK, { token: next })).status, 200, 'renewed in time');
});

test('logins and tokens are bounded per address, and the page can read when to come back', async (t) => {
  const { url } = await startSystem(t, { options: { loginsPerMinute: 300 } });
  const page = new CookielessPage(url);
  const login = { authCode: 'a'.repeat(43), verifier: 'v'.repeat(43) };
  for (const one of [() => page.begin('c'.repeat(43)), () => page.claim(login)]) {
    const statuses: number[] = [];
    for (let i = 0; i < 10; i++)
      statuses.push(...(await Promise.all(Array.from({ length: 30 }, one))).map(({ status }) => status));
    assert.ok(!statuses.includes(429), '300 a minute pass');
    const refusal = await one();
    assert.deepEqual([refusal.status, codeOf(refusal)], [429, 'rate_limited']);
    assert.equal(refusal.headers.get('access-control-allow-origin'), PAGE);
    assert.match(refusal.headers.get('access-control-expose-headers') ?? '', /Retry-After/);
  }
});
