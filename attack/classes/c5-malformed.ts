import fc from 'fast-check';
import { attack, honest, type AttackClass } from '../attempt.ts';
import { all, arrived, keptOut, noFailure } from '../judges.ts';
import { requestBytes } from '../message.ts';

const BROKEN = [
  '%',
  '%z',
  '%zz',
  '%2',
  '%c0%ae',
  '%c3',
  '%ff%fe',
  '%ed%a0%80',
  '%u002f',
  '%%',
  '\xff',
  '{',
  '"',
  '<',
  '^',
];

/** What cannot be read counts as no. */
export const malformed: AttackClass = {
  id: 'c5',
  name: 'malformed',
  attempts: (facts) => {
    const target = fc
      .tuple(fc.constantFrom(...BROKEN), fc.constantFrom('end', 'segment', 'letter'), fc.nat(50))
      .map(([bad, where, at]) => {
        const path = facts.securePath;
        if (where === 'end') return path + bad;
        if (where === 'segment') return `${path}/${bad}`;
        const index = 1 + (at % (path.length - 1));
        return path.slice(0, index) + bad + path.slice(index);
      });
    return {
      attacks: fc
        .tuple(target, fc.constantFrom('GET', 'POST', 'OPTIONS'))
        .map(([at, method]) => attack(requestBytes(facts, { target: at, method }), all(keptOut, noFailure))),
      always: ['', 'x', '*', '?', 'http:', 'http://', '///', '/ /'].map((at) =>
        attack(requestBytes(facts, { target: at }), all(keptOut, noFailure)),
      ),
      honest: fc.constantFrom('/%C3%A5', '/%E2%82%AC/x', '/a%20b', '?x=%26&y=1').map((tail) => {
        const at = facts.openPath + tail;
        return honest(requestBytes(facts, { target: at }), arrived(at));
      }),
    };
  },
};
