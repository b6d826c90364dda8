import type { Administration, AdministrationView } from '../admin/administration.ts';
import { ConflictError } from '../admin/conflict.ts';
import type { ShownConnection, ShownCustomer, ShownQueue } from '../admin/view.ts';
import type { Edit } from '../config/edits.ts';
import { sameCustomer, sameQueue } from '../config/overlay.ts';
import { ConfigError, type Problem } from '../config/problems.ts';
import { GatewayError, isGatewayError } from '../errors.ts';
import type { Runtime } from '../middleware/runtime.ts';
import { CONNECTION_FIELDS } from './connection-fields.ts';
import type { Form } from './form.ts';
import type { Health } from './health.ts';
import { refusalOf } from './problem-texts.ts';
import type { AdminSession, Flash } from './sessions.ts';
import type { AdminView, Link } from './templates.ts';

/** One request of an administrator who is signed in. */
export interface Visit {
  readonly runtime: Runtime;
  readonly administration: Administration;
  readonly health: Health;
  /** Identities of visitors that are kept now. */
  readonly countVerified: () => Promise<number>;
  readonly session: AdminSession;
  /** Not as a viewer. */
  readonly canChange: boolean;
  /** Path of the administration, `/secure-chat/admin`. */
  readonly base: string;
  readonly query: Readonly<Record<PlaceName, string | undefined>>;
  /** Empty for a GET. */
  readonly form: Form;
  readonly requestId: string;
}

/** Parameters by which the addresses of pages say what they are about. */
export const PLACE_NAMES = [
  'customerKey',
  'authConnectionName',
  'queueKey',
  'key',
  'act',
  'kind',
  'after',
] as const;

/** One of them. */
export type PlaceName = (typeof PLACE_NAMES)[number];

/** A page to be shown. */
export interface ShownPage {
  readonly view: AdminView;
  readonly title: string;
  /** Default: 200. */
  readonly status?: number;
  readonly narrow?: boolean;
  readonly crumbs?: readonly Link[];
  readonly model: object;
}

/** The way on after something was done. */
export interface GoneOn {
  readonly goTo: string;
  readonly flash?: Flash;
}

/** What a page answers. */
export type Answer = ShownPage | GoneOn;

/** One page, or what its form does. */
export type Page = (visit: Visit) => Promise<Answer>;

/** Why a change was not made, as pages show it. */
export interface ShownRefusal {
  readonly status: number;
  /** Beside their fields, by name. */
  readonly fields: Readonly<Record<string, string>>;
  readonly canForce: boolean;
  readonly refusal: {
    readonly title: string;
    readonly text?: string;
    readonly items: readonly { readonly text: string; readonly href?: string }[];
  };
}

/** The address of a page, with what it is about. */
export function hrefOf(base: string, path: string, about: Partial<Record<PlaceName, string>> = {}): string {
  const query = new URLSearchParams(about).toString();
  return `${base}${path}${query === '' ? '' : `?${query}`}`;
}

/**
 * The customer that the address names.
 *
 * @throws GatewayError `not_found`.
 */
export function customerOf(
  { query: { customerKey } }: Visit,
  { customers }: AdministrationView,
): ShownCustomer {
  return found(
    customers.find((one) => customerKey !== undefined && sameCustomer(one.customerKey, customerKey)),
  );
}

/**
 * The connection that the address names.
 *
 * @throws GatewayError `not_found`.
 */
export function connectionOf({ query }: Visit, { connections }: ShownCustomer): ShownConnection {
  return found(connections.find((one) => one.authConnectionName === query.authConnectionName));
}

/**
 * The queue that the address names.
 *
 * @throws GatewayError `not_found`.
 */
export function queueOf({ query: { queueKey } }: Visit, { queues }: ShownCustomer): ShownQueue {
  return found(queues.find((one) => queueKey !== undefined && sameQueue(one.queueKey, queueKey)));
}

function found<T>(thing: T | undefined): T {
  if (thing === undefined) throw new GatewayError('not_found', 'The administration has no such page.');
  return thing;
}

/**
 * Makes these edits as whoever visits, on the revision that the form was made of. Undefined when it was done; else why not.
 *
 * @param fieldOf The field that a problem is about.
 */
export async function tryEdits(
  { administration, session, form, requestId }: Visit,
  edits: readonly Edit[],
  fieldOf: (problem: Problem) => string | undefined = () => undefined,
): Promise<ShownRefusal | undefined> {
  try {
    await administration.change(edits, {
      revision: Number(form.get('revision') ?? Number.NaN),
      actor: session.administrator.name,
      force: form.get('force') === 'yes',
      requestId,
    });
    return undefined;
  } catch (error) {
    if (error instanceof ConfigError) return refused(error.problems, fieldOf);
    if (error instanceof ConflictError) return CONFLICT;
    if (isGatewayError(error) && error.code === 'session_store_unavailable') return UNKNOWN;
    throw error;
  }
}

function refused(
  problems: readonly Problem[],
  fieldOf: (problem: Problem) => string | undefined,
): ShownRefusal {
  const { fields, others, canForce } = refusalOf(problems, fieldOf);
  return {
    ...refusedFields(fields, others),
    canForce,
  };
}

/** A refusal that names fields, and what belongs to none. */
export function refusedFields(
  fields: Readonly<Record<string, string>>,
  others: readonly string[] = [],
): ShownRefusal {
  return {
    status: 422,
    fields,
    canForce: false,
    refusal: {
      title: 'Nothing was changed yet',
      items: [
        ...Object.entries(fields).map(([name, text]) => ({
          text: `${labelOf(name)}: ${text}`,
          href: `#${name}`,
        })),
        ...others.map((text) => ({ text })),
      ],
    },
  };
}

const LABELS: ReadonlyMap<string, string> = new Map([
  ...CONNECTION_FIELDS.map(({ key, label }) => [key, label] as const),
  ['authConnectionName', 'Connection'],
  ['queueKey', 'Queue key'],
  ['requiredAcrValues', 'Required acr values'],
  ['customerKey', 'Customer key'],
  ['returnOrigins', 'Return origins'],
  ['subject', 'Pseudonym'],
  ['authClientSecret', 'Client secret'],
  ['authDecryptionKeys', 'Decryption keys'],
  ['authRequestSigningKey', 'Request signing key'],
  ['replace', 'Replacing'],
]);

function labelOf(name: string): string {
  const [, row] = /^claim\.(\d+)$/.exec(name) ?? [];
  return row === undefined ? (LABELS.get(name) ?? name) : `Row ${Number(row) + 1}`;
}

const CONFLICT: ShownRefusal = {
  status: 409,
  fields: {},
  canForce: false,
  refusal: {
    title: 'Somebody else was faster',
    text: 'The settings were changed after this page was opened, so nothing of yours was saved. What you typed is kept here, beside what is in force now: look at it, and save again.',
    items: [],
  },
};

const UNKNOWN: ShownRefusal = {
  status: 503,
  fields: {},
  canForce: false,
  refusal: {
    title: 'The store did not answer',
    text: 'The old settings or the new ones are in force. Open this page again in a moment, look, and save again if need be.',
    items: [],
  },
};
