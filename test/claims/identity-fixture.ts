import type { Claims, Identity } from '../../src/claims/identity-types.ts';
import { toIdentity } from '../../src/claims/identity.ts';
import { createPseudonymizer } from '../../src/claims/pseudonym.ts';
import type { Connection, MapType } from '../../src/config/gateway-config.ts';

/** The key of every test. */
export const pseudonym = createPseudonymizer(Buffer.alloc(32, 1));

/** `name`, `name>NickName` or `name>ChatId`, in order. */
export function connection(mapping: string, more: Partial<Connection> = {}): Connection {
  return {
    id: '["12345","Signicat"]',
    customerKey: '12345',
    name: 'Signicat',
    clientId: 'client',
    clientSecret: undefined,
    endpoint: 'https://provider.example',
    overrides: {},
    scope: 'openid',
    acrValues: undefined,
    tokenAuthMethod: 'client_secret_basic',
    prompt: 'none',
    codeRedemption: 'queue-entry',
    mapping: mapping
      .split(' ')
      .filter((word) => word !== '')
      .map((word) => {
        const [claim = '', mapType = 'Variable'] = word.split('>');
        return {
          claim,
          mapType: mapType as MapType,
          description: undefined,
          headerSuffix: `Variable-${claim.replace(/[^a-z0-9]+/gi, '-')}`,
        };
      }),
    maskedClaims: [],
    pseudonymizedClaims: [],
    decryptionKeys: [],
    requestSigningKey: undefined,
    pushedRequests: false,
    clockToleranceSeconds: 120,
    ...more,
  };
}

/** The Identity of claims with a `sub` of `s-1`. */
export function identity(claims: Claims, mapping: string, more?: Partial<Connection>): Identity {
  return toIdentity({ sub: 's-1', ...claims }, connection(mapping, more), pseudonym);
}

/** Name and value of each variable. */
export function variables(
  claims: Claims,
  mapping: string,
  more?: Partial<Connection>,
): Record<string, string> {
  return Object.fromEntries(
    identity(claims, mapping, more).variables.map(({ name, value }) => [name, value]),
  );
}
