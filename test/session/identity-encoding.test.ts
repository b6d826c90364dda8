import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { IdentityRecord } from '../../src/session/browser-records-types.ts';
import { decodeIdentity, encodeIdentity } from '../../src/session/identity-encoding.ts';
import { anyCodePoint } from '../support/any-code-point.ts';

const text = fc.string({ unit: anyCodePoint, maxLength: 20 });
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const moment = fc.nat();

const plain = <T>(members: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record<T>(members, { noNullPrototype: true });

const records: fc.Arbitrary<IdentityRecord> = fc
  .record(
    {
      identity: plain({
        chatId: maybe(text),
        nickName: maybe(text),
        variables: fc.array(plain({ name: text, description: maybe(text), value: text }), { maxLength: 4 }),
        acr: maybe(text),
        amr: fc.array(text, { maxLength: 3 }),
        authTime: maybe(moment),
        subject: text,
        authUserId: text,
      }),
      connectionId: text,
      verifiedAt: moment,
      expiresAt: moment,
      queues: fc.array(text, { maxLength: 3 }),
      masking: maybe(text),
    },
    { noNullPrototype: true },
  )
  .map(({ masking, ...rest }) => (masking === undefined ? rest : { ...rest, masking }));

test('an identity is read as it was written', () => {
  fc.assert(
    fc.property(records, (record) => {
      const stored: unknown = JSON.parse(JSON.stringify(encodeIdentity(record)));
      assert.deepEqual(decodeIdentity(stored, record), record);
    }),
  );
});

test('what another release has stored is no identity', () => {
  const place = { connectionId: 'c', expiresAt: 1 };
  for (const stored of [undefined, null, {}, { identity: { subject: 's' }, queues: [] }, [], [2, 's'], '1'])
    assert.equal(decodeIdentity(stored, place), undefined);
});

test('names of members are not stored with every browser', () => {
  const record: IdentityRecord = {
    identity: {
      chatId: 'kari-sub',
      nickName: 'Kari',
      variables: [
        { name: 'national_id', description: 'Personnummer', value: '170290*****' },
        { name: 'name', description: 'Name', value: 'Kari \u00d8deg\u00e5rd' },
        { name: 'birthdate', description: 'F\u00f8dselsdato', value: '1990-02-17' },
      ],
      acr: 'urn:test:acr',
      amr: ['test'],
      authTime: 1795391135,
      subject: '0WNV9x4Mp41TCReFmnrR5WPu',
      authUserId: 'kari-sub',
    },
    connectionId: '["12345","Signicat","jMmdR7HNFVHQOkfzPS5eq9"]',
    masking: '[[],[]]',
    verifiedAt: 1795391165618,
    expiresAt: 1795419965618,
    queues: ['q_bank'],
  };
  assert.ok(JSON.stringify(encodeIdentity(record)).length < JSON.stringify(record).length / 1.8);
});
