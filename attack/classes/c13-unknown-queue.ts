import fc from 'fast-check';
import { attack, honest, type AttackClass } from '../attempt.ts';
import { all, arrived, keptOut, noIdentity } from '../judges.ts';
import { requestBytes } from '../message.ts';

/** A key that is the secure one up to case or outer blanks. */
export const unknownQueue: AttackClass = {
  id: 'c13',
  name: 'unknown-queue',
  attempts: (facts) => {
    const segments = facts.securePath.split('/').slice(1);
    const blank = fc.constantFrom('', '', '%20', '%09', '%20%20', '%c2%a0');
    return {
      attacks: fc
        .tuple(fc.nat(9), blank, blank, fc.array(fc.boolean(), { minLength: 30, maxLength: 30 }))
        .map(([at, before, after, upper]) => {
          const changed = segments.map((segment, index) =>
            index === at % segments.length
              ? before +
                Array.from(segment)
                  .map((c, i) => (upper[i % 30] === true ? c.toUpperCase() : c))
                  .join('') +
                after
              : segment,
          );
          return attack(requestBytes(facts, { target: `/${changed.join('/')}` }), all(keptOut, noIdentity));
        }),
      honest: fc.stringMatching(/^nobodys[a-z]{1,8}$/).map((key) => {
        const target = `/${key}/${segments.slice(1).join('/')}`;
        return honest(requestBytes(facts, { target }), all(arrived(target), noIdentity));
      }),
    };
  },
};
