import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { WebSocket } from 'ws';
import type { Browser } from '../support/browser.ts';
import { openRaw } from '../support/raw-client.ts';
import { identityOf, inEveryFace, kari, ola } from '../support/system.ts';
import { startChat, startChats, verdict } from './chat-server.ts';

const login = (queueKey: string) => `/secure-chat/login?queueKey=${queueKey}&returnTo=/portal`;

inEveryFace('a chat goes on for who started it, and for nobody else who knows its id', async (t, face) => {
  const { url, upstream, provider, browser, log } = await startChats(t, { face });
  const visitor = browser();
  await visitor.open(`${url}/queues/q_bank`);
  const id = await startChat(visitor, url);
  const post = { method: 'POST', headers: { 'content-type': 'application/json' } };
  const places = (chatId: string) =>
    [
      [`/queues/q_bank/chats/${chatId}/messages`, {}],
      [`/queues/Q_BANK/Chats/${chatId}`, { method: 'DELETE' }],
      [`/chats/${chatId}`, {}],
      [`/chats/${chatId}/messages`, { method: 'POST', body: 'x' }],
      [`/messages?Chat[]=${chatId}`, {}],
      [`/messages?%63hat=${chatId}`, {}],
      ['/header', { headers: { x_chat: `"${chatId}"` } }],
      ['/say', { ...post, body: JSON.stringify({ chat: chatId, text: 'hi' }) }],
      ['/say?chat=' + chatId, { ...post, body: '' }],
    ] as const;
  for (const [path, options] of places(id)) {
    const before = upstream.requests.length;
    assert.equal(verdict(await visitor.fetch(url + path, options)), '200', path);
    assert.equal(identityOf(upstream)['x-secure-chat-id'], 'kari-sub', path);
    assert.equal(identityOf(upstream)['x-secure-chat-queue'], 'q_bank', path);
    assert.equal(upstream.requests.length, before + 1);
  }
  provider.setPerson(ola);
  const thief = browser();
  await thief.open(url + login('q_bank'));
  const arrived = upstream.requests.length;
  const stranger = browser();
  for (const [path, options] of places(id)) {
    const visit = await stranger.fetch(url + path, options);
    assert.equal(verdict(visit), '401 login_required', path);
    assert.match((JSON.parse(visit.body) as { loginUrl: string }).loginUrl, /queueKey=q_bank/, path);
  }
  for (const [path, options] of places(id))
    assert.equal(verdict(await thief.fetch(url + path, options)), '403 queue_refused', path);
  assert.equal(upstream.requests.length, arrived, 'nothing of theirs arrived');
  const own = await startChat(thief, url);
  assert.equal(verdict(await thief.fetch(`${url}/chats/${own}`)), '200');
  assert.equal(verdict(await visitor.fetch(`${url}/chats/${own}`)), '403 queue_refused');
  // as a value or in an address: a request's own id may hold its digits
  assert.doesNotMatch(JSON.stringify(log), new RegExp(`["/=]${id}\\b`), 'the log knows no id');
});

inEveryFace('the same person goes on from a second browser, and after a log-out', async (t, face) => {
  const { url, upstream, browser } = await startChats(t, { face });
  const first = browser();
  await first.open(`${url}/queues/q_bank`);
  const id = await startChat(first, url);
  const second = browser();
  await second.open(url + login('q_bank'));
  assert.equal(verdict(await second.fetch(`${url}/chats/${id}`)), '200');
  assert.equal(identityOf(upstream)['x-secure-chat-id'], 'kari-sub');
  assert.equal((await first.fetch(`${url}/secure-chat/logout`, { method: 'POST' })).status, 204);
  assert.equal(verdict(await first.fetch(`${url}/chats/${id}`)), '401 login_required');
  await first.open(`${url}/queues/q_bank/chats/${id}`);
  assert.equal(verdict(await first.fetch(`${url}/chats/${id}`)), '200', 'a login goes on with it');
  const opened = await browser().open(`${url}/chats/${id}`);
  assert.equal(opened.status, 200, 'a navigation to it goes through the silent login');
});

