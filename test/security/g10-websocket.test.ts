/** A socket taken from a foreign page, or one that outlives log-out, expiry or the person (Pomerium #1279, oauth2-proxy #2996, warpgate #2106): no identity and no known Origin, no upgrade; with the identity everything that runs on it ends, at the browser and at the upstream. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import fc from 'fast-check';
import type { Browser } from '../support/browser.ts';
import { faces, type Face } from '../support/faces.ts';
import { openRaw, rawRequest, type RawClient } from '../support/raw-client.ts';
import { runs } from '../support/runs.ts';
import { inEveryFace, ola, startSystem } from '../support/system.ts';
import { startUpstream, type RecordedRequest } from '../support/upstream.ts';
import { until } from '../support/until.ts';

const WEBSOCKET = [
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
];
/** Long after whatever else ends a request. */
const UPSTREAM_PATIENCE_S = 60;
/** What an upstream says to caches when it knows nothing of identities. */
const FOR_EVERYBODY = [
  'Cache-Control: public, max-age=600',
  'CDN-Cache-Control: max-age=600',
  'Surrogate-Control: max-age=600',
  'Expires: Thu, 01 Jan 2099 00:00:00 GMT',
  'X-Secure-Chat-Id: echoed',
  'Set-Cookie: secure-chat=planted; Path=/',
  'Set-Cookie: chat=1; Path=/',
];

/** A gateway before an upstream that streams, takes uploads, upgrades, or leaves the upgrade unanswered. */
async function startChat(t: TestContext, face: Face, session: object = {}) {
  const upstream = await startUpstream(
    (req, res) => {
      const path = req.url!.split('?')[0]!;
      if (path.endsWith('/stream') || path.endsWith('/refused')) {
        const head = ['HTTP/1.1 200 OK', 'Content-Type: text/event-stream', ...FOR_EVERYBODY];
        req.socket.write([...head, 'Transfer-Encoding: chunked', '', '5', 'data:', ''].join('\r\n'));
      } else if (path.endsWith('/upload')) req.resume();
      else res.end('ok');
    },
    (req, socket) => {
      const path = req.url!.split('?')[0]!;
      if (path.endsWith('/pending')) return;
      const status = path.endsWith('/refused') ? '403 Forbidden' : '101 Switching Protocols';
      const switching = path.endsWith('/refused')
        ? ['Content-Length: 2']
        : ['Connection: Upgrade', 'Upgrade: websocket'];
      socket.write([`HTTP/1.1 ${status}`, ...switching, ...FOR_EVERYBODY, '', 'hi'].join('\r\n'));
    },
  );
  const system = await startSystem(t, {
    face,
    options: { upstream: { url: upstream.url, timeoutMs: UPSTREAM_PATIENCE_S * 1000 }, session },
  });
  t.after(() => upstream.stop());
  const port = Number(new URL(system.url).port);
  const open = async (visitor: Browser, path: string, lines: readonly string[]): Promise<RawClient> => {
    const client = await openRaw(port);
    const cookie = visitor.cookies('127.0.0.1');
    const head = [
      `${path.endsWith('upload') ? 'POST' : 'GET'} ${path} HTTP/1.1`,
      `Host: 127.0.0.1:${port}`,
      ...(cookie === '' ? [] : [`Cookie: ${cookie}`]),
      ...lines,
    ];
    client.write(`${head.join('\r\n')}\r\n\r\n`);
    return client;
  };
  return { ...system, behind: upstream, port, open };
}
type Chat = Awaited<ReturnType<typeof startChat>>;

/** Everything that can run in a queue, running; each with its request at the upstream. */
async function everythingRuns({ open, behind }: Chat, visitor: Browser) {
  const before = behind.requests.length;
  const upload = await open(visitor, '/queues/q_bank/upload', ['Transfer-Encoding: chunked']);
  upload.write('5\r\nhello\r\n');
  const stream = await open(visitor, '/queues/q_bank/stream', []);
  const socket = await open(visitor, '/queues/q_bank/ws', WEBSOCKET);
  const pending = await open(visitor, '/queues/q_bank/pending', WEBSOCKET);
  await Promise.all([stream.until('data:'), socket.until('\r\n\r\nhi')]);
  await until('four requests at the upstream', () => behind.requests.length === before + 4, 10_000);
  const requests = behind.requests.slice(before);
  return { clients: { upload, stream, socket, pending }, requests };
}

