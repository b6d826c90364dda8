import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { MemoryStore } from 'express-session';
import { WebSocket } from 'ws';
import { inEveryFace, ola, startSystem } from '../support/system.ts';
import { startOnHostSession } from '../support/faces.ts';
import { openRaw } from '../support/raw-client.ts';
import type { UpstreamHandler } from '../support/upstream.ts';
import type { Browser } from '../support/browser.ts';

const sessionCookie = (visitor: Browser) =>
  [...visitor.jar.get('127.0.0.1')!].find(([name]) => /secure-chat$|host\.sid/.test(name))!;

inEveryFace('the session id changes at every login, and the old one opens nothing', async (t, face) => {
  const { url, browser } = await startSystem(t, { face });
  const visitor = browser();
  await visitor.open(`${url}/queues/q_bank`);
  const [name, old] = sessionCookie(visitor);
  await visitor.open(`${url}/secure-chat/login?queueKey=q_bank`);
  assert.notEqual(sessionCookie(visitor)[1], old);
  const thief = browser();
  thief.jar.set('127.0.0.1', new Map([[name, old]]));
  assert.equal((await thief.fetch(`${url}/queues/q_bank`)).status, 401);
});

inEveryFace('log-out forgets the identity here and leaves the login at the provider', async (t, face) => {
  const { url, provider, browser } = await startSystem(t, { face });
  const visitor = browser();
  await visitor.open(`${url}/queues/q_bank`);
  const stolen = new Map(visitor.jar.get('127.0.0.1'));
  const answer = await visitor.fetch(`${url}/secure-chat/logout`, { method: 'POST' });
  assert.equal(answer.status, 204);
  assert.equal((await visitor.fetch(`${url}/queues/q_bank`)).status, 401);
  const thief = browser();
  thief.jar.set('127.0.0.1', stolen);
  assert.equal((await thief.fetch(`${url}/queues/q_bank`)).status, 401);
  assert.equal((await visitor.open(`${url}/queues/q_bank`)).status, 200, 'the portal is still logged in');
  assert.equal(provider.calls('authorize'), 2);
});

inEveryFace(
  'ten tabs log in at once, from a browser that has no cookie yet, and all of them land',
  async (t, face) => {
    const { url, browser } = await startSystem(t, { face });
    const visitor = browser();
    const visits = await Promise.all(
      Array.from({ length: 10 }, (_, tab) => visitor.open(`${url}/queues/q_bank?tab=${tab}`)),
    );
    assert.deepEqual(
      visits.map(({ status }) => status),
      Array(10).fill(200),
    );
    assert.ok(visitor.cookies('127.0.0.1').length < 400, 'nothing of ten logins stays in the cookie header');
  },
);

inEveryFace('a request that touches no secure queue gets no session and no cookie', async (t, face) => {
  const { url, upstream, browser } = await startSystem(t, { face });
  for (const path of ['/', '/queues/q_open', '/queues/unknown', '/static/app.js?queueKey=q_open']) {
    const answer = await browser().navigate(url + path);
    assert.equal(answer.status, 200, path);
    assert.deepEqual(answer.headers.getSetCookie(), [], path);
  }
  assert.ok(
    upstream.requests.every(({ rawHeaders }) => !rawHeaders.some((header) => /^x-secure-chat/i.test(header))),
  );
});

inEveryFace(
  'a used or foreign login transaction is refused, and the provider is not asked',
  async (t, face) => {
    const { url, provider, browser } = await startSystem(t, { face });
    const visitor = browser();
    const visit = await visitor.open(`${url}/secure-chat/login?queueKey=q_bank`);
    const callback = visit.trail.find((address) => address.includes('/callback?'))!;
    const refused = async (who: Browser, address: string) => {
      const answer = await who.fetch(address);
      return [answer.status, (JSON.parse(answer.body) as { code: string }).code];
    };
    assert.deepEqual(await refused(visitor, callback), [400, 'state_mismatch'], 'replayed');
    const { headers } = await visitor.navigate(`${url}/secure-chat/login?queueKey=q_bank`);
    const fresh = (await visitor.navigate(headers.get('location')!)).headers.get('location')!;
    assert.deepEqual(await refused(browser(), fresh), [400, 'state_mismatch'], 'in another browser');
    assert.equal((await visitor.navigate(fresh)).status, 302, 'which has used up nothing');
    assert.deepEqual(await refused(visitor, fresh), [400, 'state_mismatch'], 'and then it is gone');
    assert.deepEqual(await refused(visitor, `${callback}&code=twice`), [400, 'request_malformed']);
    assert.deepEqual(await refused(visitor, `${url}/secure-chat/callback`), [400, 'state_mismatch']);
    assert.equal(provider.calls('token'), 0);
  },
);

