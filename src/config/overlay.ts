import { foldQueueKey } from './fold-queue-key.ts';

/** Who set a value, and when (milliseconds since 1970). */
export interface SetBy {
  readonly by: string;
  readonly at: number;
}

/**
 * One setting of a connection: a value of the contract's form, a sealed secret (of a client secret also where it may be
 * sent), or nothing where the file has something.
 */
export type Setting = SetBy & { readonly key: string } & (
    | { readonly value: unknown }
    | { readonly sealed: string; readonly goesTo?: string }
    | { readonly leftOut: true }
  );

/** What an administrator has set of one connection. */
export interface ConnectionOverlay {
  readonly authConnectionName: string;
  /** The connection is taken away. */
  readonly removed?: SetBy;
  readonly settings: readonly Setting[];
}

/** What an administrator has said of one queue. */
export interface QueueOverlay extends SetBy {
  readonly queueKey: string;
  readonly state: 'secure' | 'open' | 'removed';
  /** Of a secure queue. */
  readonly authConnectionName?: string;
  /** Of a secure queue; absent: as the file says. */
  readonly requiredAcrValues?: unknown;
  /** The file made the queue secure when it was opened. What the file makes secure later stays secure. */
  readonly overSecure?: boolean;
}

/** What an administrator has set of one customer. */
export interface CustomerOverlay {
  readonly customerKey: string;
  readonly returnOrigins?: SetBy & { readonly value: unknown };
  /** Present where an administrator has added the customer. */
  readonly added?: SetBy;
  readonly connections: readonly ConnectionOverlay[];
  readonly queues: readonly QueueOverlay[];
}

/** Everything that administrators have set, on top of file and environment. */
export interface Overlay {
  /** Grows with every change; 0 before the first. */
  readonly revision: number;
  readonly customers: readonly CustomerOverlay[];
}

/** Nothing was ever set. */
export const NO_OVERLAY: Overlay = { revision: 0, customers: [] };

/** Settings of a connection that are write-only. */
export const SECRET_SETTINGS: ReadonlySet<string> = new Set([
  'authClientSecret',
  'authDecryptionKeys',
  'authRequestSigningKey',
]);

/** Which secret it is: the place that it is sealed for. */
export interface SecretPlace {
  readonly customerKey: string;
  readonly authConnectionName: string;
  readonly key: string;
}

/** True for two customer keys that the configuration takes for one. */
export function sameCustomer(a: unknown, b: string): boolean {
  return typeof a === 'string' && a.trim() === b.trim();
}

/** True for two queue keys that the configuration takes for one. */
export function sameQueue(a: unknown, b: string): boolean {
  return typeof a === 'string' && foldQueueKey(a) === foldQueueKey(b);
}
