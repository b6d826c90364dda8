/** An error page or a fallback that gets the client's Authorization and Cookie or shows the inside (CVE-2026-41181): an answer of the gateway's own holds a problem's members, or a page, and nothing that was sent or lies behind it. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { rawRequest } from '../support/raw-client.ts';
import { runs } from '../support/runs.ts';
import { inEveryFace, ola, startSystem } from '../support/system.ts';
import { startUpstream, type UpstreamHandler } from '../support/upstream.ts';

const MEMBERS = ['type', 'title', 'status', 'detail', 'code', 'requestId'];

/** What only an inside could tell: stacks, files, libraries, codes of the network. */
const INSIDE =
  /\n\s+at |\.[cm]?[jt]s:\d|node_modules|node:|\bE(?:CONN|PIPE|TIMEDOUT|AI_)|UND_ERR|HPE_|ERR_|undici|ioredis|express|TypeError|SyntaxError|Parse Error/;

const SECRETS = [
  'Authorization: Bearer canary-authorization',
  'Proxy-Authorization: Basic Y2FuYXJ5OmNhbmFyeQ==',
  'X-Secure-Chat-Id: canary-id',
  'X_Secure.Chat-Nickname: canary-nickname',
  'Referer: https://www.bank.example/?authCode=canary-referer',
  'X-Api-Key: canary-key',
  'X-Request-Id: canary-request-id-0001',
];

const upstream: UpstreamHandler = (req, res) => {
  if (req.url!.includes('reset')) req.socket.destroy();
  else if (!req.url!.includes('silent')) res.writeHead(204, { 'X-Secure-Chat-Id': 'canary-echo' }).end();
};

const WEBSOCKET = [
  'Upgrade: websocket',
  'Connection: Upgrade',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
];
const JSON_BODY = ['Content-Type: application/json'];

/** Request line and lines of its own, body, and the code or status of the answer; `in` for requests of who is logged in. */
const CASES: readonly {
  line: string;
  own?: readonly string[];
  body?: string;
  in?: boolean;
  code: string | number;
}[] = [
  { line: 'GET /queues/q_bank', code: 'login_required' },
  { line: 'OPTIONS /queues/q_bank', code: 'login_required' },
  { line: 'GET /queues/q_bank?queueKey=q_open', code: 'queue_ambiguous' },
  { line: 'GET /queues/../secure', code: 'path_ambiguous' },
  { line: 'GET /%zz', code: 'request_malformed' },
  { line: 'TRACE /queues/q_bank', in: true, code: 'request_malformed' },
  { line: 'TRACE /', code: 'request_malformed' },
  { line: 'TRACK /', in: true, code: 'request_malformed' },
  { line: 'trace /', code: 'request_malformed' },
  { line: 'GET /', own: ['Host: canary-host.example'], code: 'request_malformed' },
  { line: 'GET /queues/nope', code: 'queue_refused' },
  { line: 'GET /secure-chat/nope', in: true, code: 'not_found' },
  { line: 'DELETE /secure-chat/session', in: true, code: 'method_not_allowed' },
  { line: 'GET /secure-chat/login', code: 'request_malformed' },
  { line: 'GET /secure-chat/login?queueKey=q_bank&returnTo=//evil.example', code: 'return_to_refused' },
  { line: 'GET /secure-chat/callback?code=x&state=y', code: 'state_mismatch' },
  { line: 'GET /secure-chat/callback?code=x&code=y', code: 'request_malformed' },
  { line: 'GET /queues/q_bank/reset', in: true, code: 'upstream_unreachable' },
  { line: 'GET /queues/q_bank/silent', in: true, code: 'upstream_timeout' },
  { line: 'GET /reset', code: 'upstream_unreachable' },
  { line: 'POST /sessions', own: JSON_BODY, body: '{"queueKey":', code: 'request_malformed' },
  { line: 'POST /sessions', own: JSON_BODY, body: `"${'x'.repeat(70_000)}"`, code: 'body_too_large' },
  {
    line: 'POST /secure-chat/logout',
    own: ['Content-Type: application/x-www-form-urlencoded'],
    body: 'x'.repeat(9000),
    in: true,
    code: 'body_too_large',
  },
  { line: 'GET /queues/q_bank', own: WEBSOCKET, code: 'login_required' },
  { line: 'GET /queues/q_bank/reset', own: WEBSOCKET, in: true, code: 'upstream_unreachable' },
  { line: 'GET /queues/q_bank/silent', own: WEBSOCKET, in: true, code: 'upstream_timeout' },
  { line: 'GET /secure-chat/session', own: WEBSOCKET, in: true, code: 'not_found' },
  {
    line: 'GET /queues/q_bank',
    own: [...WEBSOCKET, 'Origin: https://canary.example'],
    in: true,
    code: 'login_required',
  },
  { line: 'GET /x', own: ['Canary header without colon'], code: 'request_malformed' },
  { line: 'GET /x', own: [`X-Long: canary${'x'.repeat(20_000)}`], code: 'request_malformed' },
  { line: 'CANARY canary', code: 'request_malformed' },
];

