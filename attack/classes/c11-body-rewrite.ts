import fc from 'fast-check';
import { attack, honest, type AttackClass, type Attempt, type Judge } from '../attempt.ts';
import { arrived, all } from '../judges.ts';
import { requestBytes } from '../message.ts';

const BODIES: readonly (readonly [string, fc.Arbitrary<string>])[] = [
  [
    'application/json',
    fc.constantFrom('{"a":1,"a":2}', '{"a":"\\ud800"}', '[1,', '', '{"a":1}\r\n\r\n', '"\xff"'),
  ],
  [
    'application/x-www-form-urlencoded',
    fc.stringMatching(/^(?:[a-z]{1,3}(?:\[\])?=[%a-z0-9+]{0,6}&?){1,4}$/),
  ],
  [
    'multipart/form-data; boundary=b',
    fc.constantFrom(
      '--b\r\nContent-Disposition: form-data; name="a\r\nX: y"\r\n\r\n1\r\n--b--',
      '--b\r\n\r\n--b--',
    ),
  ],
  ['text/plain; charset=utf-16', fc.stringMatching(/^[\x01-\xff]{0,60}$/)],
];

/** Whatever the body is, the same bytes arrive. */
export const bodyRewrite: AttackClass = {
  id: 'c11',
  name: 'body-rewrite',
  attempts: (facts) => {
    const sent = (make: typeof attack, method: string, type: string, body: string): Attempt => {
      const bytes = requestBytes(facts, {
        method,
        target: facts.openPath,
        headers: [['Content-Type', type]],
        body,
      });
      return make(bytes, make === honest ? all(arrived(facts.openPath), sameBody(body)) : sameBody(body));
    };
    return {
      attacks: fc
        .oneof(...BODIES.map(([type, body]) => fc.tuple(fc.constant(type), body)))
        .chain(([type, body]) =>
          fc.constantFrom('POST', 'PUT', 'PATCH').map((method) => sent(attack, method, type, body)),
        ),
      honest: fc
        .json()
        .map((body) => sent(honest, 'POST', 'application/json', Buffer.from(body).toString('latin1'))),
    };
  },
};

function sameBody(body: string): Judge {
  return ({ requests: [request] }) =>
    request === undefined || request.body === body ? undefined : 'other bytes arrived than were sent';
}
