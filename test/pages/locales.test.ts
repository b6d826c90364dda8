import assert from 'node:assert/strict';
import test from 'node:test';
import { LANGUAGES } from '../../src/pages/language.ts';
import { CATALOGUES } from '../../src/pages/locales/catalogues.ts';

/** Every text with its path, `problems.draining.lead`. */
function leaves(node: object, path: readonly string[] = []): [string, string][] {
  return Object.entries(node).flatMap(([key, value]: [string, unknown]): [string, string][] =>
    typeof value === 'string' ? [[[...path, key].join('.'), value]] : leaves(value as object, [...path, key]),
  );
}

const isLabel = (path: string): boolean => /^(service|actions\..*|.*\.title)$/.test(path);

for (const language of LANGUAGES) {
  test(`${language}: sentences end like sentences, labels and headings do not`, () => {
    for (const [path, text] of leaves(CATALOGUES[language])) {
      assert.equal(text, text.trim().normalize('NFC'), path);
      assert.match(text, /^\p{Lu}/u, path);
      const end = isLabel(path) ? /\p{L}$/u : path === 'reference' ? /:$/ : /[.]$/;
      assert.match(text, end, path);
      assert.doesNotMatch(text, / {2}|[<>&"]/, path);
    }
  });

  test(`${language}: the hint quotes the button that it speaks of`, () => {
    const { alreadyLoggedInHint, actions } = CATALOGUES[language];
    assert.match(alreadyLoggedInHint, new RegExp(`[“”«»]${actions.alreadyLoggedIn}[“”«»]`));
  });
}

test('no text was left in English', () => {
  const english = new Map(leaves(CATALOGUES.en));
  for (const language of LANGUAGES.filter((each) => each !== 'en')) {
    for (const [path, text] of leaves(CATALOGUES[language])) assert.notEqual(text, english.get(path), path);
  }
});

test('no language writes the letters of its neighbour', () => {
  const foreign = { en: /[åäöæø]/i, nb: /[äö]/i, sv: /[æø]/i, da: /[äö]/i, fi: /[åæø]/i };
  for (const language of LANGUAGES) {
    for (const [path, text] of leaves(CATALOGUES[language]))
      assert.doesNotMatch(text, foreign[language], path);
  }
});
