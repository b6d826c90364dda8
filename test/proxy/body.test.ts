import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import { readBody } from '../../src/proxy/body.ts';
import { isGatewayError } from '../../src/errors.ts';
import { markExpectsContinue } from '../../src/proxy/expect-continue.ts';
import { openRaw, rawRequest } from '../support/raw-client.ts';

interface Reader {
  readonly port: number;
  readonly outcome: Promise<Buffer | Error>;
}

/** A server that reads one body and answers with it, or with the code of the failure. */
async function startReader(t: TestContext, limit = 10, timeoutMs = 2000, parsed = false): Promise<Reader> {
  let settle: (outcome: Buffer | Error) => void;
  const outcome = new Promise<Buffer | Error>((resolve) => {
    settle = resolve;
  });
  const server = createServer((req, res) => {
    const start = parsed ? new Promise((resolve) => req.resume().once('end', resolve)) : Promise.resolve();
    void start
      .then(() => readBody(req, res, limit, performance.now() + timeoutMs))
      .then(
        (body) => {
          settle(body);
          res.end(body);
        },
        (error: unknown) => {
          settle(error as Error);
          res.statusCode = isGatewayError(error) ? error.status : 500;
          res.end('refused');
        },
      );
  });
  server.on('checkContinue', (req, res) => {
    markExpectsContinue(req);
    server.emit('request', req, res);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, outcome };
}

const POST = 'POST / HTTP/1.1\r\nHost: g\r\nConnection: close\r\n';

for (const [name, request, expected] of [
  ['with a length', `${POST}Content-Length: 5\r\n\r\nh\u00e6llo`, 'h\u00e6llo'],
  ['of exactly the limit', `${POST}Content-Length: 10\r\n\r\n0123456789`, '0123456789'],
  ['in chunks', `${POST}Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n`, 'hello'],
  ['that is empty', `${POST}Content-Length: 0\r\n\r\n`, ''],
  ['that is not there', 'GET / HTTP/1.1\r\nHost: g\r\nConnection: close\r\n\r\n', ''],
] as const) {
  test(`a body ${name} is read byte for byte`, async (t) => {
    const { port, outcome } = await startReader(t);
    await rawRequest(port, request);
    assert.equal(((await outcome) as Buffer).toString('latin1'), expected);
  });
}

test('a body that announces too much is body_too_large before a byte of it is here', async (t) => {
  const { port, outcome } = await startReader(t);
  const client = await openRaw(port);
  client.write(`${POST}Content-Length: 11\r\n\r\n`);
  assert.match(await client.until('refused'), /^HTTP\/1\.1 413 /);
  assert.ok(isGatewayError(await outcome));
  client.destroy();
});

test('a chunked body that grows too large is body_too_large while it still comes', async (t) => {
  const { port } = await startReader(t);
  const client = await openRaw(port);
  client.write(`${POST}Transfer-Encoding: chunked\r\n\r\nb\r\n01234567890\r\n`);
  assert.match(await client.until('refused'), /^HTTP\/1\.1 413 /);
  client.destroy();
});

test('a client that is too slow is request_malformed at the deadline', async (t) => {
  const { port } = await startReader(t, 10, 100);
  const client = await openRaw(port);
  client.write(`${POST}Content-Length: 5\r\n\r\nhe`);
  assert.match(await client.until('refused'), /^HTTP\/1\.1 400 /);
  client.destroy();
});

test('a client that leaves in mid-body rejects', async (t) => {
  const { port, outcome } = await startReader(t);
  const client = await openRaw(port);
  client.write(`${POST}Content-Length: 5\r\n\r\nhe`);
  client.destroy();
  assert.ok(isGatewayError(await outcome));
});

test('a client that waits for 100-continue gets it, unless the body is too large', async (t) => {
  const small = await openRaw((await startReader(t)).port);
  small.write(`${POST}Expect: 100-continue\r\nContent-Length: 5\r\n\r\n`);
  await small.until('HTTP/1.1 100 Continue\r\n\r\n');
  small.write('hello');
  await small.until('200 OK');
  const large = await openRaw((await startReader(t)).port);
  large.write(`${POST}Expect: 100-continue\r\nContent-Length: 500\r\n\r\n`);
  assert.match(await large.until('refused'), /^HTTP\/1\.1 413 /);
  large.destroy();
});

test('a body that somebody has read before is a TypeError', async (t) => {
  const { port, outcome } = await startReader(t, 10, 2000, true);
  await rawRequest(port, `${POST}Content-Length: 2\r\n\r\nhi`);
  assert.ok((await outcome) instanceof TypeError);
});
