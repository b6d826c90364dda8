import type { Logger } from '../observe/logger.ts';
import type { Journal } from '../session/journal.ts';
import type { AuditPart } from './entry.ts';
import { readId, type Anchor, type Links } from './links.ts';
import { startWalk, type Finding } from './walk.ts';

/** How much of the record is kept. */
export interface AuditCaps {
  /** Entries of each part. */
  readonly maxEntries: number;
  readonly maxDays: number;
}

/** What trimming works on. */
export interface TrimParts {
  readonly journal: Journal;
  readonly part: AuditPart;
  readonly links: Links;
  readonly caps: AuditCaps;
  readonly logger: Pick<Logger, 'error'>;
}

const PAGE = 500;
const ROUNDS = 40;
const DAY_MS = 86_400_000;

/**
 * Drops what is beyond the caps, oldest first, and seals an anchor that says where the record begins now: that it was the
 * gateway who dropped it. What is dropped is walked first, so that a hole does not vanish unseen.
 *
 * @returns What was wrong with the entries that went, if anything was.
 * @throws GatewayError `session_store_unavailable`.
 */
export async function trim({ journal, part, links, caps, logger }: TrimParts): Promise<Finding | undefined> {
  let finding: Finding | undefined;
  for (let round = 0; round < ROUNDS; round++) {
    const { anchor: text, head: headText, length, first } = await journal.look(part, PAGE + 1);
    const oldest = Date.now() - caps.maxDays * DAY_MS;
    const young = first.findIndex(({ id }) => readId(id).ms >= oldest);
    const old = young === -1 ? first.length : young;
    const drop = Math.min(PAGE, Math.max(length - caps.maxEntries, old));
    if (drop === 0) return finding;
    const anchor = text === undefined ? undefined : links.openAnchor(text);
    const walk = startWalk(links, anchor);
    const gone = first.slice(0, drop);
    let flaw: Finding | undefined;
    for (const stored of gone) flaw ??= walk.step(stored);
    const kept = first[drop];
    if (flaw === undefined && kept !== undefined) flaw = walk.step(kept);
    else if (flaw === undefined && headText !== undefined) flaw = walk.end(links.openHead(headText));
    if (text !== undefined && anchor === undefined) flaw = { what: 'altered', number: 0, id: 'anchor' };
    const last = gone.at(-1);
    const next: Anchor =
      kept === undefined ? walk.expected : { number: readId(kept.id).number, previous: kept.previous };
    const from = kept?.id ?? `${readId(last?.id ?? '').ms}-${readId(last?.id ?? '').number + 1}`;
    // another process has just done it
    if (!(await journal.trim(part, text, links.sealAnchor(next), from))) return finding;
    if (flaw !== undefined) {
      logger.error({ part, what: flaw.what, entry: flaw.number }, 'the audit record was not whole');
      finding ??= flaw;
    }
  }
  return finding;
}
