import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { chooseLanguage, LANGUAGES } from '../../src/pages/language.ts';
import { anyCodePoint } from '../support/any-code-point.ts';

const cases: readonly (readonly [header: string | undefined, language: string])[] = [
  [undefined, 'en'],
  ['', 'en'],
  ['*', 'en'],
  ['de-DE,de;q=0.9', 'en'],
  ['en-GB', 'en'],
  ['nb-NO,nb;q=0.9,no;q=0.8,nn;q=0.6,en-US;q=0.5,en;q=0.4', 'nb'],
  ['no', 'nb'],
  ['nn-NO', 'nb'],
  ['NB', 'nb'],
  ['sv-SE', 'sv'],
  ['sv-FI,fi;q=0.8', 'sv'],
  ['da', 'da'],
  ['fi-FI, en', 'fi'],
  ['se, fi;q=0.5', 'fi'],
  ['fi;q=0.3, da;q=0.7', 'da'],
  ['fi;q=0, da;q=0.1', 'da'],
  ['de, *;q=0.5', 'en'],
  ['__proto__, constructor, sv', 'sv'],
  [';q=1,,;', 'en'],
];

for (const [header, language] of cases) {
  test(`Accept-Language ${JSON.stringify(header)} gives ${language}`, () => {
    assert.equal(chooseLanguage(header), language);
  });
}

test('no header makes the choice throw or leave the list', () => {
  fc.assert(
    fc.property(fc.string({ unit: anyCodePoint, maxLength: 600 }), (header) =>
      LANGUAGES.includes(chooseLanguage(header)),
    ),
    { numRuns: 300 },
  );
});
