import type { AuditKind, AuditVerdict, ReadEntry } from '../audit/audit.ts';
import { AUDIT_KINDS } from '../audit/entry.ts';
import { didYouMean } from '../config/did-you-mean.ts';
import { textOf, type Call, type Command } from './command.ts';
import { UsageError } from './failure.ts';
import { table } from './terminal.ts';
import { withLive } from './with-live.ts';

const KINDS: readonly AuditKind[] = [...new Set([...AUDIT_KINDS.visitors, ...AUDIT_KINDS.administration])];

/** `audit list`: newest first. */
export const auditList: Command = {
  name: 'audit list',
  summary: 'Lists the audit record, newest first.',
  options: {
    kind: { value: 'LIST', about: 'these kinds only, a comma list (docs/audit.md names them)' },
    customer: { value: 'KEY', about: 'entries of this customer only' },
    limit: { value: 'NUMBER', about: 'entries at most, 1 to 500; default 50' },
    after: { value: 'NEXT', about: 'go on where the list before ended (its "next")' },
  },
  async run(call) {
    const query = {
      kinds: kindsOf(textOf(call, 'kind')),
      customer: textOf(call, 'customer'),
      limit: limitOf(textOf(call, 'limit')),
      after: afterOf(call),
    };
    return withLive(call, async ({ current }) => {
      const { entries, next } = await current.audit.readAudit(query);
      const rows = entries.map((entry) => [
        entry.at.slice(0, 19),
        entry.kind,
        placeOf(entry),
        entry.actor ?? entry.subject ?? '',
        detailsOf(entry),
      ]);
      const more = next === undefined ? '' : `\nMore: --after ${next}`;
      const text = table(['AT (UTC)', 'KIND', 'WHERE', 'WHO', 'DETAILS'], rows) + more;
      return { ok: true, data: { entries, ...(next === undefined ? {} : { next }) }, text };
    });
  },
};

/** `audit verify`. */
export const auditVerify: Command = {
  name: 'audit verify',
  summary: 'Checks that nothing in the audit record was removed, altered or moved.',
  options: {},
  run: (call) =>
    withLive(call, async ({ current }) => {
      const verdict = await current.audit.verifyAudit();
      return { ok: verdict.ok, data: { parts: verdict.parts }, text: verdict.parts.map(partText).join('\n') };
    }),
};

function kindsOf(list: string | undefined): readonly AuditKind[] | undefined {
  return list?.split(',').map((word) => {
    const kind = KINDS.find((one) => one === word.trim());
    if (kind !== undefined) return kind;
    throw new UsageError(
      `--kind names a kind that there is not: ${didYouMean(word, KINDS) ?? `there are ${KINDS.join(', ')}`}`,
    );
  });
}

function limitOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const limit = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > 500) throw new UsageError('--limit is a number from 1 to 500.');
  return limit;
}

function afterOf(call: Call): string | undefined {
  const after = textOf(call, 'after');
  if (after !== undefined && !/^(\d{1,15}-\d{1,15})?_(\d{1,15}-\d{1,15})?$/.test(after))
    throw new UsageError('--after is the "next" of the list before.');
  return after;
}

function placeOf({ customer, connection, queue }: ReadEntry): string {
  return [customer, queue ?? connection].filter((part) => part !== undefined).join(' ');
}

function detailsOf({ change, code, authError, paths, count, since }: ReadEntry): string {
  const times = count === undefined ? undefined : `${count} times`;
  const from = since === undefined ? undefined : `since ${since}`;
  return [change, code, authError, times, from, paths?.join(' ')]
    .filter((part) => part !== undefined)
    .join(', ');
}

function partText({ part, entries, unreadable, finding, noted }: AuditVerdict['parts'][number]): string {
  const state =
    finding === undefined
      ? noted.length === 0
        ? 'whole'
        : `not whole: a process has noted a loss at ${noted.join(', ')}`
      : `not whole: number ${finding.number} is ${finding.what}${finding.id === undefined ? '' : ` (${finding.id})`}`;
  const sealed = unreadable === 0 ? '' : `, ${unreadable} of them sealed with keys that are gone`;
  return `${part}: ${entries} entries${sealed}, ${state}`;
}
