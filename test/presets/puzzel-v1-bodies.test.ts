import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Identity } from '../../src/claims/identity-types.ts';
import type { Connection, MapType } from '../../src/config/gateway-config.ts';
import { isGatewayError } from '../../src/errors.ts';
import { membersAt, wholeOf } from '../../src/presets/json-text.ts';
import { rewriteBody } from '../../src/presets/puzzel-v1-bodies.ts';
import type { PuzzelCall } from '../../src/presets/puzzel-v1.ts';
import { customerOf } from '../queues/queue-fixtures.ts';
import { runs } from '../support/runs.ts';
import { oddObject } from './json-arbitraries.ts';

const [plain] = customerOf('12345', { q_bank: 'Signicat' }).connections as [Connection];
const mapped = (claim: string, mapType: MapType, description?: string) => ({
  claim,
  mapType,
  description,
  headerSuffix: `Variable-${claim}`,
});
const connection: Connection = {
  ...plain,
  maskedClaims: ['birthdate'],
  mapping: [
    mapped('sub', 'ChatId'),
    mapped('given_name', 'NickName'),
    mapped('national_id', 'Variable', 'Personnummer'),
    mapped('name', 'Variable', 'Fullt Navn'),
    mapped('birthdate', 'Variable'),
  ],
};
const identity: Identity = {
  chatId: 'kari',
  nickName: 'Kari Ødegård',
  variables: [
    { name: 'national_id', description: 'Personnummer', value: '170290*****' },
    { name: 'name', description: 'Fullt Navn', value: 'Kari "Ø"' },
    { name: 'birthdate', description: undefined, value: '199*' },
  ],
  acr: undefined,
  amr: [],
  authTime: undefined,
  subject: 's',
  authUserId: 'kari',
};

function written(
  call: PuzzelCall,
  json: string,
  over: Partial<Identity> = {},
  of = connection,
  type = 'application/json',
) {
  const body = { bytes: Buffer.from(json), contentType: type, contentEncoding: undefined };
  return rewriteBody(call, body, { identity: { ...identity, ...over }, connection: of }).toString();
}

function refused(call: PuzzelCall, json: string, type?: string): void {
  assert.throws(
    () => written(call, json, {}, connection, type),
    (error) => isGatewayError(error) && error.code === 'request_malformed',
    json,
  );
}

const OURS = '"Personnummer":"170290*****","Fullt Navn":"Kari \\"\\u00d8\\"","birthdate":"199*"';
const LISTED =
  '{"name":"Personnummer","value":"170290*****","secret":true},{"name":"Fullt Navn","value":"Kari \\"\\u00d8\\"","secret":false},{"name":"birthdate","value":"199*","secret":true}';

test('a start says the identity, and nothing else of it changes', () => {
  assert.equal(
    written(
      'start',
      '{ "auth" : {"code":"x"} , "nickName":"M", "n": 1.0 ,"chatId":null,"intro":{"isMobile":true}}\r\n',
    ),
    `{ "nickName":"Kari \\u00d8deg\\u00e5rd", "n": 1.0 ,"chatId":"kari","intro":{"isMobile":true,"variables":{${OURS}}}}\r\n`,
  );
  assert.equal(
    written('start', '{}'),
    `{"chatId":"kari","nickName":"Kari \\u00d8deg\\u00e5rd","intro":{"variables":{${OURS}}}}`,
  );
});

test('variables are written in the form in which they came, and none of ours is the client’s', () => {
  for (const [variables, expected] of [
    ['null', `{${OURS}}`],
    ['{}', `{${OURS}}`],
    [
      '{ "topic":"loan" , "NATIONAL-ID":"1", "nin":"2","Signicat.National_ID":"3","fullt  navn":"4","\\u200bPersonnummer":"5","GIVEN NAME":"6"}',
      `{ "topic":"loan" ,${OURS}}`,
    ],
    ['[]', `[${LISTED}]`],
    [
      '[ {"name":"topic","value":1.0,"secret":true}, {"name":"Ｐersonnummer","value":"x","secret":false} ]',
      `[ {"name":"topic","value":1.0,"secret":true},${LISTED} ]`,
    ],
  ] as const) {
    const { intro } = JSON.parse(written('start', `{"intro":{"variables":${variables}}}`)) as {
      intro: { variables: unknown };
    };
    assert.deepEqual(intro.variables, JSON.parse(expected), variables);
  }
});

