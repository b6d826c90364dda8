import fc, { type Arbitrary } from 'fast-check';
import { attack, honest, type AttackClass, type Attempt } from '../attempt.ts';
import type { Facts } from '../facts.ts';
import { SEPARATORS, spellings } from '../generators/names.ts';
import { all, arrived, noIdentity } from '../judges.ts';
import { chunked, requestBytes, UPGRADE } from '../message.ts';
import { forgedValue } from './header-wall.ts';

/** Identity headers in the trailers of a chunked body, and on an upgrade. */
export const trailersAndUpgrade: AttackClass = {
  id: 'a8',
  name: 'trailers-and-upgrade',
  attempts: (facts) => ({
    attacks: facts.upgrades ? fc.oneof(trailers(facts), upgrades(facts)) : trailers(facts),
    honest: fc.stringMatching(/^[a-z ]{0,30}$/).map((body) =>
      honest(
        requestBytes(facts, {
          method: 'POST',
          target: facts.openPath,
          headers: CHUNKED,
          body: chunked(body),
        }),
        all(arrived(facts.openPath), ({ requests: [request] }) =>
          request?.body === body ? undefined : 'the body changed',
        ),
      ),
    ),
  }),
};

const CHUNKED = [['Transfer-Encoding', 'chunked']] as const;

function trailers(facts: Facts): Arbitrary<Attempt> {
  return fc
    .record({
      name: spellings(facts.prefix, SEPARATORS),
      value: forgedValue,
      method: fc.constantFrom('POST', 'PUT', 'DELETE'),
      announced: fc.boolean(),
      text: fc.constantFrom('', 'hello'),
    })
    .map(({ name, value, method, announced, text }) =>
      attack(
        requestBytes(facts, {
          method,
          target: facts.openPath,
          headers: [...CHUNKED, ...(announced ? ([['Trailer', name]] as const) : [])],
          body: chunked(text, [`${name}: ${value}`]),
        }),
        noIdentity,
      ),
    );
}

function upgrades(facts: Facts): Arbitrary<Attempt> {
  const target = fc.constantFrom(facts.openPath, facts.securePath, '/');
  return fc
    .tuple(spellings(facts.prefix, SEPARATORS), forgedValue, target)
    .map(([name, value, at]) =>
      attack(requestBytes(facts, { target: at, headers: [...UPGRADE, [name, value]] }), noIdentity),
    );
}
