import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { itemsAt, membersAt, wholeOf, withParts } from '../../src/presets/json-text.ts';
import { runs } from '../support/runs.ts';
import { jsonText, oddObject } from './json-arbitraries.ts';

test('members and items are found where they stand, whatever is nested in them', () => {
  fc.assert(
    fc.property(oddObject, ({ text, members }) => {
      const found = membersAt(text, wholeOf(text));
      assert.deepEqual(
        found.map(({ name, start, value }) => [name, text.slice(start, value.end)]),
        members.map(({ name, written }) => [name, written]),
      );
      for (const { value } of found)
        assert.doesNotThrow(() => void JSON.parse(text.slice(value.start, value.end)));
    }),
    { numRuns: runs(300) },
  );
  fc.assert(
    fc.property(fc.array(jsonText, { maxLength: 5 }), (items) => {
      const text = ` [${items.join(' ,\n')}] `;
      assert.deepEqual(
        itemsAt(text, wholeOf(text)).map(({ start, end }) => text.slice(start, end)),
        items,
      );
    }),
    { numRuns: runs(200) },
  );
});

test('what stays is the same bytes in the same order, whatever goes, changes or comes', () => {
  fc.assert(
    fc.property(
      oddObject,
      fc.array(fc.constantFrom('keep', 'go', 'change'), { minLength: 8, maxLength: 8 }),
      fc.nat(2),
      ({ text, members }, fates, added) => {
        const span = wholeOf(text);
        const parts = membersAt(text, span).map(({ start, value }, i) => ({
          start,
          end: value.end,
          gone: fates[i] === 'go',
          ...(fates[i] === 'change' ? { text: `${text.slice(start, value.start)}"changed"` } : {}),
        }));
        const result = withParts(
          text,
          span,
          parts,
          Array.from({ length: added }, (_, i) => `"new${i}":1.0`),
        );
        assert.doesNotThrow(() => void JSON.parse(result));
        const expected = members.flatMap(({ written }, i) => {
          if (fates[i] === 'go') return [];
          const [part] = [parts[i]!];
          return [fates[i] === 'change' ? part.text! : written];
        });
        expected.push(...Array.from({ length: added }, (_, i) => `"new${i}":1.0`));
        assert.deepEqual(
          membersAt(result, wholeOf(result)).map(({ start, value }) => result.slice(start, value.end)),
          expected,
        );
        if (added === 0 && fates.slice(0, members.length).every((fate) => fate === 'keep'))
          assert.equal(result, text.trim());
      },
    ),
    { numRuns: runs(500) },
  );
});

test('sixty thousand brackets within each other do no harm', () => {
  const deep = `{"a":${'['.repeat(30_000)}${']'.repeat(30_000)},"b":1}`;
  assert.deepEqual(
    membersAt(deep, wholeOf(deep)).map(({ name }) => name),
    ['a', 'b'],
  );
});
