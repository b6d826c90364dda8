import fc from 'fast-check';
import { honest, type AttackClass } from '../attempt.ts';
import { spellings } from '../generators/names.ts';
import { places } from '../generators/places.ts';
import { all, arrived, verified } from '../judges.ts';
import { requestBytes } from '../message.ts';
import { forgeAt, forgedValue } from './header-wall.ts';

/** The same header twice, in two spellings, joined by commas, or beside an empty one. */
export const duplicates: AttackClass = {
  id: 'a5',
  name: 'duplicates',
  needs: ['cookie', 'expected'],
  attempts: (facts) => {
    const [name, value] = facts.expected[0] ?? ['', ''];
    const spelt = fc.constantFrom(name, name.toLowerCase(), name.toUpperCase());
    const forged = fc.oneof(
      forgedValue,
      forgedValue.map((text) => `${value}, ${text}`),
      fc.constantFrom('', value),
    );
    const lines = fc.array(fc.tuple(fc.oneof(spelt, spellings(facts.prefix, ['-'])), forged), {
      minLength: 2,
      maxLength: 5,
    });
    return {
      attacks: fc.tuple(places(facts), lines).map(([place, forgeries]) => forgeAt(facts, place, forgeries)),
      honest: fc
        .constantFrom(facts.securePath, `${facts.securePath}?a=1&a=2`)
        .map((target) =>
          honest(requestBytes(facts, { target, cookie: true }), all(arrived(target), verified)),
        ),
    };
  },
};
