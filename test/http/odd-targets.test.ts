import assert from 'node:assert/strict';
import fc from 'fast-check';
import { rawRequest } from '../support/raw-client.ts';
import { inEveryFace, startSystem } from '../support/system.ts';

const named = [
  '//',
  '///',
  '//[',
  '//a:b',
  'http://[',
  'http://a:99999999/',
  '/\\\\',
  '*',
  '/%',
  '/%00',
  '/\u0080',
  '?',
  '//?x',
  '/secure-chat//',
  '/secure-chat/%2e%2e',
];

inEveryFace(
  'no request target ends the process: each is answered, as a page and as a problem',
  async (t, face) => {
    const { url, upstream } = await startSystem(t, { face });
    const port = Number(new URL(url).port);
    const ask = (target: string, accept: string) =>
      rawRequest(
        port,
        `GET ${target} HTTP/1.1\r\nHost: localhost\r\nAccept: ${accept}\r\nConnection: close\r\n\r\n`,
      );
    for (const target of named) {
      for (const accept of ['text/html', 'application/json'])
        assert.match(await ask(target, accept), /^HTTP\/1\.1 (?:400|404) /, target);
    }
    assert.equal(upstream.requests.length, 0);
    const piece = fc.constantFrom(
      '/',
      '//',
      '.',
      '..',
      '%2f',
      '%5c',
      '\\',
      ';',
      '#',
      '?',
      '@',
      ':',
      '[',
      ']',
      '%',
      '%00',
      'http:',
      'a',
      'queues',
      'q_bank',
      'secure-chat',
      'login',
      'callback',
      '=',
      '&',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { minLength: 1, maxLength: 6 }), async (pieces) => {
        assert.match(await ask(`/${pieces.join('')}`, 'text/html'), /^HTTP\/1\.1 [2345]\d\d /);
      }),
      { numRuns: 150 },
    );
  },
);

inEveryFace(
  'bytes that are no HTTP get an answer of their own, but never in the middle of another',
  async (t, face) => {
    const { url, upstream } = await startSystem(t, {
      face,
      upstream: (_req, res) => {
        res.writeHead(200, { 'content-length': '100' });
        res.write('0123456789');
      },
    });
    const port = Number(new URL(url).port);
    assert.match(await rawRequest(port, 'garbage\r\n\r\n'), /^HTTP\/1\.1 400 [^]*request_malformed/);
    const text = await rawRequest(port, 'GET /a HTTP/1.1\r\nHost: localhost\r\n\r\ngarbage\r\n\r\n');
    assert.doesNotMatch(text, /400 Bad Request/);
    assert.ok(upstream.requests.length <= 1);
  },
);
