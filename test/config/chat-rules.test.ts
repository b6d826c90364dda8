import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fourLines, placesOf, resolved } from './examples.ts';

const rules: readonly [string, object, string][] = [
  ['a path with :chatId', { path: '/chats/:chatId{/*rest}' }, ''],
  ['queue and customer beside :chatId', { path: '/:customerKey/:queueKey/:chatId' }, ''],
  ['a query on any path', { query: 'chat' }, ''],
  ['a header', { header: 'X-Chat' }, ''],
  ['a body with method and path', { method: 'post', path: '/messages', body: 'chatId' }, ''],
  ['a member that starts chats', { method: 'POST', path: '/chats', chatIdFrom: 'id' }, ''],
  ['a member that lies deeper', { path: '/chats', chatIdFrom: 'data.chat.id' }, ''],
  ['a text of members', { path: '/chats', chatIdFrom: '{customerKey}-{data.id}' }, ''],
  ['a chat that starts another', { path: '/chats/:chatId/transfer', chatIdFrom: 'id' }, ''],
  ['no source at all', {}, 'chatRules[0]'],
  ['a path without :chatId', { path: '/chats' }, 'chatRules[0]'],
  ['two sources', { query: 'a', body: 'b' }, 'chatRules[0]'],
  ['a source beside :chatId', { path: '/:chatId', query: 'chat' }, 'chatRules[0]'],
  ['a start that names a chat', { path: '/chats', body: 'id', chatIdFrom: 'id' }, 'chatRules[0]'],
  ['a path of Express 4', { path: '/chats/*' }, 'chatRules[0].path'],
  ['a wildcard that takes several segments', { path: '/chats/*chatId' }, 'chatRules[0].path'],
  ['a method that HTTP does not have', { method: 'FETCH', query: 'chat' }, 'chatRules[0].method'],
  ['a header that is stripped', { header: 'x_secure.chat-chat' }, 'chatRules[0].header'],
  ['an empty step', { path: '/chats', chatIdFrom: 'a..id' }, 'chatRules[0].chatIdFrom'],
  ['an open brace', { path: '/chats', chatIdFrom: '{id' }, 'chatRules[0].chatIdFrom'],
  ['nothing of the answer', { path: '/chats', chatIdFrom: '{customerKey}' }, 'chatRules[0].chatIdFrom'],
  ['an unknown key', { query: 'chat', queueKey: 'q' }, 'chatRules[0].queueKey'],
];
for (const [what, rule, place] of rules) {
  test(`a chat rule with ${what} is ${place === '' ? 'taken' : `a problem of ${place}`}`, () => {
    const places = placesOf({ ...fourLines, chatRules: [rule] });
    assert.deepEqual([...new Set(places)].slice(0, 1), place === '' ? [] : [place]);
  });
}

test('methods are upper case, header names lower case, and no rule is the default', () => {
  const [rule] = resolved({ chatRules: [{ method: 'post', header: 'X-Chat' }] }).chatRules;
  assert.deepEqual([rule?.method, rule?.header], ['POST', 'x-chat']);
  assert.deepEqual(resolved().chatRules, []);
});

test('half a list is worth a warning', () => {
  const about = (...chatRules: object[]) =>
    resolved({ chatRules }).warnings.filter((warning) => warning.startsWith('chatRules'));
  assert.equal(about({ query: 'chat' }).length, 1);
  assert.equal(about({ path: '/chats', chatIdFrom: 'id' }).length, 1);
  assert.deepEqual(about({ query: 'chat' }, { path: '/chats', chatIdFrom: 'id' }), []);
});

test('without an upstream there are no answers to read', () => {
  const without: Partial<typeof fourLines> = { ...fourLines };
  delete without.upstream;
  const context = { production: false, face: 'middleware' } as const;
  assert.deepEqual(placesOf({ ...without, chatRules: [{ query: 'chat' }] }, context), ['chatRules']);
  assert.deepEqual(placesOf({ ...fourLines, chatRules: [{ query: 'chat' }] }, context), []);
  assert.deepEqual(placesOf({ ...without, chatRules: [] }, context), []);
});

test('a preset has both halves of the rules, and needs an upstream', () => {
  const own = { chatRules: [{ path: '/chats/:chatId' }], preset: 'puzzel-v1' };
  assert.ok(!resolved(own).warnings.some((warning) => /chatRules|preset/.test(warning)));
  const without: Partial<typeof fourLines> = { ...fourLines };
  delete without.upstream;
  const context = { production: false, face: 'middleware' } as const;
  assert.deepEqual(placesOf({ ...without, preset: 'puzzel-v1' }, context), ['preset']);
});
