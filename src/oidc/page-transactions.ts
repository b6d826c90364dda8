import { randomBytes } from 'node:crypto';
import { GatewayError } from '../errors.ts';
import type { Sealer } from '../session/seal.ts';
import { createSealedRecords } from '../session/sealed-records.ts';
import type { StateStore } from '../session/state-store.ts';
import { cookieHash, matchesHash } from './transaction-cookies.ts';
import type { LoginInput, LoginTransaction } from './transactions.ts';

/** Which browser a page's login was begun in, and by which page. */
export interface PageBinding {
  /** Name of the cookie that it was given. */
  readonly cookieName: string;
  /** SHA-256 of the cookie's value. */
  readonly cookieHash: string;
  /** The page on another origin that asked and may have no cookies; undefined where the cookie is required. */
  readonly page: { readonly origin: string; readonly client: string } | undefined;
}

/** What the browser that brings the authorization response shows. */
export interface PageBrowser {
  /** The value of a cookie; empty when it came twice. */
  cookie(name: string): string | undefined;
  /** Pseudonym of client address and user agent, as when the login was begun. */
  readonly client: string;
}

/** A page's transaction that was taken, and is gone from the store. */
export interface TakenPageTransaction {
  readonly transaction: LoginTransaction;
  readonly binding: PageBinding;
  /** The cookie came along. Without it the browser was told by its address only. */
  readonly bound: boolean;
  /** The response came more than ten minutes after the request. */
  readonly expired: boolean;
}

/** Login transactions whose authorization request a page builds: without nonce and PKCE, which it could not know. */
export interface PageTransactions {
  begin(input: LoginInput, binding: PageBinding): Promise<{ readonly state: string }>;
  /**
   * Takes the transaction of a `state` for the browser that began it; of many callers one gets it.
   *
   * @throws GatewayError `state_mismatch`; who merely knows a state does not use it up.
   */
  take(state: string, browser: PageBrowser): Promise<TakenPageTransaction>;
}

const VALID_MS = 600_000;
const KEPT_MS = 1_200_000;

/** Page transactions in the given store, sealed, under names from which no state can be found. */
export function createPageTransactions(parts: { store: StateStore; sealer: Sealer }): PageTransactions {
  const records = createSealedRecords(parts.store, parts.sealer);
  const keyOf = (state: string) => parts.sealer.key('page-transaction', state);
  return {
    async begin(input, binding) {
      const state = randomBytes(32).toString('base64url');
      const createdAt = Date.now();
      const transaction = { ...input, nonce: undefined, codeVerifier: undefined, createdAt };
      await records.write(keyOf(state), { transaction, binding }, createdAt + KEPT_MS);
      return { state };
    },
    async take(state, browser) {
      const known = (await records.read(keyOf(state)))?.value as PageRecord | undefined;
      if (known === undefined) throw mismatch();
      const bound = isBound(known.binding, browser);
      if ((await records.take(keyOf(state))) === undefined) throw mismatch();
      return { ...known, bound, expired: Date.now() - known.transaction.createdAt > VALID_MS };
    },
  };
}

/** The hash that a binding keeps of a cookie's value. */
export const pageCookieHash = cookieHash;

/** Constant-time comparison of a cookie's value with a binding. */
export function holdsCookie(binding: PageBinding, value: string): boolean {
  return matchesHash(value, binding.cookieHash);
}

interface PageRecord {
  readonly transaction: LoginTransaction;
  readonly binding: PageBinding;
}

/** A cookie that came has to be the one; that none came is believed of pages which may have none, at the same address. */
function isBound(binding: PageBinding, browser: PageBrowser): boolean {
  const cookie = browser.cookie(binding.cookieName);
  if (cookie !== undefined) {
    if (!holdsCookie(binding, cookie)) throw mismatch();
    return true;
  }
  if (binding.page?.client !== browser.client) throw mismatch();
  return false;
}

function mismatch(): GatewayError {
  return new GatewayError(
    'state_mismatch',
    'This login was not started in this browser, or is over already.',
  );
}
