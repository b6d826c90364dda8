import { randomBytes } from 'node:crypto';
import { GatewayError } from '../errors.ts';
import type { Sealer } from '../session/seal.ts';
import type { StateStore } from '../session/state-store.ts';
import {
  bindingCookie,
  cookieHash,
  expiredCookie,
  matchesHash,
  newCookieValue,
  readTransactionCookies,
  transactionId,
} from './transaction-cookies.ts';

export { isTransactionCookie } from './transaction-cookies.ts';

/** The page without cookies that may claim a login: by the verifier of its challenge, and from its origin. */
export interface Claimant {
  /** SHA-256 of the verifier in base64url (RFC 7636, S256). */
  readonly challenge: string;
  readonly origin: string;
  /** The session that the page had until now, whose token came with its request. */
  readonly former: string | undefined;
}

/** What one login attempt is for. */
export interface LoginInput {
  readonly connectionId: string;
  readonly customerKey: string;
  readonly queueKey: string;
  /** Absolute address, checked. */
  readonly returnTo: string;
  readonly display: 'page' | 'window' | 'popup';
  /** This login repeats one whose code had expired. */
  readonly retry: boolean;
  /** Absent where the browser's own cookie says whose login it is. */
  readonly claimant?: Claimant | undefined;
  /** Issuer that an `iss` in the response has to name (RFC 9207). */
  readonly issuer: string;
  /** The provider promised to send `iss`. */
  readonly issPromised: boolean;
}

/** Record of one login attempt, from the authorization request to its response. */
export interface LoginTransaction extends LoginInput {
  /** Undefined where a page builds the authorization request itself. */
  readonly nonce: string | undefined;
  /** PKCE verifier (RFC 7636); undefined with the nonce. */
  readonly codeVerifier: string | undefined;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

/** What a new transaction puts into the authorization request and the browser. */
export interface BegunTransaction {
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
  /** The binding cookie, and the removal of those that had to make room. */
  readonly setCookies: readonly string[];
}

/** A transaction that was taken, and is gone from the store. */
export interface TakenTransaction {
  readonly transaction: LoginTransaction;
  /** The response came more than ten minutes after the request. */
  readonly expired: boolean;
  readonly clearCookies: readonly string[];
}

/** Login transactions: one per attempt, single use, bound to the browser that started it. */
export interface Transactions {
  begin(input: LoginInput, cookieHeader: string | undefined): Promise<BegunTransaction>;
  /**
   * Takes the transaction of a `state` for the browser that started it; of many callers one gets it.
   *
   * @throws GatewayError `state_mismatch` when there is none, or when another browser started it.
   */
  take(state: string, cookieHeader: string | undefined): Promise<TakenTransaction>;
}

/** What the transactions stand on. */
export interface TransactionParts {
  readonly store: StateStore;
  readonly sealer: Sealer;
  /** Cookies are `Secure` and `__Host-`. */
  readonly secureCookies: boolean;
  /** Clock in milliseconds. */
  readonly now?: () => number;
}

/** Milliseconds that a transaction is valid, and that it is kept so that late is told from absent. */
const VALID_MS = 600_000;
const KEPT_MS = 1_200_000;

/** Transactions that one browser may have open. */
const MAX_OPEN = 12;

/** Login transactions in the store, sealed, each under a key of its own. */
export function createTransactions(parts: TransactionParts): Transactions {
  const { store, sealer, secureCookies, now = Date.now } = parts;
  const keyOf = (id: string): string => sealer.key('login', id);

  async function begin(input: LoginInput, cookieHeader: string | undefined): Promise<BegunTransaction> {
    const [state, nonce, codeVerifier] = [secret(), secret(), secret()];
    const id = transactionId(state);
    const createdAt = now();
    const value = newCookieValue(createdAt);
    const transaction: LoginTransaction = { ...input, nonce, codeVerifier, createdAt };
    const record = JSON.stringify({ transaction, browser: cookieHash(value) });
    await store.set(keyOf(id), sealer.seal(record, keyOf(id)), KEPT_MS);
    const crowded = oldest(cookieHeader);
    if (crowded.length > 0) await store.delete(crowded.map(keyOf));
    const removals = crowded.map((old) => expiredCookie(old, secureCookies));
    return { state, nonce, codeVerifier, setCookies: [...removals, bindingCookie(id, value, secureCookies)] };
  }

  function oldest(cookieHeader: string | undefined): string[] {
    const open = readTransactionCookies(cookieHeader, secureCookies);
    const excess = open.length - (MAX_OPEN - 1);
    if (excess <= 0) return [];
    return [...open]
      .sort((a, b) => a.startedAt - b.startedAt)
      .slice(0, excess)
      .map(({ id }) => id);
  }

  async function take(state: string, cookieHeader: string | undefined): Promise<TakenTransaction> {
    const id = transactionId(state);
    const cookie = readTransactionCookies(cookieHeader, secureCookies).find((found) => found.id === id);
    // without the cookie nothing is taken: who merely knows a state cannot use up somebody's login
    if (cookie === undefined) throw mismatch();
    const sealed = await store.take(keyOf(id));
    const record = sealed === undefined ? undefined : readRecord(sealer.open(sealed, keyOf(id)));
    if (record === undefined || !matchesHash(cookie.value, record.browser)) throw mismatch();
    const { transaction } = record;
    const expired = now() - transaction.createdAt > VALID_MS;
    return { transaction, expired, clearCookies: [expiredCookie(id, secureCookies)] };
  }

  return { begin, take };
}

interface TransactionRecord {
  readonly transaction: LoginTransaction;
  readonly browser: string;
}

function readRecord(text: string | undefined): TransactionRecord | undefined {
  // sealed by the gateway under this very key, so the shape is its own
  return text === undefined ? undefined : (JSON.parse(text) as TransactionRecord);
}

function secret(): string {
  return randomBytes(32).toString('base64url');
}

function mismatch(): GatewayError {
  return new GatewayError(
    'state_mismatch',
    'This login was not started in this browser, or is over already.',
  );
}