inEveryFace('in one browser the next person gets 409 on the first one’s chat', async (t, face) => {
  const { url, provider, upstream, browser } = await startChats(t, { face });
  const visitor = browser();
  await visitor.open(`${url}/queues/q_bank`);
  const karis = await startChat(visitor, url);
  provider.setPerson(ola);
  await visitor.open(url + login('q_bank'));
  const refused = await visitor.fetch(`${url}/chats/${karis}`);
  assert.equal(verdict(refused), '409 identity_changed');
  assert.match((JSON.parse(refused.body) as { loginUrl: string }).loginUrl, /queueKey=q_bank/);
  assert.equal((await visitor.navigate(`${url}/queues/q_bank/chats/${karis}`)).status, 409, 'a page too');
  assert.equal(verdict(await visitor.fetch(`${url}/queues/q_bank`)), '409 identity_changed');
  await visitor.open(`${url}/queues/q_bank`);
  const olas = await startChat(visitor, url);
  assert.equal(verdict(await visitor.fetch(`${url}/chats/${olas}`)), '200');
  assert.equal(
    verdict(await visitor.fetch(`${url}/chats/${karis}`)),
    '409 identity_changed',
    'also after a chat of their own',
  );
  provider.setPerson(kari);
  await visitor.open(url + login('q_loan'));
  assert.equal(verdict(await visitor.fetch(`${url}/chats/${karis}`)), '200', 'the first one goes on');
  assert.equal(identityOf(upstream)['x-secure-chat-id'], 'kari-sub');
  assert.equal(verdict(await visitor.fetch(`${url}/chats/${olas}`)), '409 identity_changed');
});

test('an own chat by its id opens no way into the chat that another person left in this browser', async (t) => {
  const { url, provider, browser } = await startChats(t);
  provider.setPerson(ola);
  const elsewhere = browser();
  await elsewhere.open(`${url}/queues/q_bank`);
  const olas = await startChat(elsewhere, url);
  provider.setPerson(kari);
  const shared = browser();
  await shared.open(`${url}/queues/q_bank`);
  provider.setPerson(ola);
  await shared.open(url + login('q_bank'));
  assert.equal(verdict(await shared.fetch(`${url}/chats/${olas}`)), '200');
  assert.equal(verdict(await shared.fetch(`${url}/queues/q_bank/page`)), '409 identity_changed');
  assert.equal(verdict(await shared.fetch(`${url}/chats/${olas}`)), '200');
});

test('a chat is in the queue where it was started: another one beside it is ambiguous', async (t) => {
  const { url, upstream, browser } = await startChats(t, {
    options: {
      queueRules: [{ path: '/queues/:queueKey{/*rest}' }, { query: 'queueKey' }],
    },
  });
  const visitor = browser();
  await visitor.open(`${url}/queues/q_bank`);
  const id = await startChat(visitor, url);
  const other = await startChat(visitor, url);
  const arrived = upstream.requests.length;
  for (const path of [
    `/queues/q_loan/chats/${id}`,
    `/queues/q_open/chats/${id}`,
    `/chats/${id}?queueKey=q_open`,
    `/messages?chat=${id}&chat=${other}`,
    `/messages?chat=${id};chat=${other}`,
  ])
    assert.equal(verdict(await visitor.fetch(url + path)), '400 queue_ambiguous', path);
  assert.equal(upstream.requests.length, arrived);
  assert.equal(verdict(await visitor.fetch(`${url}/messages?chat=${id}&chat=${id}`)), '200');
});

test('a chat that nobody has started is refused in a secure queue, and like any request elsewhere', async (t) => {
  const { url, browser } = await startChats(t);
  const visitor = browser();
  assert.equal(verdict(await visitor.fetch(`${url}/queues/q_bank/chats/nobodys`)), '401 login_required');
  await visitor.open(`${url}/queues/q_bank`);
  assert.equal(verdict(await visitor.fetch(`${url}/queues/q_bank/chats/nobodys`)), '403 queue_refused');
  const open = await startChat(visitor, url, 'q_open');
  for (const path of [
    `/chats/${open}`,
    `/queues/q_open/chats/${open}`,
    '/chats/nobodys',
    '/chats',
    '/chats/',
  ])
    assert.equal(verdict(await browser().fetch(url + path)), '200', path);
});

