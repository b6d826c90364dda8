import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MapType } from '../../src/config/gateway-config.ts';
import { foldClaimName, isNationalIdName } from '../../src/config/national-id-names.ts';
import { fourLines, placesOf, problemsOf, resolved } from './examples.ts';

function mapped(entries: Readonly<Record<string, MapType>>, more: object = {}): object {
  const authMapping = Object.fromEntries(
    Object.entries(entries).map(([claim, MapType]) => [claim, { MapType }]),
  );
  return { ...fourLines, authMapping, ...more };
}

const collisions = [
  ['national_id', 'national.id'],
  ['national_id', 'National-ID'],
  ['a__b', 'a-b'],
  ['name', '_name'],
  ['aøb', 'a b'],
] as const;
for (const [one, other] of collisions) {
  test(`Variables ${one} and ${other} would share a header, and both are named`, () => {
    const [problem, ...rest] = problemsOf(mapped({ [one]: 'Variable', [other]: 'Variable' }));
    assert.deepEqual(rest, []);
    assert.ok(problem !== undefined && problem.path.startsWith('authMapping'));
    const shown = (name: string) => JSON.stringify(name).replace(/[^ -~]/g, '?');
    assert.ok(
      problem.expected.includes(shown(one)) && problem.expected.includes(shown(other)),
      problem.expected,
    );
  });
}

test('claims that are no Variables have no header to share', () => {
  assert.deepEqual(
    placesOf(mapped({ given_name: 'NickName', 'given.name': 'NickName', 'given-name': 'Variable' })),
    [],
  );
});

test('several claims may be mapped to ChatId and to NickName', () => {
  assert.deepEqual(
    placesOf(mapped({ sub: 'ChatId', AuthUserId: 'ChatId', name: 'NickName', given_name: 'NickName' })),
    [],
  );
});

for (const claim of ['', '_', '...', 'æøå']) {
  test(`the claim name ${JSON.stringify(claim)} gives no header name and is refused`, () => {
    assert.equal(placesOf(mapped({ [claim]: 'Variable' })).length, 1);
  });
}

test('a run of other characters becomes one dash in the header, case is kept', () => {
  const config = resolved(
    mapped({ 'signicat.national_id': 'Variable', 'a..__b': 'Variable', Ab: 'Variable' }),
  );
  assert.deepEqual(
    config.customers[0]?.connections[0]?.mapping.map(({ headerSuffix }) => headerSuffix),
    ['Variable-signicat-national-id', 'Variable-a-b', 'Variable-Ab'],
  );
});

const chatIds: readonly [string, object, boolean][] = [
  ['national_id', {}, false],
  ['signicat.national_id', {}, false],
  ['nin', {}, false],
  ['FTN.hetu', {}, false],
  ['person.nin', {}, false],
  ['nin.value', {}, false],
  ['email', { maskedClaims: 'phone; email' }, false],
  ['E-Mail', { maskedClaims: 'e_mail' }, false],
  ['address.street', { maskedClaims: ['address'] }, false],
  ['email', { maskedClaims: 'email', pseudonymizedClaims: 'email' }, true],
  ['national_id', { pseudonymizedClaims: 'nin' }, true],
  ['nin', { pseudonymizedClaims: 'sub' }, false],
  ['sub', {}, true],
  ['AuthUserId', { maskedClaims: 'phone' }, true],
  ['nin_type', {}, true],
];
for (const [claim, more, allowed] of chatIds) {
  test(`ChatId from ${claim} with ${JSON.stringify(more)} is ${allowed ? 'taken' : 'a problem'}`, () => {
    assert.equal(placesOf(mapped({ [claim]: 'ChatId' }, more)).length, allowed ? 0 : 1);
  });
}

test('masked claims may be Variable and NickName', () => {
  assert.deepEqual(placesOf(mapped({ national_id: 'Variable', nin: 'NickName' })), []);
});

const roomNeeded = (options: object): number =>
  Number(
    /take (\d+) bytes/.exec(
      resolved(options).warnings.find((line) => line.startsWith('headerLimitBytes')) ?? '',
    )?.[1],
  );

test('a mapping whose names alone fill the headers is a warning, with the bytes it needs', () => {
  const large = Object.fromEntries(
    Array.from({ length: 120 }, (_, index) => [`claim_number_${index}`, { MapType: 'Variable' }]),
  );
  const needed = roomNeeded({ authMapping: large });
  assert.ok(needed > 8192);
  assert.ok(Number.isNaN(roomNeeded({ authMapping: large, headerLimitBytes: needed })));
  assert.equal(roomNeeded({ authMapping: large, headerLimitBytes: needed - 1 }), needed);
});

test('descriptions count as the ASCII JSON that is sent, and the longest queue key as it is encoded', () => {
  const described = (letter: string) => ({ a: { MapType: 'Variable', Description: letter.repeat(300) } });
  const bytes = (letter: string, secureQueues = 'q') =>
    roomNeeded({ headerLimitBytes: 512, secureQueues, authMapping: described(letter) });
  const signed = Math.ceil((300 * 4) / 3);
  assert.equal(bytes('ø') - bytes('o'), 5 * 300 + signed);
  assert.equal(bytes('o', 'q,queue') - bytes('o'), 4);
  assert.equal(bytes('o', 'ø') - bytes('o'), 5);
});

test('a limit that not even customer, queue and connection fit in is a problem', () => {
  const secureQueues = 'q'.repeat(500);
  assert.deepEqual(placesOf({ ...fourLines, headerLimitBytes: 512, secureQueues }), ['headerLimitBytes']);
});

const nationalIds: readonly [string, boolean][] = [
  ['national_id', true],
  ['signicat.national_id', true],
  ['Signicat National-ID', true],
  ['nin', true],
  ['NIN', true],
  ['acting_nin', true],
  ['ftn_hetu', true],
  ['ftn.hetu', true],
  ['hetu', true],
  ['suomifi_hetu', true],
  ['ssn', true],
  ['personnummer', true],
  ['fodselsnummer', true],
  ['fødselsnummer', true],
  ['cpr', true],
  ['mitid.cpr', true],
  ['idp_id', true],
  ['pid', true],
  ['idporten_pid', true],
  ['idporten.national_id', true],
  ['idporten_person_pid', true],
  ['nin_type', false],
  ['nin_issuing_country', false],
  ['idporten_locale', false],
  ['rapid', false],
  ['sub', false],
  ['name', false],
];
for (const [name, expected] of nationalIds) {
  test(`${name} is ${expected ? 'a' : 'no'} name of the national id`, () => {
    assert.equal(isNationalIdName(name), expected);
  });
}

test('claim names fold to lower case with one underscore for every run of other characters', () => {
  assert.equal(foldClaimName('Signicat.-National ID'), 'signicat_national_id');
});
