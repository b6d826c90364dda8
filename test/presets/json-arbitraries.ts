import fc from 'fast-check';

const blanks = fc.constantFrom('', ' ', '\n', '\t', '\r\n  ');
const numbers = fc.constantFrom(
  '1.0',
  '1e3',
  '-0',
  '0.10',
  '12345678901234567890',
  '1E-400',
  '2.50e+10',
  '7',
);
const strings = fc.oneof(
  fc.constantFrom('"\\u0041"', '"\\/"', '"\\ud800"', '"\\"}{[],:"', '"Ø"', '"\\\\"', '""', '"\u2028"'),
  fc.string().map((text) => JSON.stringify(text)),
);

/** Any JSON value as text, with odd numbers, escapes and blanks. */
export const jsonText: fc.Arbitrary<string> = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.oneof(numbers, strings, fc.constantFrom('true', 'false', 'null')),
    fc
      .tuple(blanks, fc.array(tie('value'), { maxLength: 3 }))
      .map(([gap, items]) => `[${gap}${items.join(`${gap},${gap}`)}${gap}]`),
    fc
      .tuple(blanks, fc.array(fc.tuple(strings, tie('value')), { maxLength: 3 }))
      .map(
        ([gap, pairs]) =>
          `{${gap}${pairs.map(([name, value]) => `${name}${gap}:${gap}${value}`).join(`${gap},`)}${gap}}`,
      ),
  ),
})).value;

/** An object as text, and its members as they are written. */
export const oddObject = fc
  .tuple(
    fc.array(fc.record({ json: strings, value: jsonText, before: blanks, after: blanks }), { maxLength: 8 }),
    blanks,
  )
  .map(([pairs, gap]) => {
    const members = pairs.map(({ json, value, before, after }) => ({
      name: String(JSON.parse(json)),
      written: `${json}${before}:${after}${value}`,
    }));
    const inner = members.map(({ written }) => `${gap}${written}`).join(`${gap},`);
    return { text: `${gap}{${inner}${gap}}${gap}`, members };
  });