test('no spelling of an id or an address leads past its owner', async (t) => {
  const { url, upstream, gateway, browser } = await startChats(t);
  const visitor = browser();
  await visitor.open(`${url}/queues/q_bank`);
  const start = (id: string) =>
    visitor.fetch(`${url}/queues/q_bank/chats?id=${encodeURIComponent(id)}`, { method: 'POST' });
  const guid = '0f8fad5b-d9cd-469f-a165-70867728950e';
  for (const id of ['Abc-1', '77', guid]) await start(id);
  const arrived = upstream.requests.length;
  const { port } = gateway.server.address() as { port: number };
  for (const target of [
    '/chats/Abc-1',
    '/chats/abc-1',
    '/CHATS/ABC-1/',
    '/chats/%41bc-1',
    '/chats/Abc-1.json',
    '/chats/Abc-1%3Fx',
    '/ch%C3%A4ts/Abc-1',
    '/chats/%C3%81bc-1',
    '/chats/Abc-1%E2%80%8B',
    '/chats/Abc-1+',
    '/chats/%20Abc-1',
    '/chats/Abc-1%20',
    '/chats//Abc-1',
    '/x/../chats/Abc-1',
    '/chats/Abc-1;x=1',
    '/chats/x%2f..%2fAbc-1',
    '/chats/%2541bc-1',
    '/chats/Abc-1,other',
    '/chats/other,Abc-1',
    '/chats/077',
    '/chats/77.0',
    '/chats/77abc',
    '/chats/+77',
    `/chats/${guid.toUpperCase()}`,
    `/chats/${guid.replaceAll('-', '')}`,
    `/chats/%7B${guid}%7D`,
    '/messages%3Fchat=Abc-1',
    '/messages.json?chat=Abc-1',
    '/messages?CHAT=abc-1',
    '/messages?chat%00=Abc-1',
    '/messages?x=1;chat=Abc-1',
    '/messages?chat=%2541bc-1',
    '/messages?chat=Abc-1%00',
  ]) {
    const client = await openRaw(port);
    client.write(`GET ${target} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n\r\n`);
    assert.match((await client.closed).text, /^HTTP\/1\.1 40[013] /, target);
  }
  assert.equal(upstream.requests.length, arrived, 'nothing of it arrived');
  for (const path of [
    '/chats/Abc-2',
    '/chats/78',
    '/chats/x77',
    '/messages?chats=Abc-1',
    '/other?chat=Abc-1',
  ])
    assert.equal(verdict(await browser().fetch(url + path)), '200', path);
  assert.equal(verdict(await visitor.fetch(`${url}/chats/Abc-1`)), '200');
});

test('an id that a client has chosen does not make another’s chat its own, and its answer stays behind', async (t) => {
  const { url, provider, browser, log } = await startChats(t);
  const visitor = browser();
  await visitor.open(`${url}/queues/q_bank`);
  const id = await startChat(visitor, url);
  const again = await visitor.fetch(`${url}/queues/q_bank/chats?id=${id}`, { method: 'POST' });
  assert.equal(verdict(again), '201', 'who started it may be told of it once more');
  provider.setPerson(ola);
  const thief = browser();
  await thief.open(`${url}/queues/q_bank`);
  const taken = await thief.fetch(`${url}/queues/q_bank/chats?id=${id}`, { method: 'POST' });
  assert.equal(verdict(taken), '403 queue_refused');
  assert.ok(!taken.body.includes('greeting'));
  assert.equal(verdict(await thief.fetch(`${url}/chats/${id}`)), '403 queue_refused');
  assert.equal(verdict(await visitor.fetch(`${url}/chats/${id}`)), '200');
  assert.ok(
    log.some(({ message }) => message === 'an answer would start a chat that belongs to somebody else'),
  );
});

inEveryFace('a WebSocket names its chat too', async (t, face) => {
  const { url, provider, upstream, browser } = await startChats(t, { face });
  const visitor = browser();
  await visitor.open(`${url}/queues/q_bank`);
  const id = await startChat(visitor, url);
  const attempt = async (who: Browser, path: string): Promise<string> => {
    const socket = new WebSocket(url.replace('http', 'ws') + path, {
      headers: { cookie: who.cookies('127.0.0.1') },
    });
    const answer = new Promise<string>((resolve) => {
      socket.on('error', () => undefined);
      socket.on('unexpected-response', (_request, response) => {
        resolve(String(response.statusCode));
        response.destroy();
      });
      socket.on('open', () => {
        socket.send('hei');
      });
      socket.on('message', (data: Buffer) => {
        resolve(data.toString());
        socket.close();
      });
    });
    const result = await answer;
    if (result === 'hei') await once(socket, 'close');
    return result;
  };
  provider.setPerson(ola);
  const thief = browser();
  await thief.open(url + login('q_bank'));
  await thief.fetch(`${url}/queues/q_bank`);
  for (const path of [`/chats/${id}/live`, `/queues/q_bank/chats/${id}`, `/messages?chat=${id}`]) {
    assert.equal(await attempt(visitor, path), 'hei', path);
    assert.equal(identityOf(upstream)['x-secure-chat-id'], 'kari-sub');
    assert.equal(await attempt(thief, path), '403', path);
    assert.equal(await attempt(browser(), path), '401', path);
  }
  assert.equal(await attempt(visitor, '/queues/q_bank/chats/nobodys'), '403');
});
