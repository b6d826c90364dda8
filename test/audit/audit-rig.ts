import { randomBytes } from 'node:crypto';
import type { TestContext } from 'node:test';
import { createAudit, type Audit, type AuditEvent } from '../../src/audit/audit.ts';
import type { LogFields } from '../../src/observe/logger.ts';
import type { Journal } from '../../src/session/journal.ts';
import { createMemoryJournal } from '../../src/session/memory-journal.ts';
import { createSealer, type Sealer } from '../../src/session/seal.ts';

/** A record with what it has said. */
export interface AuditRig {
  readonly audit: Audit;
  readonly journal: Journal;
  readonly sealer: Sealer;
  readonly lines: string[];
  readonly errors: { fields: LogFields; message: string }[];
}

/** The record of one process; several on one journal are several processes. */
export function auditOn(
  t: TestContext,
  over: Partial<{ journal: Journal; sealer: Sealer; maxEntries: number; maxDays: number }> = {},
): AuditRig {
  const { journal = createMemoryJournal(), sealer = createSealer([randomBytes(32)]) } = over;
  const lines: string[] = [];
  const errors: AuditRig['errors'] = [];
  const audit = createAudit({
    journal,
    sealer,
    caps: { maxEntries: over.maxEntries ?? 1000, maxDays: over.maxDays ?? 90 },
    writeLine: (line) => void lines.push(line),
    logger: { error: (fields, message) => void errors.push({ fields, message }) },
  });
  t.after(() => audit.close());
  return { audit, journal, sealer, lines, errors };
}

/** An entry that nothing bounds. */
export const redeemed = (queue: string): AuditEvent => ({
  kind: 'code_redeemed',
  customer: '12345',
  queue,
  subject: 'a-pseudonym',
});

/** Records these, one in each queue, and waits until they are written. */
export async function recordAll(
  { audit }: Pick<AuditRig, 'audit'>,
  queues: readonly string[],
): Promise<void> {
  for (const queue of queues) audit.record(redeemed(queue));
  await audit.settle();
}

/** The visitors' part of the verdict, in short: what, which number. */
export async function flawOf({ audit }: Pick<AuditRig, 'audit'>): Promise<string> {
  const { ok, parts } = await audit.verifyAudit();
  const found = parts.find(({ finding, noted }) => finding !== undefined || noted.length > 0);
  if (ok !== (found === undefined)) throw new Error('ok and the findings differ');
  if (found === undefined) return 'whole';
  return found.finding === undefined ? 'noted' : `${found.finding.what} ${found.finding.number}`;
}
