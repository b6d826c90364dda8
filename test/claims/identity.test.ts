import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Claims, Identity } from '../../src/claims/identity-types.ts';
import { toIdentity } from '../../src/claims/identity.ts';
import { createPseudonymizer } from '../../src/claims/pseudonym.ts';
import type { Connection, MapType } from '../../src/config/gateway-config.ts';
import { isGatewayError } from '../../src/errors.ts';

const pseudonym = createPseudonymizer(Buffer.alloc(32, 1));

/** `name`, `name>NickName` or `name>ChatId`, in order. */
function connection(mapping: string, more: Partial<Connection> = {}): Connection {
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

function identity(claims: Claims, mapping: string, more?: Partial<Connection>): Identity {
  return toIdentity({ sub: 's-1', ...claims }, connection(mapping, more), pseudonym);
}

function variables(claims: Claims, mapping: string, more?: Partial<Connection>): Record<string, string> {
  return Object.fromEntries(
    identity(claims, mapping, more).variables.map(({ name, value }) => [name, value]),
  );
}

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

const maskedByClaim: readonly (readonly [
  sentence: string,
  claims: Claims,
  mapping: string,
  masked: string[],
  expected: string,
])[] = [
  ['national_id', { national_id: '110774-4882' }, 'national_id', [], '110774*****'],
  [
    'national_id by the dotted name',
    { 'signicat.national_id': '070770-905D' },
    'national_id',
    [],
    '070770*****',
  ],
  [
    'signicat.national_id nested',
    { signicat: { national_id: '070770-905D' } },
    'signicat.national_id',
    [],
    '070770*****',
  ],
  ['nin as a number', { nin: 17029012345 }, 'nin', [], '170290*****'],
  ['nin with blanks around', { nin: ' 17029012345  ' }, 'nin', [], '170290*****'],
  ['nin of five characters', { nin: '12345' }, 'nin', [], '*****'],
  ['nin of three characters', { nin: 'abc' }, 'nin', [], '***'],
  ['ftn_hetu', { ftn_hetu: '010100A001N' }, 'ftn_hetu', [], '010100*****'],
  ['ftn.hetu nested', { ftn: { hetu: '010100A001N' } }, 'ftn.hetu', [], '010100*****'],
  ['acting_nin', { acting_nin: '199002171234' }, 'acting_nin', [], '1990021*****'],
  ['idp_id', { idp_id: '070770-905D' }, 'idp_id', [], '070770*****'],
  ['a claim in maskedClaims', { phone: '+4791234567' }, 'phone', ['phone'], '+47912*****'],
  ['a masked claim in another case', { Phone: '+4791234567' }, 'Phone', ['phone'], '+47912*****'],
  [
    'a member of a masked claim',
    { address: { locality: 'Trondheim' } },
    'address.locality',
    ['address'],
    'Tron*****',
  ],
  [
    'a claim with a masked member',
    { address: { locality: 'Trondheim' } },
    'address',
    ['address.locality'],
    'Tron*****',
  ],
  ['AuthUserId when sub is masked', {}, 'AuthUserId', ['sub'], '***'],
  [
    'every number of a list',
    { nin: ['17029012345', '199002171234'] },
    'nin',
    [],
    '170290*****, 1990021*****',
  ],
  ['every member of a list', { family: ['Nordmann', 'Hansen'] }, 'family', ['family'], 'Nor*****, H*****'],
  [
    'every number of an object',
    { nin: { no: '17029012345', se: '199002171234' } },
    'nin',
    [],
    '170290*****, 1990021*****',
  ],
];

for (const [sentence, claims, mapping, masked, expected] of maskedByClaim) {
  test(`masked by claim: ${sentence}`, () => {
    assert.deepEqual(Object.values(variables(claims, mapping, { maskedClaims: masked })), [expected]);
  });
}

test('a masked claim of blanks only is absent', () => {
  assert.deepEqual(variables({ phone: '\u200b\u200b' }, 'phone', { maskedClaims: ['phone'] }), {});
});

const maskedByValue: readonly (readonly [sentence: string, id: Claims, value: unknown, expected: string])[] =
  [
    ['the id of an unmapped claim', { nin: '17029012345' }, 'urn:no:17029012345', 'urn:no:170290*****'],
    ['the id as a number', { nin: '17029012345' }, 17029012345, '170290*****'],
    ['the id of a number', { nin: 17029012345 }, '170290 12345', '170290 *****'],
    [
      'the id in a mail address',
      { nin: '17029012345' },
      '17029012345@mail.example',
      '170290*****@mail.example',
    ],
    ['the id in an address', { nin: '17029012345' }, { formatted: 'c/o 170290\n12345' }, 'c/o 170290, *****'],
    ['the id parted over a list', { nin: '17029012345' }, ['170290', '12345'], '170290, *****'],
    ['the id in an object', { nin: '17029012345' }, { a: ['x', { b: '17029012345' }] }, 'x, 170290*****'],
    [
      'the id under an unlisted depth',
      { person: { ids: [{ nin: '17029012345' }] } },
      '17029012345',
      '170290*****',
    ],
    [
      'the id of an object',
      { nin: { value: '17029012345', country: 'NORWAY' } },
      '17029012345 NORWAY',
      '170290***** NORWAY',
    ],
    ['the second id of a list', { nin: ['1', '17029012345'] }, '17029012345', '170290*****'],
    ['the id beside its country', { nin: 'NO:17029012345' }, '17029012345', '170290*****'],
    [
      'the id with control characters inside',
      { nin: '170290\u000012345' },
      '17029\u0007012345',
      '170290*****',
    ],
    [
      'the other national id',
      { national_id: '17029012345', ftn_hetu: '070770-905D' },
      '070770+905d',
      '07077*+****',
    ],
    ['a Swedish id as ten digits', { nin: '199002171234' }, '900217-1234', '90021*-****'],
    ['a masked claim that looks like an id', { custom_ref: 'AB123456' }, 'ref AB-123456', 'ref AB-1*****'],
    ['no masked claim that does not', { custom_ref: 'Kari' }, 'Kari', 'Kari'],
    ['no truth value', { nin: false }, 'false', 'false'],
    ['no id of four characters', { nin: '1234' }, 'a 1234', 'a 1234'],
    ['no facts about the number', { nin: '17029012345', nin_type: 'PERSON' }, 'PERSON', 'PERSON'],
    ['no birthdate', { nin: '17029012345' }, '1990-02-17', '1990-02-17'],
  ];

for (const [sentence, id, value, expected] of maskedByValue) {
  test(`masked by value: ${sentence}`, () => {
    const shown = variables({ ...id, copy: value }, 'copy', { maskedClaims: ['custom_ref'] });
    assert.deepEqual(shown, { copy: expected });
  });
}

test('nickname, sub, acr, amr and auth_time are masked by value', () => {
  const id = '1702901234';
  const claims = {
    nin: id,
    sub: `no:${id}`,
    name: `Kari ${id}`,
    acr: `urn:${id}`,
    amr: ['pwd', '170290', '1234'],
    auth_time: Number(id),
  };
  const result = identity(claims, 'name>NickName AuthUserId');
  assert.equal(result.nickName, 'Kari 17029*****');
  assert.equal(result.authUserId, 'no:17029*****');
  assert.equal(result.variables[0]?.value, 'no:17029*****');
  assert.equal(result.acr, 'urn:17029*****');
  assert.deepEqual(result.amr, ['pwd', '17029*', '****']);
  assert.equal(result.authTime, undefined);
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

test('no claim of any shape shows the national id in any member of the Identity', () => {
  const digits = (count: number) => fc.stringMatching(new RegExp(`^[1-9][0-9]{${count - 1}}$`));
  const id = fc.oneof(
    digits(10),
    digits(11),
    fc.stringMatching(/^19\d{10}$/),
    fc.stringMatching(/^\d{6}[-+A-FU-Y]\d{3}[0-9A-Y]$/),
  );
  const idName = fc.constantFrom('national_id', 'signicat.national_id', 'nin', 'ftn_hetu', 'acting_nin');
  const spelt = (text: string) =>
    fc.constantFrom(
      text,
      text.toLowerCase(),
      Array.from(text).join(' '),
      `${text.slice(0, 6)}/${text.slice(6)}`,
      `a${text}b${text}`,
    );
  const shaped = (text: string) =>
    fc.oneof(
      spelt(text),
      fc.array(spelt(text), { maxLength: 3 }),
      fc.record({ formatted: spelt(text), x: fc.string() }),
      fc.constant(/^\d+$/.test(text) ? Number(text) : text),
      fc.tuple(fc.string(), spelt(text)).map((parts) => ({ deep: [{ er: parts }] })),
    );
  const names = ['name', 'address', 'sub', 'acr', 'amr', 'auth_time', 'email', 'constructor', 'x'];
  const claims = id.chain((text) =>
    fc.tuple(
      fc.constant(text),
      idName.map((name) => ({ [name]: text })),
      fc.dictionary(fc.constantFrom(...names), shaped(text), { noNullPrototype: true }),
    ),
  );
  const mapping =
    'name>NickName sub>ChatId national_id ftn_hetu acting_nin address acr amr auth_time email constructor x AuthUserId';
  fc.assert(
    fc.property(claims, ([text, own, others]) => {
      const shown = JSON.stringify(
        toIdentity({ ...others, sub: `s${text}`, ...own }, connection(mapping), pseudonym),
      );
      for (const part of shown.split('"')) {
        const compact = part.replace(/[^0-9a-z]/gi, '').toLowerCase();
        assert.ok(!compact.includes(text.replace(/[^0-9a-z]/gi, '').toLowerCase()), shown);
      }
    }),
    { numRuns: 1000 },
  );
});

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
  for (let index = 0; index < 50; index += 1) claims[`c${index}`] = '17029 é'.repeat(15_000);
  identity(claims, Object.keys(claims).join(' '));
  identity(
    { nin: '1', deep: JSON.parse('{"nin":'.repeat(50_000) + '1' + '}'.repeat(50_000)) as unknown },
    'deep',
  );
  assert.ok(performance.now() - started < 10_000);
});