inEveryFace('log-out ends a stream that runs in a secure queue, within the second', async (t, face) => {
  const upstream: UpstreamHandler = (req, res) => {
    res.writeHead(200, { 'content-type': 'text/event-stream' });
    res.write('data: hei\n\n');
    if (!req.url!.includes('stream')) res.end();
  };
  const { url, browser } = await startSystem(t, { face, upstream });
  const visitor = browser();
  await visitor.open(`${url}/queues/q_bank`);
  const stream = await openRaw(Number(new URL(url).port));
  stream.write(
    `GET /queues/q_bank/stream HTTP/1.1\r\nHost: localhost\r\nCookie: ${visitor.cookies('127.0.0.1')}\r\n\r\n`,
  );
  await stream.until('data: hei');
  await visitor.fetch(`${url}/secure-chat/logout`, { method: 'POST' });
  const { text } = await stream.closed;
  assert.doesNotMatch(text, /\r\n0\r\n\r\n$/, 'broken off, not complete');
});

inEveryFace('a login in another tab leaves what runs alone, another person ends it', async (t, face) => {
  const { url, browser, provider } = await startSystem(t, { face });
  const visitor = browser();
  await visitor.open(`${url}/queues/q_bank`);
  const socket = new WebSocket(`${url.replace('http', 'ws')}/queues/q_bank/ws`, {
    headers: { cookie: visitor.cookies('127.0.0.1') },
  });
  await once(socket, 'open');
  await visitor.open(`${url}/secure-chat/login?queueKey=q_bank&returnTo=/queues/q_bank`);
  socket.send('still here');
  const [echo] = (await once(socket, 'message')) as [Buffer];
  assert.equal(echo.toString(), 'still here');
  provider.setPerson(ola);
  const closed = once(socket, 'close');
  await visitor.open(`${url}/secure-chat/login?queueKey=q_bank&returnTo=/queues/q_bank`);
  await closed;
});

inEveryFace(
  'a log-out that cannot be read is the client’s fault, and HEAD spends no login',
  async (t, face) => {
    const { url, browser } = await startSystem(t, { face });
    const post = async (body: string, headers: Record<string, string>) =>
      (await browser().fetch(`${url}/secure-chat/logout`, { method: 'POST', body, headers })).status;
    const form = 'application/x-www-form-urlencoded';
    assert.equal(await post(`a=${'x'.repeat(9000)}`, { 'content-type': form }), 413);
    assert.equal(await post('a=1', { 'content-type': `${form}; charset=utf-16` }), 400);
    assert.equal(await post('a=1', { 'content-type': form, 'content-encoding': 'gzip' }), 400);
    assert.equal(await post('returnTo=https://evil.example/', { 'content-type': form }), 400);
    const visitor = browser();
    const { headers } = await visitor.navigate(`${url}/secure-chat/login?queueKey=q_bank`);
    const callback = (await visitor.navigate(headers.get('location')!)).headers.get('location')!;
    assert.equal((await visitor.fetch(callback, { method: 'HEAD' })).status, 405);
    assert.equal((await visitor.navigate(callback)).status, 302);
  },
);

inEveryFace(
  'a form that logs out goes to its returnTo, and to the provider only when asked',
  async (t, face) => {
    const { url, browser, provider } = await startSystem(t, { face });
    provider.behave({ discovery: { end_session_endpoint: `${provider.url}/end` } });
    const visitor = browser();
    const logOut = async (query: string) => {
      await visitor.open(`${url}/queues/q_bank`);
      const answer = await visitor.fetch(`${url}/secure-chat/logout${query}`, {
        method: 'POST',
        headers: { accept: 'text/html' },
      });
      return [answer.status, answer.headers.get('location')];
    };
    assert.deepEqual(await logOut('?returnTo=https://www.bank.example/bye'), [
      303,
      'https://www.bank.example/bye',
    ]);
    const [status, location] = await logOut('?provider=1');
    assert.equal(status, 303);
    assert.equal(new URL(String(location)).href.split('?')[0], `${provider.url}/end`);
    assert.equal(new URL(String(location)).searchParams.get('client_id'), 'portal');
  },
);

test("the cookie of a host's session stays here from the very first request on, also when that is an upgrade", async (t) => {
  // sessions of the host outlive its process: the second one knows no name yet
  const store = new MemoryStore();
  const face = { name: 'host', start: startOnHostSession(store) };
  const first = await startSystem(t, { face });
  const visitor = first.browser();
  await visitor.open(`${first.url}/queues/q_bank`);
  const second = await startSystem(t, { face });
  const socket = new WebSocket(`${second.url.replace('http', 'ws')}/queues/q_open/ws`, {
    headers: { cookie: `${visitor.cookies('127.0.0.1')}; other=1` },
  });
  await once(socket, 'open');
  assert.equal(second.upstream.requests.at(-1)!.headers.cookie, 'other=1');
  socket.terminate();
});
