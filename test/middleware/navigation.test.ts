import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isNavigation } from '../../src/middleware/navigation.ts';

const html = 'text/html,application/xhtml+xml,*/*;q=0.8';
const cases: [string, string, Record<string, string>, boolean][] = [
  [
    'a browser opening a page',
    'GET',
    { accept: html, 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' },
    true,
  ],
  ['a browser without Fetch Metadata', 'GET', { accept: html }, true],
  ["Node's fetch asking for a page", 'GET', { accept: 'text/html', 'sec-fetch-mode': 'cors' }, true],
  [
    'a fetch that accepts HTML',
    'GET',
    { accept: html, 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' },
    false,
  ],
  ['a frame', 'GET', { accept: html, 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' }, false],
  ['an XHR of an old library', 'GET', { accept: html, 'x-requested-with': 'XMLHttpRequest' }, false],
  ['a script', 'GET', { accept: '*/*' }, false],
  ['a client that says nothing', 'GET', {}, false],
  ['a form', 'POST', { accept: html, 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }, false],
  ['a HEAD', 'HEAD', { accept: html }, false],
  ['an upgrade', 'GET', { accept: html, upgrade: 'websocket' }, false],
  [
    'a prefetch',
    'GET',
    { accept: html, 'sec-purpose': 'prefetch', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' },
    false,
  ],
];
for (const [who, method, headers, expected] of cases) {
  test(`${who} is ${expected ? 'a' : 'no'} navigation`, () => {
    assert.equal(isNavigation(method, headers), expected);
  });
}
