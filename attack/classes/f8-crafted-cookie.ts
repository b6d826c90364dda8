import fc from 'fast-check';
import { attack, honest, type AttackClass } from '../attempt.ts';
import { sessionCookies } from '../cookie-names.ts';
import { all, arrived, keptOut, noFailure, verified } from '../judges.ts';
import { requestBytes } from '../message.ts';

/** Broken, bent, huge and many session cookies are no session, and no failure either. */
export const craftedCookie: AttackClass = {
  id: 'f8',
  name: 'crafted-cookie',
  needs: ['cookie'],
  attempts: (facts) => {
    const own = fc.constantFrom(...sessionCookies(facts));
    const crafted = fc
      .tuple(own, fc.nat(400), fc.integer({ min: 1, max: 12_000 }), fc.constantFrom(...BENT))
      .map(([[name, value], at, size, bend]) => bend(name, value, at, size));
    return {
      attacks: fc
        .tuple(crafted, fc.constantFrom('GET', 'POST'))
        .map(([cookie, method]) =>
          attack(
            requestBytes(facts, { method, target: facts.securePath, headers: [['Cookie', cookie]] }),
            all(keptOut, noFailure),
          ),
        ),
      honest: fc
        .constantFrom('junk', 'a=%', '=;;', 'x="', 'a=1; a=2', `long=${'x'.repeat(2000)}`)
        .map((junk) =>
          honest(
            requestBytes(facts, {
              target: facts.securePath,
              headers: [['Cookie', `${junk}; ${facts.cookie ?? ''}`]],
            }),
            all(arrived(facts.securePath), verified),
          ),
        ),
    };
  },
};

type Bend = (name: string, value: string, at: number, size: number) => string;

const BENT: readonly Bend[] = [
  (name, value, at) => `${name}=${value.slice(0, at % value.length)}`,
  // a character in the first half: the last ones of base64 can hold bits that nobody reads
  (name, value, at) => {
    const index = 4 + (at % Math.max(1, Math.floor(value.length / 2) - 4));
    return `${name}=${value.slice(0, index)}${value.charAt(index) === 'A' ? 'B' : 'A'}${value.slice(index + 1)}`;
  },
  (name, _value, _at, size) => `${name}=${'x'.repeat(size)}`,
  (name, _value, at) => Array.from({ length: at }, (_, index) => `${name}=${index}`).join('; '),
  (name) => `${name}=`,
  (name) => `${name}=%`,
  (name) => `${name}=%E0%A4%A`,
  (name) => `${name}=s%3A`,
  (name) => `${name}=s%3A.${'A'.repeat(43)}`,
  (name) => `${name}=j:{"a":1}`,
  (name) => `${name}=\xff\xfe`,
  (name) => `${name}=__proto__; __proto__=${name}`,
  (name) => `${name}=a.b.c.d.e`,
  (name) => `${name}=eyJhbGciOiJub25lIn0.e30.`,
  (name) => `${name}.0=x; ${name}.1=y`,
];
