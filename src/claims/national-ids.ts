import { foldText } from './fold-text.ts';
import type { Claims } from './identity-types.ts';
import { isNationalIdPath } from './names.ts';
import { claimText } from './values.ts';

/** A value met on the way through the claims. */
interface Place {
  readonly value: unknown;
  /** The last key on the way here; empty at the root. */
  readonly key: string;
  /** Below a claim whose name is a national id's. */
  readonly named: boolean;
  /** A member of an object below such a claim: may be the number, or only a fact about it. */
  readonly member: boolean;
}

/**
 * Every text that has to be hidden wherever it turns up: the values of all claims with a name of the national id, at any
 * depth and in arrays, and of `listed` values (those of `maskedClaims`) what looks like an id, that is eight letters or
 * digits or more of which six are digits. Of a text with several words (`NO 17029012345`) each word that looks like an
 * id counts too. Work is linear in the size of the claims; no depth can exhaust the stack.
 */
export function nationalIds(claims: Claims, listed: readonly unknown[]): ReadonlySet<string> {
  const found = new Set<string>();
  for (const place of places({ value: claims, key: '', named: false, member: false })) {
    const text = place.named ? leafText(place.value) : undefined;
    if (text === undefined) continue;
    if (!place.member || /\p{Nd}/u.test(text)) found.add(text);
    addWords(text, found);
  }
  for (const value of listed) {
    for (const place of places({ value, key: '', named: true, member: false })) {
      const text = leafText(place.value);
      if (text === undefined) continue;
      if (looksLikeId(text)) found.add(text);
      addWords(text, found);
    }
  }
  return found;
}

function* places(root: Place): Generator<Place> {
  const waiting = [root];
  for (let place = waiting.pop(); place !== undefined; place = waiting.pop()) {
    yield place;
    const { value, key, named, member } = place;
    if (Array.isArray(value)) {
      for (const item of value as unknown[]) waiting.push({ value: item, key, named, member });
    } else if (typeof value === 'object' && value !== null) {
      for (const [name, item] of Object.entries(value)) {
        const path = key === '' ? name : `${key}.${name}`;
        waiting.push({ value: item, key: name, named: named || isNationalIdPath(path), member: named });
      }
    }
  }
}

/** Truth values and containers are no ids. */
function leafText(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? claimText('', value) : undefined;
}

function addWords(text: string, found: Set<string>): void {
  for (const word of text.split(/[^\p{L}\p{N}]+/u)) {
    if (word !== text && looksLikeId(word)) found.add(word);
  }
}

function looksLikeId(text: string): boolean {
  const units = foldText(text);
  return units.length >= 8 && units.filter(({ char }) => char >= '0' && char <= '9').length >= 6;
}