inEveryFace(
  'no error answer holds what came in or what lies behind: problems, pages, upgrades, bytes that are no HTTP',
  async (t, face) => {
    const behind = await startUpstream(upstream, (req, socket) => {
      if (req.url!.includes('reset')) socket.destroy();
    });
    t.after(() => behind.stop());
    const system = await startSystem(t, {
      face,
      options: {
        upstream: { url: behind.url, timeoutMs: 1000 },
        unknownQueues: 'refuse',
        queueRules: [
          { path: '/queues/:queueKey{/*rest}' },
          { query: 'queueKey' },
          { method: 'POST', path: '/sessions', body: 'queueKey' },
        ],
      },
    });
    const { url, provider, browser } = system;
    const port = Number(new URL(url).port);
    const visitor = browser();
    await visitor.open(`${url}/queues/q_bank`);
    const cookie = visitor.cookies('127.0.0.1');
    const hidden = [
      ...visitor.jar.get('127.0.0.1')!.values(),
      new URL(provider.url).port,
      String(behind.port),
    ];
    const secrets = (who: boolean) => [
      ...SECRETS,
      `Cookie: chat=canary-cookie${who ? `; ${cookie}` : ''}`,
      'Cookie2: canary',
    ];
    const navigation = ['Accept: text/html', 'Sec-Fetch-Mode: navigate', 'Sec-Fetch-Dest: document'];
    const ask = async ({ line, own = [], body, in: who = false }: (typeof CASES)[number], page: boolean) => {
      const lines = [
        `${line} HTTP/1.1`,
        `Host: 127.0.0.1:${port}`,
        ...secrets(who),
        ...(page ? navigation : ['Accept: application/json']),
        ...own,
        ...(body === undefined ? [] : [`Content-Length: ${Buffer.byteLength(body)}`]),
        ...(own.includes('Connection: Upgrade') ? [] : ['Connection: close']),
      ];
      return rawRequest(port, `${lines.join('\r\n')}\r\n\r\n${body ?? ''}`);
    };
    const clean = (answer: string, what: string) => {
      assert.ok(!/canary|Y2FuYXJ5/i.test(answer), `${what}: what the client sent`);
      assert.doesNotMatch(answer, INSIDE, what);
      for (const text of hidden)
        assert.ok(!answer.includes(text), `${what}: the session or an address inside`);
      for (const text of ['kari-sub', 'degård', '170290'])
        assert.ok(!answer.includes(text), `${what}: the person`);
      assert.doesNotMatch(answer, /^x.secure.chat[^:]*:/im, what);
      // an answer of the upstream's goes through the host's Express, which signs it
      if (!answer.startsWith('HTTP/1.1 204'))
        assert.doesNotMatch(answer, /^(?:server|x-powered-by|via):/im, what);
    };
    const asProblem = (answer: string, what: string) => {
      const [head = '', body = ''] = answer.split(/\r\n\r\n(.*)/s);
      assert.match(head, /^content-type: application\/problem\+json/im, what);
      assert.match(head, /^cache-control: no-store/im, what);
      const problem = JSON.parse(body) as Record<string, unknown>;
      const members = problem['loginUrl'] === undefined ? MEMBERS : [...MEMBERS, 'loginUrl'];
      assert.deepEqual(Object.keys(problem), members, what);
      assert.equal(problem['type'], `urn:secure-chat:problem:${String(problem['code'])}`, what);
      assert.equal(problem['status'], Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1]), what);
      assert.match(String(problem['requestId']), /^[\da-f-]{36}$/, what);
      return problem['code'];
    };
    for (const page of [false, true]) {
      await Promise.all(
        CASES.map(async (one) => {
          const what = `${one.line.slice(0, 60)} ${page ? 'as a page' : ''}`;
          const answer = await ask(one, page);
          // the way to the provider is no error
          if (page && /^HTTP\/1\.1 302/.test(answer)) return;
          clean(answer, what);
          if (/^content-type: text\/html/im.test(answer)) assert.match(answer, /^cache-control: no-store/im);
          else assert.equal(asProblem(answer, what), one.code, what);
        }),
      );
    }

    // another person in the chat, and a provider that cannot be believed
    provider.setPerson(ola);
    await visitor.open(`${url}/secure-chat/login?queueKey=q_bank&returnTo=/portal`);
    const changed = { line: 'GET /queues/q_bank', in: true, code: '' };
    const asNow = async () => (await ask({ ...changed, own: [] }, false)).replace(cookie, '');
    const stale = await asNow();
    clean(stale, 'an old session');
    assert.equal(asProblem(stale, 'an old session'), 'login_required');

    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(
          'TRACE',
          'TRACK',
          'OPTIONS',
          'DEBUG',
          'PROPFIND',
          'get',
          'M-SEARCH',
          'ECHO',
          'CONNECT',
        ),
        fc.constantFrom(
          '/',
          '*',
          '/queues/q_bank',
          '/secure-chat/healthz',
          'http://canary/',
          '/%',
          '/..',
          '//',
        ),
        fc.constantFrom('Max-Forwards: 0', 'Expect: canary', 'Upgrade: canary', 'X-Http-Method: TRACE'),
        fc.constantFrom('HTTP/1.1', 'HTTP/1.0', 'HTTP/2.0', 'HTTP/canary'),
        async (method, target, extra, version) => {
          const lines = [
            `${method} ${target} ${version}`,
            'Host: a',
            ...secrets(true),
            extra,
            'Connection: close',
          ];
          clean(await rawRequest(port, `${lines.join('\r\n')}\r\n\r\n`), lines[0]!);
        },
      ),
      { numRuns: runs(40) },
    );
  },
);

