import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, test } from 'node:test';
import { WebSocket } from 'ws';
import { PAGE } from '../support/cookieless-page.ts';
import { postFromPortal, ticketAddress } from '../support/portal-logout.ts';
import { codeOf } from '../support/problem-code.ts';
import { startProvider } from '../support/provider.ts';
import { redisMissing, startRedis } from '../support/redis.ts';
import { reachInto } from '../support/redis-dump.ts';
import { connection, inEveryFace, kari, startSystem, type System } from '../support/system.ts';

const redis = await startRedis();
after(() => redis?.stop());

const SHOP = 'https://www.shop.example';

/** Two customers, a portal each, with a queue each. */
async function startTwoCustomers(
  t: Parameters<typeof startSystem>[0],
  face?: Parameters<typeof startSystem>[1],
) {
  const provider = await startProvider({ person: kari });
  t.after(() => provider.stop());
  const customer = (customerKey: string, origin: string, queueKey: string) => ({
    customerKey,
    returnOrigins: [origin],
    connections: [connection(provider)],
    queues: [{ queueKey, authConnectionName: 'Signicat' }],
  });
  const customers = [customer('1', PAGE, 'q_bank'), customer('2', SHOP, 'q_shop')];
  return startSystem(t, { ...face, provider, options: { customers } });
}

async function openSocket({ url }: Pick<System, 'url'>, path: string, cookie: string): Promise<WebSocket> {
  const socket = new WebSocket(url.replace('http', 'ws') + path, { headers: { cookie } });
  socket.on('error', () => {});
  await once(socket, 'open');
  return socket;
}

inEveryFace(
  'a form of a portal on another site ends the identity, by way of an address where the cookie arrives',
  async (t, face) => {
    const system = await startSystem(t, { face });
    const { url, browser, upstream } = system;
    const visitor = browser();
    await visitor.open(`${url}/queues/q_bank`);
    const cookie = visitor.cookies('127.0.0.1');
    const socket = await openSocket(system, '/queues/q_bank/ws', cookie);
    const closed = once(socket, 'close');
    const sent = await postFromPortal(visitor, url, { form: { returnTo: `${PAGE}/bye?a=1` } });
    assert.equal(sent.status, 303);
    const address = sent.headers.get('location')!;
    assert.match(address, new RegExp(`^${url}/secure-chat/logout\\?ticket=[\\w-]{43}$`));
    assert.equal((await visitor.fetch(`${url}/queues/q_bank`)).status, 200, 'nothing has ended yet');
    assert.doesNotMatch(String(upstream.requests.at(-1)!.headers.cookie), /secure-chat/);
    const done = await visitor.navigate(address);
    assert.deepEqual([done.status, done.headers.get('location')], [303, `${PAGE}/bye?a=1`]);
    assert.equal(done.headers.get('cache-control'), 'no-store');
    await closed;
    assert.equal((await visitor.fetch(`${url}/queues/q_bank`)).status, 401);
    assert.equal((await browser({ cookie }).fetch(`${url}/queues/q_bank`)).status, 401, 'the record is gone');
    assert.doesNotMatch(visitor.cookies('127.0.0.1'), /secure-chat/);
    assert.ok(system.log.some(({ message }) => message === 'logged out'));
  },
);

inEveryFace('without returnTo the log-out ends on a page that says so', async (t, face) => {
  const { url, browser } = await startSystem(t, { face });
  const visitor = browser({ 'accept-language': 'nb' });
  await visitor.open(`${url}/queues/q_bank`);
  const page = await visitor.navigate(await ticketAddress(visitor, url));
  assert.equal(page.status, 200);
  assert.match(page.body, /Du er logget ut av chatten/);
  assert.match(page.headers.get('content-security-policy') ?? '', /frame-ancestors 'none'/);
  assert.equal((await visitor.fetch(`${url}/queues/q_bank`)).status, 401);
  const nobody = browser();
  assert.equal((await nobody.navigate(await ticketAddress(nobody, url))).status, 200, 'nor was anybody here');
});

inEveryFace('provider=1 leads on to the provider, which the portal’s form asked for', async (t, face) => {
  const { url, browser, provider } = await startSystem(t, { face });
  provider.behave({ discovery: { end_session_endpoint: `${provider.url}/end` } });
  const visitor = browser();
  await visitor.open(`${url}/queues/q_bank`);
  const form = { provider: '1', returnTo: `${PAGE}/bye` };
  const { headers } = await postFromPortal(visitor, url, { form });
  const end = new URL((await visitor.navigate(headers.get('location')!)).headers.get('location')!);
  assert.equal(end.origin + end.pathname, `${provider.url}/end`);
  assert.equal(end.searchParams.get('post_logout_redirect_uri'), `${PAGE}/bye`);
});

