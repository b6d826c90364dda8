import type { Runtime } from './runtime.ts';

/** Whose page asks for a log-out, and how far its word reaches. */
export interface LogoutSender {
  /**
   * `own`: a page of the gateway's origin, or no browser. `portal`: a page of a customer. `nameless`: a page that hides
   * its origin; the cookie that it brings is of this site. `foreign`: every other page, which ends nothing.
   */
  readonly kind: 'own' | 'portal' | 'nameless' | 'foreign';
  /** Connections whose identities it ends: a portal those of its customers, and no other customer's. */
  readonly connectionIds: readonly string[];
  /** Where it may send the browser afterwards. */
  readonly returnOrigins: readonly string[];
}

/** The sender by its `Origin`, which browsers name with every POST (Fetch standard, section 3.2). */
export function logoutSender(
  { config, connectionIds }: Pick<Runtime, 'config' | 'connectionIds'>,
  origin: string | undefined,
): LogoutSender {
  const { customers, publicOrigin } = config;
  const returnOrigins = customers.flatMap((customer) => customer.returnOrigins);
  if (origin === undefined || origin === publicOrigin) return { kind: 'own', connectionIds, returnOrigins };
  if (origin === 'null') return { kind: 'nameless', connectionIds, returnOrigins };
  const theirs = customers.filter((customer) => customer.returnOrigins.includes(origin));
  if (theirs.length === 0) return { kind: 'foreign', connectionIds: [], returnOrigins };
  return {
    kind: 'portal',
    connectionIds: theirs.flatMap(({ connections }) => connections.map(({ id }) => id)),
    returnOrigins: theirs.flatMap((customer) => customer.returnOrigins),
  };
}
