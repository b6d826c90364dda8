import fc from 'fast-check';
import { valuesOf } from '../answers.ts';
import { attack, honest, type AttackClass, type Judge } from '../attempt.ts';
import type { Facts } from '../facts.ts';
import { all, arrived, noFailure, nothingArrived, statusOf } from '../judges.ts';
import { requestBytes } from '../message.ts';

const NAMES = [
  'state',
  'code',
  'error',
  'error_description',
  'iss',
  'session_state',
  'scope',
  'code[]',
  'state[]',
];
const VALUES = [
  '',
  'x',
  'login_required',
  'a'.repeat(300),
  '%00',
  '%ff',
  '<script>',
  '../..',
  'undefined',
  '__proto__',
];

/** All subsets and repetitions of an authorization response that nobody waits for. */
export const callbackParameters: AttackClass = {
  id: 'd1',
  name: 'callback-parameters',
  needs: ['callbackPath'],
  attempts: (facts) => {
    const path = facts.callbackPath ?? '';
    const query = fc
      .array(fc.tuple(fc.constantFrom(...NAMES), fc.constantFrom(...VALUES)), { maxLength: 6 })
      .map((pairs) => pairs.map(([name, value]) => `${name}=${value}`).join('&'));
    return {
      attacks: fc
        .tuple(query, fc.constantFrom('GET', 'GET', 'HEAD', 'POST'))
        .map(([text, method]) =>
          attack(
            method === 'POST'
              ? requestBytes(facts, { method, target: path, headers: FORM, body: text })
              : requestBytes(facts, { method, target: `${path}?${text}` }),
            all(nothingArrived, noFailure, refused),
          ),
        ),
      honest: fc.constantFrom('code=1&state=2', 'error=x').map((text) => {
        const target = `${facts.openPath}?${text}`;
        return honest(requestBytes(facts, { target }), arrived(target));
      }),
    };
  },
};

const FORM = [['Content-Type', 'application/x-www-form-urlencoded']] as const;

const refused: Judge = (seen, facts) => {
  const status = statusOf(seen);
  if (status >= 400) return undefined;
  const [answer] = seen.answers;
  const location = answer && valuesOf(answer, 'Location')[0];
  return leadsHome(location, facts) ? undefined : `answered ${status}`;
};

function leadsHome(location: string | undefined, { origin }: Facts): boolean {
  return (
    location !== undefined && URL.canParse(location, origin) && new URL(location, origin).origin === origin
  );
}
