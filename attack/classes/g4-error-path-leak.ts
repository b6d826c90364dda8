import fc from 'fast-check';
import { attack, honest, type AttackClass, type Judge } from '../attempt.ts';
import { sessionCookies } from '../cookie-names.ts';
import { arrived, FORGED } from '../judges.ts';
import { requestBytes } from '../message.ts';

const SECRET = 'c2VjcmV0LW9mLXRoZS1jbGllbnQ';
const INTERNAL =
  /\bat [^\n]*:\d+:\d+\)?|node_modules|file:\/\/|ECONN(?:RESET|REFUSED)|socket hang up|HPE_|EHOSTUNREACH/;

/** An error answer tells what went wrong and nothing of what was sent or of the inside. */
export const errorPathLeak: AttackClass = {
  id: 'g4',
  name: 'error-path-leak',
  attempts: (facts) => {
    const { securePath, openPath, callbackPath } = facts;
    const target = fc.constantFrom(
      ...[
        openPath,
        openPath,
        securePath,
        `${openPath}/%zz`,
        `${securePath}/../x`,
        `${openPath}#`,
        callbackPath ?? '/',
        `${callbackPath ?? '/'}?code=x&state=y`,
      ],
    );
    const answer = fc.constantFrom(
      '',
      '',
      'nonsense\r\n\r\n',
      'HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n',
      'HTTP/1.1 200 OK\r\nBad Name: 1\r\n\r\n',
    );
    return {
      attacks: fc
        .tuple(target, fc.constantFrom('GET', 'POST', 'DELETE', 'TRACE'), answer, fc.boolean())
        .map(([at, method, told, cookie]) =>
          attack(
            requestBytes(facts, {
              method,
              target: at,
              cookie,
              headers: [
                ['Authorization', `Bearer ${SECRET}`],
                [`${facts.prefix}Id`, FORGED],
              ],
            }),
            tellsNothing,
            { answer: told },
          ),
        ),
      honest: fc.constantFrom(404, 500, 403).map((status) =>
        honest(requestBytes(facts, { target: openPath }), arrived(openPath, status), {
          answer: `HTTP/1.1 ${status} Said So\r\nContent-Length: 2\r\n\r\nok`,
        }),
      ),
    };
  },
};

const tellsNothing: Judge = ({ answers: [answer] }, facts) => {
  if (answer === undefined || answer.status < 400) return undefined;
  const text = `${answer.headers.map((line) => line.join(': ')).join('\n')}\n${answer.body}`;
  if (text.includes(SECRET)) return 'the error answer holds the Authorization that was sent';
  if (text.includes(FORGED)) return 'the error answer holds the identity header that was sent';
  if (text.includes(`:${facts.upstreamPort}`)) return 'the error answer names the upstream';
  const cookie = sessionCookies(facts).find(([, value]) => text.includes(value));
  if (cookie !== undefined) return `the error answer holds the cookie ${cookie[0]}`;
  const inside = INTERNAL.exec(text)?.[0];
  return inside && `the error answer shows the inside: ${inside}`;
};
