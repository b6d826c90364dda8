import { createHash } from 'node:crypto';
import type { Connection } from './gateway-config.ts';

/**
 * Id of a connection: its customer, its name, and what decides whom it verifies: the issuer and the client there. Whatever
 * is kept under the id (identities, waiting codes, login transactions, whose a chat is) ends when one of them changes, and
 * is there again when they are changed back. Structured, so that no two pairs of names can join to the same id.
 */
export function connectionId(
  connection: Pick<Connection, 'customerKey' | 'name' | 'clientId' | 'endpoint' | 'overrides'>,
): string {
  const { customerKey, name, clientId, endpoint, overrides } = connection;
  const verifier = JSON.stringify([endpoint, overrides.issuer ?? endpoint, clientId]);
  return JSON.stringify([
    customerKey,
    name,
    createHash('sha256').update(verifier).digest('base64url').slice(0, 22),
  ]);
}

/** The customer of an id that `connectionId` made; whatever else it is given comes back. */
export function customerOf(id: string): string {
  return namesOf(id)[0] ?? id;
}

/** The name of the connection of an id that `connectionId` made, of one that is configured no more too. */
export function connectionNameOf(id: string): string | undefined {
  return namesOf(id)[1];
}

function namesOf(id: string): readonly (string | undefined)[] {
  try {
    const parts: unknown = JSON.parse(id);
    return Array.isArray(parts) ? parts.map((part) => (typeof part === 'string' ? part : undefined)) : [];
  } catch {
    return [];
  }
}

const known = new WeakMap<Connection, string>();

/**
 * How this connection masks. An identity that was masked in another way does not enter: its values may hold in clear what
 * is masked by now.
 */
export function maskingOf(connection: Connection): string {
  const { maskedClaims, pseudonymizedClaims } = connection;
  let masking = known.get(connection);
  if (masking === undefined) {
    masking = JSON.stringify([maskedClaims, pseudonymizedClaims].map((claims) => [...claims].sort()));
    known.set(connection, masking);
  }
  return masking;
}
