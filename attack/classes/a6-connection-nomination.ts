import fc from 'fast-check';
import { attack, honest, type AttackClass, type Judge } from '../attempt.ts';
import { knownPlaces } from '../generators/places.ts';
import { all, arrived, arrivedWith, isIdentity, noForgery, verified } from '../judges.ts';
import { requestBytes } from '../message.ts';
import { partsAt } from './header-wall.ts';

const CARRIERS = ['Connection', 'Connection', 'connection', 'Keep-Alive', 'TE', 'Proxy-Connection'];
const OTHERS = ['close', 'keep-alive', 'upgrade', 'Cookie', 'Authorization', 'X-Forwarded-For', 'Host'];

/** `Connection: close, X-Secure-Chat-Id` would have ours taken out again on the way. */
export const connectionNomination: AttackClass = {
  id: 'a6',
  name: 'connection-nomination',
  needs: ['cookie', 'expected'],
  attempts: (facts) => {
    const names = facts.expected.flatMap(([name]) => [name, name.toLowerCase(), name.toUpperCase()]);
    const tokens = fc
      .tuple(
        fc.subarray(OTHERS, { maxLength: 3 }),
        fc.constantFrom(...names),
        fc.constantFrom(', ', ',', ' , '),
      )
      .map(([others, name, comma]) => [...others, name].join(comma));
    return {
      attacks: fc
        .tuple(knownPlaces(facts), fc.constantFrom(...CARRIERS), tokens)
        .map(([place, carrier, value]) =>
          attack(
            requestBytes(facts, partsAt(place, [[carrier, value]])),
            all(noForgery, verified, noneNominated),
            { deadlineMs: 1500 },
          ),
        ),
      honest: fc.constantFrom('close', 'keep-alive', 'Close').map((value) =>
        honest(
          requestBytes(facts, {
            target: facts.securePath,
            cookie: true,
            headers: [
              ['Connection', value],
              ['Authorization', 'Basic aG9uZXN0'],
            ],
          }),
          all(arrived(facts.securePath), verified, arrivedWith([['Authorization', 'Basic aG9uZXN0']])),
        ),
      ),
    };
  },
};

/** What is nominated towards the upstream, the upstream's own front end takes out. */
const noneNominated: Judge = (seen, facts) => {
  const lines = seen.requests.flatMap(({ headers }) => headers);
  const line = lines.find(
    ([name, value]) =>
      /^connection$/i.test(name) && value.split(',').some((token) => isIdentity(token.trim(), facts)),
  );
  return line && `the upstream got ${line[0]}: ${line[1]}`;
};
