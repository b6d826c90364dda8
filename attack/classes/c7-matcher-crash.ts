import fc from 'fast-check';
import { attack, honest, type AttackClass, type Judge } from '../attempt.ts';
import { all, arrived, noFailure } from '../judges.ts';
import { requestBytes } from '../message.ts';

/** Milliseconds in which any address has to be answered. */
const BOUND_MS = 2000;

/** Addresses that make a matcher throw or spin. */
export const matcherCrash: AttackClass = {
  id: 'c7',
  name: 'matcher-crash',
  attempts: (facts) => {
    const unit = fc.oneof(
      fc.constantFrom(
        '/',
        '//',
        '/a',
        '%',
        '%2f',
        '{',
        '(',
        '[',
        '*',
        '**/',
        '!(a)',
        '+(a|',
        ':a',
        '%25',
        ';',
        '.',
        '../',
        '$',
        ',',
      ),
      fc.stringMatching(/^[!-~]{1,6}$/).filter((text) => !text.includes(' ')),
    );
    const target = fc
      .tuple(
        fc.constantFrom(facts.openPath, facts.securePath, ''),
        unit,
        fc.integer({ min: 1, max: 2500 }),
        unit,
      )
      .map(([start, repeated, times, end]) => `${start}/${repeated.repeat(times)}`.slice(0, 9000) + end);
    return {
      attacks: target.map((at) => attack(requestBytes(facts, { target: at }), all(noFailure, inTime))),
      honest: fc.integer({ min: 10, max: 3000 }).map((length) => {
        const at = `${facts.openPath}/${'a'.repeat(length)}`;
        return honest(requestBytes(facts, { target: at }), arrived(at));
      }),
    };
  },
};

const inTime: Judge = ({ ms }) => (ms > BOUND_MS ? `answered after ${Math.round(ms)} ms` : undefined);
