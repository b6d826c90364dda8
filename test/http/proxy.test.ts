import assert from 'node:assert/strict';
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { identityOf, inEveryFace, startSystem } from '../support/system.ts';
import { openRaw, rawRequest } from '../support/raw-client.ts';

const port = (url: string) => Number(new URL(url).port);
const code = (body: string) => (JSON.parse(body) as { code: string }).code;

inEveryFace(
  'no header of a client that folds to the prefix reaches the upstream, on any way in',
  async (t, face) => {
    const { url, upstream, browser } = await startSystem(t, { face });
    const forged = [
      'X-Secure-Chat-Id: evil',
      'x_secure_chat_id: evil',
      'X.Secure.Chat.Nickname: evil',
      'X-SECURE!CHAT~Variable-sub: evil',
      'Connection: close, X-Secure-Chat-Id, Cookie',
    ];
    const visitor = browser();
    await visitor.open(`${url}/queues/q_bank`);
    for (const method of ['GET', 'POST', 'OPTIONS', 'DELETE', 'HEAD', 'PUT']) {
      for (const path of ['/', '/queues/q_open', '/queues/q_bank', '/queues/unknown']) {
        for (const cookie of ['', visitor.cookies('127.0.0.1')]) {
          await rawRequest(
            port(url),
            [
              `${method} ${path} HTTP/1.1`,
              'Host: localhost',
              ...forged,
              ...(cookie === '' ? [] : [`Cookie: ${cookie}`]),
              'Content-Length: 0',
              '',
              '',
            ].join('\r\n'),
          );
        }
      }
    }
    assert.ok(upstream.requests.length > 40);
    for (const { rawHeaders, headers } of upstream.requests) {
      const names = rawHeaders
        .filter((_, i) => i % 2 === 0)
        .map((name) => name.toLowerCase().replace(/[^a-z0-9]/g, '-'));
      assert.ok(!rawHeaders.includes('evil'));
      assert.equal(new Set(names).size, names.length, 'every header once');
      assert.equal(
        names.some((name) => name.startsWith('x-secure-chat-')),
        headers['x-secure-chat-queue'] === 'q_bank',
      );
    }
    assert.equal(identityOf(upstream)['x-secure-chat-id'], undefined);
  },
);

inEveryFace('a WebSocket goes through under the same rules', async (t, face) => {
  const { url, upstream, browser } = await startSystem(t, { face });
  const address = url.replace('http', 'ws');
  const refused = new WebSocket(`${address}/queues/q_bank/ws`);
  const [, response] = (await once(refused, 'unexpected-response')) as [unknown, { statusCode: number }];
  assert.equal(response.statusCode, 401);
  const open = new WebSocket(`${address}/queues/q_open/ws`);
  await once(open, 'open');
  open.close();
  const visitor = browser();
  await visitor.open(`${url}/queues/q_bank`);
  const socket = new WebSocket(`${address}/queues/q_bank/ws`, {
    headers: { cookie: visitor.cookies('127.0.0.1'), x_secure_chat_id: 'evil' },
  });
  await once(socket, 'open');
  assert.equal(identityOf(upstream)['x-secure-chat-id'], 'kari-sub');
  socket.send('hei');
  const [echo] = (await once(socket, 'message')) as [Buffer];
  assert.equal(echo.toString(), 'hei');
  const closed = once(socket, 'close');
  await visitor.fetch(`${url}/secure-chat/logout`, { method: 'POST' });
  await closed;
});

inEveryFace(
  'a body rule reads the queue from JSON and forms, and the bytes go on unchanged',
  async (t, face) => {
    const queueRules = [{ method: 'POST', path: '/sessions', body: 'queueKey' }];
    const { url, upstream, browser } = await startSystem(t, { face, options: { queueRules } });
    const post = (body: string, type = 'application/json', path = '/sessions') =>
      browser().fetch(url + path, { method: 'POST', body, headers: { 'content-type': type } });
    const odd = '{ "queueKey" : "q_open",  "n": 1.0, "x": "\\u00e5" }';
    assert.equal((await post(odd)).status, 200);
    assert.equal(upstream.requests.at(-1)!.body.toString(), odd);
    assert.equal((await post('a=1&queueKey=q%5Fopen', 'application/x-www-form-urlencoded')).status, 200);
    assert.deepEqual(
      [
        (await post('{"queueKey":"Q_BANK"}')).status,
        (await post('queueKey=q_bank', 'application/x-www-form-urlencoded')).status,
      ],
      [401, 401],
    );
    const refusals: [string, string | undefined, number, string][] = [
      ['{"queueKey":"q_open","queueKey":"q_bank"}', undefined, 400, 'request_malformed'],
      ['{"queueKey":["q_bank"]}', undefined, 400, 'request_malformed'],
      ['{"queueKey":', undefined, 400, 'request_malformed'],
      ['{"queueKey":"q_bank"}', 'text/plain', 400, 'request_malformed'],
      [`{"queueKey":"q_open","pad":"${'x'.repeat(70_000)}"}`, undefined, 413, 'body_too_large'],
    ];
    const before = upstream.requests.length;
    for (const [body, type, status, expected] of refusals) {
      const answer = await post(body, type);
      assert.deepEqual([answer.status, code(answer.body)], [status, expected], body.slice(0, 50));
    }
    assert.equal(upstream.requests.length, before);
    assert.equal(
      (await post('x'.repeat(200_000), 'text/plain', '/upload')).status,
      200,
      'other routes take any body',
    );
  },
);

