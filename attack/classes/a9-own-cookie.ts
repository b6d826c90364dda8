import fc from 'fast-check';
import { attack, honest, type AttackClass, type Judge } from '../attempt.ts';
import { sessionCookies } from '../cookie-names.ts';
import { all, arrived, arrivedWith } from '../judges.ts';
import { requestBytes } from '../message.ts';

const pair = fc.stringMatching(/^[a-z]{2,6}=[A-Za-z0-9"._-]{0,10}$/);

/** The session's cookie first, last, quoted or twice: it is the target's, and the upstream has no use for it. */
export const ownCookie: AttackClass = {
  id: 'a9',
  name: 'own-cookie',
  needs: ['cookie'],
  attempts: (facts) => {
    const own = sessionCookies(facts).flatMap(([name, value]) => [`${name}=${value}`, `${name}="${value}"`]);
    const cookies = fc
      .tuple(
        fc.array(pair, { maxLength: 3 }),
        fc.array(fc.constantFrom(...own), { minLength: 1, maxLength: 3 }),
        fc.array(pair, { maxLength: 3 }),
      )
      .map((parts) => parts.flat().join('; '));
    const target = fc.constantFrom(facts.openPath, facts.securePath);
    return {
      attacks: fc
        .tuple(cookies, target, fc.constantFrom('Cookie', 'cookie', 'COOKIE'))
        .map(([value, at, name]) =>
          attack(requestBytes(facts, { target: at, headers: [[name, value]] }), notSeen),
        ),
      honest: fc.array(pair, { minLength: 1, maxLength: 4 }).map((pairs) => {
        const line = [['Cookie', pairs.join('; ')]] as const;
        return honest(
          requestBytes(facts, { target: facts.openPath, headers: line }),
          all(arrived(facts.openPath), arrivedWith(line)),
        );
      }),
    };
  },
};

const notSeen: Judge = (seen, facts) => {
  const found = sessionCookies(facts).find(([, value]) => seen.raw.includes(value));
  return found && `the upstream got the cookie ${found[0]}`;
};