/** Resolves when all of it is over on both sides, and none of it looks complete. */
async function allOver(running: {
  clients: Record<string, RawClient>;
  requests: readonly RecordedRequest[];
}) {
  for (const [name, client] of Object.entries(running.clients)) {
    const { text } = await client.closed;
    assert.doesNotMatch(text, /\r\n0\r\n\r\n$/, `${name} is broken off, not complete`);
  }
  for (const { closed, url } of running.requests) assert.equal(typeof (await closed), 'boolean', url);
}

inEveryFace('no identity, no upgrade: 401, and the upstream hears nothing', async (t, face) => {
  const chat = await startChat(t, face);
  const { url, browser, behind, open } = chat;
  const strangers: [string, Browser][] = [
    ['nobody', browser()],
    ['a made-up cookie', browser()],
    ['logged out', browser()],
  ];
  strangers[1]![1].jar.set(
    '127.0.0.1',
    new Map([['secure-chat', `s%3A${'a'.repeat(32)}.${'b'.repeat(43)}`]]),
  );
  const leaver = strangers[2]![1];
  await leaver.open(`${url}/queues/q_bank`);
  const kept = new Map(leaver.jar.get('127.0.0.1'));
  await leaver.fetch(`${url}/secure-chat/logout`, { method: 'POST' });
  leaver.jar.set('127.0.0.1', kept);
  const before = behind.requests.length;
  for (const [who, stranger] of strangers) {
    for (const upgrade of [WEBSOCKET, ['Connection: Upgrade', 'Upgrade: h2c']]) {
      const { text } = await (await open(stranger, '/queues/q_bank/ws', upgrade)).closed;
      assert.match(text, /^HTTP\/1\.1 401 [^]*"code":"login_required"[^]*"loginUrl"/, who);
    }
  }
  assert.equal(behind.requests.length, before);
  const anybody = await open(browser(), '/queues/q_open/ws', WEBSOCKET);
  assert.match(await anybody.until('\r\n\r\nhi'), /^HTTP\/1\.1 101 /, 'an open queue takes anybody');
  anybody.destroy();
});

