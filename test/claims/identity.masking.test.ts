import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Claims } from '../../src/claims/identity-types.ts';
import { toIdentity } from '../../src/claims/identity.ts';
import { connection, identity, pseudonym, variables } from './identity-fixture.ts';

const maskedByClaim: readonly (readonly [
  sentence: string,
  claims: Claims,
  mapping: string,
  masked: string[],
  expected: string,
])[] = [
  ['national_id', { national_id: '110774-4882' }, 'national_id', [], '110774*****'],
  [
    'national_id by the dotted name',
    { 'signicat.national_id': '070770-905D' },
    'national_id',
    [],
    '070770*****',
  ],
  [
    'signicat.national_id nested',
    { signicat: { national_id: '070770-905D' } },
    'signicat.national_id',
    [],
    '070770*****',
  ],
  ['nin as a number', { nin: 17029012345 }, 'nin', [], '170290*****'],
  ['nin with blanks around', { nin: ' 17029012345  ' }, 'nin', [], '170290*****'],
  ['nin of five characters', { nin: '12345' }, 'nin', [], '*****'],
  ['nin of three characters', { nin: 'abc' }, 'nin', [], '***'],
  ['ftn_hetu', { ftn_hetu: '010100A001N' }, 'ftn_hetu', [], '010100*****'],
  ['ftn.hetu nested', { ftn: { hetu: '010100A001N' } }, 'ftn.hetu', [], '010100*****'],
  ['acting_nin', { acting_nin: '199002171234' }, 'acting_nin', [], '1990021*****'],
  ['idp_id', { idp_id: '070770-905D' }, 'idp_id', [], '070770*****'],
  ['a claim in maskedClaims', { phone: '+4791234567' }, 'phone', ['phone'], '+47912*****'],
  ['a masked claim in another case', { Phone: '+4791234567' }, 'Phone', ['phone'], '+47912*****'],
  [
    'a member of a masked claim',
    { address: { locality: 'Trondheim' } },
    'address.locality',
    ['address'],
    'Tron*****',
  ],
  [
    'a claim with a masked member',
    { address: { locality: 'Trondheim' } },
    'address',
    ['address.locality'],
    'Tron*****',
  ],
  ['AuthUserId when sub is masked', {}, 'AuthUserId', ['sub'], '***'],
  [
    'every number of a list',
    { nin: ['17029012345', '199002171234'] },
    'nin',
    [],
    '170290*****, 1990021*****',
  ],
  ['every member of a list', { family: ['Nordmann', 'Hansen'] }, 'family', ['family'], 'Nor*****, H*****'],
  [
    'every number of an object',
    { nin: { no: '17029012345', se: '199002171234' } },
    'nin',
    [],
    '170290*****, 1990021*****',
  ],
];

for (const [sentence, claims, mapping, masked, expected] of maskedByClaim) {
  test(`masked by claim: ${sentence}`, () => {
    assert.deepEqual(Object.values(variables(claims, mapping, { maskedClaims: masked })), [expected]);
  });
}

test('a masked claim of blanks only is absent', () => {
  assert.deepEqual(variables({ phone: '\u200b\u200b' }, 'phone', { maskedClaims: ['phone'] }), {});
});

const maskedByValue: readonly (readonly [sentence: string, id: Claims, value: unknown, expected: string])[] =
  [
    ['the id of an unmapped claim', { nin: '17029012345' }, 'urn:no:17029012345', 'urn:no:170290*****'],
    ['the id as a number', { nin: '17029012345' }, 17029012345, '170290*****'],
    ['the id of a number', { nin: 17029012345 }, '170290 12345', '170290 *****'],
    [
      'the id in a mail address',
      { nin: '17029012345' },
      '17029012345@mail.example',
      '170290*****@mail.example',
    ],
    ['the id in an address', { nin: '17029012345' }, { formatted: 'c/o 170290\n12345' }, 'c/o 170290, *****'],
    ['the id parted over a list', { nin: '17029012345' }, ['170290', '12345'], '170290, *****'],
    ['the id in an object', { nin: '17029012345' }, { a: ['x', { b: '17029012345' }] }, 'x, 170290*****'],
    [
      'the id under an unlisted depth',
      { person: { ids: [{ nin: '17029012345' }] } },
      '17029012345',
      '170290*****',
    ],
    [
      'the id of an object',
      { nin: { value: '17029012345', country: 'NORWAY' } },
      '17029012345 NORWAY',
      '170290***** NORWAY',
    ],
    ['the id deep below its name', { nin: { a: { b: ['17029012345'] } } }, '17029012345', '170290*****'],
    ['the second id of a list', { nin: ['1', '17029012345'] }, '17029012345', '170290*****'],
    ['the id beside its country', { nin: 'NO:17029012345' }, '17029012345', '170290*****'],
    [
      'the id with control characters inside',
      { nin: '170290\u000012345' },
      '17029\u0007012345',
      '170290*****',
    ],
    [
      'the other national id',
      { national_id: '17029012345', ftn_hetu: '070770-905D' },
      '070770+905d',
      '07077*+****',
    ],
    ['a Swedish id as ten digits', { nin: '199002171234' }, '900217-1234', '90021*-****'],
    ['a masked claim that looks like an id', { custom_ref: 'AB123456' }, 'ref AB-123456', 'ref AB-1*****'],
    ['no masked claim that does not', { custom_ref: 'Kari' }, 'Kari', 'Kari'],
    ['no truth value', { nin: false }, 'false', 'false'],
    ['no id of four characters', { nin: '1234' }, 'a 1234', 'a 1234'],
    ['no facts about the number', { nin: '17029012345', nin_type: 'PERSON' }, 'PERSON', 'PERSON'],
    ['no birthdate', { nin: '17029012345' }, '1990-02-17', '1990-02-17'],
  ];