test('what the identity has not is nobody’s word where the mapping promises it', () => {
  const sent = '{"nickName":"M","chatId":"theirs","intro":{"variables":{"Fullt Navn":"M"}}}';
  const without = { chatId: undefined, nickName: undefined, variables: [] };
  assert.equal(written('start', sent, without), '{"intro":{"variables":{}}}');
  const unmapped = { ...connection, mapping: [] };
  assert.equal(
    written('start', sent, without, unmapped),
    '{"nickName":"M","intro":{"variables":{"Fullt Navn":"M"}}}',
  );
  assert.equal(written('message', '{"nickName":"M","type":"X"}', without), '{"type":"X"}');
});

test('messages and surveys get the nickname, whatever their type', () => {
  for (const type of ['Message', 'OptionResult', 'Event', 'Command'])
    assert.equal(
      written('message', `{"type":"${type}","content":{"nickName":"inner","messageId":1e3}}`),
      `{"type":"${type}","content":{"nickName":"inner","messageId":1e3},"nickName":"Kari \\u00d8deg\\u00e5rd"}`,
    );
  assert.equal(
    written('survey', `{"nickName":"M","parentSessionId":"12345-7.scg-${'a'.repeat(32)}"}`),
    '{"nickName":"Kari \\u00d8deg\\u00e5rd","parentSessionId":"12345-7"}',
  );
});

test('two Variables of one Description are told apart', () => {
  const variables = identity.variables.map((variable) => ({ ...variable, description: 'Same' }));
  const body = written('start', '{}', { variables });
  assert.match(body, /"Same":"170290\*{5}","name":.*,"birthdate":"199\*"/);
});

test('a body that could be read in two ways is refused', () => {
  for (const json of [
    '', '[]', '1', '{"nickName":"a"} x', '{"nickName":"a",}', '{/**/}', '{"nickName":"a","nickName":"b"}', '{"nickName":"a","\\u006eickName":"b"}',
    '{"NickName":"a"}', '{"nickName[]":"a"}', '{"nick\\u200bName":"a"}',
  ]) for (const call of ['start', 'message', 'survey'] as const) refused(call, json); // prettier-ignore
  for (const json of [
    '{"auth":{},"auth":{}}', '{"Auth":{}}', '{"intro":1}', '{"intro":[]}', '{"Intro":{}}', '{"intro":{},"intro":{}}', '{"chatID":"x"}',
    '{"intro":{"variables":1}}', '{"intro":{"variables":"x"}}', '{"intro":{"variables":{},"variables":{}}}', '{"intro":{"Variables":{}}}',
    '{"intro":{"variables":{"a":"1","a":"2"}}}', '{"intro":{"variables":["x"]}}', '{"intro":{"variables":[{"value":"x"}]}}',
    '{"intro":{"variables":[{"name":1}]}}', '{"intro":{"variables":[{"name":"a","name":"national_id"}]}}', '{"intro":{"variables":[{"Name":"national_id"}]}}',
  ]) refused('start', json); // prettier-ignore
  for (const type of [
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data',
    'application/json; charset=utf-16',
    '',
  ])
    refused('message', '{}', type);
});

test('every other byte of a message stays', () => {
  fc.assert(
    fc.property(oddObject, ({ text, members }) => {
      fc.pre(members.every(({ name }) => !/nick.?name|parent/i.test(name.normalize('NFKD'))));
      const result = written('message', text);
      const found = membersAt(result, wholeOf(result));
      assert.equal(
        result.length - text.length,
        result.includes(',"nick')
          ? '"nickName":"Kari \\u00d8deg\\u00e5rd",'.length
          : '"nickName":"Kari \\u00d8deg\\u00e5rd"'.length,
      );
      assert.deepEqual(
        found.map(({ start, value }) => result.slice(start, value.end)),
        [...members.map((member) => member.written), '"nickName":"Kari \\u00d8deg\\u00e5rd"'],
      );
    }),
    { numRuns: runs(300) },
  );
});
