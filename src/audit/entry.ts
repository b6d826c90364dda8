import type { ProblemCode } from '../errors.ts';

/**
 * What is recorded, in two parts that are capped one by one: whatever visitors do, and however often, what administrators did
 * stays in the record.
 */
export const AUDIT_KINDS = {
  visitors: [
    'login_begun',
    'silent_login_failed',
    'code_redeemed',
    'redemption_failed',
    'identity_attached',
    'chat_started',
    'request_refused',
    'logged_out',
    'record_started',
    'record_broken',
    'entries_lost',
  ],
  administration: [
    'session_revoked',
    'configuration_changed',
    'secret_set',
    'keys_rotated',
    'administrator_signed_in',
    'administrator_refused',
    'record_started',
    'record_broken',
    'entries_lost',
  ],
} as const;

/** `visitors` or `administration`. */
export type AuditPart = keyof typeof AUDIT_KINDS;

/** What happened, in one word of a closed set. */
export type AuditKind = (typeof AUDIT_KINDS)[AuditPart][number];

/** Both parts. */
export const AUDIT_PARTS: readonly AuditPart[] = ['visitors', 'administration'];

/** Something to be recorded. Every text is cut after 200 characters; whatever is not named here is left out. */
export interface AuditEvent {
  readonly kind: AuditKind;
  /** Finds the request in the log. */
  readonly requestId?: string | undefined;
  readonly customer?: string | undefined;
  readonly queue?: string | undefined;
  readonly connection?: string | undefined;
  /** Keyed pseudonym of the person, never the `sub`. */
  readonly subject?: string | undefined;
  /** Keyed pseudonym of the chat's id. */
  readonly chat?: string | undefined;
  /** The administrator, by a name that may be kept. */
  readonly actor?: string | undefined;
  /** Class of a refusal or failure. */
  readonly code?: ProblemCode | undefined;
  /** What the visitor was told in `authError`. */
  readonly authError?: string | undefined;
  /** Places of the configuration that changed, at most 50; never their values. */
  readonly paths?: readonly string[] | undefined;
  /** This entry stands for so many of its kind and class. */
  readonly count?: number | undefined;
  /** When the first of them happened; ISO 8601. */
  readonly since?: string | undefined;
}

/** An event as it is kept. */
export interface AuditEntry extends AuditEvent {
  /** When it happened; ISO 8601, UTC. */
  readonly at: string;
  /** The process that recorded it: random, new at each start. */
  readonly writer: string;
  /** Rises by one with each entry of that process, over both parts. */
  readonly number: number;
}

const TEXTS = [
  'requestId',
  'customer',
  'queue',
  'connection',
  'subject',
  'chat',
  'actor',
  'code',
  'authError',
  'since',
] as const;
const MAX_TEXT = 200;
const MAX_PATHS = 50;

/** The part that a kind belongs to; kinds about the record itself are given theirs. */
export function partOf(kind: AuditKind): AuditPart {
  return AUDIT_KINDS.visitors.some((one) => one === kind) ? 'visitors' : 'administration';
}

/**
 * The entry of an event: known members only, in one order, nothing longer than it may be.
 *
 * @throws TypeError for a kind that is none: a mistake of whoever calls.
 */
export function toEntry(
  event: AuditEvent,
  { at, writer, number }: Pick<AuditEntry, 'at' | 'writer' | 'number'>,
): AuditEntry {
  const kinds: readonly string[] = AUDIT_PARTS.flatMap((part) => AUDIT_KINDS[part]);
  if (!kinds.includes(event.kind)) throw new TypeError('this is no kind of the audit record');
  const texts = TEXTS.flatMap((name) => {
    const value: unknown = event[name];
    return typeof value === 'string' ? [[name, value.slice(0, MAX_TEXT)]] : [];
  });
  const { count, paths } = event;
  return {
    kind: event.kind,
    at,
    writer,
    number,
    ...(Object.fromEntries(texts) as Partial<AuditEvent>),
    ...(paths && { paths: paths.slice(0, MAX_PATHS).map((path) => path.slice(0, MAX_TEXT)) }),
    ...(count !== undefined && { count }),
  };
}
