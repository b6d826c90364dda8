/** No framing makes one request of a client two at the upstream, however careless the upstream reads: it gets one framing, written by the gateway. */
import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import fc from 'fast-check';
import { PERSONAS, readAs, startLenientUpstream, type LenientUpstream } from '../support/lenient-upstream.ts';
import { openRaw, rawRequest } from '../support/raw-client.ts';
import { runs } from '../support/runs.ts';
import { smugglingCases, type Route } from '../support/smuggling-generators.ts';
import { inEveryFace, startSystem, type System } from '../support/system.ts';
import type { Face } from '../support/faces.ts';
import { until } from '../support/until.ts';
import { startRawUpstream } from '../support/upstream.ts';

const seed = Number(process.env['FC_SEED'] ?? Date.now() % 2 ** 31);
const AT_ONCE = 12;
/** Requests that an attack can hold, and one more. */
const SENTINELS = 4;

interface Rig {
  readonly port: number;
  readonly upstream: LenientUpstream;
  /** Addresses of the requests that the gateway's own server has read. */
  readonly seen: string[];
}

async function startRig(t: Parameters<typeof startSystem>[0], face: Face): Promise<Rig> {
  const upstream = await startLenientUpstream();
  t.after(() => upstream.stop());
  const system: System = await startSystem(t, {
    face,
    options: {
      upstream: { url: upstream.url, timeoutMs: 2000 },
      queueRules: [{ path: '/sessions{/*rest}', body: 'queueKey' }, { query: 'queueKey' }],
    },
  });
  const seen: string[] = [];
  const note = (req: IncomingMessage) => void seen.push(req.url ?? '');
  system.gateway.server
    .prependListener('request', note)
    .prependListener('checkContinue', note)
    .prependListener('upgrade', note);
  return { port: Number(new URL(system.url).port), upstream, seen };
}

/**
 * Sends one case and asks for `/next` as another client. Before that, honest requests follow the attack one after the other:
 * each begins after it, takes the same way to the upstream and back, and so leaves it time to do harm on any machine.
 * @returns what the honest ones were answered
 */
async function attempt({ port }: Rig, id: string, bytes: string): Promise<string[]> {
  const ask = (name: string): Promise<string> =>
    rawRequest(port, `GET /${id}/${name} HTTP/1.1\r\nHost: g\r\nConnection: close\r\n\r\n`);
  const attacker = await openRaw(port);
  attacker.write(bytes);
  const answers: string[] = [];
  while (answers.length < SENTINELS && !attacker.socket.destroyed)
    answers.push(await ask(`sentinel${answers.length}`));
  attacker.destroy();
  return [...answers, await ask('next')];
}

const addresses = (lines: readonly { line: string }[]): string[] =>
  lines.map(({ line }) => line.split(' ')[1] ?? line);

/** Every persona reads the same requests out of every connection, each one is a client's, and none forges. */
function assertOneReading({ upstream, seen }: Rig, describe: (id: string) => string): void {
  const left = [...seen];
  for (const bytes of upstream.received()) {
    let first: string[] | undefined;
    for (const persona of PERSONAS) {
      const requests = readAs(persona, bytes);
      const read = addresses(requests);
      first ??= read;
      const at = read.findIndex((address, index) => address !== first?.[index]);
      const id = /c\dx\d+x/.exec(read[Math.max(0, at)] ?? first[read.length] ?? '')?.[0] ?? '';
      assert.deepEqual(read, first, `${persona.name} reads otherwise: ${describe(id)}`);
      const forged = requests.find(({ headers }) => headers.some(([name]) => /^x.secure.chat/i.test(name)));
      assert.equal(forged?.line, undefined, `${persona.name} reads a forged header: ${describe(id)}`);
    }
    for (const address of first ?? []) {
      const index = left.indexOf(address);
      assert.ok(
        index >= 0,
        `no client asked for ${address}: ${describe(/c\dx\d+x/.exec(address)?.[0] ?? '')}`,
      );
      left.splice(index, 1);
    }
  }
}

async function attack(rig: Rig, cases: readonly { id: string; bytes: string }[]): Promise<void> {
  const todo = [...cases];
  const work = async (): Promise<void> => {
    for (let one = todo.shift(); one !== undefined; one = todo.shift()) {
      for (const answer of await attempt(rig, one.id, one.bytes))
        assert.match(
          answer,
          /^HTTP\/1\.1 200 OK[^]*\r\n\r\nok$/,
          `another client after ${JSON.stringify(one.bytes)}`,
        );
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  const describe = (id: string): string =>
    `seed ${seed}, ${JSON.stringify(cases.find((one) => one.id === id)?.bytes)}`;
  assertOneReading(rig, describe);
  const next = rig.upstream.received().flatMap((bytes) => addresses(readAs(PERSONAS[0]!, bytes)));
  for (const { id } of cases)
    assert.equal(next.filter((address) => address === `/${id}/next`).length, 1, describe(id));
}

inEveryFace(
  'one request of a client is at most one at the upstream, to every careless reader',
  async (t, face) => {
    const rig = await startRig(t, face);
    const cases = (['plain', 'body rule', 'upgrade'] satisfies Route[]).flatMap((route, index) =>
      fc
        .sample(smugglingCases(route), { numRuns: runs(70), seed })
        .map((render, at) => ({ id: `c${index + 1}x${at}x`, bytes: render(`c${index + 1}x${at}x`) })),
    );
    await attack(rig, cases);
    const forwarded = rig.upstream.received().flatMap((bytes) => addresses(readAs(PERSONAS[0]!, bytes)));
    const first = forwarded.filter((address) => address.endsWith('/first')).length;
    t.diagnostic(`${cases.length} cases, ${first} of them forwarded, seed ${seed}`);
    assert.ok(first > cases.length / 20, 'nearly all were refused: it proves nothing');
  },
);

inEveryFace(
  'a client that leaves before its upgrade is answered leaves no socket behind',
  async (t, face) => {
    const silent = await startRawUpstream(() => {});
    t.after(() => silent.stop());
    const { url } = await startSystem(t, { face, options: { upstream: silent.url } });
    const client = await openRaw(Number(new URL(url).port));
    client.write(
      'GET /x HTTP/1.1\r\nHost: g\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    );
    await until('the upgrade at the upstream', () =>
      silent.received.some((text) => text.includes('\r\n\r\n')),
    );
    client.socket.end();
    assert.deepEqual(await client.closed, { reset: false, text: '' });
  },
);

inEveryFace('honest bodies of every method and framing arrive as they are', async (t, face) => {
  const { url, upstream } = await startSystem(t, {
    face,
    options: { queueRules: [{ path: '/sessions', body: 'queueKey' }] },
  });
  const body = '{"text":"GET /x HTTP/1.1\\r\\n\\r\\n"}';
  for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const)
    for (const path of ['/x', '/sessions'])
      for (const chunked of [false, true]) {
        const framing = chunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${body.length}`;
        const framed = chunked ? `${body.length.toString(16)};a="b"\r\n${body}\r\n0\r\nX-T: 1\r\n\r\n` : body;
        const answer = await rawRequest(
          Number(new URL(url).port),
          `${method} ${path} HTTP/1.1\r\nHost: g\r\nContent-Type: application/json\r\nConnection: close\r\n${framing}\r\n\r\n${framed}`,
        );
        assert.match(answer, /^HTTP\/1\.1 200 /, `${method} ${path} ${framing}`);
        assert.equal(upstream.requests.at(-1)!.body.toString(), body);
      }
});
