import fc, { type Arbitrary } from 'fast-check';
import type { AttackClass, Attempt } from '../attempt.ts';
import type { Facts } from '../facts.ts';
import { follow } from '../jar.ts';

const EVIL = 'evil.example';

/** Return addresses that some browser or parser reads as another site. */
const START = [
  '//',
  '///',
  '/\\',
  '\\\\',
  '\\/',
  '/\t/',
  '/%09/',
  '/%0a/',
  '/%5c',
  '/%2f',
  '/%2F/',
  '/.//',
  '/..//',
  '/;//',
  'https:',
  'https:/',
  'https://',
  'http:\\\\',
  'HTTPS://',
  'ht\ttps://',
  ' //',
  '\u0000//',
  '/\u2215',
  '/\u2044/',
  '\uff0f\uff0f',
  'https:\u3002',
  'javascript:',
  'data:text/html,',
  'vbscript:',
  '@',
  '.',
  'x://',
];
const MIDDLE = ['', '', '', 'good@', 'good:x@', 'OWN@', 'OWN%40', 'OWN\\@', 'OWN#@', 'OWN.', 'OWN\uff20'];
const END = ['', '/', '/..', '?x', '#x', '\\', ':80', '%00', '\u3002com', '%2f..', '/OWN'];

/** After a login the browser is back where it came from, and nowhere else. */
export const returnTo: AttackClass = {
  id: 'e1',
  name: 'return-to',
  needs: ['loginPath'],
  attempts: (facts) => ({
    attacks: payloads(facts).map((payload) => login(facts, payload, false)),
    honest: fc
      .constantFrom(facts.openPath, `${facts.openPath}?a=b#c`, '/', `${facts.origin}/x`)
      .map((address) => login(facts, address, true)),
  }),
};

function payloads(facts: Facts): Arbitrary<string> {
  const own = `${facts.hostname}:${facts.port}`;
  return fc
    .tuple(
      fc.constantFrom('', '', '', 'OWN', 'http://OWN'),
      fc.constantFrom(...START),
      fc.constantFrom(...MIDDLE),
      fc.constantFrom(...END),
    )
    .map((parts) => {
      const [before, start, middle, end] = parts;
      return `${before}${start}${middle}${EVIL}${end}`.replaceAll('OWN', own);
    });
}

function login(facts: Facts, address: string, honest: boolean): Attempt {
  const start = new URL(facts.loginPath ?? '/', facts.origin);
  start.searchParams.set(facts.returnParameter ?? 'returnTo', address);
  return {
    shown: `${facts.returnParameter ?? 'returnTo'}=${address}`,
    honest,
    run: async (rig) => {
      const { steps } = await follow(rig, start, true, 8);
      if (honest)
        return backAt(
          steps.at(-1)?.status,
          steps.some(({ location }) => isBack(location, address, facts)),
        );
      const away = steps.find(({ location }) => location !== undefined && leaves(location));
      return away && `the browser is sent to ${away.location?.protocol ?? ''}//${away.location?.host ?? ''}`;
    },
  };
}

function leaves({ protocol, hostname }: URL): boolean {
  return !/^https?:$/.test(protocol) || hostname.includes('evil');
}

function isBack(location: URL | undefined, address: string, facts: Facts): boolean {
  return location?.origin === facts.origin && location.pathname === new URL(address, facts.origin).pathname;
}

function backAt(status: number | undefined, isThere: boolean): string | undefined {
  return isThere ? undefined : `not back after the login, answered ${status ?? 0}`;
}
