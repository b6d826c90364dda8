import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GatewayError } from '../../src/errors.ts';
import { joinTarget, upstreamError } from '../../src/proxy/upstream.ts';

const failure = (code?: string): Error =>
  Object.assign(new Error('secret detail'), code === undefined ? {} : { code });

for (const [code, expected] of [
  ['ECONNREFUSED', 'upstream_unreachable'],
  ['ECONNRESET', 'upstream_unreachable'],
  ['EPIPE', 'upstream_unreachable'],
  ['ENOTFOUND', 'upstream_unreachable'],
  ['EAI_AGAIN', 'upstream_unreachable'],
  ['UND_ERR_SOCKET', 'upstream_unreachable'],
  ['HPE_INVALID_CONSTANT', 'upstream_unreachable'],
  ['UND_ERR_HEADERS_OVERFLOW', 'upstream_unreachable'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'upstream_unreachable'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'upstream_unreachable'],
  [undefined, 'upstream_unreachable'],
  ['UND_ERR_CONNECT_TIMEOUT', 'upstream_timeout'],
  ['UND_ERR_HEADERS_TIMEOUT', 'upstream_timeout'],
  ['ETIMEDOUT', 'upstream_timeout'],
  ['UND_ERR_INVALID_ARG', 'request_malformed'],
  ['UND_ERR_REQ_CONTENT_LENGTH_MISMATCH', 'request_malformed'],
  ['UND_ERR_DESTROYED', 'draining'],
] as const) {
  test(`a failure with ${code ?? 'no code'} is ${expected}, keeps its cause and tells the client nothing of it`, () => {
    const cause = failure(code);
    const error = upstreamError(cause);
    assert.equal(error.code, expected);
    assert.equal(error.cause, cause);
    assert.doesNotMatch(error.message, /secret/);
  });
}

test('a failure of the gateway stays what it is', () => {
  const error = new GatewayError('upstream_timeout', 'late');
  assert.equal(upstreamError(error), error);
});

test('what was thrown without being an error is upstream_unreachable', () => {
  assert.equal(upstreamError('gone').code, 'upstream_unreachable');
});

test('the base path stands before the target', () => {
  assert.equal(joinTarget('/chat', '/queues/q?x=1'), '/chat/queues/q?x=1');
  assert.equal(joinTarget('', '/queues/q?x=1'), '/queues/q?x=1');
});
