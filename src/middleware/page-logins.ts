import { createHash, timingSafeEqual } from 'node:crypto';
import type { Claimant } from '../oidc/transactions.ts';
import type { Sealer } from '../session/seal.ts';
import { createSealedRecords } from '../session/sealed-records.ts';
import type { StateStore } from '../session/state-store.ts';
import { CODE_LIFE_MS } from './code-life.ts';
import type { TokenHolder } from './tokens.ts';

/** A login that has come back, until its page claims it. */
export interface PageLogin extends Omit<TokenHolder, 'origin'> {
  readonly claimant: Claimant;
}

/** What a page claims its login with. */
export interface ClaimProof {
  /** The value of `authCode`. */
  readonly handle: string;
  /** What `challenge` was made of (RFC 7636, section 4.1). */
  readonly verifier: string;
  readonly origin: string | undefined;
  readonly customerKey: string;
  readonly queueKey: string;
}

/** Logins that wait for the page that started them, each under its handle. */
export interface PageLogins {
  /** Keeps the login for as long as its code may wait: 10 minutes. */
  keep(handle: string, login: PageLogin): Promise<void>;
  /**
   * Takes it: of many callers, over all processes, one gets it. Undefined for everybody else, and for a proof that does
   * not fit, which leaves the login to its page.
   */
  claim(proof: ClaimProof): Promise<PageLogin | undefined>;
}

/** Logins in the given store, under names from which no handle can be found. */
export function createPageLogins(parts: { state: StateStore; sealer: Sealer }): PageLogins {
  const records = createSealedRecords(parts.state, parts.sealer);
  const name = (handle: string) => parts.sealer.key('page-login', handle);
  return {
    keep: (handle, login) => records.write(name(handle), login, Date.now() + CODE_LIFE_MS),
    async claim(proof) {
      const read = await records.read(name(proof.handle));
      if (read === undefined || !fits(read.value as PageLogin, proof)) return undefined;
      return (await records.take(name(proof.handle)))?.value as PageLogin | undefined;
    },
  };
}

function fits({ claimant, customerKey, queueKey }: PageLogin, proof: ClaimProof): boolean {
  return (
    isVerifier(proof.verifier, claimant.challenge) &&
    proof.origin === claimant.origin &&
    proof.customerKey === customerKey &&
    proof.queueKey === queueKey
  );
}

/** RFC 7636, section 4.6, method S256. */
function isVerifier(verifier: string, challenge: string): boolean {
  const computed = Buffer.from(createHash('sha256').update(verifier, 'ascii').digest('base64url'));
  const known = Buffer.from(challenge);
  return computed.length === known.length && timingSafeEqual(computed, known);
}
