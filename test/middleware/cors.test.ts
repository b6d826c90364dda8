import assert from 'node:assert/strict';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { test } from 'node:test';
import { createCors } from '../../src/middleware/cors.ts';

const cors = createCors({
  publicOrigin: 'https://chat.example',
  customers: [
    { customerKey: '1', returnOrigins: ['https://one.example'] },
    { customerKey: '2', returnOrigins: ['https://two.example'] },
  ],
});

test('an origin is allowed for its own customer, and the gateway’s own for all', () => {
  for (const [origin, customerKey, allowed] of [
    ['https://one.example', '1', true],
    ['https://one.example', '2', false],
    ['https://one.example', undefined, true],
    ['https://chat.example', '2', true],
    ['https://chat.example', '3', false],
    ['https://three.example', undefined, false],
    [undefined, '1', false],
  ] as const)
    assert.equal(cors.allows(origin, customerKey), allowed, `${origin} ${customerKey}`);
});

test('what a host has allowed before does not stay on an answer that the gateway gives for a customer', () => {
  for (const [origin, shared] of [
    ['https://one.example', 'https://one.example'],
    ['https://two.example', undefined],
    [undefined, undefined],
  ] as const) {
    const req = new IncomingMessage(new Socket());
    if (origin !== undefined) req.headers.origin = origin;
    const res = new ServerResponse(req);
    res.setHeader('Access-Control-Allow-Origin', '*').setHeader('Access-Control-Allow-Credentials', 'true');
    assert.equal(cors.share(req, res, '1'), shared !== undefined);
    assert.equal(res.getHeader('access-control-allow-origin'), shared);
    assert.equal(res.hasHeader('access-control-allow-credentials'), shared !== undefined);
  }
});
