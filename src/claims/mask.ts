import { uncoverCopies } from './encoded-copies.ts';
import { foldText, type FoldedUnit } from './fold-text.ts';

/** Characters that a mask hides. */
const HIDDEN = 5;

/** A text with more letters and digits than this is no national id, and not looked for in other values. */
const LONGEST_ID = 64;

/** Rounds of masking before a text that still gives new matches is masked whole. */
const MAX_ROUNDS = 8;

const BLANK = /^[\p{White_Space}\p{Default_Ignorable_Code_Point}\u2800]$/u;
const ATTACHED = /^[\p{M}\p{Default_Ignorable_Code_Point}]$/u;

/** The two ways in which a value is masked, for the ids of one login. */
export interface Mask {
  /** For a claim that is masked whatever it holds: `maskTail`, and every id in what `maskTail` leaves readable. */
  byClaim(text: string): string;
  /** For any other value: of every part that spells an id the last five letters or digits. */
  byValue(text: string): string;
}

interface TrieNode {
  readonly next: Map<string, TrieNode>;
  ends: boolean;
}

/**
 * Masks values that contain one of `ids`. Spellings are compared by `foldText`: case, width and script of digits do not
 * count, and any separators may stand between, or be left out. A 12-digit Swedish number is also found as its last ten
 * digits, a Finnish one also without its century sign, and digits also without leading zeros, as JSON numbers lose them.
 * Copies in base64, hex or percent-encoding are found too (`uncoverCopies`).
 * Ids of fewer than five letters and digits are not looked for.
 */
export function createMask(ids: Iterable<string>): Mask {
  const root: TrieNode = { next: new Map(), ends: false };
  for (const id of ids) {
    const folded = foldText(id).map(({ char }) => char);
    if (folded.length <= LONGEST_ID) for (const spelling of spellings(folded)) insert(root, spelling);
  }
  if (root.next.size === 0) return { byClaim: maskTail, byValue: (text) => text };
  const holdsId = (text: string) => findHidden(foldText(text), root, false).size > 0;
  const byValue = (text: string) => maskMatches(uncoverCopies(text, holdsId), root, false);
  return { byValue, byClaim: (text) => byValue(maskTail(maskMatches(text, root, true))) };
}

/**
 * Masks by claim: blanks (and invisible characters) at both ends are dropped, then the last five characters become `*`;
 * of five or fewer, all. A character is a code point with the combining marks and invisible characters after it.
 */
export function maskTail(text: string): string {
  const trimmed = trimBlanks(text);
  let stars = 0;
  let kept = trimmed.length;
  while (kept > 0 && stars < HIDDEN) {
    const character = lastCodePoint(trimmed, kept);
    kept -= character.length;
    if (!ATTACHED.test(character)) stars += 1;
  }
  return trimmed === '' ? '' : trimmed.slice(0, kept) + '*'.repeat(Math.max(stars, 1));
}

function spellings(folded: readonly string[]): string[][] {
  const text = folded.join('');
  const all = [text];
  if (/^(?:18|19|20)\d{10}$/.test(text)) all.push(text.slice(2));
  if (/^\d{6}[a-fu-y]\d{3}[0-9a-z]$/.test(text)) all.push(text.slice(0, 6) + text.slice(7));
  if (/^0+\d{8,}$/.test(text)) all.push(text.replace(/^0+/, ''));
  return all.map((spelling) => Array.from(spelling)).filter(({ length }) => length >= HIDDEN);
}

function insert(root: TrieNode, spelling: readonly string[]): void {
  let node = root;
  for (const char of spelling) {
    const next = node.next.get(char) ?? { next: new Map<string, TrieNode>(), ends: false };
    node.next.set(char, next);
    node = next;
  }
  node.ends = true;
}

/**
 * Stars count as separators too, so that what one round leaves cannot spell an id across them: rounds go on until
 * nothing is found. With `inner`, a match that ends the text is left to `maskTail`.
 */
function maskMatches(text: string, root: TrieNode, inner: boolean): string {
  let masked = text;
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const units = foldText(masked);
    const hidden = findHidden(units, root, inner);
    if (hidden.size === 0) return masked;
    masked = star(masked, units, (index) => hidden.has(index));
  }
  return star(masked, foldText(masked), () => true);
}

/** Indices of the last five units of every match, overlapping ones included. */
function findHidden(units: readonly FoldedUnit[], root: TrieNode, inner: boolean): ReadonlySet<number> {
  const hidden = new Set<number>();
  for (let from = 0; from < units.length; from += 1) {
    let node: TrieNode | undefined = root;
    for (let at = from; node !== undefined && at <= units.length; at += 1) {
      if (node.ends && !(inner && at === units.length)) {
        for (let index = at - HIDDEN; index < at; index += 1) hidden.add(index);
      }
      node = node.next.get(units[at]?.char ?? '');
    }
  }
  return hidden;
}

function star(text: string, units: readonly FoldedUnit[], isHidden: (index: number) => boolean): string {
  const parts: string[] = [];
  let done = 0;
  units.forEach(({ start, end }, index) => {
    if (!isHidden(index) || start < done) return;
    parts.push(text.slice(done, start), '*');
    done = end;
  });
  return parts.join('') + text.slice(done);
}

function trimBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  for (let blank = true; blank && start < end;) {
    const character = String.fromCodePoint(text.codePointAt(start) ?? 0);
    blank = BLANK.test(character);
    if (blank) start += character.length;
  }
  for (let blank = true; blank && end > start;) {
    const character = lastCodePoint(text, end);
    blank = BLANK.test(character);
    if (blank) end -= character.length;
  }
  return text.slice(start, end);
}

function lastCodePoint(text: string, end: number): string {
  const pair = text.codePointAt(end - 2) ?? 0;
  return pair > 0xffff ? String.fromCodePoint(pair) : text.slice(end - 1, end);
}
