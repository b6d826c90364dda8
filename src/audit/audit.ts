import { randomBytes } from 'node:crypto';
import type { Logger } from '../observe/logger.ts';
import type { Journal } from '../session/journal.ts';
import type { Sealer } from '../session/seal.ts';
import { createBudget } from './budget.ts';
import { createChain } from './chain.ts';
import { AUDIT_PARTS, partOf, toEntry, type AuditEntry, type AuditEvent, type AuditPart } from './entry.ts';
import { createLinks, type Links } from './links.ts';
import { readParts, type AuditPage, type AuditQuery } from './read-audit.ts';
import { createRecorder } from './recorder.ts';
import { trim, type AuditCaps } from './trim.ts';
import { verifyPart, type AuditVerdict } from './verify-audit.ts';

export type { AuditEvent, AuditKind } from './entry.ts';
export type { AuditPage, AuditQuery, ReadEntry } from './read-audit.ts';
export type { AuditVerdict } from './verify-audit.ts';

/** The audit record of this gateway. */
export interface Audit {
  /**
   * Records what happened. Returns at once and never fails for the store's sake: an audit that could stop a login would be
   * a way to stop logins.
   *
   * @throws TypeError for a kind that is none.
   */
  record(event: AuditEvent): void;
  /** A page of the record, newest first, both parts together. */
  readAudit(query?: AuditQuery): Promise<AuditPage>;
  /** Is the record whole? Names the first entry that is not. */
  verifyAudit(): Promise<AuditVerdict>;
  /** Writes what waits, and drops what is beyond the caps. Resolves also when the store is away. */
  settle(): Promise<void>;
  /** Writes what waits, as far as the store takes it, and stops. */
  close(): Promise<void>;
}

/** What the record stands on. */
export interface AuditParts {
  readonly journal: Journal;
  readonly sealer: Sealer;
  readonly caps: AuditCaps;
  /** Gets every entry as one line of JSON, at once; undefined: nobody. */
  readonly writeLine: ((line: string) => void) | undefined;
  readonly logger: Pick<Logger, 'error'>;
}

const COUNTS_MS = 600_000;
const TRIM_MS = 60_000;

/** One record for all processes on one store. */
export function createAudit(parts: AuditParts): Audit {
  const { journal, sealer } = parts;
  const press = createPress(parts.writeLine);
  const links: Record<AuditPart, Links> = {
    visitors: createLinks(sealer, 'visitors'),
    administration: createLinks(sealer, 'administration'),
  };
  const writers: Record<AuditPart, PartWriter> = {
    visitors: createPartWriter(parts, 'visitors', links.visitors, press),
    administration: createPartWriter(parts, 'administration', links.administration, press),
  };
  const all = async (work: (writer: PartWriter) => Promise<void>) => {
    await Promise.all(AUDIT_PARTS.map((part) => work(writers[part])));
  };
  const counting = setInterval(() => {
    for (const part of AUDIT_PARTS) writers[part].putCounts();
  }, COUNTS_MS).unref();
  const trimming = setInterval(() => void all(({ trim }) => trim()), TRIM_MS).unref();
  return {
    record: (event) => {
      writers[partOf(event.kind)].put(event);
    },
    readAudit: (query = {}) => readParts(journal, links, query),
    async verifyAudit() {
      const verdicts = await Promise.all(AUDIT_PARTS.map((part) => verifyPart(journal, part, links[part])));
      const ok = verdicts.every(({ finding, noted }) => finding === undefined && noted.length === 0);
      return { ok, parts: verdicts };
    },
    async settle() {
      await all(({ flush }) => flush());
      await all(({ trim }) => trim());
    },
    async close() {
      clearInterval(counting);
      clearInterval(trimming);
      await all(async ({ putCounts, flush, stop }) => {
        putCounts();
        await flush();
        stop();
      });
    },
  };
}

/** Makes entries of events, and lines of entries. */
interface Press {
  /** The entry, numbered. */
  readonly make: (event: AuditEvent) => AuditEntry;
  /** Writes its line. */
  readonly say: (entry: AuditEntry) => void;
}

function createPress(writeLine: AuditParts['writeLine']): Press {
  const writer = randomBytes(6).toString('base64url');
  let number = 0;
  return {
    make: (event) => toEntry(event, { at: new Date().toISOString(), writer, number: (number += 1) }),
    // no level and no msg, which every line of the log has
    say: (entry) => writeLine?.(JSON.stringify({ record: 'audit', ...entry })),
  };
}

interface PartWriter {
  readonly put: (event: AuditEvent) => void;
  readonly putCounts: () => void;
  readonly flush: () => Promise<void>;
  /** Resolves also when the store is away: the next one makes up for it. */
  readonly trim: () => Promise<void>;
  readonly stop: () => void;
}

function createPartWriter(
  { journal, caps, logger }: AuditParts,
  part: AuditPart,
  links: Links,
  { make, say }: Press,
): PartWriter {
  const budget = createBudget(caps.maxEntries);
  const written = (event: AuditEvent) => {
    const entry = make(event);
    say(entry);
    return entry;
  };
  const note = (kind: 'record_started' | 'record_broken', count: number) => make({ kind, count });
  const recorder = createRecorder({
    logger,
    chain: createChain({ journal, part, links, logger, ...caps, note, noted: say }),
    lost: (count, since) => written({ kind: 'entries_lost', count, since }),
  });
  return {
    put(event) {
      if (budget.takes(event)) recorder.put(written(event));
    },
    putCounts() {
      for (const event of budget.counted()) recorder.put(written(event));
    },
    flush: () => recorder.flush(),
    async trim() {
      const finding = await trim({ journal, part, links, caps, logger }).catch(() => undefined);
      if (finding !== undefined) recorder.put(written({ kind: 'record_broken', count: 1 }));
    },
    stop: () => {
      recorder.stop();
    },
  };
}
