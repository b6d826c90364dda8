import { GatewayError } from '../errors.ts';

/** An authorization response of the code flow (RFC 6749, sections 4.1.2 and 4.1.2.1; RFC 9207), read but not believed. */
export interface AuthorizationResponse {
  readonly state: string;
  readonly code: string | undefined;
  readonly error: string | undefined;
  readonly iss: string | undefined;
}

/** Longest query string read, and longest values, in characters. */
const MAX_QUERY = 16_384;
const MAX_LENGTHS: Readonly<Record<string, number>> = { code: 4096, error: 128, iss: 2048 };

/** Members of an authorization response. Each may stand once, in this spelling. */
const KNOWN = new Set([
  'state',
  'code',
  'error',
  'error_description',
  'error_uri',
  'iss',
  'session_state',
  'scope',
]);

/** Answers of other flows, which the gateway never asks for. */
const FOREIGN = new Set(['id_token', 'access_token', 'token', 'response']);

/** A state of the gateway's: 32 bytes in base64url. */
const STATE = /^[\w-]{43}$/;

/** What a code, an error or an issuer may consist of: printable ASCII. */
const PRINTABLE = /^[\x20-\x7e]*$/;

/** Errors that a page is told as they are; all others are the provider's own affair. */
const TOLD_AS_IS = new Set([
  'login_required',
  'interaction_required',
  'consent_required',
  'account_selection_required',
  'access_denied',
]);

/**
 * Reads the query of a callback.
 *
 * @param rawQuery What follows the `?`, undecoded.
 * @throws GatewayError `request_malformed` for repeated or respelt members, for a code beside an error, for values that
 * are too long or not printable; `state_mismatch` without a state of the gateway's.
 */
export function readAuthorizationResponse(rawQuery: string): AuthorizationResponse {
  if (rawQuery.length > MAX_QUERY) throw malformed('is too long');
  const members = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(rawQuery)) {
    const folded = fold(name);
    if (FOREIGN.has(folded)) throw malformed('belongs to a flow that was not asked for');
    if (!KNOWN.has(folded)) continue;
    if (name !== folded || members.has(name)) throw malformed(`holds "${folded}" more than once or respelt`);
    const limit = MAX_LENGTHS[name];
    if (limit !== undefined && (value.length > limit || !PRINTABLE.test(value))) {
      throw malformed(`holds a "${folded}" that cannot be one`);
    }
    members.set(name, value);
  }
  const [code, error, iss] = ['code', 'error', 'iss'].map((name) => members.get(name) || undefined);
  if (code !== undefined && error !== undefined) throw malformed('holds a code and an error');
  const state = members.get('state') ?? '';
  if (!STATE.test(state)) throw new GatewayError('state_mismatch', 'This login was not started here.');
  return { state, code, error, iss };
}

/** The word for `authError`: ordinary outcomes and `access_denied` as they are, anything else `provider_error`. */
export function authErrorFor(error: string): string {
  return TOLD_AS_IS.has(error) ? error : 'provider_error';
}

/** `code[]`, `code[0]`, `CODE` and ` code` name what a lenient reader would take for `code`. */
function fold(name: string): string {
  return name.trim().toLowerCase().replace(/\[.*$/, '');
}

function malformed(reason: string): GatewayError {
  return new GatewayError('request_malformed', `The authorization response ${reason}.`);
}
