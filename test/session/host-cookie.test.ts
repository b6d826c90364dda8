import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { test } from 'node:test';
import { createHostCookie } from '../../src/session/host-cookie.ts';

const request = (cookie: string, sessionID = 'AbC') =>
  ({ headers: { cookie }, sessionID }) as unknown as IncomingMessage;

test('the name is that of the one cookie which carries the session id', () => {
  const host = createHostCookie(false);
  host.notice(request('theme=dark; bank.sid=s%3AAbC.signature; x=AbC'));
  assert.deepEqual([host.is('bank.sid'), host.is('theme'), host.is('x')], [true, false, false]);
});

test('a client that sends the id in a second cookie, however it is spelt, teaches nothing', () => {
  for (const real of ['s%3AAbC.signature', 's%3A%41bC.signature', '"s:AbC.signature"']) {
    const host = createHostCookie(false);
    host.notice(request(`bank.sid=${real}; JSESSIONID=s%3AAbC.junk`));
    assert.equal(host.is('JSESSIONID'), false, real);
    host.notice(request(`bank.sid=${real}`));
    assert.equal(host.is('bank.sid'), true, real);
  }
});

test('what is known stays, and a request without a session teaches nothing', () => {
  const host = createHostCookie(false);
  host.notice({ headers: { cookie: 'a=s%3Aundefined.x' } } as unknown as IncomingMessage);
  assert.equal(host.is('a'), false);
  host.notice(request('bank.sid=s%3AAbC.signature'));
  host.notice(request('theme=s%3AAbC.junk'));
  assert.deepEqual([host.is('bank.sid'), host.is('theme')], [true, false]);
});

test('until the name is known, every cookie that looks like a signed session id is taken for it', () => {
  const host = createHostCookie(true);
  const looks = (value: string) => host.is('any', value);
  assert.deepEqual(['s%3AAbC.sig', 's:AbC.sig', '"s%3AAbC.sig"', 's%3A%41bC.sig'].map(looks), [
    true,
    true,
    true,
    true,
  ]);
  assert.deepEqual(['dark', 's%3AAbC', 'xs:AbC.sig', ''].map(looks), [false, false, false, false]);
  host.notice(request('bank.sid=s%3AAbC.signature'));
  assert.deepEqual([host.is('any', 's%3AAbC.sig'), host.is('bank.sid', 'x')], [false, true]);
  assert.equal(
    createHostCookie(false).is('any', 's%3AAbC.sig'),
    false,
    'a stand-alone gateway takes nobody else’s',
  );
});
