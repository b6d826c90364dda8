import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fourLines, placesOf } from './examples.ts';

const shapes: readonly [string, object, string][] = [
  ['a header prefix without a dash at its end', { headerPrefix: 'X-Secure' }, 'headerPrefix'],
  ['a header prefix without a letter', { headerPrefix: '1-2-' }, 'headerPrefix'],
  ['a header prefix that is no header name', { headerPrefix: 'X Secure-' }, 'headerPrefix'],
  ['a header prefix that would strip ordinary headers', { headerPrefix: 'Content-' }, 'headerPrefix'],
  ['a header prefix that would strip X-Forwarded-For', { headerPrefix: 'x_-' }, ''],
  ['the header prefix X-', { headerPrefix: 'X-' }, 'headerPrefix'],
  ['a route prefix without a slash', { routePrefix: 'chat' }, 'routePrefix'],
  ['a route prefix with a slash at its end', { routePrefix: '/chat/' }, 'routePrefix'],
  ['the root as route prefix', { routePrefix: '/' }, 'routePrefix'],
  ['dots in the route prefix', { routePrefix: '/a/..' }, 'routePrefix'],
  ['a wildcard in the route prefix', { routePrefix: '/a*' }, 'routePrefix'],
  ['a deeper route prefix', { routePrefix: '/chat/secure_1' }, ''],
  ['a prefixed cookie name', { session: { cookieName: '__Host-x' } }, 'session.cookieName'],
  ['a cookie name with a blank', { session: { cookieName: 'a b' } }, 'session.cookieName'],
  [
    'an idle time beyond the absolute one',
    { session: { idleSeconds: 9000, absoluteSeconds: 8000 } },
    'session.idleSeconds',
  ],
  ['fewer than 300 logins a minute', { loginsPerMinute: 299 }, 'loginsPerMinute'],
  ['a fraction of a port', { port: 80.5 }, 'port'],
  ['a port out of range', { port: 65_536 }, 'port'],
  ['a timeout as text', { upstream: { url: 'http://h', timeoutMs: '5' } }, 'upstream.timeoutMs'],
  ['no time for the upstream', { upstream: { url: 'http://h', timeoutMs: 0 } }, 'upstream.timeoutMs'],
];
for (const [what, options, place] of shapes) {
  test(`${what} ${place === '' ? 'is taken' : `is a problem of ${place}`}`, () => {
    assert.deepEqual(placesOf({ ...fourLines, ...options }), place === '' ? [] : [place]);
  });
}
