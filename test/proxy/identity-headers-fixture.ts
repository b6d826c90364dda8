import assert from 'node:assert/strict';
import { validateHeaderName, validateHeaderValue } from 'node:http';
import type { Identity } from '../../src/claims/identity-types.ts';
import type { MappingEntry, MapType } from '../../src/config/gateway-config.ts';
import { headerBytes, identityHeaders } from '../../src/proxy/identity-headers.ts';

const nobody: Identity = {
  chatId: undefined,
  nickName: undefined,
  variables: [],
  acr: undefined,
  amr: [],
  authTime: undefined,
  subject: 'subject',
  authUserId: 's-1',
};
const place = { customerKey: '12345', queueKey: 'q_bank', connectionName: 'Signicat' };

/** One line of `authMapping`. */
export function entry(claim: string, mapType: MapType = 'Variable'): MappingEntry {
  return {
    claim,
    mapType,
    description: undefined,
    headerSuffix: `Variable-${claim.replace(/[^A-Za-z0-9]+/g, '-')}`,
  };
}

/** One Variable of an Identity. */
export function variable(name: string, value: string, description?: string) {
  return { name, description, value };
}

/** The headers below their prefix, after checking that they are legal, single and within the limit. */
export function headers(
  identity: Partial<Identity>,
  mapping: readonly MappingEntry[],
  limitBytes = 8192,
  where = place,
): Map<string, string> {
  const { headers: list } = identityHeaders({ ...nobody, ...identity }, where, {
    prefix: 'X-Secure-Chat-',
    limitBytes,
    mapping,
  });
  for (const [name, value] of list) {
    assert.ok(name.startsWith('X-Secure-Chat-'));
    validateHeaderName(name);
    validateHeaderValue(name, value);
  }
  const map = new Map(list.map(([name, value]) => [name.slice('X-Secure-Chat-'.length), value]));
  assert.equal(map.size, list.length, 'one line per header');
  assert.ok(headerBytes(list) <= limitBytes, `${headerBytes(list)} bytes of ${limitBytes}`);
  return map;
}
