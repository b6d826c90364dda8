import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { WebSocket } from 'ws';
import { headerBytes } from '../../src/proxy/identity-headers.ts';
import { startProvider } from '../support/provider.ts';
import { redisMissing, startRedis } from '../support/redis.ts';
import { identityOf, inEveryFace, kari, startSystem, type System } from '../support/system.ts';

const redis = await startRedis();
after(() => redis?.stop());

const QUEUE = '/queues/q_bank/messages';
const ASSERTION = 'x-secure-chat-assertion';

async function verifiedVisitor(system: System) {
  const browser = system.browser();
  assert.equal((await browser.open(`${system.url}${QUEUE}`)).status, 200);
  return browser;
}

/** What any JWT library makes of the assertion of the upstream's last request. */
async function verified({ upstream, url }: System, audience = 'q_bank') {
  const keys = createRemoteJWKSet(new URL(`${url}/secure-chat/jwks.json`));
  return (await jwtVerify(identityOf(upstream)[ASSERTION]!, keys, { issuer: url, audience })).payload;
}

inEveryFace('the chat server checks the assertion with the published keys', async (t, face) => {
  const system = await startSystem(t, { face });
  await verifiedVisitor(system);
  const headers = identityOf(system.upstream);
  const { variables, ...claims } = await verified(system);
  assert.deepEqual(variables, JSON.parse(headers['x-secure-chat-variables']!));
  assert.equal(claims.exp! - claims.iat!, 60);
  assert.deepEqual(
    [
      claims['customer'],
      claims['connection'],
      claims.sub,
      claims['chatId'],
      claims['nickName'],
      claims['acr'],
    ],
    ['12345', 'Signicat', kari.sub, kari.sub, 'Kari', headers['x-secure-chat-acr']],
  );
  assert.deepEqual((claims['amr'] as string[] | undefined)?.join(' '), headers['x-secure-chat-amr']);
  assert.equal(String(claims['auth_time']), headers['x-secure-chat-auth-time']);
});

inEveryFace('/jwks.json publishes public keys only, to anybody', async (t, face) => {
  const system = await startSystem(t, { face });
  const response = await fetch(`${system.url}/secure-chat/jwks.json`);
  assert.equal(response.status, 200);
  assert.match(response.headers.get('content-type')!, /^application\/json/);
  assert.equal(response.headers.get('set-cookie'), null);
  const { keys } = (await response.json()) as { keys: Record<string, unknown>[] };
  assert.deepEqual(
    keys.map((key) => Object.keys(key).sort()),
    [['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']],
  );
  const head = await fetch(`${system.url}/secure-chat/jwks.json`, { method: 'HEAD' });
  assert.deepEqual([head.status, await head.text()], [200, '']);
  assert.equal((await fetch(`${system.url}/secure-chat/jwks.json`, { method: 'POST' })).status, 405);
});

inEveryFace("no assertion goes to an open queue, and a client's never goes anywhere", async (t, face) => {
  const system = await startSystem(t, { face });
  const browser = await verifiedVisitor(system);
  const forged = { 'X-Secure-Chat-Assertion': 'forged', x_secure_chat_assertion: 'forged' };
  await browser.fetch(`${system.url}/queues/q_open`, { headers: forged });
  assert.deepEqual(identityOf(system.upstream), {});
  await browser.fetch(`${system.url}${QUEUE}`, { headers: forged });
  const { rawHeaders } = system.upstream.requests.at(-1)!;
  assert.equal(rawHeaders.filter((name) => /secure.chat.assertion/i.test(name)).length, 1);
  assert.ok(await verified(system));
});

test('requests of one session share an assertion, other queues and other browsers do not', async (t) => {
  const system = await startSystem(t);
  const browser = await verifiedVisitor(system);
  const assertionOf = async (visitor: typeof browser, path: string) => {
    await visitor.fetch(`${system.url}${path}`);
    return identityOf(system.upstream)[ASSERTION];
  };
  const first = await assertionOf(browser, QUEUE);
  assert.equal(await assertionOf(browser, QUEUE), first);
  assert.notEqual(await assertionOf(browser, '/queues/q_loan'), first);
  assert.notEqual(await assertionOf(await verifiedVisitor(system), QUEUE), first);
});

test('an upgrade carries it too', async (t) => {
  const system = await startSystem(t);
  const browser = await verifiedVisitor(system);
  const socket = new WebSocket(`${system.url.replace('http', 'ws')}${QUEUE}`, {
    headers: { Cookie: browser.cookies('127.0.0.1') },
    origin: system.url,
  });
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  socket.terminate();
  assert.equal(system.upstream.requests.at(-1)!.upgrade, true);
  assert.equal((await verified(system)).sub, kari.sub);
});

test('headers and assertion share the limit, and say the same where values are cut', async (t) => {
  const provider = await startProvider({ person: { ...kari, name: 'Ødegård '.repeat(2000) } });
  t.after(() => provider.stop());
  const system = await startSystem(t, { provider });
  await verifiedVisitor(system);
  const headers = identityOf(system.upstream);
  assert.equal(headers['x-secure-chat-truncated'], 'name');
  const size = headerBytes(Object.entries(headers));
  assert.ok(size <= 8192 && size > 7500, String(size));
  const claims = await verified(system);
  assert.deepEqual(claims['variables'], JSON.parse(headers['x-secure-chat-variables']!));
  assert.deepEqual(claims['truncated'], ['name']);
});

test('a limit without room for an assertion is used without one, and told at the start', async (t) => {
  const system = await startSystem(t, { options: { headerLimitBytes: 600 } });
  await verifiedVisitor(system);
  const headers = identityOf(system.upstream);
  assert.equal(headers[ASSERTION], undefined);
  assert.equal(headers['x-secure-chat-queue'], 'q_bank');
  assert.ok(system.log.some(({ message }) => message.startsWith('headerLimitBytes:')));
});

test('two gateways on one Redis sign with one key', { skip: redisMissing }, async (t) => {
  const provider = await startProvider({ person: kari });
  t.after(() => provider.stop());
  const options = { sessionSecret: 'one secret for all processes of this test', redisUrl: redis!.url };
  const systems = [await startSystem(t, { provider, options }), await startSystem(t, { provider, options })];
  const kids: unknown[] = [];
  for (const system of systems) {
    await verifiedVisitor(system);
    kids.push(decodeProtectedHeader(identityOf(system.upstream)[ASSERTION]!).kid);
    assert.ok(await verified(system));
  }
  assert.equal(kids[0], kids[1]);
});
