import type { Connection } from '../config/gateway-config.ts';
import { GatewayError } from '../errors.ts';
import type { Claims, Identity, Variable } from './identity-types.ts';
import { createMask, type Mask } from './mask.ts';
import { claimClass, isNationalIdPath, isSameOrWithin, readClaim } from './names.ts';
import { nationalIds } from './national-ids.ts';
import { claimText } from './values.ts';

/** Everything that decides how one login's claims are shown. */
interface Login {
  readonly claims: Claims;
  readonly connection: Connection;
  readonly pseudonym: (text: string) => string;
  readonly mask: Mask;
}

/**
 * Maps the claims of one login as the connection says, and masks them. The result is all that may be kept or sent:
 * claims in `maskedClaims`, and the national id under all its names, are masked by claim, every other value by what it
 * contains; `pseudonymizedClaims` become keyed pseudonyms, and so does a ChatId that masking would change. A claim of an
 * odd shape is absent, and takes nothing else with it.
 *
 * `AuthProvider` is the connection's name and `AuthUserId` the `sub`; claims of those names are never read.
 *
 * @param claims ID token and userinfo, verified and merged.
 * @param pseudonym see `createPseudonymizer`.
 * @throws GatewayError `provider_error` without a `sub`: nobody would be anybody.
 */
export function toIdentity(
  claims: Claims,
  connection: Connection,
  pseudonym: (text: string) => string,
): Identity {
  const listed = connection.maskedClaims.map((name) => rawValue(claims, connection, name));
  const mask = createMask(nationalIds(claims, listed));
  const login: Login = { claims, connection, pseudonym, mask };
  const authUserId = shownText(login, 'AuthUserId');
  if (authUserId === undefined) {
    throw new GatewayError('provider_error', 'The login provider did not say who logged in.');
  }
  return {
    chatId: firstPresent(login, 'ChatId', chatIdText),
    nickName: firstPresent(login, 'NickName', shownText),
    variables: variablesOf(login),
    acr: scalarText(login, 'acr'),
    amr: methodsOf(login),
    authTime: authTimeOf(login),
    subject: subjectOf(login),
    authUserId,
  };
}

function rawValue(claims: Claims, connection: Connection, name: string): unknown {
  if (name === 'AuthProvider') return connection.name;
  if (name !== 'AuthUserId') return readClaim(claims, name);
  const sub = Object.hasOwn(claims, 'sub') ? claims.sub : undefined;
  return typeof sub === 'string' ? sub : undefined;
}

/** The claim as the agent may see it, or undefined when it is absent. */
function shownText(login: Login, name: string): string | undefined {
  return protect(login, name, rawValue(login.claims, login.connection, name));
}

function protect(login: Login, name: string, value: unknown): string | undefined {
  const text = claimText(name, value);
  if (text === undefined) return undefined;
  const { connection, mask } = login;
  if (connection.pseudonymizedClaims.some((listed) => claimClass(listed) === claimClass(name))) {
    return pseudonymOf(login, name, text);
  }
  if (!isMasked(connection, name)) return mask.byValue(text);
  return maskEach(mask, name, value, text) || undefined;
}

/** Members of an array are masked one by one: the mask of the last would leave the first in clear. */
function maskEach(mask: Mask, name: string, value: unknown, text: string): string {
  if (!Array.isArray(value)) return mask.byClaim(text);
  const members = value
    .map((member: unknown) => claimText(name, member))
    .filter((member) => member !== undefined);
  return mask.byValue(members.map((member) => mask.byClaim(member)).join(', '));
}

function isMasked(connection: Connection, name: string): boolean {
  return isNationalIdPath(name) || connection.maskedClaims.some((masked) => isSameOrWithin(masked, name));
}

/** A masked ChatId would be shared by all who were born on one day, so it becomes a pseudonym instead. */
function chatIdText(login: Login, name: string): string | undefined {
  const shown = shownText(login, name);
  const text = claimText(name, rawValue(login.claims, login.connection, name));
  return shown === text || text === undefined ? shown : pseudonymOf(login, name, text);
}

function pseudonymOf({ connection, pseudonym }: Login, name: string, text: string): string {
  return pseudonym(JSON.stringify(['claim', connection.customerKey, claimClass(name), text.trim()]));
}

function firstPresent(
  login: Login,
  mapType: 'ChatId' | 'NickName',
  read: (login: Login, name: string) => string | undefined,
): string | undefined {
  for (const entry of login.connection.mapping) {
    const text = entry.mapType === mapType ? read(login, entry.claim) : undefined;
    if (text !== undefined) return text;
  }
  return undefined;
}

function variablesOf(login: Login): Variable[] {
  return login.connection.mapping.flatMap(({ claim, mapType, description }) => {
    const value = mapType === 'Variable' ? shownText(login, claim) : undefined;
    return value === undefined ? [] : [{ name: claim, description, value }];
  });
}

function scalarText(login: Login, name: string): string | undefined {
  const value = readClaim(login.claims, name);
  return typeof value === 'string' || typeof value === 'number' ? protect(login, name, value) : undefined;
}

/** Signicat's older platform sends `amr` as one string. Masked in one piece, as the header will join it again. */
function methodsOf(login: Login): string[] {
  const value = readClaim(login.claims, 'amr');
  const methods = Array.isArray(value)
    ? value.filter((method) => typeof method === 'string').join(' ')
    : value;
  const shown = typeof methods === 'string' ? protect(login, 'amr', methods) : undefined;
  return shown?.split(/\s+/).filter((method) => method !== '') ?? [];
}

function authTimeOf(login: Login): number | undefined {
  const value = readClaim(login.claims, 'auth_time');
  const text = typeof value === 'number' ? claimText('auth_time', Math.floor(value)) : value;
  if (typeof text !== 'string' || !/^\d{1,16}$/.test(text)) return undefined;
  const seconds = Number(text);
  return Number.isSafeInteger(seconds) && protect(login, 'auth_time', text) === text ? seconds : undefined;
}

function subjectOf({ claims, connection, pseudonym }: Login): string {
  const issuer =
    Object.hasOwn(claims, 'iss') && typeof claims.iss === 'string'
      ? claims.iss
      : (connection.overrides.issuer ?? connection.endpoint);
  return subjectPseudonym(connection, issuer, claims.sub, pseudonym);
}

/**
 * The pseudonym of a person at a connection. Structured, so that no two connections and persons join to the same text.
 *
 * @param sub As the provider says it.
 */
export function subjectPseudonym(
  { customerKey, name, clientId }: Connection,
  issuer: string,
  sub: unknown,
  pseudonym: (text: string) => string,
): string {
  return pseudonym(JSON.stringify(['subject', customerKey, name, issuer, clientId, sub]));
}
