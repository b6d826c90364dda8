import type { Journal } from '../session/journal.ts';
import type { AuditPart } from './entry.ts';
import { readId, type Anchor, type Head, type Links } from './links.ts';
import { startWalk, type Finding } from './walk.ts';

/** What is known of one part of the record. */
export interface PartVerdict {
  readonly part: AuditPart;
  /** Entries that were looked at. */
  readonly entries: number;
  /** Entries whose seal key is gone; their place in the chain was checked all the same. */
  readonly unreadable: number;
  /** The first entry that is not as it was written, or not where. */
  readonly finding: Finding | undefined;
  /** Ids of entries in which a process has noted that the record had lost something. */
  readonly noted: readonly string[];
}

/** Whether the record is whole. */
export interface AuditVerdict {
  /** True when no part has a finding or a note of a loss. */
  readonly ok: boolean;
  readonly parts: readonly PartVerdict[];
}

const PAGE = 500;
const RESTARTS = 10;

/**
 * Walks one part of the record from its anchor to its head: finds an entry that was removed, altered, inserted or moved,
 * and a head or tail that was cut. Entries that are written meanwhile are not looked at.
 *
 * @throws GatewayError `session_store_unavailable`.
 */
export async function verifyPart(journal: Journal, part: AuditPart, links: Links): Promise<PartVerdict> {
  for (let restart = 0; ; restart++) {
    const state = await journal.look(part, PAGE);
    const verdict = await verifyState(journal, part, links, state);
    // what was trimmed meanwhile is no hole
    if (verdict.finding === undefined || restart === RESTARTS) return verdict;
    if ((await journal.look(part, 0)).anchor === state.anchor) return verdict;
  }
}

type State = Awaited<ReturnType<Journal['look']>>;

async function verifyState(
  journal: Journal,
  part: AuditPart,
  links: Links,
  state: State,
): Promise<PartVerdict> {
  const counts = { entries: 0, unreadable: 0 };
  const noted: string[] = [];
  const verdict = (finding: Finding | undefined): PartVerdict => ({ part, ...counts, finding, noted });
  const anchor = opened<Anchor>(state.anchor, links.openAnchor);
  const head = opened<Head>(state.head, links.openHead);
  if (anchor === 'altered') return verdict({ what: 'altered', number: 0, id: 'anchor' });
  if (head === 'altered') return verdict({ what: 'altered', number: 0, id: 'head' });

  const walk = startWalk(links, anchor);
  let page: readonly State['first'][number][] = state.first;
  walking: while (page.length > 0) {
    for (const stored of page) {
      if (head !== undefined && isBehind(stored.id, head)) break walking;
      counts.entries += 1;
      const finding = walk.step(stored);
      if (finding !== undefined) return verdict(finding);
      if (walk.entry === undefined) counts.unreadable += 1;
      else if (isNoteOfLoss(walk.entry)) noted.push(stored.id);
    }
    page = await journal.after(part, page.at(-1)?.id, PAGE);
  }
  const finding = walk.end(head);
  if (finding !== undefined || state.length === counts.entries) return verdict(finding);
  // when the head was read there was more behind it, where no entry of the gateway can be
  const behind = page.find(({ id }) => head !== undefined && isBehind(id, head));
  return verdict({ what: 'out of order', number: walk.expected.number, id: behind?.id });
}

function opened<T>(
  text: string | undefined,
  open: (text: string) => T | undefined,
): T | 'altered' | undefined {
  return text === undefined ? undefined : (open(text) ?? 'altered');
}

/** Written after the head was read. */
function isBehind(id: string, head: Head): boolean {
  const [a, b] = [readId(id), readId(head.id)];
  return a.ms > b.ms || (a.ms === b.ms && a.number > b.number);
}

function isNoteOfLoss({ kind, count = 0 }: { kind: string; count?: number | undefined }): boolean {
  return kind === 'record_broken' || (kind === 'record_started' && count > 0);
}
