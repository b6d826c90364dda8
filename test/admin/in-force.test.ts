/** What stands beside queues goes by the configuration in force too: log-outs, erasure, pages, a preset. */
import assert from 'node:assert/strict';
import { after, test, type TestContext } from 'node:test';
import { createLive, type Live } from '../../src/admin/live.ts';
import { resolveConfig } from '../../src/config/config.ts';
import type { Edit } from '../../src/config/edits.ts';
import type { GatewayOptions } from '../../src/config/options.ts';
import { BASE, lastBody, PAGE, PuzzelPage, puzzelServer, startPuzzel } from '../http/puzzel-page.ts';
import { silent } from '../support/faces.ts';
import { postFromPortal } from '../support/portal-logout.ts';
import { codeOf } from '../support/problem-code.ts';
import { startProvider, type Provider } from '../support/provider.ts';
import { reachInto } from '../support/redis-dump.ts';
import { redisMissing, startRedis } from '../support/redis.ts';
import { connection, identityOf, inEveryFace, kari, startSystem, type System } from '../support/system.ts';
import { ACTOR, open, signicat } from './rig.ts';

const redis = await startRedis();
after(() => redis?.stop());

const SHOP = 'https://www.shop.example';
const sessionSecret = 'one secret for all processes of this test';

async function startTwoClients(t: TestContext): Promise<Provider> {
  const provider = await startProvider({
    person: kari,
    clients: { portal: { secret: 'portal-secret' }, second: { secret: 'portal-secret' } },
  });
  t.after(() => provider.stop());
  return provider;
}

async function change({ gateway }: Pick<System, 'gateway'>, ...edits: Edit[]): Promise<void> {
  const { revision } = await gateway.administration!.read();
  await gateway.administration!.change(edits, { revision, actor: ACTOR, force: true });
}

/** A customer that only an administrator knows, with a portal, a connection and a secure queue. */
function shopEdits(provider: Provider): Edit[] {
  const { authConnectionName } = connection(provider);
  return [
    { kind: 'customer', customerKey: 'shop', returnOrigins: [SHOP] },
    { kind: 'connection', customerKey: 'shop', authConnectionName, settings: settingsOf(provider) },
    { kind: 'queue.secure', customerKey: 'shop', queueKey: 'q_shop', authConnectionName },
  ];
}

const secondClient: Edit = { kind: 'connection', ...signicat, settings: { authClientId: 'second' } };

inEveryFace('a customer that an administrator adds has its pages and its log-out', async (t, face) => {
  const provider = await startTwoClients(t);
  provider.behave({ discovery: { end_session_endpoint: `${provider.url}/end` } });
  const system = await startSystem(t, { face, provider });
  const { url, browser } = system;
  const visitor = browser();
  await visitor.open(`${url}/queues/q_bank`);
  await change(system, ...shopEdits(provider));
  assert.equal((await visitor.open(`${url}/queues/q_shop`)).status, 200);
  assert.equal(identityOf(system.upstream)['x-secure-chat-customer'], 'shop');
  const asked = await visitor.fetch(`${url}/secure-chat/session`, { headers: { origin: SHOP } });
  assert.equal(asked.headers.get('access-control-allow-origin'), SHOP);
  assert.match(asked.body, /"authenticated":true/);
  const left = await visitor.fetch(`${url}/secure-chat/logout?provider=1`, {
    method: 'POST',
    headers: { origin: SHOP },
  });
  assert.match(left.body, /"endSessionUrl":"[^"]+\/end\?/);
  assert.equal(codeOf(await visitor.fetch(`${url}/queues/q_shop`)), 'login_required');
  assert.equal(
    (await visitor.fetch(`${url}/queues/q_bank`)).status,
    200,
    'of the other customer nothing ends',
  );
});

test('the portal of a customer ends what its connection had verified before it was changed', async (t) => {
  const provider = await startTwoClients(t);
  const system = await startSystem(t, { provider });
  const { url, browser } = system;
  await change(system, ...shopEdits(provider));
  const visitor = browser();
  await visitor.open(`${url}/queues/q_bank`);
  await visitor.open(`${url}/queues/q_shop`);
  await change(system, secondClient);
  const sent = await postFromPortal(visitor, url, { form: { returnTo: `${PAGE}/bye` } });
  assert.equal(
    (await visitor.navigate(sent.headers.get('location')!)).headers.get('location'),
    `${PAGE}/bye`,
  );
  await change(system, { kind: 'reset.connection', ...signicat });
  assert.equal(codeOf(await visitor.fetch(`${url}/queues/q_bank`)), 'login_required');
  assert.equal((await visitor.fetch(`${url}/queues/q_shop`)).status, 200);
});