inEveryFace('a portal ends the identities of its own customer, and of no other', async (t, face) => {
  const system = await startTwoCustomers(t, { face });
  const { url, browser } = system;
  for (const crossSite of [true, false]) {
    const visitor = browser();
    await visitor.open(`${url}/queues/q_bank`);
    await visitor.open(`${url}/queues/q_shop`);
    const cookie = visitor.cookies('127.0.0.1');
    const bank = await openSocket(system, '/queues/q_bank/ws', cookie);
    const shop = await openSocket(system, '/queues/q_shop/ws', cookie);
    const closed = once(bank, 'close');
    if (crossSite) {
      assert.equal((await visitor.navigate(await ticketAddress(visitor, url))).status, 200);
    } else {
      const headers = { origin: PAGE };
      const answer = await visitor.fetch(`${url}/secure-chat/logout`, { method: 'POST', headers });
      assert.equal(answer.status, 204);
    }
    await closed;
    assert.equal((await visitor.fetch(`${url}/queues/q_bank`)).status, 401);
    assert.equal((await visitor.fetch(`${url}/queues/q_shop`)).status, 200);
    shop.send('still here');
    const [echo] = (await once(shop, 'message')) as [Buffer];
    assert.equal(echo.toString(), 'still here');
    const rest = once(shop, 'close');
    await visitor.fetch(`${url}/secure-chat/logout`, { method: 'POST' });
    await rest;
    assert.equal((await visitor.fetch(`${url}/queues/q_shop`)).status, 401);
  }
});

inEveryFace('a return address of another customer’s is refused, and nothing ends', async (t, face) => {
  const { url, browser } = await startTwoCustomers(t, { face });
  const visitor = browser();
  await visitor.open(`${url}/queues/q_bank`);
  const refused = await postFromPortal(visitor, url, { form: { returnTo: `${SHOP}/` } });
  assert.equal(refused.status, 400);
  assert.deepEqual(refused.headers.getSetCookie(), []);
  const taken = await postFromPortal(visitor, url, { origin: SHOP, form: { returnTo: `${SHOP}/` } });
  assert.equal(taken.status, 303);
  assert.equal((await visitor.fetch(`${url}/queues/q_bank`)).status, 200);
});

inEveryFace('a script of a portal on another site gets no ticket', async (t, face) => {
  const { url, browser } = await startSystem(t, { face });
  const headers = { origin: PAGE, 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' };
  const answer = await browser().fetch(`${url}/secure-chat/logout`, { method: 'POST', headers });
  assert.deepEqual([answer.status, answer.headers.get('location')], [204, null]);
});

test(
  'one process gives the ticket, another ends the identity, once; a dump tells no ticket',
  { skip: redisMissing },
  async (t) => {
    const provider = await startProvider({ person: kari });
    t.after(() => provider.stop());
    const options = { sessionSecret: 'one secret for all processes of this test', redisUrl: redis!.url };
    const first = await startSystem(t, { provider, options });
    const second = await startSystem(t, { provider, options });
    const visitor = first.browser();
    await visitor.open(`${first.url}/queues/q_bank`);
    const address = await ticketAddress(visitor, first.url);
    const ticket = address.split('ticket=')[1]!;
    const dump = JSON.stringify([...(await reachInto(t, redis!.url).read())]);
    assert.ok(dump.includes('logout-ticket') && !dump.includes(ticket));
    const path = address.slice(first.url.length);
    const cookie = visitor.cookies('127.0.0.1');
    const visits = await Promise.all(
      [first, second, first, second].map(({ url, browser }) => browser({ cookie }).fetch(url + path)),
    );
    assert.deepEqual(visits.map(({ status }) => status).sort(), [200, 400, 400, 400]);
    assert.equal((await second.browser({ cookie }).fetch(`${second.url}/queues/q_bank`)).status, 401);
  },
);

test('without the store a portal’s form still takes the cookie away', { skip: redisMissing }, async (t) => {
  const own = (await startRedis())!;
  t.after(() => own.stop());
  const { url, browser } = await startSystem(t, { options: { redisUrl: own.url } });
  const visitor = browser();
  await visitor.open(`${url}/queues/q_bank`);
  await own.kill();
  const answer = await postFromPortal(visitor, url);
  assert.equal(answer.status, 503);
  assert.doesNotMatch(visitor.cookies('127.0.0.1'), /secure-chat=/);
});

test('a ticket is over after a minute, and forms are bounded per address', async (t) => {
  const { url, browser } = await startSystem(t, { options: { loginsPerMinute: 300 } });
  const visitor = browser();
  await visitor.open(`${url}/queues/q_bank`);
  const [late, inTime] = [await ticketAddress(visitor, url), await ticketAddress(visitor, url)];
  for (let i = 0; i < 10; i++)
    await Promise.all(Array.from({ length: 30 }, () => postFromPortal(browser(), url)));
  const bounded = await postFromPortal(browser(), url);
  assert.deepEqual([bounded.status, codeOf(bounded)], [429, 'rate_limited']);
  const start = Date.now();
  t.mock.timers.enable({ apis: ['Date'], now: start + 45_000 });
  assert.equal((await browser({ cookie: visitor.cookies('127.0.0.1') }).fetch(inTime)).status, 200);
  t.mock.timers.setTime(start + 60_001);
  assert.equal(codeOf(await visitor.fetch(late)), 'transaction_expired');
});
