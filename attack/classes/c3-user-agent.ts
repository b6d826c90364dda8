import fc from 'fast-check';
import { attack, honest, type AttackClass } from '../attempt.ts';
import { all, arrived, keptOut } from '../judges.ts';
import { requestBytes } from '../message.ts';

const AGENTS = [
  'GoogleHC/1.0',
  'kube-probe/1.29',
  'ELB-HealthChecker/2.0',
  'Googlebot/2.1',
  'curl/8.0',
  'Pingdom.com_bot',
  '',
];

/** A health checker's User-Agent opens nothing. */
export const userAgent: AttackClass = {
  id: 'c3',
  name: 'user-agent',
  attempts: (facts) => ({
    attacks: fc
      .tuple(
        fc.constantFrom(...AGENTS),
        fc.constantFrom('GET', 'HEAD', 'OPTIONS'),
        fc.constantFrom('', '/healthz', '?ping'),
      )
      .map(([agent, method, end]) =>
        attack(
          requestBytes(facts, { method, target: facts.securePath + end, headers: [['User-Agent', agent]] }),
          keptOut,
        ),
      ),
    honest: fc
      .constantFrom(...AGENTS)
      .map((agent) =>
        honest(
          requestBytes(facts, { target: facts.openPath, headers: [['User-Agent', agent]] }),
          all(arrived(facts.openPath)),
        ),
      ),
  }),
};
