/** A suite that cannot fail proves nothing: it finds every class held here, and most of them open in a bare forwarder. */
import assert from 'node:assert/strict';
import {
  connect,
  createServer as createTcpServer,
  type AddressInfo,
  type Server,
  type Socket,
} from 'node:net';
import { test, type TestContext } from 'node:test';
import { CLASSES } from '../../attack/registry.ts';
import { kari, startSystem } from '../support/system.ts';
import { closedPort } from '../support/upstream.ts';
import { runs } from '../support/runs.ts';
import { attack, classesOf, startForwarder } from './targets.ts';

/** Passes bytes on in both directions. */
async function startRelay(
  t: TestContext,
  upstreamPort: number,
  onConnection: (server: Server, socket: Socket) => void = () => undefined,
): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    const onward = connect(upstreamPort, '127.0.0.1');
    for (const end of [socket, onward]) sockets.add(end.on('error', () => end.destroy()));
    socket.pipe(onward).pipe(socket);
    onConnection(server, socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `http://127.0.0.1:${port}`;
}

test('every class holds at this gateway, and no honest request is lost', async (t) => {
  const upstreamPort = await closedPort();
  const system = await startSystem(t, {
    options: { upstream: { url: `http://127.0.0.1:${upstreamPort}` }, loginsPerMinute: 100_000 },
  });
  const browser = system.browser();
  await browser.open(`${system.url}/queues/q_bank/messages`);
  const outcome = await attack(
    ...['--target', system.url, '--upstream-port', String(upstreamPort)],
    ...['--cookie', browser.cookies('127.0.0.1'), '--expect-header', `X-Secure-Chat-Id: ${kari.sub}`],
    ...['--secure-query', 'queueKey=q_bank', '--callback-path', '/secure-chat/callback'],
    ...['--login-path', '/secure-chat/login?queueKey=q_bank'],
    ...['--runs', String(runs(8)), '--json'],
  );
  assert.equal(outcome.code, 0, outcome.text);
  for (const result of classesOf(outcome)) assert.equal(result.verdict, 'held', outcome.text);
  assert.equal(classesOf(outcome).length, CLASSES.length);
});

test('a bare forwarder is caught in most classes, with a counterexample each', async (t) => {
  const upstreamPort = await closedPort();
  const url = await startForwarder(t, upstreamPort);
  const outcome = await attack(
    ...['--target', url, '--upstream-port', String(upstreamPort), '--secure-query', 'queueKey=q_bank'],
    ...[
      '--callback-path',
      '/callback',
      '--login-path',
      '/login',
      '--cookie',
      'session=0123456789abcdef',
      '--runs',
      '20',
      '--seed',
      '1',
      '--json',
    ],
  );
  const open = classesOf(outcome).filter(({ verdict }) => verdict === 'came through');
  assert.equal(outcome.code, 1);
  assert.ok(open.length >= 18, outcome.text);
  for (const { found } of open) assert.ok(found.length > 0);
  assert.doesNotMatch(outcome.text, /0123456789abcdef/);
});

test('a relay of bytes is caught where a parser in between would hide the hole', async (t) => {
  const upstreamPort = await closedPort();
  const url = await startRelay(t, upstreamPort);
  const classes = ['a5', 'a6', 'a8', 'b1', 'c5', 'c6', 'c8', 'g10'];
  const outcome = await attack(
    ...['--target', url, '--upstream-port', String(upstreamPort), '--cookie', 'session=0123456789abcdef'],
    ...['--expect-header', 'X-Secure-Chat-Id: kari', '--runs', '20', '--seed', '1'],
    ...['--classes', classes.join(','), '--json'],
  );
  for (const result of classesOf(outcome)) assert.equal(result.verdict, 'came through', outcome.text);
  assert.equal(classesOf(outcome).length, classes.length);
});

test('a target that dies is told so, and what was not tried counts for nothing', async (t) => {
  const upstreamPort = await closedPort();
  let asked = 0;
  const url = await startRelay(t, upstreamPort, (server, socket) => {
    if (++asked < 8) return;
    server.close();
    socket.destroy();
  });
  const outcome = await attack(
    ...[
      '--target',
      url,
      '--upstream-port',
      String(upstreamPort),
      '--classes',
      'c3,c4',
      '--runs',
      '8',
      '--json',
    ],
  );
  assert.equal(outcome.code, 1);
  assert.deepEqual(
    classesOf(outcome).map(({ verdict }) => verdict),
    ['crashed', 'skipped'],
  );
});

