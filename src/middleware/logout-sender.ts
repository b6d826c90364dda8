import { customerOf } from '../config/connection-id.ts';
import type { Runtime } from './runtime.ts';

/** Whose page asks for a log-out, and how far its word reaches. */
export interface LogoutSender {
  /**
   * `own`: a page of the gateway's origin, or no browser. `portal`: a page of a customer. `nameless`: a page that hides
   * its origin; the cookie that it brings is of this site. `foreign`: every other page, which ends nothing.
   */
  readonly kind: 'own' | 'portal' | 'nameless' | 'foreign';
  /**
   * Does it end what this connection has verified? A portal that of its customers, and no other customer's; by the id, since
   * a connection may have been changed or taken away after it verified somebody.
   */
  ends(connectionId: string): boolean;
  /** Where it may send the browser afterwards. */
  readonly returnOrigins: readonly string[];
}

/** The sender by its `Origin`, which browsers name with every POST (Fetch standard, section 3.2). */
export function logoutSender({ config }: Pick<Runtime, 'config'>, origin: string | undefined): LogoutSender {
  const { customers, publicOrigin } = config;
  const returnOrigins = customers.flatMap((customer) => customer.returnOrigins);
  if (origin === undefined || origin === publicOrigin)
    return { kind: 'own', ends: () => true, returnOrigins };
  if (origin === 'null') return { kind: 'nameless', ends: () => true, returnOrigins };
  const theirs = customers.filter((customer) => customer.returnOrigins.includes(origin));
  if (theirs.length === 0) return { kind: 'foreign', ends: () => false, returnOrigins };
  return {
    kind: 'portal',
    ends: (id) => theirs.some(({ customerKey }) => customerKey === customerOf(id)),
    returnOrigins: theirs.flatMap((customer) => customer.returnOrigins),
  };
}