/** Spellings of one origin, none of them what a browser would write for a page of it. */
const RESPELT: Record<string, (origin: string) => string> = {
  suffix: (origin) => `${origin}.evil.example`,
  prefix: (origin) => origin.replace('//', '//evil-'),
  subdomain: (origin) => origin.replace('//', '//sub.'),
  port: (origin) => `${origin.replace(/:\d+$/, '')}:1`,
  'no port': (origin) => (/:\d+$/.test(origin) ? origin.replace(/:\d+$/, '') : `${origin}:8443`),
  scheme: (origin) =>
    origin.startsWith('https') ? origin.replace('https', 'http') : origin.replace('http', 'https'),
  user: (origin) => origin.replace('//', '//evil@'),
  'user behind': (origin) => origin.replace('//', '//evil.example@'),
  slash: (origin) => `${origin}/`,
  path: (origin) => `${origin}/portal`,
  query: (origin) => `${origin}?`,
  dot: (origin) => `${origin}.`,
  upper: (origin) => origin.toUpperCase(),
  list: (origin) => `https://evil.example, ${origin}`,
  'list behind': (origin) => `${origin}, https://evil.example`,
  'blank list': (origin) => `https://evil.example ${origin}`,
  null: () => 'null',
  empty: () => '',
  extension: () => 'chrome-extension://abcdefgh',
  file: () => 'file://',
  bare: (origin) => origin.replace(/^https?:\/\//, ''),
  backslash: (origin) => origin.replace('//', '\\\\'),
  comma: (origin) => `${origin},`,
  percent: (origin) => origin.replace('.', '%2e'),
  localhost: (origin) => origin.replace('127.0.0.1', 'localhost').replace('www.', 'ww2.'),
};

inEveryFace(
  'a secure queue takes sockets of its own origin and of the customer’s, to the letter',
  async (t, face) => {
    const chat = await startChat(t, face);
    const { url, browser, behind, open } = chat;
    const visitor = browser();
    await visitor.open(`${url}/queues/q_bank`);
    const ours = [url, 'https://www.bank.example'];
    for (const origin of ours) {
      const socket = await open(visitor, '/queues/q_bank/ws', [...WEBSOCKET, `Origin: ${origin}`]);
      assert.match(await socket.until('\r\n\r\nhi'), /^HTTP\/1\.1 101 /, origin);
      socket.destroy();
    }
    const before = behind.requests.length;
    const lines = fc
      .tuple(
        fc.constantFrom(...ours),
        fc.constantFrom(...Object.keys(RESPELT)),
        fc.constantFrom('one', 'second', 'first'),
      )
      .map(([origin, how, place]) => {
        const line = `Origin: ${RESPELT[how]!(origin)}`;
        const good = `Origin: ${origin}`;
        return place === 'one' ? [line] : place === 'first' ? [line, good] : [good, line];
      });
    await fc.assert(
      fc.asyncProperty(
        lines,
        fc.constantFrom('/queues/q_bank/ws', '/ws?queueKey=Q_BANK'),
        async (origins, path) => {
          const { text } = await (await open(visitor, path, [...WEBSOCKET, ...origins])).closed;
          assert.match(text, /^HTTP\/1\.1 (?:401|400) /, origins.join());
        },
      ),
      { numRuns: runs(60) },
    );
    assert.equal(behind.requests.length, before, 'none of them arrived');
  },
);

inEveryFace('log-out ends all that runs, here and at the upstream, and nobody else’s', async (t, face) => {
  const chat = await startChat(t, face);
  const [visitor, neighbour] = [chat.browser(), chat.browser()];
  await visitor.open(`${chat.url}/queues/q_bank`);
  await neighbour.open(`${chat.url}/queues/q_bank`);
  const others = await chat.open(neighbour, '/queues/q_bank/ws', WEBSOCKET);
  await others.until('\r\n\r\nhi');
  const running = await everythingRuns(chat, visitor);
  assert.equal((await visitor.fetch(`${chat.url}/secure-chat/logout`, { method: 'POST' })).status, 204);
  await allOver(running);
  assert.equal(others.socket.destroyed, false);
  others.destroy();
});

inEveryFace(
  'another person ends what the first one had running, and the same person does not',
  async (t, face) => {
    const chat = await startChat(t, face);
    const { url, provider } = chat;
    const visitor = chat.browser();
    await visitor.open(`${url}/queues/q_bank`);
    const running = await everythingRuns(chat, visitor);
    const logIn = () => visitor.open(`${url}/secure-chat/login?queueKey=q_bank&returnTo=/queues/q_bank`);
    assert.equal((await logIn()).status, 200);
    assert.ok(
      Object.values(running.clients).every(({ socket }) => !socket.destroyed),
      'the same person',
    );
    provider.setPerson(ola);
    assert.equal((await logIn()).status, 200);
    await allOver(running);
  },
);

test('what runs ends with the life of its identity, in every face', async (t) => {
  await Promise.all(
    faces.map(async (face) => {
      // a machine that is too busy to start everything in two seconds gets more of them
      for (const life of [2, 10, 30]) {
        const chat = await startChat(t, face, { absoluteSeconds: life, idleSeconds: life });
        const visitor = chat.browser();
        await visitor.open(`${chat.url}/queues/q_bank`);
        const running = await everythingRuns(chat, visitor).catch(() => undefined);
        if (running === undefined) continue;
        const begun = performance.now();
        await allOver(running);
        const seconds = (performance.now() - begun) / 1000;
        assert.ok(seconds < life + UPSTREAM_PATIENCE_S / 2, `${face.name}: ${seconds} s`);
        return;
      }
      assert.fail(`${face.name}: nothing ran`);
    }),
  );
});

inEveryFace(
  'no shared cache keeps a stream, a refused upgrade or a plain answer of a secure queue',
  async (t, face) => {
    const chat = await startChat(t, face);
    const visitor = chat.browser();
    await visitor.open(`${chat.url}/queues/q_bank`);
    const stream = await chat.open(visitor, '/queues/q_bank/stream', []);
    const plain = await chat.open(visitor, '/queues/q_bank/refused', ['Connection: Upgrade', 'Upgrade: h2c']);
    const refused = await chat.open(visitor, '/queues/q_bank/refused', WEBSOCKET);
    const switched = await chat.open(visitor, '/queues/q_bank/ws', WEBSOCKET);
    const heads = await Promise.all([
      stream.until('data:'),
      plain.until('data:'),
      refused.until('\r\n\r\nhi'),
      switched.until('\r\n\r\nhi'),
    ]);
    for (const client of [stream, plain, refused, switched]) client.destroy();
    for (const [i, text] of heads.entries()) {
      const head = text.split('\r\n\r\n')[0]!;
      assert.doesNotMatch(head, /^x.secure.chat|secure-chat=/im, 'neither our headers nor our cookie');
      assert.match(head, /^set-cookie: chat=1/im, 'a cookie of its own');
      // 101 is no answer that anybody could keep
      if (i === 3) continue;
      assert.deepEqual(head.match(/^cache-control:.*$/gim), ['Cache-Control: no-store']);
      assert.doesNotMatch(head, /max-age|^expires|^surrogate-control|^cdn-/im);
    }
    const open = await rawRequest(
      chat.port,
      'GET /queues/q_open HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
    );
    assert.doesNotMatch(open, /no-store/, 'an open queue’s answers are as the upstream says');
  },
);
