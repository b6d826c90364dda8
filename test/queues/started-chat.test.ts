import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readStartedChat } from '../../src/queues/started-chat.ts';

const rows: readonly [what: string, body: string | Buffer, from: string, id: string | undefined][] = [
  ['a member', '{"id":"Ab-1","x":[{"id":"no"}]}', 'id', 'Ab-1'],
  ['a deeper member', ' {"data" : {"chat":{"id":"a"}},"id":"no"} ', 'data.chat.id', 'a'],
  ['an integer with all its digits', '{"id":9007199254740993123}', 'id', '9007199254740993123'],
  ['escapes', '{"i\\u0064":"\\u00f8"}', 'id', 'ø'],
  ['an outer blank, which counts', '{"id":" a"}', 'id', ' a'],
  ['a byte order mark', '\ufeff{"id":"a"}', 'id', 'a'],
  ['a member twice with one value', '{"id":"a","id":"a"}', 'id', 'a'],
  ['a text of members', '{"iqSessionId":"77"}', '{customerKey}-{iqSessionId}', '12345-77'],
  [
    'the customer of the queue, not of the answer',
    '{"customerKey":"1","n":2}',
    '{customerKey}/{n}',
    '12345/2',
  ],
  ['a member that is text for patterns', '{"a":"$&","b":"$1"}', '{a}{b}', '$&$1'],
  ['a member twice with two values', '{"id":"a","id":"b"}', 'id', undefined],
  ['another case', '{"ID":"a"}', 'id', undefined],
  ['no member', '{}', 'id', undefined],
  ['a prototype', '{}', 'constructor.name', undefined],
  ['part of a text', '{"a":"1"}', '{a}-{b}', undefined],
  ['an empty part of a text', '{"a":"1","b":""}', '{a}-{b}', undefined],
  ['null', '{"id":null}', 'id', undefined],
  ['a fraction', '{"id":1.5}', 'id', undefined],
  ['an exponent', '{"id":1e3}', 'id', undefined],
  ['an object', '{"id":{"a":1}}', 'id', undefined],
  ['a list', '[{"id":"a"}]', 'id', undefined],
  ['a text on the way', '{"id":"a"}', 'id.id', undefined],
  ['an empty id', '{"id":""}', 'id', undefined],
  ['a blank id', '{"id":"  "}', 'id', undefined],
  ['a control character', '{"id":"a\\u0000"}', 'id', undefined],
  ['a lone surrogate', '{"id":"\\ud800"}', 'id', undefined],
  ['an escape, which no request could spell', '{"id":"%41"}', 'id', undefined],
  ['an id without end', `{"id":"${'x'.repeat(1025)}"}`, 'id', undefined],
  ['no JSON', '<html>', 'id', undefined],
  ['half of it', '{"id":"a"', 'id', undefined],
  ['nothing', '', 'id', undefined],
  ['another charset', Buffer.from('{"id":"\xf8"}', 'latin1'), 'id', undefined],
  ['a pit', '['.repeat(60_000), 'id', undefined],
];
for (const [what, body, from, id] of rows) {
  test(`an answer with ${what} ${id === undefined ? 'starts no chat' : 'starts its chat'}`, () => {
    assert.equal(readStartedChat(Buffer.from(body), from, '12345'), id);
  });
}
