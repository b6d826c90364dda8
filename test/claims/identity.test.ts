import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Claims } from '../../src/claims/identity-types.ts';
import { toIdentity } from '../../src/claims/identity.ts';
import type { Connection } from '../../src/config/gateway-config.ts';
import { isGatewayError } from '../../src/errors.ts';
import { connection, identity, pseudonym, variables } from './identity-fixture.ts';

test('the mapping decides what is a variable, the chat id and the nickname, in its order', () => {
  const result = identity(
    { name: 'Åse', birthdate: '1990-02-17', national_id: '17029012345', unmapped: 'x' },
    'birthdate sub>ChatId name>NickName AuthProvider national_id AuthUserId',
  );
  assert.deepEqual(result, {
    chatId: 's-1',
    nickName: 'Åse',
    variables: [
      { name: 'birthdate', description: undefined, value: '1990-02-17' },
      { name: 'AuthProvider', description: undefined, value: 'Signicat' },
      { name: 'national_id', description: undefined, value: '170290*****' },
      { name: 'AuthUserId', description: undefined, value: 's-1' },
    ],
    acr: undefined,
    amr: [],
    authTime: undefined,
    subject: result.subject,
    authUserId: 's-1',
  });
});

test('a description goes along as it is written', () => {
  const one = connection('name');
  const mapping = one.mapping.map((entry) => ({ ...entry, description: 'Navn' }));
  const { variables: shown } = toIdentity({ sub: 's', name: 'Kari' }, { ...one, mapping }, pseudonym);
  assert.deepEqual(shown, [{ name: 'name', description: 'Navn', value: 'Kari' }]);
});

test('of several claims for the nickname or the chat id the first present one wins', () => {
  const mapping = 'nick>NickName name>NickName given_name>NickName pid2>ChatId sub>ChatId';
  const { nickName, chatId } = identity(
    { nick: '', name: 'Kari N', given_name: 'Kari', pid2: null },
    mapping,
  );
  assert.deepEqual([nickName, chatId], ['Kari N', 's-1']);
});

test('AuthProvider and AuthUserId are never the claims of those names', () => {
  const claims = { AuthProvider: 'forged', AuthUserId: 'forged' };
  assert.deepEqual(variables(claims, 'AuthProvider AuthUserId'), {
    AuthProvider: 'Signicat',
    AuthUserId: 's-1',
  });
});

test('an odd claim is absent and loses no other', () => {
  const odd = {
    a: null,
    b: {},
    c: [],
    d: '\u0000',
    e: NaN,
    f: JSON.parse('['.repeat(50_000) + ']'.repeat(50_000)) as unknown,
    g: () => 'x',
    h: Symbol('x'),
    name: 'Kari\r\nX: y',
  };
  assert.deepEqual(variables(odd, 'a b c d e f g h constructor hasOwnProperty __proto__ toString name'), {
    name: 'Kari X: y',
  });
});

test('a claim named __proto__ is a claim like any other', () => {
  const claims = JSON.parse('{"sub":"s","__proto__":{"name":"evil"},"constructor":"c"}') as Claims;
  const { variables: shown } = toIdentity(claims, connection('name __proto__ constructor'), pseudonym);
  assert.deepEqual(
    shown.map(({ name, value }) => [name, value]),
    [
      ['__proto__', 'evil'],
      ['constructor', 'c'],
    ],
  );
  assert.equal(({} as Record<string, unknown>).name, undefined);
});

test('a ChatId that masking would change is a pseudonym, stable and unique', () => {
  const chat = (sub: string, more?: Partial<Connection>) =>
    identity({ sub, nin: '17029012345' }, 'sub>ChatId', more).chatId;
  assert.match(chat('no:17029012345') ?? '', /^[\w-]{24}$/);
  assert.equal(chat('no:17029012345'), chat('no:17029012345'));
  assert.notEqual(chat('no:17029012345'), chat('se:17029012345'));
  assert.equal(chat('other'), 'other');
  assert.notEqual(chat('other', { maskedClaims: ['sub'] }), 'other');
  assert.match(chat('other', { maskedClaims: ['sub'] }) ?? '', /^[\w-]{24}$/);
});

test('a pseudonymized claim is the same for all its names, per customer', () => {
  const shown = (claims: Claims, mapping: string, customerKey = '12345') =>
    Object.values(variables(claims, mapping, { customerKey, pseudonymizedClaims: ['national_id'] }))[0];
  const value = shown({ nin: '17029012345' }, 'nin');
  assert.match(value ?? '', /^[\w-]{24}$/);
  assert.equal(shown({ nin: ' 17029012345 ' }, 'national_id'), value);
  assert.equal(shown({ nin: 17029012345 }, 'signicat.national_id'), value);
  assert.notEqual(shown({ nin: '17029012346' }, 'nin'), value);
  assert.notEqual(shown({ nin: '17029012345' }, 'nin', '54321'), value);
  assert.equal(shown({}, 'nin'), undefined);
});

test('a pseudonymized sub is one everywhere', () => {
  const result = identity({}, 'sub>ChatId AuthUserId', { pseudonymizedClaims: ['sub'] });
  assert.equal(result.chatId, result.authUserId);
  assert.equal(result.variables[0]?.value, result.authUserId);
  assert.notEqual(result.authUserId, 's-1');
});

