/** A cookie that is huge, broken, nested, forged, or comes a thousand times: reading it is bounded, it is no session, and a good one beside it still counts. */
import assert from 'node:assert/strict';
import process from 'node:process';
import fc from 'fast-check';
import { anyCodePoint } from '../support/any-code-point.ts';
import type { Face } from '../support/faces.ts';
import { openRaw, type RawClient } from '../support/raw-client.ts';
import { runs } from '../support/runs.ts';
import { inEveryFace, startSystem } from '../support/system.ts';
import { sessionCookieOf } from '../support/visitor-cookies.ts';

/** One connection on which requests follow each other; opened anew where the gateway has closed it. */
function asker(port: number) {
  let client: RawClient | undefined;
  const ask = async (
    path: string,
    cookieLines: readonly string[],
  ): Promise<{ status: number; body: string }> => {
    client = await openRaw(port);
    const lines = cookieLines.map((line) => `Cookie: ${line}\r\n`).join('');
    client.write(
      `GET ${path} HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\nConnection: close\r\n${lines}\r\n`,
    );
    const { text } = await client.closed;
    return { status: Number(text.slice(9, 12)), body: text.slice(text.indexOf('\r\n\r\n') + 4) };
  };
  return ask;
}

const text = fc.oneof(
  fc.string({ unit: anyCodePoint, maxLength: 60 }).map((s) => Buffer.from(s).toString('latin1')),
  fc.constantFrom(
    '',
    '"',
    '""',
    '=',
    '==',
    '%',
    '%zz',
    '%00',
    's:',
    's%3A',
    'j:{"a":1}',
    'j%3A%7B%7D',
    's:s:s:',
    '\x80\xff',
    '__proto__',
    'null',
    'undefined',
  ),
);

/** A valid value with something done to it, so that it is none; the plain one is never among them. */
function broken(valid: string): fc.Arbitrary<string> {
  const plain = decodeURIComponent(valid);
  const [id = '', signature = ''] = plain.slice(2).split('.');
  const flipped = fc.tuple(fc.nat(plain.length - 1), fc.integer({ min: 1, max: 61 })).map(([at, by]) => {
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
    const other = letters[(letters.indexOf(plain[at]!) + by + letters.length) % letters.length]!;
    return encodeURIComponent(plain.slice(0, at) + (other === plain[at] ? '_' : other) + plain.slice(at + 1));
  });
  const cut = fc.nat(valid.length - 1).map((length) => valid.slice(0, length));
  const fixed = fc.constantFrom(
    id, `s:${id}`, `s:${id}.`, `s:.${signature}`, `s:${id}.${signature}x`, `s:${id}.${signature.slice(0, -1)}`, `s:${id}x.${signature}`, `s:s:${id}.${signature}`,
    `${id}.${signature}`, `S:${id}.${signature}`, `j:"${plain}"`, `s:${id}.${signature}.${signature}`, `s:${id.toUpperCase()}.${signature}`, `${valid}${valid}`,
    encodeURIComponent(encodeURIComponent(plain)), `s:__proto__.${signature}`, `s:../../x.${signature}`, `s:*.${signature}`, `${valid}%00`, `${valid}%0a`, `%00${valid}`,
  ); // prettier-ignore
  return fc
    .oneof(
      flipped,
      cut,
      fixed,
      text.filter((value) => value !== valid && value !== plain),
    )
    .map((value) => value.replace(/[\0\r\n;]/g, '%00'));
}

const started = async (t: Parameters<typeof startSystem>[0], face: Face) => {
  const system = await startSystem(t, { face });
  const visitor = system.browser();
  await visitor.open(`${system.url}/queues/q_bank`);
  const [name, value] = sessionCookieOf(visitor)!;
  return { ...system, name, value, ask: asker(Number(new URL(system.url).port)) };
};

