import fc from 'fast-check';
import { attack, honest, type AttackClass } from '../attempt.ts';
import { confusedPaths, honestTail } from '../generators/paths.ts';
import { arrived, keptOut } from '../judges.ts';
import { requestBytes } from '../message.ts';

/** Spellings of the secure path that one reader takes for another path. */
export const pathConfusion: AttackClass = {
  id: 'c4',
  name: 'path-confusion',
  attempts: (facts) => {
    const host = `${facts.hostname}:${facts.port}`;
    return {
      attacks: fc
        .tuple(fc.constantFrom('GET', 'GET', 'POST'), confusedPaths(facts.securePath, facts.openPath, host))
        .map(([method, target]) => attack(requestBytes(facts, { method, target }), keptOut)),
      honest: honestTail.map((tail) => {
        const target = facts.openPath + tail;
        return honest(requestBytes(facts, { target }), arrived(target));
      }),
    };
  },
};
