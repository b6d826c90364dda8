import { randomBytes } from 'node:crypto';
import type { LoginInput } from '../oidc/transactions.ts';
import type { Sealer } from '../session/seal.ts';
import { createSealedRecords } from '../session/sealed-records.ts';
import type { StateStore } from '../session/state-store.ts';

/** The login that a ticket stands for, checked when it was asked for. */
export interface TicketLogin extends Required<
  Pick<LoginInput, 'customerKey' | 'queueKey' | 'returnTo' | 'display' | 'retry' | 'claimant'>
> {
  readonly interactive: boolean;
}

/** One-time values of 32 random bytes that stand in `/login?ticket=`: a login that a page without cookies has asked for. */
export interface Tickets {
  /** A new ticket, good for five minutes. */
  issue(login: TicketLogin): Promise<string>;
  /** Takes the login of a ticket: of many callers, over all processes, one gets it. */
  take(ticket: string): Promise<TakenTicket | undefined>;
}

/** A ticket that was taken. */
export interface TakenTicket {
  readonly login: TicketLogin;
  /** Makes the ticket good again for the rest of its life: its login could not begin, and nobody has heard of it. */
  giveBack(): Promise<void>;
}

const LIFE_MS = 300_000;
const SHAPE = /^[\w-]{43}$/;

/** Tickets in the given store, under names from which they cannot be found. */
export function createTickets(parts: { state: StateStore; sealer: Sealer }): Tickets {
  const records = createSealedRecords(parts.state, parts.sealer);
  const name = (ticket: string) => parts.sealer.key('ticket', ticket);
  return {
    async issue(login) {
      const ticket = randomBytes(32).toString('base64url');
      await records.write(name(ticket), login, Date.now() + LIFE_MS);
      return ticket;
    },
    async take(ticket) {
      const taken = SHAPE.test(ticket) ? await records.take(name(ticket)) : undefined;
      if (taken === undefined) return undefined;
      return {
        login: taken.value as TicketLogin,
        giveBack: () => records.write(name(ticket), taken.value, taken.until),
      };
    },
  };
}
