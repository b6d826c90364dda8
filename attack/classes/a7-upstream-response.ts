import fc from 'fast-check';
import { valuesOf } from '../answers.ts';
import { attack, honest, type AttackClass, type Judge } from '../attempt.ts';
import { cookieNames } from '../cookie-names.ts';
import { SEPARATORS, spellings } from '../generators/names.ts';
import { all, arrived, FORGED, isIdentity } from '../judges.ts';
import { requestBytes } from '../message.ts';

/** The upstream answers with identity headers, with the target's own cookie, or nominates its own headers. */
export const upstreamResponse: AttackClass = {
  id: 'a7',
  name: 'upstream-response',
  attempts: (facts) => {
    const own = cookieNames(facts);
    const header = spellings(facts.prefix, SEPARATORS).map((name) => `${name}: ${FORGED}`);
    const cookie = fc
      .tuple(
        fc.constantFrom(...own),
        fc.constantFrom('Set-Cookie', 'set-cookie'),
        fc.constantFrom('', '; Path=/', '; Max-Age=0; Path=/'),
      )
      .map(([name, field, rest]) => `${field}: ${name}=${FORGED}${rest}`);
    const nominated = fc.constant('Connection: X-Hop\r\nX-Hop: 1');
    const hostile = fc.oneof(header, nominated, ...(own.length === 0 ? [] : [cookie]));
    return {
      attacks: fc
        .array(hostile, { minLength: 1, maxLength: 3 })
        .map((lines) =>
          attack(requestBytes(facts, { target: facts.openPath }), notPassedOn, answerOf(lines)),
        ),
      honest: fc.stringMatching(/^[a-z]{3,8}$/).map((value) =>
        honest(
          requestBytes(facts, { target: facts.openPath }),
          all(arrived(facts.openPath), (seen) => kept(seen.answers[0], value)),
          answerOf([`Set-Cookie: chat=${value}; Path=/`, `X-Chat-Secure: ${value}`]),
        ),
      ),
    };
  },
};

function answerOf(lines: readonly string[]) {
  return { answer: `HTTP/1.1 200 OK\r\nContent-Length: 2\r\n${lines.join('\r\n')}\r\n\r\nok` };
}

const notPassedOn: Judge = ({ answers: [answer] }, facts) => {
  if (answer === undefined) return undefined;
  const names = new Set(cookieNames(facts));
  for (const [name, value] of answer.headers) {
    if (isIdentity(name, facts)) return `the browser got ${name}`;
    if (name.toLowerCase() === 'x-hop') return 'the browser got what Connection nominates';
    const cookie = value.split('=')[0] ?? '';
    if (name.toLowerCase() === 'set-cookie' && names.has(cookie) && value.includes(FORGED))
      return `the upstream set the cookie ${cookie}`;
  }
  return undefined;
};

function kept(answer: Parameters<typeof valuesOf>[0] | undefined, value: string): string | undefined {
  if (answer === undefined) return 'no answer';
  if (!valuesOf(answer, 'Set-Cookie').includes(`chat=${value}; Path=/`))
    return 'a cookie of the upstream is gone';
  return valuesOf(answer, 'X-Chat-Secure')[0] === value ? undefined : 'a header of the upstream is gone';
}
