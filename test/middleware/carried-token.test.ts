import assert from 'node:assert/strict';
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { takeCarriedToken } from '../../src/middleware/carried-token.ts';
import { runs } from '../support/runs.ts';

const TOKEN = `scg_${'a1-_'.repeat(10)}xyz`;

/** A request with these lines, joined as node:http joins them. */
function request(...lines: readonly (readonly [name: string, value: string])[]): IncomingMessage {
  const req = new IncomingMessage(new Socket());
  req.rawHeaders = lines.flat();
  for (const [written, value] of lines) {
    const name = written.toLowerCase();
    const known = req.headers[name];
    if (known === undefined) req.headers[name] = value;
    else if (name !== 'authorization') req.headers[name] = `${String(known)}, ${value}`;
  }
  return req;
}

test('a token is taken out of every line that holds one, and counts when it is the only one', () => {
  const table: [string, string[], string | undefined][] = [
    ['alone', [`Bearer ${TOKEN}`], TOKEN],
    ['any case of the scheme', [`bEARER  ${TOKEN}`], TOKEN],
    ['too long', [`Bearer ${TOKEN}x`], undefined],
    ['too short', ['Bearer scg_x'], undefined],
    ['in another wording', [`Token "${TOKEN}"`], undefined],
    ['in a list', [`Basic abc, Bearer ${TOKEN}`], undefined],
    ['twice', [`Bearer ${TOKEN}`, `Bearer ${TOKEN}`], undefined],
  ];
  for (const [name, values, token] of table) {
    const req = request(['Host', 'h'], ...values.map((value) => ['AUTHORIZATION', value] as const));
    assert.deepEqual(takeCarriedToken(req, false), { token, marked: false }, name);
    assert.deepEqual(req.rawHeaders, ['Host', 'h'], name);
    assert.equal(req.headers.authorization, undefined, name);
  }
});

test('another Authorization beside it stays, and is what is read then', () => {
  const req = request(['Authorization', `Bearer ${TOKEN}`], ['authorization', 'Basic abc']);
  assert.deepEqual(takeCarriedToken(req, false), { token: TOKEN, marked: false });
  assert.deepEqual(req.rawHeaders, ['authorization', 'Basic abc']);
  assert.equal(req.headers.authorization, 'Basic abc');
});

test('a subprotocol counts for an upgrade beside its marker only, and never stays', () => {
  const offer = `secure-chat.bearer.${TOKEN}`;
  for (const [value, upgrade, expected, rest] of [
    [`secure-chat, ${offer}`, true, { token: TOKEN, marked: true }, undefined],
    [`secure-chat, ${offer}`, false, { token: undefined, marked: true }, undefined],
    [`a, ${offer}, b`, true, { token: undefined, marked: false }, 'a, b'],
    [`secure-chat, SECURE-CHAT.BEARER.${TOKEN}`, true, { token: undefined, marked: true }, undefined],
  ] as const) {
    const req = request(['Sec-WebSocket-Protocol', value]);
    assert.deepEqual(takeCarriedToken(req, upgrade), expected, value);
    assert.equal(req.headers['sec-websocket-protocol'], rest);
    assert.deepEqual(req.rawHeaders, rest === undefined ? [] : ['Sec-WebSocket-Protocol', rest]);
  }
});

test('property: a request without a token of ours keeps every byte', () => {
  const text = fc.stringMatching(/^[\x21-\x7e][\x20-\x7e]{0,60}$/);
  const inside = fc.tuple(fc.stringMatching(/^[\w-]{1,9}$/), text).map(([a, b]) => `Bearer ${a}${TOKEN}${b}`);
  const lines = fc.array(
    fc.tuple(
      fc.constantFrom(
        'Authorization',
        'Sec-WebSocket-Protocol',
        'X-Authorization',
        'Cookie',
        'authorization',
      ),
      fc.oneof(text, inside),
    ),
  );
  fc.assert(
    fc.property(lines, fc.boolean(), (all, upgrade) => {
      const ours = /^\s*bearer\s+scg_|[^\w.~+/-]scg_[\w-]{43}(?![\w-])|^scg_[\w-]{43}|secure-chat\.bearer\./i;
      fc.pre(!all.some(([, value]) => ours.test(value)));
      const req = request(...all);
      const before = structuredClone({ raw: req.rawHeaders, headers: req.headers });
      assert.equal(takeCarriedToken(req, upgrade), undefined);
      assert.deepEqual({ raw: req.rawHeaders, headers: req.headers }, before);
    }),
    { numRuns: runs(500) },
  );
});
