import assert from 'node:assert/strict';
import { test } from 'node:test';
import { request } from 'undici';
import { GatewayError } from '../../src/errors.ts';
import type { AnswerReading } from '../../src/proxy/held-answer.ts';
import { startUpstream, type UpstreamHandler } from '../support/upstream.ts';
import { startGateway } from './gateway.ts';
import type { TestContext } from 'node:test';

/** What the client gets of an answer that is read in this way. */
async function held(
  t: TestContext,
  handler: UpstreamHandler,
  reading: Partial<AnswerReading>,
  timeoutMs = 5000,
) {
  const upstream = await startUpstream(handler);
  t.after(() => upstream.stop());
  const whole: AnswerReading = {
    limitBytes: 64,
    read: () => Promise.resolve(),
    missed: () => undefined,
    ...reading,
  };
  const gateway = await startGateway(t, { upstream: upstream.url, timeoutMs, plan: { reading: whole } });
  const { statusCode, body } = await request(gateway.url, { method: 'POST' });
  return { status: statusCode, text: await body.text() };
}

const json: UpstreamHandler = (req, res) => {
  req.resume();
  res.setHeader('Content-Type', 'application/vnd.chat+json').end('{"id":"1"}');
};

test('a whole answer is read first, and waits until it has been', async (t) => {
  const order: string[] = [];
  const answer = await held(t, json, {
    async read(body) {
      await new Promise(setImmediate);
      order.push(body.toString());
    },
  });
  order.push(answer.text);
  assert.deepEqual(order, ['{"id":"1"}', '{"id":"1"}']);
});

test('a reading that fails takes the place of the answer', async (t) => {
  const refused = await held(t, json, {
    read: () => Promise.reject(new GatewayError('queue_refused', 'no')),
  });
  assert.equal(refused.status, 403);
  assert.ok(!refused.text.includes('{"id"'));
});

test('what unpacks to more than the limit is not unpacked', async (t) => {
  const { gzipSync } = await import('node:zlib');
  const missed: string[] = [];
  const answer = await held(
    t,
    (req, res) => {
      req.resume();
      res.setHeader('Content-Type', 'application/json').setHeader('Content-Encoding', 'gzip');
      res.end(gzipSync(Buffer.alloc(10_000)));
    },
    { missed: (why) => void missed.push(why), read: () => Promise.reject(new Error('not to be asked')) },
  );
  assert.equal(answer.status, 200);
  assert.deepEqual(missed, ['its content coding cannot be read']);
});

test('a held answer that is not whole by the deadline is upstream_timeout', async (t) => {
  const late = await held(
    t,
    (req, res) => {
      req.resume();
      res.writeHead(200, { 'content-type': 'application/json' }).write('{');
    },
    {},
    200,
  );
  assert.equal(late.status, 504);
});

test('a client that reads slowly gets every byte of an answer that turned out too long', async (t) => {
  const answer = await held(
    t,
    (req, res) => {
      req.resume();
      res.setHeader('Content-Type', 'application/json');
      for (let i = 0; i < 64; i += 1) res.write('z'.repeat(65_536));
      res.end();
    },
    { read: () => Promise.reject(new Error('not to be asked')) },
  );
  assert.equal(answer.text.length, 64 * 65_536);
});

test('an answer that falls silent while it is held is broken off after the idle time', async (t) => {
  const upstream = await startUpstream((_req, res) => {
    res.setHeader('Content-Type', 'application/json').write('{');
  });
  t.after(() => upstream.stop());
  const reading = { limitBytes: 64, read: () => Promise.resolve(), missed: () => undefined };
  const settings = { upstream: upstream.url, timeoutMs: 60_000, idleTimeoutMs: 200, plan: { reading } };
  const gateway = await startGateway(t, settings);
  const { statusCode, body } = await request(gateway.url);
  assert.equal(statusCode, 502);
  assert.equal(await body.text(), 'upstream_unreachable');
});
