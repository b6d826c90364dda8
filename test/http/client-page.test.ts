import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { PAGE, walkOut } from '../support/cookieless-page.ts';
import { openClientPage, type ClientPageOptions } from '../support/client-page.ts';
import { identityOf, startSystem, type SystemOptions } from '../support/system.ts';
import { until } from '../support/until.ts';
import { startUpstream } from '../support/upstream.ts';

/** A visitor of the bank's page: a browser for the redirects, and one tab. */
async function startVisit(t: TestContext, options: SystemOptions = {}) {
  const system = await startSystem(t, options);
  const script = await (await fetch(`${system.url}/secure-chat/client.js`)).text();
  const storage: Record<string, string> = {};
  const visitor = system.browser();
  const open = (over: Partial<ClientPageOptions> = {}) =>
    openClientPage({ gateway: system.url, script, storage, ...over });
  /** Follows a page that has left to where its login lands. */
  const follow = async (left: Promise<string>) =>
    open({ href: await walkOut(visitor, await left, system.url) });
  const enter = async () => {
    const page = open();
    void page.chat.start();
    const landed = await follow(page.left);
    await landed.chat.ready;
    return landed;
  };
  const send = (page: ReturnType<typeof open>, body: string) =>
    page.chat.fetch('/queues/q_bank/messages', { method: 'POST', body });
  const bodies = () => system.upstream.requests.map(({ body }) => body.toString());
  /** Ends the identity at the gateway, behind the client's back. */
  const end = async () => {
    const [token = ''] = /scg_[\w-]{43}/.exec(JSON.stringify(storage)) ?? [];
    const headers = { authorization: `Bearer ${token}`, origin: PAGE };
    await fetch(`${system.url}/secure-chat/logout`, { method: 'POST', headers });
  };
  return { system, storage, open, follow, enter, send, bodies, end };
}

test('client: a login by redirect ends verified, with a clean address and without its verifier', async (t) => {
  const { system, storage, enter, send } = await startVisit(t);
  const page = await enter();
  assert.deepEqual(page.events, ['verified']);
  assert.equal(page.address(), `${PAGE}/chat`);
  assert.doesNotMatch(JSON.stringify(storage), /verifier|authCode/);
  assert.equal((await send(page, 'hello')).status, 200);
  assert.equal(identityOf(system.upstream)['x-secure-chat-id'], 'kari-sub');
  assert.equal((await page.chat.start()).status, 'verified');
  assert.equal(page.hasLeft(), false);
});

test('client: the token goes to the gateway alone, not by a redirect either', async (t) => {
  const stranger = await startUpstream();
  t.after(() => stranger.stop());
  const { enter } = await startVisit(t, {
    upstream: (_req, res) => void res.writeHead(302, { location: stranger.url }).end(),
  });
  const page = await enter();
  await assert.rejects(page.chat.fetch('https://evil.example/'), /SecureChat: only to/);
  await assert.rejects(page.chat.fetch('//evil.example/'), /SecureChat: only to/);
  await assert.rejects(page.chat.fetch('/queues/q_bank'), /fetch failed/);
  assert.equal(stranger.requests.length, 0);
});

test('client: a message that meets the end of the identity goes over the redirect, and arrives once', async (t) => {
  const { enter, send, end, follow, bodies, storage } = await startVisit(t);
  const page = await enter();
  await send(page, 'before');
  await end();
  void send(page, 'in flight');
  const back = await follow(page.left);
  await back.chat.ready;
  assert.deepEqual(page.events, ['verified', 'expired']);
  assert.deepEqual(back.events, ['verified', 'resent']);
  assert.deepEqual(bodies(), ['before', 'in flight']);
  assert.equal(back.chat.unsent().length, 0);
  assert.doesNotMatch(JSON.stringify(storage), /in flight/);
});

test('client: a second end right after is no second redirect, and the answer is the page’s', async (t) => {
  const { enter, send, end, follow, bodies } = await startVisit(t);
  const page = await enter();
  await end();
  void send(page, 'one');
  const back = await follow(page.left);
  await back.chat.ready;
  await end();
  assert.equal((await send(back, 'two')).status, 401);
  assert.equal(back.hasLeft(), false);
  assert.deepEqual(back.events.slice(-2), ['expired', 'login-required']);
  assert.deepEqual([bodies(), back.chat.unsent().length], [['one'], 0]);
});

