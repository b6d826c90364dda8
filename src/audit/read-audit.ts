import type { Journal } from '../session/journal.ts';
import { AUDIT_PARTS, type AuditEntry, type AuditKind, type AuditPart } from './entry.ts';
import { readId, type Links } from './links.ts';

/** What is asked of the record. */
export interface AuditQuery {
  /** `next` of the page before; default: from the newest entry on. */
  readonly after?: string | undefined;
  /** Default: every kind. */
  readonly kinds?: readonly AuditKind[] | undefined;
  /** Entries of this customer only; those that belong to none are left out. */
  readonly customer?: string | undefined;
  /** Entries at most, 1 to 500; default 50. */
  readonly limit?: number | undefined;
}

/** An entry as it is read. */
export interface ReadEntry extends AuditEntry {
  /** Its place in the record. */
  readonly id: string;
  readonly part: AuditPart;
}

/** A page of the record, newest first. */
export interface AuditPage {
  readonly entries: readonly ReadEntry[];
  /** For `after`; undefined when there is no more. A page may be empty and yet have a next one. */
  readonly next: string | undefined;
}

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 500;
/** Entries of each part that one page looks at. */
const LOOKED_AT = 2000;

/** Ids of the entries that were the last to be looked at. */
type Cursor = Partial<Record<AuditPart, string>>;

/**
 * Reads both parts as one list, newest first. Entries that do not open are left out: `verifyAudit` is there to find them.
 *
 * @throws TypeError for an `after` that no page has given; GatewayError `session_store_unavailable`.
 */
export async function readParts(
  journal: Journal,
  links: Readonly<Record<AuditPart, Links>>,
  query: AuditQuery,
): Promise<AuditPage> {
  const limit = Math.min(MAX_LIMIT, Math.max(1, Math.floor(query.limit ?? DEFAULT_LIMIT)));
  const cursor = readCursor(query.after);
  const lists = await Promise.all(
    AUDIT_PARTS.map((part) => newest(journal, part, links[part], cursor, query, limit)),
  );
  const all = lists.flatMap(({ found }) => found).sort((a, b) => compare(b, a));
  const entries = all.slice(0, limit);
  const next: Cursor = { ...cursor };
  for (const { part, found, lookedTo } of lists) {
    const shown = entries.filter((entry) => entry.part === part);
    const id = shown.length === found.length ? lookedTo : (shown.at(-1)?.id ?? cursor[part]);
    if (id !== undefined) next[part] = id;
  }
  const isMore = all.length > limit || lists.some(({ more }) => more);
  return { entries, next: isMore ? writeCursor(next) : undefined };
}

interface Newest {
  readonly part: AuditPart;
  readonly found: ReadEntry[];
  readonly lookedTo: string | undefined;
  readonly more: boolean;
}

async function newest(
  journal: Journal,
  part: AuditPart,
  links: Links,
  cursor: Cursor,
  { kinds, customer }: AuditQuery,
  limit: number,
): Promise<Newest> {
  const found: ReadEntry[] = [];
  let lookedTo = cursor[part];
  for (let looked = 0; looked < LOOKED_AT;) {
    const page = await journal.before(part, lookedTo, 200);
    looked += page.length;
    for (const stored of page) {
      lookedTo = stored.id;
      const entry = links.openEntry(stored);
      if (entry === undefined || (kinds !== undefined && !kinds.includes(entry.kind))) continue;
      if (customer !== undefined && entry.customer !== customer) continue;
      found.push({ id: stored.id, part, ...entry });
      if (found.length === limit) return { part, found, lookedTo, more: true };
    }
    if (page.length < 200) return { part, found, lookedTo, more: false };
  }
  return { part, found, lookedTo, more: true };
}

function compare(a: ReadEntry, b: ReadEntry): number {
  const [first, second] = [readId(a.id), readId(b.id)];
  if (a.part === b.part) return first.ms - second.ms || first.number - second.number;
  return first.ms - second.ms || (a.part < b.part ? -1 : 1);
}

function writeCursor(cursor: Cursor): string {
  return AUDIT_PARTS.map((part) => cursor[part] ?? '').join('_');
}

function readCursor(after: string | undefined): Cursor {
  if (after === undefined) return {};
  const ids = after.split('_');
  if (ids.length !== AUDIT_PARTS.length || !ids.every((id) => /^(\d{1,15}-\d{1,15})?$/.test(id)))
    throw new TypeError('after is the next of a page before');
  return Object.fromEntries(AUDIT_PARTS.flatMap((part, index) => (ids[index] ? [[part, ids[index]]] : [])));
}
