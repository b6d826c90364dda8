import fc from 'fast-check';
import { valuesOf } from '../answers.ts';
import { attack, honest, type AttackClass, type Judge } from '../attempt.ts';
import { all, arrived, keptOut } from '../judges.ts';
import { namesPath } from '../lenient-paths.ts';
import { requestBytes } from '../message.ts';

const ROUTING = [
  'X-Original-URL',
  'X-Rewrite-URL',
  'X-Forwarded-Uri',
  'X-Original-Uri',
  'X-Forwarded-Prefix',
  'X_Original_URL',
];
const ORIGIN = ['X-Forwarded-Host', 'X-Forwarded-Server', 'X-Host', 'X-Forwarded-Proto', 'X-Forwarded-Port'];
const EVIL = 'evil.example';

/** What a client says of the address it asked for is never used, here or by an upstream that would believe it. */
export const forwardedHeaders: AttackClass = {
  id: 'c2',
  name: 'forwarded-headers',
  attempts: (facts) => {
    const { securePath, openPath } = facts;
    const routing = fc.constantFrom(...ROUTING);
    const inward = routing.map((name) =>
      attack(requestBytes(facts, { target: securePath, headers: [[name, openPath]] }), keptOut),
    );
    const around = routing.map((name) =>
      attack(requestBytes(facts, { target: openPath, headers: [[name, securePath]] }), noOtherAddress),
    );
    const elsewhere = fc.tuple(fc.subarray(ORIGIN, { minLength: 1 }), fc.boolean()).map(([names, standard]) =>
      attack(
        requestBytes(facts, {
          target: securePath,
          headers: [
            ['Accept', 'text/html'],
            ...names.map((name) => [name, EVIL] as const),
            ...(standard ? ([['Forwarded', `for=1.2.3.4;host=${EVIL};proto=https`]] as const) : []),
          ],
        }),
        all(keptOut, nowhereElse),
      ),
    );
    return {
      attacks: fc.oneof(inward, around, elsewhere),
      honest: fc
        .constantFrom('X-Forwarded-For', 'X-Forwarded-Proto', 'Forwarded')
        .map((name) =>
          honest(
            requestBytes(facts, { target: openPath, headers: [[name, '192.0.2.1']] }),
            arrived(openPath),
          ),
        ),
    };
  },
};

/** IIS, Symfony and others route by these headers. */
const noOtherAddress: Judge = (seen, facts) => {
  const line = seen.requests
    .flatMap(({ headers }) => headers)
    .find(
      ([name, value]) => /^x.(?:original|rewrite).ur[il]$/i.test(name) && namesPath(value, facts.securePath),
    );
  return line && `the upstream got ${line[0]}: ${line[1]} of nobody`;
};

const nowhereElse: Judge = ({ answers: [answer] }) => {
  const location = answer && valuesOf(answer, 'Location').find((value) => value.includes(EVIL));
  return location === undefined ? undefined : 'the redirect names a host that the client made up';
};
