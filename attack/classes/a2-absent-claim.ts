import fc from 'fast-check';
import { honest, type AttackClass } from '../attempt.ts';
import { fold } from '../fold.ts';
import { suffix } from '../generators/names.ts';
import { knownPlaces } from '../generators/places.ts';
import { all, arrived, verified } from '../judges.ts';
import { requestBytes } from '../message.ts';
import { forgeAt, forgedValue } from './header-wall.ts';

/** Somebody verified sends an identity header for which there is no claim. */
export const absentClaim: AttackClass = {
  id: 'a2',
  name: 'absent-claim',
  needs: ['cookie'],
  attempts: (facts) => {
    const given = new Set(facts.expected.map(([name]) => fold(name)));
    const absent = suffix.filter((end) => !given.has(fold(facts.prefix + end)));
    return {
      attacks: fc
        .tuple(knownPlaces(facts), absent, forgedValue)
        .map(([place, end, value]) => forgeAt(facts, place, [[facts.prefix + end, value]])),
      honest: fc
        .constantFrom(facts.securePath, `${facts.securePath}?after=1`)
        .map((target) =>
          honest(requestBytes(facts, { target, cookie: true }), all(arrived(target), verified)),
        ),
    };
  },
};
