import fc from 'fast-check';

/** The default `headerPrefix`. */
export const PREFIX = 'X-Secure-Chat-';

/** Every character that a header name may hold beside letters and digits (RFC 9110, section 5.6.2). */
export const SEPARATORS: readonly string[] = Array.from("!#$%&'*+-.^_`|~");

/** What stands behind the prefix in headers of the gateway's own, and in some that it may one day have. */
const SUFFIXES = [
  'Id',
  'Nickname',
  'Customer',
  'Queue',
  'Connection',
  'Variable-national-id',
  'Variable-name',
  'Variables',
  'Acr',
  'Amr',
  'Auth-Time',
  'Assertion',
  'Truncated',
  'Role',
  '',
] as const;

/** A header name as CGI and its kin hand it on (RFC 3875, section 4.1.18), every odd character an underscore. */
export function cgiName(name: string): string {
  return `HTTP_${name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}`;
}

/** True for a name that a folding upstream would read as an identity header. */
export function readsAsOurs(name: string, prefix = PREFIX): boolean {
  return cgiName(name).startsWith(cgiName(prefix));
}

/** Headers as a CGI program gets them: one value a name, repeated ones joined. */
export function cgiEnvironment(rawHeaders: readonly string[]): ReadonlyMap<string, string> {
  const environment = new Map<string, string>();
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = cgiName(rawHeaders[i]!);
    const before = environment.get(name);
    environment.set(name, before === undefined ? rawHeaders[i + 1]! : `${before}, ${rawHeaders[i + 1]!}`);
  }
  return environment;
}

/**
 * Other spellings of identity headers: any case, any of `separators` where the name has a separator, any suffix.
 * @param prefix whose names; default the usual one
 */
export function aliasNames(
  separators: readonly string[] = SEPARATORS,
  prefix = PREFIX,
): fc.Arbitrary<string> {
  const suffix = fc.oneof(fc.constantFrom(...SUFFIXES), fc.stringMatching(/^[A-Za-z0-9._-]{1,12}$/));
  return suffix.chain((end) => respelt(prefix + end, separators));
}

/** A name with each letter in either case and each separator replaced by one of these. */
function respelt(name: string, separators: readonly string[]): fc.Arbitrary<string> {
  const characters = Array.from(name).map((character) =>
    /[A-Za-z]/.test(character)
      ? fc.constantFrom(character.toLowerCase(), character.toUpperCase())
      : /[0-9]/.test(character)
        ? fc.constant(character)
        : fc.constantFrom(...separators),
  );
  return fc.tuple(...characters).map((spelt) => spelt.join(''));
}

/** Honest names that resemble the prefix and are other names to every reader. */
export const RESEMBLING: readonly string[] = [
  'X-Secure-Chat',
  'X_Secure_Chat',
  'X-Secure-Cha-t-Id',
  'X--Secure-Chat-Id',
  'X-Secure--Chat-Id',
  'X-Secure-Chats-Id',
  'X-Secure-Chat1Id',
  'X-SecureChat-Id',
  'XSecure-Chat-Id',
  'Secure-Chat-Id',
  'My-X-Secure-Chat-Id',
  '-X-Secure-Chat-Id',
  'X-Secur-Chat-Id',
  'X-Insecure-Chat-Id',
];

/** The same by the hundred: one character of an alias left out, doubled, put before, or made another letter. */
export function resemblingNames(): fc.Arbitrary<string> {
  const near = fc.tuple(
    aliasNames(),
    fc.nat(PREFIX.length - 1),
    fc.constantFrom('out', 'twice', 'z', 'front'),
  );
  return fc
    .oneof(
      fc.constantFrom(...RESEMBLING),
      near.map(([name, at, how]) => {
        if (how === 'front') return `${name.charAt(0)}${name}`;
        const middle = how === 'out' ? '' : how === 'z' ? 'z' : name.charAt(at).repeat(2);
        return name.slice(0, at) + middle + name.slice(at + 1);
      }),
    )
    .filter((name) => name !== '' && !readsAsOurs(name));
}