test('the report is a table with a score, and classes without what they need are skipped by name', async (t) => {
  const upstreamPort = await closedPort();
  const url = await startForwarder(t, upstreamPort);
  const { code, text } = await attack(
    ...[
      '--target',
      url,
      '--upstream-port',
      String(upstreamPort),
      '--classes',
      'a4,a9,c11',
      '--runs',
      '4',
      '--seed',
      '1',
    ],
  );
  assert.equal(code, 1);
  assert.match(text, /\| a4 alias-fold +\| 4 +\| [1-4] +\| 4 +\| 0 +\| came through/);
  assert.match(text, /\| a9 own-cookie .*skipped: needs --cookie/);
  assert.match(text, /^a4 came through: the upstream got .*\n {4}\w+ .*HTTP\/1\.1\\r\\n/m);
  assert.match(text, /^1 of 2 classes held$/m);
});

test('the same seed tries the same things', async (t) => {
  const upstreamPort = await closedPort();
  const url = await startForwarder(t, upstreamPort);
  const once = () =>
    attack(
      ...['--target', url, '--upstream-port', String(upstreamPort), '--classes', 'a3,c4'],
      ...['--runs', '5', '--seed', '42', '--json'],
    );
  assert.equal((await once()).text, (await once()).text);
});

test('whatever is not on loopback is refused before a byte is sent', async () => {
  for (const target of [
    'http://www.bank.example',
    'http://192.0.2.1:8080',
    'http://127.0.0.1.bank.example',
    'http://0.0.0.0',
    'http://[2001:db8::1]',
    'http://localhost.bank.example',
  ]) {
    const { code, text } = await attack('--target', target, '--upstream-port', '1');
    assert.equal(code, 2);
    assert.match(text, /is not on loopback/, target);
  }
  for (const target of ['http://localhost:1', 'http://127.0.0.2:1', 'http://[::1]:1']) {
    const { code, text } = await attack('--target', target, '--upstream-port', '0');
    assert.equal(code, 2);
    assert.doesNotMatch(text, /is not on loopback/, target);
  }
});

const NOBODY = ['--target', 'http://127.0.0.1:1', '--upstream-port', '0'] as const;

test('a mistake on the command line is a sentence and exit code 2', async () => {
  for (const [args, sentence] of [
    [[], /npm run attack -- --target URL/],
    [['--target', 'https://127.0.0.1'], /http address/],
    [['--target', 'http://127.0.0.1:1'], /--upstream-port is missing/],
    [['--target', 'http://127.0.0.1:1', '--upstream-port', '0', '--classes', 'z9'], /no class z9/],
    [['--target', 'http://127.0.0.1:1', '--upstream-port', 'x'], /whole number/],
    [['--targte', 'x'], /targte/],
    [['--self', '--target', 'http://127.0.0.1:1'], /leave --target out/],
    [[...NOBODY, '--prefix', ''], /--prefix is the start/],
    [[...NOBODY, '--prefix=--'], /--prefix is the start/],
    [[...NOBODY, '--prefix', 'X Y'], /--prefix is the start/],
    [[...NOBODY, '--login-path', 'login'], /--login-path is a path/],
    [[...NOBODY, '--callback-path', '//['], /--callback-path is a path/],
    [[...NOBODY, '--secure-path', '//other/x'], /--secure-path is a path/],
    [[...NOBODY, '--open-path', ''], /--open-path is a path/],
  ] as const) {
    const { code, text } = await attack(...args);
    assert.equal(code, 2);
    assert.match(text, sentence);
  }
});

test('a target that does not proxy to the port is told so', async (t) => {
  const url = await startForwarder(t, await closedPort());
  const { code, text } = await attack('--target', url, '--upstream-port', String(await closedPort()));
  assert.equal(code, 2);
  assert.match(text, /does not reach the upstream/);
});
