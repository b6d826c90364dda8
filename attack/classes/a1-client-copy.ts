import fc from 'fast-check';
import type { AttackClass } from '../attempt.ts';
import { suffix } from '../generators/names.ts';
import { anonymousPlaces } from '../generators/places.ts';
import { forgeAt, forgedValue, resembling } from './header-wall.ts';

/** A client without a session sends an identity header, on any route and method. */
export const clientCopy: AttackClass = {
  id: 'a1',
  name: 'client-copy',
  attempts: (facts) => ({
    attacks: fc
      .tuple(anonymousPlaces(facts), suffix, forgedValue)
      .map(([place, end, value]) => forgeAt(facts, place, [[facts.prefix + end, value]])),
    honest: resembling(facts),
  }),
};
