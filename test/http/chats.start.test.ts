import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { request } from 'undici';
import { openRaw } from '../support/raw-client.ts';
import { inEveryFace, type System } from '../support/system.ts';
import { headerValues } from '../support/upstream.ts';
import { CHAT_RULES, chatServer, startChats, verdict } from './chat-server.ts';
import type { Browser } from '../support/browser.ts';

/** The answer of a start with its bytes. */
async function start({ url }: System, visitor: Browser, query: string, headers: Record<string, string> = {}) {
  const {
    statusCode,
    body,
    headers: answered,
  } = await request(`${url}/queues/q_bank/chats${query}`, {
    method: 'POST',
    headers: { ...headers, cookie: visitor.cookies('127.0.0.1') },
  });
  return { status: statusCode, headers: answered, bytes: Buffer.from(await body.arrayBuffer()) };
}

const whole = (id: string) => JSON.stringify({ greeting: 'Hei, Ødegård', chat: { id } });
const missed = ({ log }: System) =>
  log
    .filter(({ message }) => message === 'an answer that should start a chat names none')
    .map(({ fields }) => fields['why']);

inEveryFace('an answer that starts a chat arrives byte for byte, however it is sent', async (t, face) => {
  const system = await startChats(t, { face });
  const { url, browser, upstream } = system;
  const visitor = browser();
  await visitor.open(`${url}/queues/q_bank`);
  for (const as of ['json', 'bytewise']) {
    const answer = await start(system, visitor, `?as=${as}&id=${as}`, { 'accept-encoding': 'gzip, br' });
    assert.equal(answer.status, 201);
    assert.equal(answer.bytes.toString(), whole(as));
    assert.deepEqual(answer.headers['x-odd'], ['a', 'b']);
    assert.deepEqual(headerValues(upstream.requests.at(-1)!.rawHeaders, 'accept-encoding'), ['identity']);
    assert.equal(verdict(await visitor.fetch(`${url}/chats/${as}`)), '200');
    assert.equal(verdict(await browser().fetch(`${url}/chats/${as}`)), '401 login_required');
  }
  const packed = await start(system, visitor, '?as=gzip&id=packed');
  assert.equal(packed.headers['content-encoding'], 'gzip');
  assert.equal(gunzipSync(packed.bytes).toString(), whole('packed'));
  assert.equal(verdict(await browser().fetch(`${url}/chats/packed`)), '401 login_required');
  assert.deepEqual(missed(system), []);
  assert.ok(!JSON.stringify(system.log).includes('Ødegård'));
});

test('what cannot be read passes on, starts no chat, and is told to the log', async (t) => {
  const system = await startChats(t);
  const { url, browser } = system;
  const visitor = browser();
  await visitor.open(`${url}/queues/q_bank`);
  // ids of one letter
  const size = Buffer.byteLength(whole('x'));
  const longer = size + ',"rest":""'.length + (1 << 20);
  const rows: [string, number, number, unknown][] = [
    ['noContent', 204, 0, 'it has no body, or a part of one'],
    ['partial', 206, size, 'it has no body, or a part of one'],
    ['text', 201, size, 'it is no JSON'],
    ['unknownCoding', 201, size, 'its content coding cannot be read'],
    ['broken', 201, size - 1, 'no id in it'],
    ['noId', 201, '{"chat":{}}'.length, 'no id in it'],
    ['long', 201, longer, 'it is too long'],
    ['longChunked', 201, longer, 'it is too long'],
    ['failed', 500, size, undefined],
  ];
  for (const [as, status, length, why] of rows) {
    const before = missed(system).length;
    const answer = await start(system, visitor, `?as=${as}&id=${as.slice(0, 1)}`);
    assert.deepEqual([answer.status, answer.bytes.length], [status, length], as);
    assert.deepEqual(missed(system).slice(before), why === undefined ? [] : [why], as);
    assert.equal(
      verdict(await visitor.fetch(`${url}/queues/q_bank/chats/${as.slice(0, 1)}`)),
      '403 queue_refused',
      as,
    );
  }
});

test('the owner is known before the first byte of the answer is', async (t) => {
  const system = await startChats(t);
  const { url, gateway, browser } = system;
  const visitor = browser();
  await visitor.open(`${url}/queues/q_bank`);
  const { port } = gateway.server.address() as { port: number };
  for (let chat = 0; chat < 10; chat += 1) {
    const client = await openRaw(port);
    client.write(
      `POST /queues/q_bank/chats?as=bytewise&id=early-${chat} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n` +
        `Cookie: ${visitor.cookies('127.0.0.1')}\r\nContent-Length: 0\r\n\r\n`,
    );
    await client.until('H');
    assert.equal(verdict(await browser().fetch(`${url}/chats/early-${chat}`)), '401 login_required');
    client.destroy();
  }
});

test('an answer that breaks off while it is held is 502, and a client that leaves takes it along', async (t) => {
  const system = await startChats(t, {
    upstream: (req, res) => {
      req.resume();
      if (req.method === 'GET') return void res.end('page');
      res.writeHead(201, { 'content-type': 'application/json', 'content-length': '100' });
      res.write('{"chat":');
      if (req.url?.endsWith('?break')) setTimeout(() => res.destroy(), 20);
    },
    options: { chatRules: CHAT_RULES },
  });
  const { url, browser } = system;
  const visitor = browser();
  await visitor.open(`${url}/queues/q_bank`);
  const broken = await visitor.fetch(`${url}/queues/q_bank/chats?break`, { method: 'POST' });
  assert.equal(verdict(broken), '502 upstream_unreachable');

  const patient = await startChats(t, {
    upstream: (req, res) => {
      req.resume();
      if (req.method === 'GET') return void res.end('page');
      res.writeHead(201, { 'content-type': 'application/json' }).write('{"chat":');
    },
    provider: system.provider,
  });
  const other = patient.browser();
  await other.open(`${patient.url}/queues/q_bank`);
  const { port } = patient.gateway.server.address() as { port: number };
  const client = await openRaw(port);
  client.write(
    `POST /queues/q_bank/chats HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n` +
      `Cookie: ${other.cookies('127.0.0.1')}\r\nContent-Length: 0\r\n\r\n`,
  );
  const arrived = await patient.upstream
    .next()
    .then(async (first) => (first.method === 'POST' ? first : await patient.upstream.next()));
  client.destroy();
  assert.equal(await arrived.closed, true, 'a client that leaves takes the held answer with it');
});

test('a chat of an open queue is nobody’s, and its answer streams', async (t) => {
  const system = await startChats(t, { upstream: chatServer() });
  const { url, browser, upstream } = system;
  const visitor = browser();
  const answer = await visitor.fetch(`${url}/queues/q_open/chats?id=open`, {
    method: 'POST',
    headers: { 'accept-encoding': 'br' },
  });
  assert.equal(answer.status, 201);
  assert.deepEqual(headerValues(upstream.requests.at(-1)!.rawHeaders, 'accept-encoding'), ['br']);
  assert.equal(verdict(await browser().fetch(`${url}/chats/open`)), '200');
});
