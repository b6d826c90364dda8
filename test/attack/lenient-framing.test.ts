/** The judge of framing: what the most forgiving server would take for requests of their own. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readRequest, readRequests } from '../../attack/lenient-framing.ts';
import { chunked } from '../../attack/message.ts';
import { runs } from '../support/runs.ts';

const HEAD = 'POST /a HTTP/1.1\r\nHost: h\r\n';
const INNER = 'GET /inner HTTP/1.1\r\nHost: h\r\n\r\n';

function targets(text: string, prefer: 'chunked' | 'length'): string[] {
  return readRequests(text, prefer).map(({ target }) => target);
}

test('a body is no request, however it is framed', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[\x01-\xff]{0,80}$/), fc.boolean(), (body, coded) => {
      const text = coded
        ? `${HEAD}Transfer-Encoding: chunked\r\n\r\n${chunked(body)}`
        : `${HEAD}Content-Length: ${body.length}\r\n\r\n${body}`;
      const [request, ...more] = readRequests(text + INNER, 'chunked');
      assert.equal(request?.body, body);
      assert.deepEqual(
        more.map(({ target }) => target),
        ['/inner'],
      );
    }),
    { numRuns: runs(500) },
  );
});

test('what two framings end at different places is two requests to one of the readers', () => {
  const tooLong = `${HEAD}Content-Length: ${INNER.length + 5}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${INNER}`;
  assert.deepEqual(targets(tooLong, 'length'), ['/a']);
  assert.deepEqual(targets(tooLong, 'chunked'), ['/a', '/inner']);
  const tooShort = `${HEAD}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n${chunked(INNER)}`;
  assert.deepEqual(targets(tooShort, 'chunked'), ['/a']);
  assert.ok(targets(tooShort, 'length').includes('/inner'));
});

test('bare line ends, folded lines and odd blanks are read as servers read them', () => {
  const [one] = readRequests('GET  /a HTTP/1.1\nA : 1\n B: 2\rC: 3\n\n', 'length');
  assert.deepEqual(one?.headers, [
    ['A', '1'],
    ['B', '2'],
    ['C', '3'],
  ]);
  const [two] = readRequests('GET /a HTTP/1.1\r\nA: 1\r\n more\r\n\r\n', 'length');
  assert.deepEqual(two?.headers, [['A', '1 more']]);
});

test('trailers are read, and an unfinished request is one all the same', () => {
  const [request] = readRequests(
    `${HEAD}Transfer-Encoding: chunked\r\n\r\n${chunked('x', ['X-Id: 1'])}`,
    'chunked',
  );
  assert.deepEqual(request?.trailers, [['X-Id', '1']]);
  const unfinished = `${HEAD}Content-Length: 9\r\n\r\nabc`;
  assert.equal(readRequest(unfinished, 'length'), undefined);
  assert.deepEqual(targets(unfinished, 'length'), ['/a']);
  assert.deepEqual(targets('GET /half HTTP/1.1\r\nHost', 'length'), []);
});
