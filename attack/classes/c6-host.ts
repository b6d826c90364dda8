import fc from 'fast-check';
import { valuesOf } from '../answers.ts';
import { attack, honest, type AttackClass, type Judge } from '../attempt.ts';
import { all, arrived, keptOut } from '../judges.ts';
import { requestBytes } from '../message.ts';

const EVIL = 'evil.example';

/** Two Hosts, a Host with a path, and addresses that bring a host of their own. */
export const host: AttackClass = {
  id: 'c6',
  name: 'host',
  attempts: (facts) => {
    const own = `${facts.hostname}:${facts.port}`;
    const hosts = fc.constantFrom<[string, string][]>(
      [
        ['Host', own],
        ['Host', EVIL],
      ],
      [
        ['Host', EVIL],
        ['host', own],
      ],
      [['Host', `${own}/../${EVIL}`]],
      [['Host', `${own}@${EVIL}`]],
      [['Host', `${EVIL}#`]],
      [['Host', `${own}, ${EVIL}`]],
      [['Host', `${EVIL} ${own}`]],
      [['Host', `${own}${facts.openPath}`]],
    );
    const targets = fc.constantFrom(
      facts.openPath,
      facts.securePath,
      `http://${EVIL}${facts.openPath}`,
      `http://${EVIL}${facts.securePath}`,
    );
    return {
      attacks: fc
        .oneof(
          fc.tuple(hosts, fc.constantFrom(facts.openPath, facts.securePath)),
          fc.tuple(
            fc.constant<[string, string][]>([['Host', own]]),
            targets.filter((at) => at.startsWith('http')),
          ),
        )
        .map(([lines, target]) =>
          attack(
            requestBytes(facts, { target, headers: [...lines, ['Accept', 'text/html']] }),
            all(keptOut, oneHost, nowhereElse),
          ),
        ),
      honest: fc
        .constantFrom(own, own.toUpperCase(), facts.hostname)
        .map((name) =>
          honest(
            requestBytes(facts, { target: facts.openPath, headers: [['Host', name]] }),
            arrived(facts.openPath),
          ),
        ),
    };
  },
};

/** Whoever passes such a request on has to make it unambiguous. */
const oneHost: Judge = ({ requests }) => {
  for (const { target, headers } of requests) {
    const hosts = headers.filter(([name]) => name.toLowerCase() === 'host');
    if (hosts.length !== 1) return `the upstream got ${hosts.length} Hosts`;
    if (target.includes(EVIL) || hosts[0]?.[1].includes(EVIL) === true)
      return `the upstream got ${target} at ${hosts[0]?.[1] ?? ''}`;
  }
  return undefined;
};

const nowhereElse: Judge = ({ answers: [answer] }) => {
  const location = answer && valuesOf(answer, 'Location').find((value) => value.includes(EVIL));
  return location === undefined ? undefined : 'the redirect names a host that the client made up';
};
