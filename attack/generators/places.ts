import fc, { type Arbitrary } from 'fast-check';
import { has, type Facts } from '../facts.ts';
import { UPGRADE, type RequestParts } from '../message.ts';

/** Somewhere to send a header: with the session on the secure path, or as nobody anywhere. */
export interface Place {
  readonly parts: RequestParts;
  /** The request carries the session, so that verified headers are due. */
  readonly known: boolean;
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND'];

/** Every method on the secure path, the open one, an unknown one, the target's own, and upgrades, as nobody. */
export function anonymousPlaces(facts: Facts): Arbitrary<Place> {
  const own = [facts.callbackPath, facts.loginPath].filter((path) => path !== undefined);
  const target = fc.constantFrom(
    facts.openPath,
    facts.openPath,
    facts.securePath,
    '/',
    '/unknown/place',
    ...own,
  );
  const plain = fc.record({ method: fc.constantFrom(...METHODS), target }).map((parts) => nobody(parts));
  if (!facts.upgrades) return plain;
  const upgrade = target.map((at) => nobody({ target: at, headers: UPGRADE }));
  return fc.oneof({ weight: 4, arbitrary: plain }, { weight: 1, arbitrary: upgrade });
}

/** The same, and where there is a cookie also the secure path as somebody. */
export function places(facts: Facts): Arbitrary<Place> {
  if (!has(facts, 'cookie')) return anonymousPlaces(facts);
  return fc.oneof(anonymousPlaces(facts), knownPlaces(facts));
}

/** The secure path with the session. */
export function knownPlaces(facts: Facts): Arbitrary<Place> {
  const known = (parts: RequestParts): Place => ({ parts: { ...parts, cookie: true }, known: true });
  const target = fc.constantFrom(facts.securePath, `${facts.securePath}?after=1`, `${facts.securePath}/more`);
  return fc
    .record({ method: fc.constantFrom('GET', 'HEAD', 'POST', 'DELETE', 'OPTIONS'), target })
    .map(known);
}

function nobody(parts: RequestParts): Place {
  return { parts, known: false };
}
