/** An address or body that cannot be read must never count as "no queue": it is 400, and nothing goes upstream. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { rawRequest } from '../support/raw-client.ts';
import { runs } from '../support/runs.ts';
import { startSite } from '../support/site.ts';
import { inEveryFace } from '../support/system.ts';

const RULES = [
  { path: '/queues/:queueKey{/*rest}' },
  { query: 'queueKey' },
  { method: 'POST', path: '/sessions', body: 'queueKey' },
];

const BROKEN_ESCAPES = [
  '%z',
  '%4z',
  '%zz',
  '%u0071',
  '%G0',
  '%-1',
  '%c3',
  '%c3%28',
  '%ff',
  '%ed%a0%80',
  '%f8%88%80%80%80',
];
const RAW = ['#', '\x01', '\x7f', '\x80', '\xe5', '"\xff'];
const paths = fc
  .tuple(
    fc.constantFrom('/queues/q_bank', '/queues/q_open', '/', '/x/y', '/sessions'),
    fc.constantFrom(...BROKEN_ESCAPES, ...RAW),
    fc.nat({ max: 12 }),
  )
  .map(([path, piece, at]) => `${path.slice(0, 1 + at)}${piece}${path.slice(1 + at)}`);
const values = fc
  .constantFrom(...BROKEN_ESCAPES, '%00', 'q_bank%00', '%250a', '%25zz%2541')
  .map((piece) => `/x?queueKey=q_ba${piece}nk`);

const JSON_TYPE = 'application/json';
const FORM_TYPE = 'application/x-www-form-urlencoded';
const GOOD = '{"queueKey":"q_open"}';
/** Body as latin1, and its headers. */
const BODIES: readonly (readonly [body: string, type: string | undefined, more?: string])[] = [
  ['{"queueKey":"q_open"', JSON_TYPE],
  ['{"queueKey":"q_open"}}', JSON_TYPE],
  ["{'queueKey':'q_open'}", JSON_TYPE],
  ['{queueKey:"q_open"}', JSON_TYPE],
  ['{"queueKey":"q_open",}', JSON_TYPE],
  ['{"queueKey":/**/"q_open"}', JSON_TYPE],
  ['[{"queueKey":"q_open"}]', JSON_TYPE],
  ['"q_open"', JSON_TYPE],
  ['\xff\xfe{\0"\0', JSON_TYPE],
  ['{"queueKey":"q_\xff"}', JSON_TYPE],
  ['{"queueKey":"q_open\\u0000"}', JSON_TYPE],
  ['{"queueKey":"q_open\\ud800"}', JSON_TYPE],
  ['{"queueKey":["q_open"]}', JSON_TYPE],
  ['{"queueKey":{"a":1}}', JSON_TYPE],
  ['{"queueKey":"q_open","queueKey":"q_open"}', JSON_TYPE],
  ['{"queueKey":"q_open","\\u0071ueueKey":"q_bank"}', JSON_TYPE],
  [GOOD, 'text/plain'],
  [GOOD, 'multipart/form-data; boundary=x'],
  [GOOD, 'application/xml'],
  [GOOD, undefined],
  [GOOD, `${JSON_TYPE}; charset=utf-16`],
  [GOOD, `${JSON_TYPE}; charset=utf-7`],
  [GOOD, `${JSON_TYPE}; charset=ibm037`],
  [GOOD, FORM_TYPE],
  [GOOD, JSON_TYPE, 'Content-Encoding: gzip\r\n'],
  [GOOD, JSON_TYPE, 'Content-Type: text/plain\r\n'],
  [GOOD, JSON_TYPE, 'Content_Type: text/plain\r\n'],
  [GOOD, JSON_TYPE, 'Content-Encoding: identity\r\nContent-Encoding: br\r\n'],
  ['queueKey=%zz', FORM_TYPE],
  ['queueKey=q_open%00', FORM_TYPE],
  ['queueKey=%E5', FORM_TYPE],
];

function post(
  port: number,
  body: string,
  type: string | undefined,
  more = '',
  chunked = false,
): Promise<string> {
  const framing = chunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${body.length}`;
  const bytes = chunked ? `${Array.from(body, (byte) => `1\r\n${byte}\r\n`).join('')}0\r\n\r\n` : body;
  const typeLine = type === undefined ? '' : `Content-Type: ${type}\r\n`;
  return rawRequest(
    port,
    `POST /sessions HTTP/1.1\r\nHost: g\r\nConnection: close\r\n${typeLine}${more}${framing}\r\n\r\n${bytes}`,
  );
}

inEveryFace('an unreadable address is 400 request_malformed, and nothing goes upstream', async (t, face) => {
  const { url, upstream } = await startSite(t, { face, options: { queueRules: RULES } });
  const port = Number(new URL(url).port);
  await fc.assert(
    fc.asyncProperty(fc.oneof(paths, values), async (target) => {
      const answer = await rawRequest(port, `GET ${target} HTTP/1.1\r\nHost: g\r\nConnection: close\r\n\r\n`);
      assert.match(answer, /^HTTP\/1\.1 400 /, target);
      assert.match(answer, /"code":"(?:request_malformed|path_ambiguous)"/, target);
      assert.equal(upstream.requests.length, 0);
    }),
    { numRuns: runs(60) },
  );
});

inEveryFace(
  'an unreadable body on a body rule is 400 request_malformed, and nothing goes upstream',
  async (t, face) => {
    const { url, upstream } = await startSite(t, { face, options: { queueRules: RULES } });
    const port = Number(new URL(url).port);
    for (const [body, type, more] of BODIES)
      for (const chunked of [false, true]) {
        const answer = await post(port, body, type, more, chunked);
        assert.match(answer, /^HTTP\/1\.1 400 [^]*"code":"request_malformed"/, `${body} as ${type}`);
      }
    assert.equal(upstream.requests.length, 0);
  },
);

inEveryFace('what resembles it and is whole arrives: bytes, query and all', async (t, face) => {
  const { url, upstream } = await startSite(t, { face, options: { queueRules: RULES } });
  const port = Number(new URL(url).port);
  const targets = ['/x/100%25?a=%', '/x?a=%zz&b=%ff', '/%C3%A5?x=%00', '/x?y=%u0071'].slice(1);
  for (const target of targets) {
    const answer = await rawRequest(port, `GET ${target} HTTP/1.1\r\nHost: g\r\nConnection: close\r\n\r\n`);
    assert.match(answer, /^HTTP\/1\.1 200 /, target);
    assert.equal(upstream.requests.at(-1)!.url, target);
  }
  for (const [body, type] of [
    [GOOD, `${JSON_TYPE};charset=UTF-8`],
    ['\xef\xbb\xbf{"queueKey" : "q_open", "x": 1, "x": 2}', JSON_TYPE],
    ['{"queueKey":null,"text":"\\ud83d\\ude00"}', 'application/vnd.chat+json'],
    ['queueKey=Q_open&text=%zz', FORM_TYPE],
    ['', undefined],
  ] as const)
    for (const chunked of [false, true]) {
      assert.match(await post(port, body, type, '', chunked), /^HTTP\/1\.1 200 /, body);
      assert.equal(upstream.requests.at(-1)!.body.toString('latin1'), body);
    }
});
