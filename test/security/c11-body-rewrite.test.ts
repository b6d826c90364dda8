/** A body that was looked into must not be written anew: the bytes that came are the bytes that go, with their own length, or 413. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { rawRequest } from '../support/raw-client.ts';
import { runs } from '../support/runs.ts';
import { startSite } from '../support/site.ts';
import { inEveryFace } from '../support/system.ts';
import { headerValues } from '../support/upstream.ts';

const RULES = [{ path: '/sessions', body: 'queueKey' }, { query: 'queueKey' }];
const LIMIT = 64 * 1024;

/** Cuts bytes into chunks at these places (RFC 9112, 7.1). */
function chunked(bytes: Buffer, sizes: readonly number[]): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const chunk = bytes.subarray(at, at + (sizes[turn % sizes.length] ?? 1));
    parts.push(Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n'));
    at += chunk.length;
  }
  return Buffer.concat([...parts, Buffer.from('0\r\n\r\n')]);
}

function request(path: string, type: string, bytes: Buffer, sizes: readonly number[] | undefined): Buffer {
  const framing = sizes === undefined ? `Content-Length: ${bytes.length}` : 'Transfer-Encoding: chunked';
  return Buffer.concat([
    Buffer.from(
      `POST ${path} HTTP/1.1\r\nHost: g\r\nConnection: close\r\nContent-Type: ${type}\r\n${framing}\r\n\r\n`,
    ),
    sizes === undefined ? bytes : chunked(bytes, sizes),
  ]);
}

const sizes = fc.option(fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 4 }), {
  nil: undefined,
});
const odd = fc.string({
  unit: fc.constantFrom(...Array.from('a"\\\r\n\t {}[]:,åé\u2028😀0')),
  maxLength: 60,
});
/** Texts that a parser and a writer would not give back as they were. */
const json = fc
  .record({
    text: odd,
    blanks: fc.constantFrom('', ' ', '\r\n', '\t\n'),
    number: fc.constantFrom('1.0', '1e2', '-0', '12345678901234567890'),
  })
  .map(({ text, blanks, number }) =>
    Buffer.from(
      `${blanks}{${blanks}"queueKey" :${blanks}"q_\\u006fpen","a":${number},"a":${JSON.stringify(text)}}${blanks}`,
    ),
  );
const form = odd.map((text) =>
  Buffer.from(`text=${encodeURIComponent(text)}&&queueKey=q%5Fopen&a=%zz&b=\r\n`),
);
const binary = fc.uint8Array({ minLength: 1, maxLength: 2000 }).map((bytes) => Buffer.from(bytes));

inEveryFace(
  'the bytes of a body arrive as they were sent, read or unread, with one framing',
  async (t, face) => {
    const { url, upstream } = await startSite(t, { face, options: { queueRules: RULES } });
    const port = Number(new URL(url).port);
    const cases = fc.oneof(
      json.map((bytes) => ['/sessions', 'application/json', bytes] as const),
      form.map((bytes) => ['/sessions', 'application/x-www-form-urlencoded', bytes] as const),
      fc
        .tuple(
          binary,
          fc.constantFrom('multipart/form-data; boundary=x', 'application/octet-stream', 'application/json'),
        )
        .map(([bytes, type]) => ['/upload', type, bytes] as const),
    );
    await fc.assert(
      fc.asyncProperty(cases, sizes, async ([path, type, bytes], cut) => {
        const answer = await rawRequest(port, request(path, type, bytes, cut));
        assert.match(answer, /^HTTP\/1\.1 200 /);
        const { body, rawHeaders } = upstream.requests.at(-1)!;
        assert.deepEqual(body, bytes);
        const framing = [
          ...headerValues(rawHeaders, 'content-length'),
          ...headerValues(rawHeaders, 'transfer-encoding'),
        ];
        const streamed = path === '/upload' && cut !== undefined;
        assert.deepEqual(framing, [streamed ? 'chunked' : String(bytes.length)]);
        assert.deepEqual(headerValues(rawHeaders, 'content-type'), [type]);
      }),
      { numRuns: runs(60) },
    );
  },
);

inEveryFace(
  'a body beyond the limit of a rule is 413 and stays here; unread ones have no limit',
  async (t, face) => {
    const { url, upstream } = await startSite(t, { face, options: { queueRules: RULES } });
    const port = Number(new URL(url).port);
    const filled = (length: number): Buffer => {
      const start = '{"queueKey":"q_open","text":"';
      return Buffer.from(`${start}${'x'.repeat(length - start.length - 2)}"}`);
    };
    for (const cut of [undefined, [8192]]) {
      for (const length of [LIMIT + 1, LIMIT * 3]) {
        const answer = await rawRequest(port, request('/sessions', 'application/json', filled(length), cut));
        assert.match(answer, /^HTTP\/1\.1 413 [^]*"code":"body_too_large"/);
      }
      assert.equal(upstream.requests.length, 0);
      for (const [path, length] of [
        ['/sessions', LIMIT],
        ['/upload', LIMIT * 3],
      ] as const) {
        assert.match(
          await rawRequest(port, request(path, 'application/json', filled(length), cut)),
          /^HTTP\/1\.1 200 /,
        );
        assert.deepEqual(upstream.requests.at(-1)!.body, filled(length));
      }
      upstream.requests.length = 0;
    }
  },
);
