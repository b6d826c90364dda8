import { createHash } from 'node:crypto';
import type { JournalEntry } from '../session/journal.ts';
import type { Sealer } from '../session/seal.ts';
import type { AuditEntry, AuditPart } from './entry.ts';

/** Where a part of the record ends. */
export interface Head {
  readonly id: string;
  readonly number: number;
  readonly hash: string;
}

/** Where it begins since it was last trimmed. */
export interface Anchor {
  /** Number of the first entry that was left. */
  readonly number: number;
  /** Hash of the last one that was not. */
  readonly previous: string;
}

/** What the first entry of all has in place of a hash. */
export const START = 'start';

/**
 * How entries hang together. Each is sealed (AES-256-GCM) under its id and the hash of the one before, which stands
 * beside it in clear; the hash is SHA-256 over id, previous hash and sealed text. So nobody without the keys can make,
 * change or move an entry, and the chain can be followed through entries whose key has been dropped.
 */
export interface Links {
  sealEntry(id: string, previous: string, entry: AuditEntry): JournalEntry;
  /** Undefined when it does not open. */
  openEntry(stored: JournalEntry): AuditEntry | undefined;
  /** Sealed by a key that this process does not have: nothing to hold against the entry itself. */
  isUnreadable(stored: JournalEntry): boolean;
  sealHead(head: Head): string;
  readonly openHead: (text: string) => Head | undefined;
  sealAnchor(anchor: Anchor): string;
  readonly openAnchor: (text: string) => Anchor | undefined;
  isOutdated(text: string): boolean;
}

/** Links of one part. */
export function createLinks(sealer: Sealer, part: AuditPart): Links {
  const context = (...about: string[]) => JSON.stringify(['audit', part, ...about]);
  const open = (text: string, about: string): unknown => {
    const opened = sealer.open(text, about);
    return opened === undefined ? undefined : JSON.parse(opened);
  };
  return {
    sealEntry: (id, previous, entry) => ({
      id,
      previous,
      sealed: sealer.seal(JSON.stringify(entry), context('entry', id, previous)),
    }),
    openEntry: ({ id, previous, sealed }) =>
      open(sealed, context('entry', id, previous)) as AuditEntry | undefined,
    isUnreadable: ({ sealed }) => !sealer.isOfRing(sealed),
    sealHead: (head) => sealer.seal(JSON.stringify(head), context('head')),
    openHead: (text) => open(text, context('head')) as Head | undefined,
    sealAnchor: (anchor) => sealer.seal(JSON.stringify(anchor), context('anchor')),
    openAnchor: (text) => open(text, context('anchor')) as Anchor | undefined,
    isOutdated: (text) => sealer.isOutdated(text),
  };
}

/** SHA-256 of a stored entry, base64url. */
export function hashOf({ id, previous, sealed }: JournalEntry): string {
  return createHash('sha256')
    .update(JSON.stringify([id, previous, sealed]), 'utf8')
    .digest('base64url');
}

/** The two halves of an id; zeros for what is none. */
export function readId(id: string): { readonly ms: number; readonly number: number } {
  const [, ms = '0', number = '0'] = /^(\d{1,15})-(\d{1,15})$/.exec(id) ?? [];
  return { ms: Number(ms), number: Number(number) };
}
