import assert from 'node:assert/strict';
import { once } from 'node:events';
import express from 'express';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import { secureChat } from '../../src/secure-chat.ts';
import { Browser } from '../support/browser.ts';
import { CookielessPage, PAGE } from '../support/cookieless-page.ts';
import { silent } from '../support/faces.ts';
import { startProvider } from '../support/provider.ts';
import { openRaw } from '../support/raw-client.ts';
import { connection, kari } from '../support/system.ts';

/** A host without an upstream: what its handlers find on the request. */
async function startHost(t: TestContext, seen: (req: express.Request) => void): Promise<string> {
  const provider = await startProvider({ person: kari });
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const chat = secureChat(
    {
      publicUrl: url,
      sessionSecret: 'a secret for tests that is long enough',
      queueRules: [{ path: '/queues/:queueKey' }, { method: 'POST', path: '/sessions', body: 'queueKey' }],
      customers: [
        {
          customerKey: '1',
          returnOrigins: [PAGE],
          connections: [connection(provider)],
          queues: [{ queueKey: 'q_bank', authConnectionName: 'Signicat' }, { queueKey: 'q_open' }],
        },
      ],
    },
    { logger: silent },
  );
  const host = express()
    .use(chat)
    .use(express.json(), express.urlencoded({ extended: false }));
  host.use((req, res) => {
    req.resume().on('end', () => {
      seen(req);
      res.end('host');
    });
    if (req.readableEnded) {
      seen(req);
      res.end('host');
    }
  });
  server.on('request', host);
  t.after(async () => {
    server.closeAllConnections();
    server.close();
    await chat.close();
    await provider.stop();
  });
  return url;
}

test("a host's handler finds our headers once and the client's nowhere: headers, rawHeaders, distinct, trailers", async (t) => {
  const requests: express.Request[] = [];
  const url = await startHost(t, (req) => void requests.push(req));
  const visitor = new Browser();
  await visitor.open(`${url}/queues/q_bank`);
  const client = await openRaw(Number(new URL(url).port));
  client.write(
    [
      'POST /queues/q_bank HTTP/1.1',
      'Host: localhost',
      'X_Secure_Chat_Id: evil',
      'x-secure-chat-nickname: evil',
      'Trailer: X-Secure-Chat-Id',
      `Cookie: ${visitor.cookies('127.0.0.1')}`,
      'Transfer-Encoding: chunked',
      'Connection: close',
      '',
      '0',
      'X-Secure-Chat-Id: evil',
      'X-Other: 1',
      '',
      '',
    ].join('\r\n'),
  );
  await client.closed;
  const req = requests.at(-1)!;
  assert.equal(req.headers['x-secure-chat-id'], 'kari-sub');
  assert.deepEqual(req.headersDistinct['x-secure-chat-id'], ['kari-sub']);
  assert.equal(req.rawHeaders.filter((text, i) => i % 2 === 0 && /^x.secure.chat.id$/i.test(text)).length, 1);
  assert.ok(
    !JSON.stringify([
      req.headers,
      req.rawHeaders,
      req.headersDistinct,
      req.trailers,
      req.rawTrailers,
    ]).includes('evil'),
  );
  assert.deepEqual({ ...req.trailersDistinct }, { 'x-other': ['1'] });
  assert.equal(req.secureChat?.identity.nickName, 'Kari');
  assert.ok(Object.isFrozen(req.secureChat));
  assert.equal('user' in req, false);
});

test('an open queue leaves the request without an identity, a secure one does not reach the host', async (t) => {
  const requests: express.Request[] = [];
  const url = await startHost(t, (req) => void requests.push(req));
  const headers = { 'x-secure-chat-id': 'evil' };
  assert.equal((await new Browser().fetch(`${url}/queues/q_open`, { headers })).body, 'host');
  assert.deepEqual(
    [requests[0]!.secureChat, requests[0]!.headers['x-secure-chat-id']],
    [undefined, undefined],
  );
  assert.equal((await new Browser().fetch(`${url}/queues/q_bank`, { headers })).status, 401);
  assert.equal(requests.length, 1);
});

test("a body that a rule has read is there for the host's parsers' users, as they would have made it", async (t) => {
  const requests: express.Request[] = [];
  const url = await startHost(t, (req) => void requests.push(req));
  const post = (body: string, type: string) =>
    new Browser().fetch(`${url}/sessions`, { method: 'POST', body, headers: { 'content-type': type } });
  assert.equal((await post('\uFEFF{"queueKey":"q_open","a":[1]}', 'application/json')).status, 200);
  assert.deepEqual(requests.at(-1)!.body, { queueKey: 'q_open', a: [1] });
  // what body-parser 1, of Express 4, goes by
  assert.equal((requests.at(-1) as { _body?: boolean })._body, true);
  assert.equal((await post('queueKey=q_open&a=1&a=2', 'Application/X-WWW-Form-Urlencoded')).status, 200);
  assert.deepEqual(requests.at(-1)!.body, { queueKey: 'q_open', a: ['1', '2'] });
});

test("a host's handler finds the identity of a token and never the token; its answer is the page's to read", async (t) => {
  const requests: express.Request[] = [];
  const url = await startHost(t, (req) => void requests.push(req));
  const page = new CookielessPage(url);
  const token = await page.token(new Browser());
  const visit = await page.ask('/queues/q_bank', { token });
  assert.deepEqual([visit.status, visit.headers.get('access-control-allow-origin')], [200, PAGE]);
  assert.equal(requests[0]!.secureChat?.identity.chatId, 'kari-sub');
  assert.equal(
    (await page.ask('/queues/q_open', { token })).headers.get('access-control-allow-origin'),
    null,
  );
  assert.equal(requests[1]!.secureChat, undefined);
  for (const { headers, rawHeaders, headersDistinct } of requests)
    assert.doesNotMatch(JSON.stringify([headers, rawHeaders, headersDistinct]), /scg_|authorization/i);
});
