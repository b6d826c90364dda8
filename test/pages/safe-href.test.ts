import assert from 'node:assert/strict';
import test from 'node:test';
import { safeHref } from '../../src/pages/safe-href.ts';

const followed: readonly (readonly [string, string])[] = [
  ['/secure-chat/login?queueKey=q&interactive=1', '/secure-chat/login?queueKey=q&interactive=1'],
  ['/a/../b#c', '/b#c'],
  ['/"><script>', '/%22%3E%3Cscript%3E'],
  ['https://www.bank.example/chat?a=1', 'https://www.bank.example/chat?a=1'],
  ['http://127.0.0.1:8080', 'http://127.0.0.1:8080/'],
];

const refused = [
  '',
  'login',
  '?a=1',
  '//evil.example',
  '/\\evil.example',
  '\\\\evil.example',
  '/\t/evil.example',
  '/.//evil.example',
  '/a/..//evil.example',
  'https:evil.example',
  'https:/\\evil.example@x',
  'https://user@bank.example/',
  'https://user:pw@bank.example/',
  'javascript:alert(1)',
  ' javascript:alert(1)',
  'java\nscript:alert(1)',
  'data:text/html,x',
  'blob:https://bank.example/1',
  'https://',
  undefined,
];

for (const [address, href] of followed) {
  test(`${address} becomes a link`, () => {
    assert.equal(safeHref(address), href);
  });
}

for (const address of refused) {
  test(`${JSON.stringify(address)} never becomes a link`, () => {
    assert.equal(safeHref(address), undefined);
  });
}
