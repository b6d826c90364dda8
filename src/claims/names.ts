import { isNationalIdName } from '../config/national-id-names.ts';
import type { Claims } from './identity-types.ts';
import { claimText, isRecord } from './values.ts';

/** The names under which Signicat's generations send one and the same claim. */
const NATIONAL_ID_ALIASES: readonly string[] = ['national_id', 'signicat.national_id', 'nin'];

/** Dotted names are looked through no further than this: provider keys may be of any length. */
const MAX_SEGMENTS = 6;

/**
 * The raw value of a claim, or undefined when it is absent (see `claimText`). Own properties only. A dotted name is one
 * key, or else a path into nested objects. `national_id`, `signicat.national_id` and `nin` name the same claim: the name
 * asked for comes first, then the other two.
 */
export function readClaim(claims: Claims, name: string): unknown {
  const spellings = NATIONAL_ID_ALIASES.includes(name)
    ? [name, ...NATIONAL_ID_ALIASES.filter((alias) => alias !== name)]
    : [name];
  for (const spelling of spellings) {
    for (const value of valuesAt(claims, spelling)) {
      if (claimText(spelling, value) !== undefined) return value;
    }
  }
  return undefined;
}

/**
 * One word for all names of the same fact: `national_id` for the three names of the national id, `sub` for
 * `AuthUserId`, any other name for itself.
 */
export function claimClass(name: string): string {
  if (NATIONAL_ID_ALIASES.includes(name)) return 'national_id';
  return name === 'AuthUserId' ? 'sub' : name;
}

/**
 * True for a name that is, holds or lies in a national id: `nin`, `person.nin`, `nin.value`, `signicat.national_id.no`.
 * Names of more than six segments are judged by their last six.
 */
export function isNationalIdPath(name: string): boolean {
  const segments = name.split('.').slice(-MAX_SEGMENTS);
  return segments.some((_, from) =>
    segments.some((__, to) => to >= from && isNationalIdName(segments.slice(from, to + 1).join('.'))),
  );
}

/** True when both names mean the same claim, or one lies within the other; without regard to case. */
export function isSameOrWithin(first: string, second: string): boolean {
  const [a, b] = [claimClass(first).toLowerCase(), claimClass(second).toLowerCase()];
  return a === b || a.startsWith(`${b}.`) || b.startsWith(`${a}.`);
}

function* valuesAt(container: unknown, name: string): Generator {
  if (!isRecord(container)) return;
  if (Object.hasOwn(container, name)) yield container[name];
  for (let dot = name.lastIndexOf('.'); dot > 0; dot = name.lastIndexOf('.', dot - 1)) {
    const head = name.slice(0, dot);
    if (Object.hasOwn(container, head)) yield* valuesAt(container[head], name.slice(dot + 1));
  }
}