inEveryFace(
  'a provider’s broken answers and another person in the chat are told without a word of them',
  async (t, face) => {
    const system = await startSystem(t, { face });
    const { url, provider, browser } = system;
    const ask = async (visitor: ReturnType<typeof browser>) => {
      const visit = await visitor.fetch(`${url}/queues/q_bank`, {
        headers: { authorization: 'Bearer canary' },
      });
      const told = JSON.stringify([...visit.headers]) + visit.body;
      assert.doesNotMatch(told, INSIDE);
      assert.ok(!/canary|kari-sub|ola-sub|Nordmann|degård|secure-chat=/.test(told));
      return (JSON.parse(visit.body) as { code: string }).code;
    };
    for (const [behaviour, code] of [
      [{ token: { error: 'canary_error' } }, 'provider_error'],
      [{ token: 'html' }, 'provider_error'],
      [{ idToken: { brokenSignature: true } }, 'provider_error'],
      [{ idToken: { raw: 'canary.canary.canary' } }, 'provider_error'],
      [{ userinfoClaims: { sub: 'canary-other' } }, 'provider_error'],
      [{ token: 503 }, 'provider_unavailable'],
    ] as const) {
      const visitor = browser();
      provider.behave({});
      await visitor.open(`${url}/secure-chat/login?queueKey=q_bank&returnTo=/portal`);
      provider.behave(behaviour);
      assert.equal(await ask(visitor), code);
    }
    provider.behave({});
    const visitor = browser();
    await visitor.open(`${url}/queues/q_bank`);
    provider.setPerson(ola);
    await visitor.open(`${url}/secure-chat/login?queueKey=q_loan&returnTo=/portal`);
    assert.equal(await ask(visitor), 'identity_changed');
  },
);
