import { AssertionRefused, refuse } from './assertion-refused.ts';
import { readVariables } from './read-claims.ts';
import { checkPrefix, readerOf, type HeaderSource } from './request-headers.ts';
import type { PersonFacts, VerifiedVariable } from './verified-identity.ts';

/**
 * The plain identity headers of a request, decoded: percent-decoding (in which `+` is a plus sign), JSON of `Variables`,
 * a number of `Auth-Time`, lists of `Amr` and `Truncated`. Undefined when the request has no `Connection` header of the
 * prefix: then it is from nobody.
 *
 * Decoding proves nothing. Plain headers may be believed only where nothing but the gateway can reach the server; where
 * the assertion is verified, its own claims say the same.
 *
 * @param options.headerPrefix default `X-Secure-Chat-`
 * @throws AssertionRefused `headers_malformed` for a value that the gateway would not send, or one that is there twice
 */
export function decodeIdentityHeaders(
  source: HeaderSource,
  { headerPrefix = 'X-Secure-Chat-' }: { readonly headerPrefix?: string } = {},
): PersonFacts | undefined {
  const read = readerOf(source, checkPrefix(headerPrefix), malformed);
  const decoded = (suffix: string): string | undefined => decode(headerPrefix + suffix, read(suffix));
  const words = (suffix: string, separator: string): readonly string[] =>
    Object.freeze(decoded(suffix)?.split(separator) ?? []);

  const connection = decoded('Connection');
  if (connection === undefined) return undefined;
  return Object.freeze({
    customer: decoded('Customer') ?? malformed(`${headerPrefix}Customer`),
    queue: decoded('Queue') ?? malformed(`${headerPrefix}Queue`),
    connection,
    chatId: decoded('Id'),
    nickName: decoded('Nickname'),
    variables: variablesOf(`${headerPrefix}Variables`, decoded('Variables') ?? '[]'),
    acr: decoded('Acr'),
    amr: words('Amr', ' '),
    authTime: secondsOf(`${headerPrefix}Auth-Time`, decoded('Auth-Time')),
    truncated: words('Truncated', ','),
  });
}

function decode(name: string, value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  if (/[^ -~]/.test(value)) return malformed(name);
  try {
    return decodeURIComponent(value);
  } catch (cause) {
    throw new AssertionRefused('headers_malformed', `The header ${name} is not percent-encoded UTF-8.`, {
      cause,
    });
  }
}

function variablesOf(name: string, json: string): readonly VerifiedVariable[] {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    // without the cause: its message quotes the header
    return malformed(name);
  }
  return readVariables(value, () => malformed(name));
}

function secondsOf(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  return /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : malformed(name);
}

function malformed(name: string): never {
  return refuse(
    'headers_malformed',
    `The header ${name} is absent, there twice, or not as the gateway sends it.`,
  );
}