inEveryFace(
  'a cookie that is not exactly ours is no session, whatever it is made of, and nothing fails over it',
  async (t, face) => {
    const { ask, name, value, upstream } = await started(t, face);
    const others = fc
      .tuple(
        fc.constantFrom(
          'a',
          '__proto__',
          'constructor',
          'toString',
          name.toUpperCase(),
          `${name}.sig`,
          `x${name}`,
          `${name}x`,
          '',
          '$Version',
          'hasOwnProperty',
        ),
        text,
      )
      .map(([key, said]) => `${key}=${said}`.replace(/[\0-\x1f\x7f;]/g, ''));
    const arrived = upstream.requests.length;
    await fc.assert(
      fc.asyncProperty(
        broken(value),
        fc.array(others, { maxLength: 5 }),
        fc.boolean(),
        async (bad, beside, first) => {
          const pair = `${name}=${bad}`.replace(/[\0-\x08\x0a-\x1f\x7f]/g, '');
          const cookie = (first ? [pair, ...beside] : [...beside, pair]).join('; ');
          const info = await ask('/secure-chat/session', [cookie]);
          assert.deepEqual(info, { status: 200, body: '{"authenticated":false}' });
          assert.equal((await ask('/queues/q_bank', [cookie])).status, 401);
        },
      ),
      { numRuns: runs(60) },
    );
    assert.equal(upstream.requests.length, arrived);
  },
);

inEveryFace(
  'the good cookie counts among others of any kind, in any place, on one line or on several',
  async (t, face) => {
    const { ask, name, value } = await started(t, face);
    const good = `${name}=${value}`;
    const odd = fc.constantFrom(
      'a=1',
      'b',
      '=',
      ';',
      ' ',
      'c="x; y"',
      '__proto__=1',
      `x${name}=1`,
      `d=${'y'.repeat(2000)}`,
      'e=\xe5',
      '%=%',
      `${name}x=s%3Aabc.def`,
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(odd, { maxLength: 5 }),
        fc.array(odd, { maxLength: 3 }),
        fc.boolean(),
        async (before, behind, split) => {
          const lines =
            split && before.length > 0
              ? [before.join('; '), [good, ...behind].join('; ')]
              : [[...before, good, ...behind].join('; ')];
          const { status, body } = await ask('/secure-chat/session', lines);
          assert.deepEqual(
            [status, (JSON.parse(body) as { nickName?: string }).nickName],
            [200, 'Kari'],
            lines.join(' | '),
          );
        },
      ),
      { numRuns: runs(30) },
    );
  },
);

inEveryFace('huge and countless cookies are answered at once, and the gateway lives on', async (t, face) => {
  const { ask, name, value } = await started(t, face);
  const pad = (piece: string, bytes = 15_000) =>
    piece.repeat(Math.ceil(bytes / piece.length)).slice(0, bytes);
  const huge = [
    `${name}=${pad('x')}`, `${name}=s%3A${pad('A')}.${pad('B', 200)}`, `${name}=${pad('%25')}`, `${name}=${pad('%')}`, pad(`${name}=; `), pad(`${name}=s:x.y; `),
    pad('a=b; '), pad(';'), pad(' '), pad('\t'), pad('='), pad('"'), pad('secure-chat-tx-AAAAAAAAAAAAAAAAAAAAAA=1.AAAAAAAAAAAAAAAAAAAAAA; '),
    `${name}=${pad(' ')}x`, `${pad(' ')}${name}=x`, `${name}=${pad('s%3A')}`,
  ]; // prettier-ignore
  for (const cookie of huge) {
    for (const path of [
      '/secure-chat/session',
      '/queues/q_bank',
      '/secure-chat/login?queueKey=q_bank',
      '/secure-chat/callback?state=x&code=y',
      '/queues/q_open',
    ]) {
      const begun = process.cpuUsage();
      const { status } = await ask(path, [cookie]);
      assert.ok([200, 302, 400, 401].includes(status), `${status} ${path} ${cookie.slice(0, 40)}`);
      // not by the clock, which also runs while others have the processor
      const { user, system } = process.cpuUsage(begun);
      assert.ok(user + system < 1_000_000, `${path} ${cookie.slice(0, 40)}`);
    }
  }
  assert.equal((await ask('/secure-chat/session', [`${name}=${pad('x', 40_000)}`])).status, 431);
  assert.match((await ask('/secure-chat/session', [`${name}=${value}`])).body, /"authenticated":true/);
});
