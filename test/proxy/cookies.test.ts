import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { setsOwnCookie, withoutOwnCookies } from '../../src/proxy/cookies.ts';

const own = (name: string): boolean => name === 'own';

for (const [line, expected] of [
  ['own=1', undefined],
  ['own', undefined],
  ['own=1; own=2', undefined],
  ['a=1', 'a=1'],
  ['own=1; a=1', 'a=1'],
  ['a=1; own=1', 'a=1'],
  ['a=1; own=1; b=2', 'a=1; b=2'],
  ['a=1;own=1;b=2', 'a=1;b=2'],
  ['a=1; own="quoted"; b=2', 'a=1; b=2'],
  ['a=1; own =1; b=2', 'a=1; b=2'],
  ['a=1;\town\t=1; b=2', 'a=1; b=2'],
  ['own=a=b; b=c=d', 'b=c=d'],
  ['Own=1; owner=2; __Host-own=3', 'Own=1; owner=2; __Host-own=3'],
  [' a = "x y" ;;  b ; =c; own=1 ; d=', ' a = "x y" ;;  b ; =c; d='],
  ['a=own=1', 'a=own=1'],
  ['a=\u00e9\u00ff; own=1', 'a=\u00e9\u00ff'],
] as const) {
  test(`of "${line}" there remains ${expected === undefined ? 'nothing' : `"${expected}"`}`, () => {
    assert.equal(withoutOwnCookies(line, own), expected);
  });
}

test('every cookie but the own one passes byte for byte, in its place', () => {
  const text = fc.stringMatching(/^[ !#-:<-~\u0080-\u00ff"]{0,12}$/);
  const other = text.filter((pair) => pair.split('=')[0]!.trim() !== 'own' && pair.trim() !== '');
  const mine = fc.constantFrom(' own=secret', ' own="secret"', 'own=', ' own', '\town = secret');
  fc.assert(
    fc.property(other, fc.array(fc.oneof(other, mine), { maxLength: 8 }), (first, rest) => {
      const line = [first, ...rest].join(';');
      const expected = [first, ...rest.filter((pair) => pair.split('=')[0]!.trim() !== 'own')].join(';');
      assert.equal(withoutOwnCookies(line, own), expected);
    }),
    { numRuns: 500 },
  );
});

test('wherever the own cookie stands, its value is gone', () => {
  const pair = fc.stringMatching(/^[ a-z=";]{0,10}$/);
  fc.assert(
    fc.property(fc.array(pair, { maxLength: 5 }), fc.nat(5), (pairs, at) => {
      const line = [...pairs.slice(0, at), ' own=SECRET', ...pairs.slice(at)].join(';');
      assert.doesNotMatch(withoutOwnCookies(line, own) ?? '', /SECRET/);
    }),
    { numRuns: 500 },
  );
});

for (const [value, expected] of [
  ['own=1; Path=/', true],
  [' own =1', true],
  ['own', true],
  ['own; Max-Age=0', true],
  ['=own=1', true],
  ['== own=1', true],
  ['other=1; own=1', false],
  ['owner=1', false],
  ['other=own', false],
] as const) {
  test(`Set-Cookie "${value}" ${expected ? 'would write' : 'leaves'} the own cookie`, () => {
    assert.equal(setsOwnCookie(value, own), expected);
  });
}