test('a masked or pseudonymized acr is masked where it is reported too', () => {
  assert.equal(identity({ acr: 'level-four' }, '', { maskedClaims: ['acr'] }).acr, 'level*****');
});

const subjectOf = (claims: Claims, more?: Partial<Connection>) =>
  identity({ iss: 'i', ...claims }, '', more).subject;

test('the subject is the same for the same person at the same connection only', () => {
  const one = subjectOf({});
  assert.match(one, /^[\w-]{24}$/);
  assert.equal(subjectOf({ name: 'other', nin: '17029012345', maskedClaims: ['sub'] }), one);
  assert.equal(subjectOf({}, { maskedClaims: ['sub'], pseudonymizedClaims: ['sub'] }), one);
  const others = [
    subjectOf({ sub: 's-2' }),
    subjectOf({ iss: 'j' }),
    subjectOf({}, { clientId: 'other' }),
    subjectOf({}, { customerKey: 'other' }),
    subjectOf({}, { name: 'other' }),
    subjectOf({ iss: 'i","x' }),
  ];
  assert.equal(new Set([one, ...others]).size, others.length + 1);
});

test('two persons whose masked sub is alike have two subjects', () => {
  assert.notEqual(
    identity({ sub: 'nin-17029012345', nin: '17029012345' }, '').subject,
    identity({ sub: 'nin-17029099999', nin: '17029099999' }, '').subject,
  );
});

for (const sub of [undefined, null, '', ' ', 5, ['s'], { a: 1 }]) {
  test(`without a usable sub (${JSON.stringify(sub)}) there is no identity`, () => {
    assert.throws(
      () => toIdentity({ sub }, connection(''), pseudonym),
      (error) => isGatewayError(error) && error.code === 'provider_error',
    );
  });
}

test('the sub of a prototype is nobody', () => {
  assert.throws(() => toIdentity(Object.create({ sub: 'x' }) as Claims, connection(''), pseudonym));
});

const facts: readonly (readonly [
  claims: Claims,
  acr: string | undefined,
  amr: string[],
  authTime: number | undefined,
])[] = [
  [
    { acr: 'urn:signicat:oidc:method:nbid', amr: ['pwd', 'otp'], auth_time: 1700000000 },
    'urn:signicat:oidc:method:nbid',
    ['pwd', 'otp'],
    1700000000,
  ],
  [{ amr: 'urn:signicat:oidc:method:nbid' }, undefined, ['urn:signicat:oidc:method:nbid'], undefined],
  [{ amr: ' pwd  otp ' }, undefined, ['pwd', 'otp'], undefined],
  [{ amr: ['a\r\nb', 5, null, '\u0000', { x: 1 }] }, undefined, ['a', 'b'], undefined],
  [{ amr: 7, acr: { a: 'b' } }, undefined, [], undefined],
  [{ acr: 3 }, '3', [], undefined],
  [{ acr: 'a\nb', auth_time: '4102444800' }, 'a b', [], 4102444800],
  [{ auth_time: 2147483648 }, undefined, [], 2147483648],
  [{ auth_time: 1700000000.9 }, undefined, [], 1700000000],
  [{ auth_time: 0 }, undefined, [], 0],
  [{ auth_time: -1 }, undefined, [], undefined],
  [{ auth_time: 1e300 }, undefined, [], undefined],
  [{ auth_time: '9999999999999999' }, undefined, [], undefined],
  [{ auth_time: NaN }, undefined, [], undefined],
  [{ auth_time: 'yesterday' }, undefined, [], undefined],
  [{ auth_time: [1700000000] }, undefined, [], undefined],
  [{ auth_time: true }, undefined, [], undefined],
];

for (const [claims, acr, amr, authTime] of facts) {
  test(`how and when is told as it came: ${JSON.stringify(claims)}`, () => {
    const result = identity(claims, '');
    assert.deepEqual([result.acr, result.amr, result.authTime], [acr, amr, authTime]);
  });
}

test('any JSON of claims gives an Identity', () => {
  const keys = fc.constantFrom(
    'name',
    'nin',
    'address',
    'acr',
    'amr',
    'auth_time',
    'signicat',
    '__proto__',
    'a.b',
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(keys, fc.jsonValue())), (entries) => {
      const claims = { ...Object.fromEntries(entries), sub: 's' };
      const result = toIdentity(
        claims,
        connection('name>NickName nin address acr a.b __proto__ sub>ChatId'),
        pseudonym,
      );
      assert.equal(result.chatId === undefined, false);
    }),
    { numRuns: 300 },
  );
});

test('large claims take bounded time', () => {
  const started = performance.now();
  const claims: Record<string, unknown> = { nin: '17029012345' };
  for (let index = 0; index < 20; index += 1) claims[`c${index}`] = '17029 é'.repeat(15_000);
  identity(claims, Object.keys(claims).join(' '));
  identity(
    { nin: '1', deep: JSON.parse('{"nin":'.repeat(50_000) + '1' + '}'.repeat(50_000)) as unknown },
    'deep',
  );
  assert.ok(performance.now() - started < 10_000);
});