for (const [sentence, id, value, expected] of maskedByValue) {
  test(`masked by value: ${sentence}`, () => {
    const shown = variables({ ...id, copy: value }, 'copy', { maskedClaims: ['custom_ref'] });
    assert.deepEqual(shown, { copy: expected });
  });
}

test('nickname, sub, acr, amr and auth_time are masked by value', () => {
  const id = '1702901234';
  const claims = {
    nin: id,
    sub: `no:${id}`,
    name: `Kari ${id}`,
    acr: `urn:${id}`,
    amr: ['pwd', '170290', '1234'],
    auth_time: Number(id),
  };
  const result = identity(claims, 'name>NickName AuthUserId');
  assert.equal(result.nickName, 'Kari 17029*****');
  assert.equal(result.authUserId, 'no:17029*****');
  assert.equal(result.variables[0]?.value, 'no:17029*****');
  assert.equal(result.acr, 'urn:17029*****');
  assert.deepEqual(result.amr, ['pwd', '17029*', '****']);
  assert.equal(result.authTime, undefined);
});

test('no claim of any shape shows the national id in any member of the Identity', () => {
  const digits = (count: number) => fc.stringMatching(new RegExp(`^[1-9][0-9]{${count - 1}}$`));
  const id = fc.oneof(
    digits(10),
    digits(11),
    fc.stringMatching(/^19\d{10}$/),
    fc.stringMatching(/^\d{6}[-+A-FU-Y]\d{3}[0-9A-Y]$/),
  );
  const idName = fc.constantFrom('national_id', 'signicat.national_id', 'nin', 'ftn_hetu', 'acting_nin');
  const spelt = (text: string) =>
    fc.constantFrom(
      text,
      text.toLowerCase(),
      Array.from(text).join(' '),
      `${text.slice(0, 6)}/${text.slice(6)}`,
      `a${text}b${text}`,
    );
  const shaped = (text: string) =>
    fc.oneof(
      spelt(text),
      fc.array(spelt(text), { maxLength: 3 }),
      fc.record({ formatted: spelt(text), x: fc.string() }),
      fc.constant(/^\d+$/.test(text) ? Number(text) : text),
      fc.tuple(fc.string(), spelt(text)).map((parts) => ({ deep: [{ er: parts }] })),
    );
  const names = ['name', 'address', 'sub', 'acr', 'amr', 'auth_time', 'email', 'constructor', 'x'];
  const claims = id.chain((text) =>
    fc.tuple(
      fc.constant(text),
      idName.map((name) => ({ [name]: text })),
      fc.dictionary(fc.constantFrom(...names), shaped(text), { noNullPrototype: true }),
    ),
  );
  const mapping =
    'name>NickName sub>ChatId national_id ftn_hetu acting_nin address acr amr auth_time email constructor x AuthUserId';
  fc.assert(
    fc.property(claims, ([text, own, others]) => {
      const shown = JSON.stringify(
        toIdentity({ ...others, sub: `s${text}`, ...own }, connection(mapping), pseudonym),
      );
      for (const part of shown.split('"')) {
        const compact = part.replace(/[^0-9a-z]/gi, '').toLowerCase();
        assert.ok(!compact.includes(text.replace(/[^0-9a-z]/gi, '').toLowerCase()), shown);
      }
    }),
    { numRuns: 600 },
  );
});