inEveryFace(
  'an address that two servers could read differently is refused, an honest one passes byte for byte',
  async (t, face) => {
    const { url, upstream } = await startSystem(t, { face });
    const ask = (target: string) =>
      rawRequest(port(url), `GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
    for (const target of [
      '/x/../queues/q_bank',
      '/%2e%2e/queues/q_bank',
      '//queues/q_bank',
      '/queues%2fq_bank',
      '/queues/q_bank;a=b',
      '/queues\\q_bank',
      '/%2571ueues/q_bank',
      '/queues/q_bank.',
    ]) {
      const answer = await ask(target);
      assert.match(answer, /^HTTP\/1\.1 400 /, target);
      assert.match(answer, /path_ambiguous/, target);
    }
    for (const target of ['http://evil.example/queues/q_bank', '/a#b', '/%zz'])
      assert.match(await ask(target), /^HTTP\/1\.1 400 [^]*request_malformed/, target);
    assert.match(
      await rawRequest(port(url), 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n'),
      /^HTTP\/1\.1 400 /,
    );
    assert.equal(upstream.requests.length, 0);
    for (const target of ['/a%20b/c?x=%2F..%2f;y&&z=1+2', '/caf%C3%A9?', '/~user/a-b_c.d/']) {
      await ask(target);
      assert.equal(upstream.requests.at(-1)!.url, target);
    }
  },
);

inEveryFace('queues named twice, or unknown ones under "refuse", are refused', async (t, face) => {
  const { url, browser } = await startSystem(t, { face, options: { unknownQueues: 'refuse' } });
  const ask = async (path: string) => {
    const answer = await browser().fetch(url + path);
    return [answer.status, answer.status === 200 ? undefined : code(answer.body)];
  };
  assert.deepEqual(await ask('/queues/q_open?queueKey=q_bank'), [400, 'queue_ambiguous']);
  assert.deepEqual(await ask('/x?queueKey=q_open&QueueKey[]=q_bank'), [400, 'queue_ambiguous']);
  assert.deepEqual(await ask('/x?queueKey=nowhere'), [403, 'queue_refused']);
  assert.deepEqual(await ask('/x?QUEUEKEY=%20q_Bank'), [401, 'login_required']);
  assert.deepEqual(await ask('/queues/q_open?queueKey=Q_OPEN'), [200, undefined]);
  assert.deepEqual(await ask('/x'), [200, undefined]);
});

inEveryFace(
  'a body with two types, or a type in two spellings, is refused where a rule reads it',
  async (t, face) => {
    const queueRules = [{ method: 'POST', path: '/sessions', body: 'queueKey' }];
    const { url, upstream } = await startSystem(t, { face, options: { queueRules } });
    const body = '{"a":"&queueKey=q_bank&"}';
    for (const second of ['Content-Type: application/x-www-form-urlencoded', 'Content_Type: text/plain']) {
      const head = [
        'POST /sessions HTTP/1.1',
        'Host: localhost',
        'Content-Type: application/json',
        second,
        `Content-Length: ${body.length}`,
        'Connection: close',
      ];
      assert.match(
        await rawRequest(port(url), `${head.join('\r\n')}\r\n\r\n${body}`),
        /^HTTP\/1\.1 400 [^]*request_malformed/,
      );
    }
    assert.equal(upstream.requests.length, 0);
  },
);

inEveryFace('a head that comes before its body keeps its bytes', async (t, face) => {
  const { url } = await startSystem(t, {
    face,
    upstream: (_req, res) => {
      res.writeHead(200, { 'content-type': 'text/event-stream', 'x-name': '\xc3\x98deg' });
      // an empty chunk: flushHeaders would write the head as UTF-8
      res.write(Buffer.alloc(0));
      setTimeout(() => res.end('data: x\n\n'), 30);
    },
  });
  const text = await rawRequest(
    port(url),
    'GET /events HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
  );
  assert.ok(text.includes('x-name: \xc3\x98deg\r\n'), text);
});

inEveryFace('a refused upgrade ends, also for a client that never closes', async (t, face) => {
  const { url } = await startSystem(t, { face });
  const client = await openRaw(port(url));
  client.write(
    'GET /queues/q_bank HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
  );
  const { text } = await client.closed;
  assert.match(text, /^HTTP\/1\.1 401 [^]*WWW-Authenticate: SecureChat [^]*login_required/);
});
