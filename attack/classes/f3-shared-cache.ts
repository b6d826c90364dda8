import fc from 'fast-check';
import { valuesOf } from '../answers.ts';
import { attack, honest, type AttackClass, type Judge } from '../attempt.ts';
import { all, arrived, statusOf } from '../judges.ts';
import { requestBytes } from '../message.ts';

const STORABLE = [
  'Cache-Control: public, max-age=3600',
  'Cache-Control: s-maxage=60',
  'Expires: Fri, 31 Dec 2100 00:00:00 GMT',
  'ETag: "1"',
  'CDN-Cache-Control: max-age=60',
  'Surrogate-Control: max-age=60',
  'Last-Modified: Mon, 01 Jan 2024 00:00:00 GMT',
];

/** What was answered to one person is stored for nobody else, whatever the upstream says. */
export const sharedCache: AttackClass = {
  id: 'f3',
  name: 'shared-cache',
  needs: ['cookie'],
  attempts: (facts) => ({
    attacks: fc.subarray(STORABLE, { minLength: 1 }).map((lines) =>
      attack(requestBytes(facts, { target: facts.securePath, cookie: true }), notStored, {
        answer: `HTTP/1.1 200 OK\r\nContent-Length: 2\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\nok`,
      }),
    ),
    honest: fc.constantFrom('public, max-age=3600', 'max-age=60').map((value) =>
      honest(
        requestBytes(facts, { target: facts.openPath }),
        all(arrived(facts.openPath), ({ answers: [answer] }) =>
          answer && valuesOf(answer, 'Cache-Control')[0] === value
            ? undefined
            : 'Cache-Control changed on the open path',
        ),
        { answer: `HTTP/1.1 200 OK\r\nContent-Length: 2\r\nCache-Control: ${value}\r\n\r\nok` },
      ),
    ),
  }),
};

/** `no-store` or `private` and nothing that says otherwise (RFC 9111, section 5.2.2; RFC 9213). */
const notStored: Judge = (seen) => {
  const [answer] = seen.answers;
  if (answer === undefined || statusOf(seen) !== 200) return undefined;
  const control = valuesOf(answer, 'Cache-Control').join(',');
  if (!/no-store|private/i.test(control)) return `Cache-Control: ${control === '' ? '(none)' : control}`;
  if (/public|s-maxage/i.test(control)) return `Cache-Control: ${control}`;
  const targeted = answer.headers.find(([name]) => /^(?:.*cdn-cache-control|surrogate-control)$/i.test(name));
  return targeted && `${targeted[0]}: ${targeted[1]}`;
};
