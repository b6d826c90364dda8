import type { AuditKind, ReadEntry } from '../../audit/audit.ts';
import { AUDIT_KINDS } from '../../audit/entry.ts';
import { GatewayError } from '../../errors.ts';
import { whenOf, type Chip } from '../shown.ts';
import { hrefOf, type Page, type Visit } from '../visit.ts';

const PAGE_LENGTH = 50;
const CURSOR = /^(?:\d{1,15}-\d{1,15})?_(?:\d{1,15}-\d{1,15})?$/;
const KINDS: readonly AuditKind[] = [...new Set([...AUDIT_KINDS.administration, ...AUDIT_KINDS.visitors])];

const GRAVE: readonly AuditKind[] = ['record_broken', 'entries_lost'];
const CARE: readonly AuditKind[] = [
  'change_refused',
  'administrator_refused',
  'request_refused',
  'redemption_failed',
  'session_revoked',
];

/** The audit record, newest first, by kind and customer. */
export const audit: Page = async (visit) => {
  const { base, query, session, runtime } = visit;
  if (query.after !== undefined && !CURSOR.test(query.after))
    throw new GatewayError('request_malformed', 'This is not the address of a page of the record.');
  const customer = query.customerKey?.trim() || undefined;
  const { entries, next } = await runtime.audit.readAudit({
    kinds: kindsOf(query.kind),
    customer,
    after: query.after,
    limit: PAGE_LENGTH,
  });
  const about = {
    ...(query.kind ? { kind: query.kind } : {}),
    ...(customer === undefined ? {} : { customerKey: customer }),
  };
  return {
    view: 'audit',
    title: 'Audit record',
    model: {
      csrfToken: session.csrfToken,
      filters: await filtersOf(visit, customer),
      entries: entries.map(shownEntry),
      olderHref: next === undefined ? undefined : hrefOf(base, '/audit', { ...about, after: next }),
      newestHref: query.after === undefined ? undefined : hrefOf(base, '/audit', about),
    },
  };
};

/** Walks through the whole record. */
export const verifyAudit: Page = async ({ runtime, base }) => {
  const { ok, parts } = await runtime.audit.verifyAudit();
  const places = parts.flatMap(({ part, finding, noted }) => [
    ...(finding === undefined ? [] : [`${part}, entry ${finding.number}: ${finding.what}`]),
    ...noted.map((id) => `${part}, entry ${id}: a loss that the gateway has noted itself`),
  ]);
  return {
    goTo: `${base}/audit`,
    flash: ok
      ? { tone: 'good', text: 'The record is whole: no entry is missing or altered.' }
      : { tone: 'care', text: `The record is not whole. ${places.join('; ')}.` },
  };
};

function kindsOf(kind: string | undefined): readonly AuditKind[] | undefined {
  if (kind === undefined || kind === '') return undefined;
  if (kind === 'visitors' || kind === 'administration') return AUDIT_KINDS[kind];
  const known = KINDS.filter((one) => one === kind);
  if (known.length === 0)
    throw new GatewayError('request_malformed', 'The record has no entries of this kind.');
  return known;
}

async function filtersOf({ query, administration }: Visit, customer: string | undefined) {
  const { customers } = await administration.read();
  const keys = [
    ...new Set([
      ...customers.map(({ customerKey }) => customerKey),
      ...(customer === undefined ? [] : [customer]),
    ]),
  ];
  return [
    {
      name: 'kind',
      label: 'What',
      kind: 'choice',
      value: query.kind ?? '',
      choices: [
        { value: '', label: 'Everything' },
        { value: 'administration', label: 'Administrators, all' },
        { value: 'visitors', label: 'Visitors, all' },
        ...KINDS.map((kind) => ({ value: kind, label: wordsOf(kind) })),
      ],
    },
    {
      name: 'customerKey',
      label: 'Customer',
      kind: 'choice',
      value: customer ?? '',
      choices: [{ value: '', label: 'Every customer' }, ...keys.map((key) => ({ value: key, label: key }))],
    },
  ];
}

function shownEntry(entry: ReadEntry) {
  const { at, kind, actor, subject, customer, connection, queue, requestId } = entry;
  return {
    at: whenOf(Date.parse(at)),
    kind: { tone: toneOf(kind), label: wordsOf(kind) } satisfies Chip,
    who: actor ?? (subject === undefined ? undefined : `person ${subject}`),
    where: [customer, connection, queue].filter((one) => one !== undefined).join(' · '),
    more: [...detailsOf(entry), ...(requestId === undefined ? [] : [`request ${requestId}`])].join(' · '),
  };
}

function detailsOf({ change, paths, code, authError, count, since, chat }: ReadEntry): string[] {
  return [
    ...[change, code, authError].filter((one) => one !== undefined),
    ...(paths ?? []),
    ...(count === undefined || count === 0 ? [] : [`${count} ×`]),
    ...(since === undefined ? [] : [`since ${whenOf(Date.parse(since)).text}`]),
    ...(chat === undefined ? [] : [`chat ${chat}`]),
  ];
}

function toneOf(kind: AuditKind): Chip['tone'] {
  if (GRAVE.includes(kind)) return 'grave';
  if (CARE.includes(kind)) return 'care';
  return AUDIT_KINDS.administration.some((one) => one === kind) ? 'accent' : 'quiet';
}

function wordsOf(kind: string): string {
  return kind.replaceAll('_', ' ');
}