/** A process beside the gateway that only administers, as a command line does. */
async function beside(t: TestContext, options: GatewayOptions): Promise<Live> {
  const live = createLive(resolveConfig(options, { production: false, face: 'gateway' }), { logger: silent });
  t.after(() => live.close());
  await live.ready();
  return live;
}

test(
  'a person is erased by a connection that an administrator added, and of one that was changed since',
  { skip: redisMissing },
  async (t) => {
    const provider = await startTwoClients(t);
    const system = await startSystem(t, { provider, options: { sessionSecret, redisUrl: redis!.url } });
    const { url, browser, upstream } = system;
    await change(system, ...shopEdits(provider));
    const [customer, stranger] = [browser(), browser()];
    await customer.open(`${url}/queues/q_shop`);
    await stranger.open(`${url}/queues/q_bank`);
    const subject = system.log.findLast(({ message }) => message === 'code redeemed')!.fields['subject'];
    await change(system, secondClient);
    const live = await beside(t, {
      sessionSecret,
      redisUrl: redis!.url,
      publicUrl: url,
      upstream: upstream.url,
      customers: [{ customerKey: '12345', connections: [connection(provider)] }],
    });
    const { erasure } = live.current;
    const shopper = { customerKey: 'shop', connectionName: 'Signicat', sub: kari.sub };
    assert.equal((await erasure.revokeSubject(shopper, { actor: ACTOR })).sessions, 1);
    assert.equal(codeOf(await customer.fetch(`${url}/queues/q_shop`)), 'login_required');
    assert.equal((await erasure.revokeSubject({ subject: String(subject) }, { actor: ACTOR })).sessions, 1);
    await change(system, { kind: 'reset.connection', ...signicat });
    // what runs in this process remembers the erasure by itself; this route asks the store
    const known = await stranger.fetch(`${url}/secure-chat/session`);
    assert.match(known.body, /"authenticated":false/, 'also when it is back');
  },
);

test('the vendor’s protocol goes by what an administrator has set', async (t) => {
  const provider = await startTwoClients(t);
  const system = await startPuzzel(t, { provider });
  const { url, browser, upstream } = system;
  const page = new PuzzelPage(url, browser());
  const inOpen = { queueKey: 'q_open' };
  assert.equal((await page.start(undefined, inOpen)).status, 200);
  await change(
    system,
    { kind: 'connection', ...signicat, authConnectionName: 'Added', settings: settingsOf(provider) },
    { kind: 'queue.secure', ...open, authConnectionName: 'Signicat' },
    { kind: 'queue.open', customerKey: '12345', queueKey: 'q_loan' },
  );
  assert.equal(codeOf(await page.start(undefined, inOpen)), 'login_required');
  const code = await page.login(provider.issuer);
  assert.equal((await page.start(code, inOpen)).status, 200);
  assert.equal(lastBody(upstream)['nickName'], 'Kari');
  const auth = { code: 'anything', connectionName: 'Added' };
  assert.equal((await page.start(undefined, { queueKey: 'q_loan', auth })).status, 200);
  assert.equal(
    'auth' in lastBody(upstream),
    false,
    'a login by the added connection is no other server’s business',
  );
});

function settingsOf(provider: Provider): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(connection(provider)).filter(([key]) => key !== 'authConnectionName'),
  );
}

test(
  'while it is not known which queues are secure, the vendor’s protocol starts nothing',
  { skip: redisMissing },
  async (t) => {
    const own = (await startRedis())!;
    t.after(() => own.stop());
    // which no key opens
    await reachInto(t, own.url).client.set('scg:administration:settings', 'garbage');
    const options = { sessionSecret, redisUrl: own.url };
    const system = await startPuzzel(t, {
      upstream: puzzelServer(),
      options: { preset: 'puzzel-v1', ...options },
    });
    const page = new PuzzelPage(system.url, system.browser());
    assert.equal(codeOf(await page.state()), 'session_store_unavailable');
    for (const members of [{}, { queueKey: 'q_open' }, { queueKey: 'x', altQueueKey: 'q_open' }])
      assert.equal(codeOf(await page.start(undefined, members)), 'session_store_unavailable');
    const back = `${system.url}${BASE}/auth/redirect?state=${'s'.repeat(43)}&code=c`;
    assert.equal((await system.browser().navigate(back)).status, 503);
    const login = `${system.url}/secure-chat/callback?state=${'s'.repeat(43)}&code=c`;
    assert.equal((await system.browser().navigate(login)).status, 503);
    assert.deepEqual(system.upstream.requests, []);
  },
);
