import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ChatRule } from '../../src/config/gateway-config.ts';
import { isGatewayError } from '../../src/errors.ts';
import { readAddress } from '../../src/queues/canonical-path.ts';
import { chatIdReadings, foldChatId } from '../../src/queues/chat-id-text.ts';
import { createChatIds } from '../../src/queues/chat-ids.ts';
import { runs } from '../support/runs.ts';

function ruleOf(rule: Partial<ChatRule>): ChatRule {
  return {
    method: undefined,
    path: undefined,
    query: undefined,
    header: undefined,
    body: undefined,
    chatIdFrom: undefined,
    ...rule,
  };
}

const ids = createChatIds([
  ruleOf({ method: 'POST', path: '/queues/:queueKey/chats', chatIdFrom: 'id' }),
  ruleOf({ method: 'POST', path: '/queues/q/chats', chatIdFrom: 'chat.id' }),
  ruleOf({ path: '/chats/:chatId{/*rest}' }),
  ruleOf({ method: 'GET', path: '/poll', query: 'chat' }),
  ruleOf({ header: 'x-chat' }),
  ruleOf({ method: 'POST', path: '/say', body: 'chat' }),
]);

interface Sent {
  method?: string;
  rawHeaders?: string[];
  json?: string;
}

/** The id, `none`, `alike` when only a forgiving server finds one, or the code of the refusal. */
function outcome(target: string, { method = 'GET', rawHeaders = [], json = '' }: Sent = {}): string {
  try {
    const body = {
      bytes: Buffer.from(json),
      contentType: 'application/json',
      contentEncoding: undefined,
    };
    const named = ids.read({ method, address: readAddress(target), rawHeaders, body });
    return named === undefined ? 'none' : (named.chatId ?? 'alike');
  } catch (error) {
    if (isGatewayError(error)) return error.code;
    throw error;
  }
}

const LONG = 'x'.repeat(1025);
const rows: readonly [string, string, Sent?][] = [
  ['/chats/Ab-1', 'Ab-1'],
  ['/CHATS/Ab-1/messages/2', 'Ab-1'],
  ['/chats/%41b%2D1', 'Ab-1'],
  ['/chats/a%20b', 'a b'],
  ['/chats/%20ab', ' ab'],
  ['/chats/%C3%B8', 'ø'],
  ['/chats', 'none'],
  ['/chats/', 'none'],
  ['/chats/%20', 'path_ambiguous'],
  ['/chats/a%252d1', 'path_ambiguous'],
  [`/chats/${LONG}`, 'request_malformed'],
  ['/ch%C3%A4ts/a', 'alike'],
  ['/chats%20x/a', 'none'],
  ['/poll?chat=a', 'a'],
  ['/poll?CHAT[]=a', 'a'],
  ['/poll?chat=', 'none'],
  ['/poll?chat=a%00', 'request_malformed'],
  ['/poll?chat=%2541', 'request_malformed'],
  ['/poll?chat=%ff', 'request_malformed'],
  ['/poll?chat=a&chat=a', 'a'],
  ['/poll?chat=a&chat=A', 'queue_ambiguous'],
  ['/poll?chat=a&chat=a%20', 'queue_ambiguous'],
  ['/poll?chat=1,2,3,4,5,6,7,8,9', 'queue_ambiguous'],
  ['/poll%3Fchat=a', 'alike'],
  ['/poll.json?chat=a', 'alike'],
  ['/poll?chat=a', 'a', { method: 'HEAD' }],
  ['/poll?chat=a', 'none', { method: 'POST' }],
  ['/x', 'a', { rawHeaders: ['X-Chat', 'a'] }],
  ['/x', 'queue_ambiguous', { rawHeaders: ['X-Chat', 'a', 'x_chat', 'b'] }],
  ['/x', 'queue_ambiguous', { rawHeaders: ['X-Chat', 'a, b'] }],
  ['/chats/a', 'queue_ambiguous', { rawHeaders: ['X-Chat', 'b'] }],
  ['/chats/a', 'a', { rawHeaders: ['X-Chat', 'a'] }],
  ['/say', 'a', { method: 'POST', json: '{"chat":"a"}' }],
  ['/say', '7', { method: 'POST', json: '{"chat":7}' }],
  ['/say', 'none', { method: 'POST', json: '{"chat":null}' }],
  ['/say', 'request_malformed', { method: 'POST', json: '{"chat":["a"]}' }],
  ['/say', 'request_malformed', { method: 'POST', json: '{"chat":"a","CHAT":"b"}' }],
  ['/say?chat=b', 'queue_ambiguous', { method: 'POST', json: '{"chat":"a"}' }],
];
test('the chat of a request is read in every place, as it stands', () => {
  for (const [target, expected, sent] of rows)
    assert.equal(outcome(target, sent), expected, target.slice(0, 60));
});

test('a start is known by method and path, and a body is read only where a rule reads it', () => {
  const starts = (method: string, target: string) => ids.startsWith(method, readAddress(target));
  assert.deepEqual(starts('POST', '/queues/q/chats'), ['id', 'chat.id']);
  assert.deepEqual(starts('POST', '/Queues/x/chats/'), ['id']);
  assert.deepEqual(starts('GET', '/queues/q/chats'), []);
  assert.deepEqual(starts('POST', '/queues/q/chats/1'), []);
  const needs = (method: string, target: string) => ids.needsBody(method, readAddress(target));
  assert.ok(needs('POST', '/say') && needs('POST', '/say.json') && needs('POST', '/s%C3%A1y'));
  assert.ok(!needs('GET', '/say') && !needs('POST', '/queues/q/chats'));
  assert.throws(() => ids.read({ method: 'POST', address: readAddress('/say'), rawHeaders: [] }), TypeError);
});

test('ids that a forgiving server takes for one are alike, and others are not', () => {
  const alike: readonly [string, string][] = [
    ['Abc', 'aBC'],
    ['abc', ' abc '],
    ['abc', 'abc.'],
    ['abc', 'ábc'],
    ['abc', 'a\u200bbc'],
    ['abc', 'abc,x'],
    ['abc', 'abc.json'],
    ['abc', 'abc?x'],
    ['abc', 'x,abc'],
    ['7', '007'],
    ['7', '7.0'],
    ['7', '7abc'],
    ['7', '+7'],
    ['7', '0x7'],
    ['7', '٧'],
    ['0', '000'],
    ['0f8fad5b-d9cd-469f-a165-70867728950e', '{0F8FAD5BD9CD469FA16570867728950E}'],
  ];
  for (const [id, other] of alike)
    assert.ok(chatIdReadings(other).includes(foldChatId(id)), `${id} ${other}`);
  const different = ['abd', 'ab', 'abcd', '12-31', '123-1', '70', 'x7', '0f8fad5b'];
  for (const id of different) {
    const others = different.filter((other) => other !== id);
    assert.ok(!others.some((other) => chatIdReadings(other).includes(foldChatId(id)) && /\D/.test(id)), id);
  }
});

test('every id is alike to itself, and looking costs bounded work', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }), (id) => {
      const commas = foldChatId(id).split(',').length;
      if (commas > 8 || foldChatId(id) === '') return;
      assert.ok(chatIdReadings(id).includes(foldChatId(id)));
      assert.ok(chatIdReadings(id).length <= 45);
    }),
    { numRuns: runs(1000) },
  );
  const began = performance.now();
  for (const id of ['0'.repeat(1000), ' '.repeat(999) + 'x', '0'.repeat(999) + 'x', '{'.repeat(1000)])
    chatIdReadings(id);
  assert.ok(performance.now() - began < 250);
});