test('client: a message that was being sent when its page went away is not sent again by itself', async (t) => {
  const { enter, send, end, follow, bodies, storage } = await startVisit(t);
  const page = await enter();
  await end();
  void send(page, 'perhaps');
  await page.left;
  for (const [name, text] of Object.entries(storage))
    storage[name] = text.replace('"uncertain":false', '"uncertain":true');
  const back = await follow(page.left);
  await back.chat.ready;
  assert.deepEqual(bodies(), []);
  const [kept] = back.chat.unsent();
  assert.deepEqual([kept?.body, kept?.uncertain], ['perhaps', true]);
  await back.chat.resend(kept?.id ?? '');
  assert.deepEqual([bodies(), back.chat.unsent().length], [['perhaps'], 0]);
});

test('client: nobody logged in is told so, and a page that starts by itself does not go round in circles', async (t) => {
  const { system, open, follow } = await startVisit(t);
  system.provider.setPerson(undefined);
  const page = open();
  void page.chat.start();
  const back = await follow(page.left);
  const { status, reason } = await back.chat.start();
  assert.deepEqual([status, reason], ['login-required', 'login_required']);
  const reloaded = open();
  assert.equal((await reloaded.chat.start()).status, 'login-required');
  assert.deepEqual([back.hasLeft(), reloaded.hasLeft()], [false, false]);
  void reloaded.chat.login();
  assert.match(await reloaded.left, /\/login\?ticket=/);
});

test('client: an outcome that this tab has not asked for is dropped', async (t) => {
  const { open } = await startVisit(t);
  const page = open({ href: `${PAGE}/chat?authCode=${'a'.repeat(43)}&x=1` });
  assert.equal(await page.chat.ready, undefined);
  assert.equal(page.address(), `${PAGE}/chat?x=1`);
  assert.deepEqual([page.asked, page.events], [[], []]);
});

test('client: a log-out ends the session at the gateway and leaves nothing in the tab', async (t) => {
  const { enter, send, storage } = await startVisit(t);
  const page = await enter();
  await page.chat.logout();
  assert.deepEqual(page.events, ['verified', 'signed-out']);
  assert.doesNotMatch(JSON.stringify(storage), /scg_/);
  await until('the refusal', async () => (await send(page, 'after')).status === 401);
  assert.equal(page.hasLeft(), false);
});

test('client: a token that is near its end is renewed before it is used', async (t) => {
  const { enter, send, storage, open } = await startVisit(t);
  const page = await enter();
  const tokenOf = () => /scg_[\w-]{43}/.exec(JSON.stringify(storage))?.[0];
  const former = tokenOf();
  for (const [name, text] of Object.entries(storage))
    storage[name] = text.replace(/"from":(\d+)/, (_, from: string) => `"from":${Number(from) - 6_000_000}`);
  const later = open();
  assert.deepEqual(
    (await Promise.all([send(later, 'one'), send(later, 'two')])).map(({ status }) => status),
    [200, 200],
  );
  assert.equal(later.asked.filter((line) => line.endsWith('/token')).length, 1);
  assert.notEqual(tokenOf(), former);
  assert.equal(page.hasLeft(), false);
});

test('client: a WebSocket carries the identity, and one that is refused tells of the end', async (t) => {
  const { system, enter, end } = await startVisit(t);
  const page = await enter();
  const socket = await page.chat.connect('/queues/q_bank/ws');
  assert.equal(socket.protocol, 'secure-chat');
  socket.close();
  assert.equal(identityOf(system.upstream)['x-secure-chat-id'], 'kari-sub');
  await assert.rejects(page.chat.connect('wss://evil.example/ws'), /SecureChat: only to/);
  await end();
  void page.chat.connect('/queues/q_bank/ws');
  assert.match(await page.left, /\/login\?ticket=/);
  assert.equal(page.events.at(-1), 'expired');
});
