/** Whatever a target answers, or does not: every attempt has an outcome, and the program ends with its table. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { test } from 'node:test';
import { returnTo } from '../../attack/classes/e1-return-to.ts';
import { sharedCache } from '../../attack/classes/f3-shared-cache.ts';
import { connectLoopback } from '../../attack/loopback.ts';
import { readOptions } from '../../attack/options.ts';
import { createRig, type ExchangeOptions } from '../../attack/rig.ts';
import { draw, runClass, type ClassResult } from '../../attack/suite.ts';
import { startUpstream } from '../../attack/upstream.ts';
import { closedPort } from '../support/upstream.ts';
import { attack, classesOf, startForwarder } from './targets.ts';

const FEW = ['--runs', '4', '--seed', '1'] as const;

/** A target whose `/login` and `/callback` answer like this. */
function oddly(answer: (res: ServerResponse) => void) {
  return ({ url = '' }: IncomingMessage, res: ServerResponse): boolean => {
    const isOdd = /^\/(?:login|callback)\b/.test(url);
    if (isOdd) answer(res);
    return isOdd;
  };
}

const ODD: Record<string, (res: ServerResponse) => void> = {
  'resets the socket': (res) => res.socket?.resetAndDestroy(),
  'closes it': (res) => res.socket?.destroy(),
  'says something that is no HTTP': (res) => res.socket?.end('220 ready\r\n\r\n'),
  'breaks off in mid-body': (res) => {
    res.writeHead(200, { 'content-length': 100 }).write('half');
    setImmediate(() => res.socket?.resetAndDestroy());
  },
  'redirects to what is no address': (res) => void res.writeHead(302, { location: 'http://[' }).end(),
};

for (const [name, answer] of Object.entries(ODD))
  test(`a target that ${name} fails in these classes, and the others are tried`, async (t) => {
    const upstreamPort = await closedPort();
    const url = await startForwarder(t, upstreamPort, oddly(answer));
    const outcome = await attack(
      ...['--target', url, '--upstream-port', String(upstreamPort), ...FEW, '--json'],
      ...['--classes', 'd1,e1,g4', '--login-path', '/login', '--callback-path', '/callback'],
    );
    assert.equal(outcome.code, 1);
    const [callback, login, other] = classesOf(outcome) as [ClassResult, ClassResult, ClassResult];
    assert.notEqual(callback.verdict, 'held', name);
    assert.notEqual(login.verdict, 'held', name);
    for (const { verdict, found } of [callback, login]) assert.ok(verdict !== 'crashed' && found[0]?.reason);
    assert.equal(other.id, 'g4');
    assert.ok(other.attacks > 0);
  });

test('a login path that is silent is an outcome of each attempt that asked it', async (t) => {
  const upstream = await startUpstream(0);
  t.after(() => upstream.stop());
  const url = await startForwarder(t, upstream.port, ({ url: path = '' }) => path.startsWith('/login'));
  const { facts } = readOptions([
    ...['--target', url, '--upstream-port', String(upstream.port), '--login-path', '/login'],
  ]);
  const result = await runClass(returnTo, createRig(facts, upstream, 20), { runs: 3, seed: 1 });
  assert.deepEqual([result.verdict, result.through, result.lost], ['came through', 3, 4]);
  assert.equal(result.found[0]?.reason, 'no answer within 20 ms');
});

test('every attack on shared caches says something storable', async () => {
  const { facts } = readOptions(['--target', 'http://127.0.0.1:1', '--upstream-port', '1']);
  const answers: string[] = [];
  const exchange = (_bytes: string, options: ExchangeOptions = {}) => {
    answers.push(options.answer ?? '');
    return Promise.resolve({ requests: [], raw: '', answers: [], ms: 0 });
  };
  const step = () => Promise.reject(new TypeError('no browser here'));
  for (const attempt of draw(sharedCache, facts, 200, 1)) await attempt.run({ facts, exchange, step });
  assert.ok(answers.length > 200);
  for (const answer of answers)
    assert.match(answer, /^(?:.*cache-control|expires|etag|surrogate|last-mod)/im);
});

test('--demo --json prints one document', async () => {
  const { text } = await attack('--demo', '--json', '--classes', 'c3', ...FEW);
  const { gateway, peer } = JSON.parse(text) as Record<string, { classes?: ClassResult[]; problem?: string }>;
  assert.equal(gateway?.classes?.[0]?.verdict, 'held');
  // the peer's packages are not everywhere
  assert.ok(peer?.classes?.[0]?.id === 'c3' || /npm ci/.test(peer?.problem ?? ''), text);
});

const outside = Object.values(networkInterfaces())
  .flat()
  .find((address) => address?.internal === false && address.family === 'IPv4')?.address;

test(
  'a name that leads off loopback is left before a byte is sent',
  { skip: outside === undefined && 'no other address than loopback on this machine' },
  async (t) => {
    let received = '';
    const server = createServer((socket) => {
      socket.on('error', () => undefined).on('data', (chunk) => (received += chunk.toString('latin1')));
    });
    t.after(() => server.close());
    await once(server.listen(0, outside), 'listening');
    const accepted = once(server, 'connection');
    const { port } = server.address() as AddressInfo;
    const socket = connectLoopback(port, outside!);
    socket.write('GET / HTTP/1.1\r\n\r\n');
    await assert.rejects(once(socket, 'end'), /is not on loopback/);
    const [other] = (await accepted) as [AsyncIterable<unknown> & NodeJS.EventEmitter];
    await once(other, 'close');
    assert.equal(received, '');
  },
);

test('localhost is reached where it is loopback', async (t) => {
  const upstreamPort = await closedPort();
  const url = await startForwarder(t, upstreamPort);
  const outcome = await attack(
    ...['--target', url.replace('127.0.0.1', 'localhost'), '--upstream-port', String(upstreamPort)],
    ...['--classes', 'c3', ...FEW, '--json'],
  );
  const [result] = classesOf(outcome);
  assert.deepEqual([result?.attacks, result?.lost], [4, 0], outcome.text);
});
