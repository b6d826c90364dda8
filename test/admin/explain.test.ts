import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { explain, type ExplainedRow } from '../../src/admin/explain.ts';
import type { Claims } from '../../src/claims/identity-types.ts';
import { toIdentity } from '../../src/claims/identity.ts';
import type { Connection } from '../../src/config/gateway-config.ts';
import { identityHeaders } from '../../src/proxy/identity-headers.ts';
import { connection, pseudonym } from '../claims/identity-fixture.ts';

const ID = '17029012345';
const kari = { sub: 'kari-sub', name: 'Kari Ødegård', national_id: ID, birthdate: '1990-02-17' };

function explained(of: Connection, claims: Claims, headerLimitBytes = 8192) {
  const config = { headerPrefix: 'X-', headerLimitBytes, publicUrl: 'https://chat.example' };
  return explain({ connection: of, queueKey: 'q_bank', config, pseudonym }, claims);
}

const short = ({ header, claim, value, why }: ExplainedRow) => [header, claim, value, why.join(' ')];
const rowsOf = (...args: Parameters<typeof explained>) => explained(...args).rows.map(short);

test('each claim of the mapping has its header, its value as sent, and why it is so', () => {
  const of = connection('AuthUserId>ChatId name national_id note birthdate middle_name', {
    maskedClaims: ['birthdate'],
  });
  assert.deepEqual(rowsOf(of, { ...kari, note: `about ${ID}`, acr: 'idp:nbid', amr: ['sms'] }), [
    ['X-Customer', undefined, '12345', ''],
    ['X-Queue', undefined, 'q_bank', ''],
    ['X-Connection', undefined, 'Signicat', ''],
    ['X-Id', 'AuthUserId', 'kari-sub', ''],
    ['X-Variable-name', 'name', 'Kari%20%C3%98deg%C3%A5rd', 'encoded'],
    ['X-Variable-national-id', 'national_id', '170290*****', 'masked'],
    ['X-Variable-note', 'note', 'about 170290*****', 'holds_masked'],
    ['X-Variable-birthdate', 'birthdate', '1990-*****', 'masked'],
    ['X-Variable-middle-name', 'middle_name', undefined, 'absent'],
    [
      'X-Variables',
      undefined,
      '[{"name":"name","value":"Kari \\u00d8deg\\u00e5rd"},{"name":"national_id","value":"170290*****"},{"name":"note","value":"about 170290*****"},{"name":"birthdate","value":"1990-*****"}]',
      '',
    ],
    ['X-Acr', 'acr', 'idp:nbid', ''],
    ['X-Amr', 'amr', 'sms', ''],
    ['X-Auth-Time', 'auth_time', undefined, 'absent'],
    ['X-Assertion', undefined, undefined, ''],
  ]);
});

test('of several NickNames the first one that is there wins, and the others say so', () => {
  const of = connection('nickname>NickName given_name>NickName name>NickName');
  const rows = rowsOf(of, { sub: 's', given_name: 'Kari', name: 'Kari O' }).filter(
    ([header]) => header === 'X-Nickname',
  );
  assert.deepEqual(rows, [
    ['X-Nickname', 'nickname', undefined, 'absent'],
    ['X-Nickname', 'given_name', 'Kari', ''],
    ['X-Nickname', 'name', undefined, 'other_first'],
  ]);
});

test('a ChatId of a pseudonymized claim, or of one that holds the national id, is a pseudonym', () => {
  for (const of of [
    connection('national_id>ChatId', { pseudonymizedClaims: ['nin'] }),
    connection('AuthUserId>ChatId'),
  ]) {
    const row = explained(of, { ...kari, sub: ID }).rows.find(({ header }) => header === 'X-Id')!;
    assert.match(row.value!, /^[\w-]{24}$/);
    assert.deepEqual(row.why, ['pseudonym']);
  }
});

test('what is cut or has no room says so', () => {
  const names = Array.from({ length: 12 }, (_, n) => `claim_${n}`);
  const claims = { sub: 's', ...Object.fromEntries(names.map((name) => [name, 'x'.repeat(300)])) };
  const why = (limit: number) =>
    new Set(
      explained(connection(names.join(' ')), claims, limit)
        .rows.filter(({ mapType }) => mapType !== undefined)
        .map((row) => row.why.join(' ')),
    );
  assert.deepEqual(why(20_000), new Set(['']));
  assert.deepEqual(why(5000), new Set(['cut']));
  assert.ok(why(900).has('left_out'));
});

test('a sample without a sub is no login', () => {
  assert.deepEqual(explained(connection('name'), { name: 'Kari', extra: 1 }), {
    accepted: false,
    rows: [],
    unmapped: ['extra'],
  });
});

test('claims that nothing is mapped from are named, and keys that could be a number are not', () => {
  const of = connection('address.formatted signicat.national_id');
  assert.deepEqual(
    explained(of, { sub: 's', address: { formatted: 'x' }, nin: ID, email: 'e', [ID]: 1, acr: 'a' }).unmapped,
    ['email'],
  );
});

test('rows say what the headers say, for any claims', () => {
  const of = connection('AuthUserId>ChatId a>NickName b>NickName a b c', {
    maskedClaims: ['c'],
    pseudonymizedClaims: ['b'],
  });
  fc.assert(
    fc.property(
      fc.record({
        sub: fc.string({ minLength: 1 }),
        a: fc.jsonValue(),
        b: fc.jsonValue(),
        c: fc.string(),
        nin: fc.constantFrom(ID, undefined),
      }),
      fc.integer({ min: 600, max: 3000 }),
      (claims, limitBytes) => {
        let identity;
        try {
          identity = toIdentity(claims, of, pseudonym);
        } catch {
          assert.equal(explained(of, claims, limitBytes).accepted, false);
          return;
        }
        const place = { customerKey: '12345', queueKey: 'q_bank', connectionName: 'Signicat' };
        const { headers } = identityHeaders(identity, place, {
          prefix: 'X-',
          limitBytes,
          mapping: of.mapping,
          assertionLength: () => 0,
        });
        const said = explained(of, claims, limitBytes).rows.filter(({ value }) => value !== undefined);
        // the assertion takes room too, so only what is whole is the same
        if (!said.some(({ header }) => header === 'X-Truncated'))
          assert.deepEqual(
            said.map(({ header, value }) => [header, value]),
            headers.map(([name, value]) => [name, value]),
          );
        assert.ok(!JSON.stringify(said).includes(ID) || claims.nin === undefined);
      },
    ),
    { numRuns: 200 },
  );
});
