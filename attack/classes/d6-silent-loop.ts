import fc from 'fast-check';
import { honest, type AttackClass, type Attempt } from '../attempt.ts';
import { all, arrived, verified } from '../judges.ts';
import { follow } from '../jar.ts';
import { requestBytes } from '../message.ts';

/** A browser that keeps no cookies is sent to the provider once at most, and then told. */
export const silentLoop: AttackClass = {
  id: 'd6',
  name: 'silent-loop',
  needs: ['cookie'],
  attempts: (facts) => ({
    attacks: fc
      .constantFrom('', '?a=1', '/more')
      .map((end) => withoutCookies(`${facts.origin}${facts.securePath}${end}`)),
    share: 0.05,
    honest: fc.constant(
      honest(
        requestBytes(facts, { target: facts.securePath, cookie: true, headers: [['Accept', 'text/html']] }),
        all(arrived(facts.securePath), verified),
      ),
    ),
  }),
};

function withoutCookies(address: string): Attempt {
  return {
    shown: `${address}, opened by a browser without cookies`,
    honest: false,
    run: async (rig) => {
      const { steps } = await follow(rig, new URL(address), false);
      const away = steps.filter(
        ({ location }) => location !== undefined && location.origin !== rig.facts.origin,
      );
      return away.length > 1 ? `sent to the provider ${away.length} times` : undefined;
    },
  };
}
