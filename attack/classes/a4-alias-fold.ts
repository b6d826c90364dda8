import fc from 'fast-check';
import type { AttackClass } from '../attempt.ts';
import { SEPARATORS, spellings } from '../generators/names.ts';
import { places } from '../generators/places.ts';
import { forgeAt, forgedValue, resembling } from './header-wall.ts';

/** Every character that a header's name may hold, as separator. */
export const aliasFold: AttackClass = {
  id: 'a4',
  name: 'alias-fold',
  attempts: (facts) => ({
    attacks: fc
      .tuple(places(facts), spellings(facts.prefix, SEPARATORS), forgedValue)
      .map(([place, name, value]) => forgeAt(facts, place, [[name, value]])),
    honest: resembling(facts),
  }),
};
