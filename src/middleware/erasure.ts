import type { Audit } from '../audit/audit.ts';
import { subjectPseudonym } from '../claims/identity.ts';
import type { Connection, GatewayConfig } from '../config/gateway-config.ts';
import type { BrowserRecords, IdentityRecord } from '../session/browser-records.ts';
import { forgetChats } from '../session/chat-records.ts';
import { createPersons, type Persons, type Traces } from '../session/persons.ts';
import type { Stores } from '../session/stores.ts';
import type { ChatOwners } from './chat-owners.ts';
import type { OpenExchanges } from './open-exchanges.ts';

/** Whom a revocation means. */
export type RevokedPerson =
  /** `sub` as the provider says it; without a connection's name at all connections of the customer. */
  | { readonly customerKey: string; readonly connectionName?: string | undefined; readonly sub: string }
  /** The pseudonym, as log and audit record show it. */
  | { readonly subject: string };

/** What was ended. */
export interface Revoked {
  readonly sessions: number;
  readonly chats: number;
}

/** Ends everything that is kept of one person. */
export interface Erasure {
  readonly persons: Persons;
  /**
   * Ends every session that the person was verified in, with all that hangs on it (identities, waiting codes, tokens), the
   * chats that they started, and what runs for them in any process; says so in the audit record.
   *
   * @param by Who does it, for the record.
   * @throws GatewayError `session_store_unavailable`: call again. TypeError for a customer or connection that is not there.
   */
  revokeSubject(
    who: RevokedPerson,
    by: { readonly actor: string; readonly requestId?: string | undefined },
  ): Promise<Revoked>;
  /** These identities are about to be kept under another session id as well. */
  follow(records: readonly IdentityRecord[], sessionId: string): Promise<void>;
  /** They are kept there now, and no longer under the old one: who was erased meanwhile must not have come along. */
  moved(records: readonly IdentityRecord[], oldId: string, newId: string): Promise<void>;
}

/** What erasure works on. */
export interface ErasureParts {
  readonly config: Pick<GatewayConfig, 'customers'>;
  readonly stores: Pick<Stores, 'state' | 'sealer' | 'sessions'>;
  readonly records: BrowserRecords;
  readonly chatOwners: Pick<ChatOwners, 'forget'>;
  readonly exchanges: Pick<OpenExchanges, 'end'>;
  readonly pseudonym: (text: string) => string;
  readonly audit: Pick<Audit, 'record'>;
}

/** Erasure on the given stores. */
export function createErasure(parts: ErasureParts): Erasure {
  const { records, chatOwners, exchanges, audit, stores } = parts;
  const persons = createPersons(stores);
  const connections = parts.config.customers.flatMap((customer) => customer.connections);
  const connectionIds = connections.map(({ id }) => id);

  async function endSession(sessionId: string): Promise<void> {
    await records.forget(sessionId, connectionIds);
    await chatOwners.forget(sessionId, connectionIds);
    exchanges.end(sessionId);
    await new Promise<void>((resolve, reject) => {
      stores.sessions.destroy(sessionId, (error?: unknown) => {
        if (error instanceof Error) reject(error);
        else resolve();
      });
    });
  }

  async function endOne(subject: string): Promise<Revoked> {
    const traces = await persons.erase(subject, async ({ sessionIds, chats }: Traces) => {
      await Promise.all(sessionIds.map(endSession));
      await forgetChats(stores, chats, subject);
    });
    return { sessions: traces.sessionIds.length, chats: traces.chats.length };
  }

  return {
    persons,
    async revokeSubject(who, { actor, requestId }) {
      const meant = personsOf(parts, connections, who);
      const ended = [];
      for (const { subject, connection } of meant)
        ended.push({ subject, connection, ...(await endOne(subject)) });
      const hits = ended.filter(({ sessions, chats }) => sessions + chats > 0);
      // a revocation that found nobody is an administrator's act all the same
      for (const { subject, connection, sessions } of hits.length > 0 ? hits : ended.slice(0, 1)) {
        const about = { customer: connection?.customerKey, connection: connection?.name, subject };
        audit.record({ kind: 'session_revoked', actor, requestId, ...about, count: sessions });
      }
      return {
        sessions: hits.reduce((sum, { sessions }) => sum + sessions, 0),
        chats: hits.reduce((sum, { chats }) => sum + chats, 0),
      };
    },
    async follow(moved, sessionId) {
      for (const { identity, expiresAt } of moved)
        await persons.note(identity.subject, { sessionId, until: expiresAt });
    },
    async moved(moved, oldId, newId) {
      for (const { identity, verifiedAt } of moved) {
        await persons.drop(identity.subject, oldId);
        const erasedAt = await persons.erasedAt(identity.subject);
        if (erasedAt !== undefined && verifiedAt <= erasedAt) await endSession(newId);
      }
    },
  };
}

interface MeantPerson {
  readonly subject: string;
  readonly connection: Connection | undefined;
}

function personsOf(
  { pseudonym }: ErasureParts,
  connections: readonly Connection[],
  who: RevokedPerson,
): MeantPerson[] {
  if ('subject' in who) return [{ subject: who.subject, connection: undefined }];
  const meant = connections.filter(
    ({ customerKey, name }) =>
      customerKey === who.customerKey && (who.connectionName === undefined || name === who.connectionName),
  );
  if (meant.length === 0) throw new TypeError('there is no such customer or connection');
  return meant.flatMap((connection) =>
    issuersOf(connection).map((issuer) => ({
      subject: subjectPseudonym(connection, issuer, who.sub, pseudonym),
      connection,
    })),
  );
}

/** What its ID tokens may say in `iss`: the slash at the end is the provider's choice. */
function issuersOf({ overrides, endpoint }: Connection): string[] {
  const issuer = (overrides.issuer ?? endpoint).replace(/\/$/, '');
  return [issuer, `${issuer}/`];
}
