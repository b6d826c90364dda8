import assert from 'node:assert/strict';
import { createServer, IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import test from 'node:test';
import { createSecurityHeaders } from '../../src/pages/security-headers.ts';

function plainResponse(): [IncomingMessage, ServerResponse] {
  const req = new IncomingMessage(new Socket());
  return [req, new ServerResponse(req)];
}

const overHttps = createSecurityHeaders({ publicOrigin: 'https://chat.example.no' });
const overHttp = createSecurityHeaders({ publicOrigin: 'http://127.0.0.1:3000' });

test('a plain response gets exactly these headers', () => {
  const [req, res] = plainResponse();
  overHttps(req, res);
  const { 'permissions-policy': permissions, ...headers } = res.getHeaders();
  assert.deepEqual(
    { ...headers },
    {
      'content-security-policy':
        "default-src 'none';style-src 'self';script-src 'self';img-src 'self';form-action 'self';base-uri 'none';frame-ancestors 'none'",
      'cross-origin-resource-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-dns-prefetch-control': 'off',
      'x-download-options': 'noopen',
      'x-frame-options': 'DENY',
      'x-permitted-cross-domain-policies': 'none',
      'x-xss-protection': '0',
      'cache-control': 'no-store',
      'strict-transport-security': 'max-age=31536000',
    },
  );
  assert.match(String(permissions), /^[a-z-]+=\(\)(, [a-z-]+=\(\))+$/);
});

test('plain http promises no transport security', () => {
  const [req, res] = plainResponse();
  overHttp(req, res);
  assert.ok(!res.hasHeader('Strict-Transport-Security'));
});

test('the transport security of a host stays, its opener policy, content policy and cache rule go', () => {
  const [req, res] = plainResponse();
  res.setHeader('Strict-Transport-Security', 'max-age=1; includeSubDomains; preload');
  res.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
  res.setHeader('Content-Security-Policy', 'default-src *');
  res.setHeader('Cache-Control', 'public');
  res.setHeader('X-Powered-By', 'Express');
  overHttps(req, res);
  assert.equal(res.getHeader('Strict-Transport-Security'), 'max-age=1; includeSubDomains; preload');
  assert.ok(!res.hasHeader('Cross-Origin-Opener-Policy'));
  assert.match(String(res.getHeader('Content-Security-Policy')), /^default-src 'none'/);
  assert.equal(res.getHeader('Cache-Control'), 'no-store');
  assert.ok(!res.hasHeader('X-Powered-By'));
});

test('as middleware it goes on once', () => {
  const [req, res] = plainResponse();
  let calls = 0;
  overHttps(req, res, () => {
    calls += 1;
  });
  assert.equal(calls, 1);
  assert.ok(createServer(overHttps), 'fits node:http as it is');
});
