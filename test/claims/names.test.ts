import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Claims } from '../../src/claims/identity-types.ts';
import { claimClass, isNationalIdPath, isSameOrWithin, readClaim } from '../../src/claims/names.ts';

const reads: readonly (readonly [sentence: string, claims: Claims, name: string, expected: unknown])[] = [
  ['a plain name', { name: 'Kari' }, 'name', 'Kari'],
  ['a dotted name as one key', { 'signicat.country': 'NO' }, 'signicat.country', 'NO'],
  ['a dotted name as nested objects', { a: { b: { c: 1 } } }, 'a.b.c', 1],
  ['a dotted name half key, half nested', { 'a.b': { c: 1 } }, 'a.b.c', 1],
  ['a dotted name half nested, half key', { a: { 'b.c': 1 } }, 'a.b.c', 1],
  ['one key before nested objects', { 'a.b': 'key', a: { b: 'nested' } }, 'a.b', 'key'],
  ['nested objects when the one key is empty', { 'a.b': '', a: { b: 'nested' } }, 'a.b', 'nested'],
  ['nothing inside an array', { a: ['x'] }, 'a.0', undefined],
  ['nothing inside a text', { a: 'text' }, 'a.length', undefined],
  ['an absent claim', {}, 'name', undefined],
  ['null as absent', { name: null }, 'name', undefined],
  ['an empty text as absent', { name: '' }, 'name', undefined],
  ['no own constructor', {}, 'constructor', undefined],
  ['no own hasOwnProperty', {}, 'hasOwnProperty', undefined],
  ['no own __proto__', {}, '__proto__', undefined],
  ['no nested prototype', { a: {} }, 'a.constructor', undefined],
  ['no prototype on the way', {}, 'constructor.name', undefined],
  ['no prototype through __proto__', {}, '__proto__.constructor.name', undefined],
  ['no inherited claim', Object.create({ name: 'x' }) as Claims, 'name', undefined],
  ['no path through an inherited object', Object.create({ a: { b: 'x' } }) as Claims, 'a.b', undefined],
  ['an own constructor', { constructor: 'mine' }, 'constructor', 'mine'],
  ['an own __proto__', JSON.parse('{"__proto__":"mine"}') as Claims, '__proto__', 'mine'],
  ['an odd dotted name', { '.': 'dot' }, '.', 'dot'],
  ['a name with a dot at the end', { a: { '': 'x' } }, 'a.', 'x'],
  ['national_id as signicat.national_id', { 'signicat.national_id': '1' }, 'national_id', '1'],
  ['national_id nested in signicat', { signicat: { national_id: '1' } }, 'national_id', '1'],
  ['national_id as nin', { nin: '1' }, 'national_id', '1'],
  ['nin as national_id', { national_id: '1' }, 'nin', '1'],
  ['nin as signicat.national_id', { 'signicat.national_id': '1' }, 'nin', '1'],
  ['signicat.national_id as nin', { nin: '1' }, 'signicat.national_id', '1'],
  ['the asked alias first', { national_id: '1', nin: '2', 'signicat.national_id': '3' }, 'nin', '2'],
  ['another alias when the asked one is empty', { national_id: '', nin: '2' }, 'national_id', '2'],
  ['another alias when the asked one is a blank', { national_id: ' ', nin: '2' }, 'national_id', '2'],
  ['no alias for other national ids', { nin: '1' }, 'ftn_hetu', undefined],
];

for (const [sentence, claims, name, expected] of reads) {
  test(`readClaim finds ${sentence}`, () => {
    assert.equal(readClaim(claims, name), expected);
  });
}

test('names of one fact are of one class', () => {
  assert.deepEqual(
    ['national_id', 'signicat.national_id', 'nin'].map(claimClass),
    Array(3).fill('national_id'),
  );
  assert.equal(claimClass('AuthUserId'), claimClass('sub'));
  assert.equal(claimClass('name'), 'name');
});

const paths: readonly (readonly [name: string, expected: boolean])[] = [
  ['nin', true],
  ['NIN', true],
  ['signicat.national_id', true],
  ['person.nin', true],
  ['nin.value', true],
  ['a.signicat.national_id.b', true],
  ['ftn.hetu', true],
  ['a.b.c.d.e.f.g.nin', true],
  ['nin_type', false],
  ['name', false],
  ['constructor', false],
  ['', false],
  ['.'.repeat(100_000), false],
];

for (const [name, expected] of paths) {
  test(`${JSON.stringify(name.slice(0, 30))} is ${expected ? 'a' : 'no'} path of a national id`, () => {
    assert.equal(isNationalIdPath(name), expected);
  });
}

test('a name covers itself, its aliases, what lies within it and what it lies within', () => {
  assert.ok(isSameOrWithin('address', 'Address'));
  assert.ok(isSameOrWithin('address', 'address.formatted'));
  assert.ok(isSameOrWithin('address.formatted', 'address'));
  assert.ok(isSameOrWithin('sub', 'AuthUserId'));
  assert.ok(isSameOrWithin('nin', 'national_id'));
  assert.ok(!isSameOrWithin('name', 'name_suffix'));
  assert.ok(!isSameOrWithin('given_name', 'name'));
});
