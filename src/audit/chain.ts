import { setTimeout as delay } from 'node:timers/promises';
import { GatewayError } from '../errors.ts';
import type { Logger } from '../observe/logger.ts';
import type { Journal, JournalEntry } from '../session/journal.ts';
import type { AuditEntry, AuditPart } from './entry.ts';
import { createKnownHead, type StoredHead } from './known-head.ts';
import { hashOf, readId, START, type Head, type Links } from './links.ts';

/** One part of the record, from the side that writes. */
export interface Chain {
  /**
   * Appends the entries in their order, all or none, behind whatever any process has written.
   *
   * @throws GatewayError `session_store_unavailable`: try again with the same entries, which are not written twice.
   */
  append(entries: readonly AuditEntry[]): Promise<void>;
}

/** What a chain is made of. */
export interface ChainParts {
  readonly journal: Journal;
  readonly part: AuditPart;
  readonly links: Links;
  readonly logger: Pick<Logger, 'error'>;
  readonly maxDays: number;
  /** Makes an entry about the record itself. */
  readonly note: (kind: 'record_started' | 'record_broken', count: number) => AuditEntry;
  /** Is told of such an entry once it is written. */
  readonly noted: (entry: AuditEntry) => void;
}

const ATTEMPTS = 50;
const DAY_MS = 86_400_000;

/**
 * One chain for all processes: what each of them writes stands in one order, and none of it can be removed with its writer.
 * The store compares the head before it appends; who comes too late links its batch anew.
 */
export function createChain({ journal, part, links, logger, maxDays, note, noted }: ChainParts): Chain {
  // a day more than any entry has, so that nothing goes before its time
  const lifeMs = (maxDays + 1) * DAY_MS;
  const memory = createKnownHead(links);
  let present: StoredHead | undefined;
  /** What was sent and may have arrived although no answer came. */
  let sent: JournalEntry[] = [];

  function openings({ head }: StoredHead): AuditEntry[] {
    const lost = memory.lostBy(head);
    if (lost > 0)
      logger.error({ part, entries: lost }, 'the audit record has lost entries that were written');
    if (head === undefined) return [note('record_started', lost)];
    return lost > 0 ? [note('record_broken', lost)] : [];
  }

  /** True when it is in the store; false when another process was faster. */
  async function attempt(entries: readonly AuditEntry[], at: StoredHead): Promise<boolean> {
    const about = openings(at);
    const { linked, head } = link(links, at.head, [...about, ...entries]);
    const text = links.sealHead(head);
    sent.push(...linked.slice(0, 1));
    const other = await journal.append(part, { expected: at.text, head: text, entries: linked, lifeMs });
    if (other === undefined) {
      present = { text, head };
      memory.wrote(head);
      about.forEach(noted);
      return true;
    }
    // refused for certain, so this one at least has not arrived
    sent.pop();
    present = memory.read(other);
    return false;
  }

  return {
    async append(entries) {
      for (let round = 0; round < ATTEMPTS; round++) {
        if (!(await hasArrived(journal, part, sent))) {
          const at = present ?? memory.read((await journal.look(part, 0)).head);
          present = undefined;
          if (!(await attempt(entries, at))) {
            await delay(Math.random() * Math.min(50, 2 * round), undefined, { ref: false });
            continue;
          }
        }
        sent = [];
        return;
      }
      throw new GatewayError('session_store_unavailable', 'The audit record changed too often at once.');
    },
  };
}

/** Has one of the batches that were sent without an answer arrived? Told by its first entry. */
async function hasArrived(
  journal: Journal,
  part: AuditPart,
  sent: readonly JournalEntry[],
): Promise<boolean> {
  for (const first of sent) {
    const { ms, number } = readId(first.id);
    const [found] = await journal.after(part, `${ms}-${number - 1}`, 1);
    if (found?.id === first.id && found.sealed === first.sealed) return true;
  }
  return false;
}

function link(links: Links, from: Head | undefined, entries: readonly AuditEntry[]) {
  let { id, number, hash } = from ?? { id: '0-0', number: 0, hash: START };
  const linked = entries.map((entry) => {
    number += 1;
    // a clock that was set back must not stop the record
    id = `${Math.max(Date.now(), readId(id).ms)}-${number}`;
    const stored = links.sealEntry(id, hash, entry);
    hash = hashOf(stored);
    return stored;
  });
  return { linked, head: { id, number, hash } };
}
