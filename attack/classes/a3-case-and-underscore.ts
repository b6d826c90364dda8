import fc from 'fast-check';
import type { AttackClass } from '../attempt.ts';
import { spellings } from '../generators/names.ts';
import { places } from '../generators/places.ts';
import { forgeAt, forgedValue, resembling } from './header-wall.ts';

/** `X_Secure_Chat_Id`: what CGI and WSGI read as the same header, in any mix of case, `_` and `-`. */
export const caseAndUnderscore: AttackClass = {
  id: 'a3',
  name: 'case-and-underscore',
  attempts: (facts) => ({
    attacks: fc
      .tuple(places(facts), spellings(facts.prefix, ['_', '-']), forgedValue)
      .map(([place, name, value]) => forgeAt(facts, place, [[name, value]])),
    honest: resembling(facts),
  }),
};
