import assert from 'node:assert/strict';
import { validateHeaderName, validateHeaderValue } from 'node:http';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Identity } from '../../src/claims/identity-types.ts';
import type { MappingEntry, MapType } from '../../src/config/gateway-config.ts';
import { createHeaderWall, headerBytes, identityHeaders } from '../../src/proxy/identity-headers.ts';

const wall = createHeaderWall('X-Secure-Chat-');

/** Every character that a header name may hold beside letters and digits (RFC 9110 section 5.6.2). */
const separators = Array.from("!#$%&'*+-.^_`|~");

test('a name folds to the prefix in any case and with any separator', () => {
  const letters = (word: string) =>
    fc
      .tuple(...Array.from(word, (char) => fc.constantFrom(char.toLowerCase(), char.toUpperCase())))
      .map((all) => all.join(''));
  const separator = fc.constantFrom(...separators, 'é');
  const name = fc
    .tuple(
      letters('x'),
      separator,
      letters('secure'),
      separator,
      letters('chat'),
      separator,
      fc.stringMatching(/^[\w.-]*$/),
    )
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(name, (text) => {
      assert.ok(wall.folds(text), text);
    }),
    { numRuns: 1000 },
  );
});

const resembling = [
  'X-Secure-Chat',
  'X-Secure-Chatter',
  'X-Secure-Cha-t-',
  'X--Secure-Chat-Id',
  'X-Secure--Chat-Id',
  'XX-Secure-Chat-Id',
  'Y-Secure-Chat-Id',
  'XSecure-Chat-Id',
  'X-Secure-Chat0Id',
  '-X-Secure-Chat-Id',
  'Cookie',
  '',
];

for (const name of resembling) {
  test(`${JSON.stringify(name)} only resembles the prefix and passes`, () => {
    assert.equal(wall.folds(name), false);
    assert.deepEqual(wall.strip([name, 'v']), [name, 'v']);
  });
}

test('strip takes out every copy and spelling, and keeps all else as it is', () => {
  const kept = [
    'Host',
    'a',
    'cookie',
    'X-Secure-Chat-Id=1',
    'Cookie',
    'b',
    'X-Forwarded-For',
    'X-Secure-Chat-Id',
  ];
  const raw = [
    ...['X-Secure-Chat-Id', '1', 'x_secure_chat_id', '2'],
    ...kept.slice(0, 4),
    ...['X.SECURE.CHAT.VARIABLE.x', '3', 'X-Secure-Chat-', '4'],
    ...kept.slice(4),
    ...['x~secure!chat#id', '5'],
  ];
  const before = [...raw];
  assert.deepEqual(wall.strip(raw), kept);
  assert.deepEqual(raw, before);
});

test('the configured prefix is folded too', () => {
  const other = createHeaderWall('Bank_Chat.');
  assert.ok(other.folds('bank-chat-Id'));
  assert.ok(!other.folds('X-Secure-Chat-Id'));
});

test('an empty prefix is refused', () => {
  assert.throws(() => createHeaderWall(''), TypeError);
});

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

function entry(claim: string, mapType: MapType = 'Variable'): MappingEntry {
  return {
    claim,
    mapType,
    description: undefined,
    headerSuffix: `Variable-${claim.replace(/[^A-Za-z0-9]+/g, '-')}`,
  };
}

function variable(name: string, value: string, description?: string) {
  return { name, description, value };
}

function headers(
  identity: Partial<Identity>,
  mapping: readonly MappingEntry[],
  limitBytes = 8192,
  where = place,
): Map<string, string> {
  const list = identityHeaders({ ...nobody, ...identity }, where, {
    prefix: 'X-Secure-Chat-',
    limitBytes,
    mapping,
  });
  for (const [name, value] of list) {
    assert.ok(wall.folds(name));
    validateHeaderName(name);
    validateHeaderValue(name, value);
  }
  const map = new Map(list.map(([name, value]) => [name.slice('X-Secure-Chat-'.length), value]));
  assert.equal(map.size, list.length, 'one line per header');
  assert.ok(headerBytes(list) <= limitBytes, `${headerBytes(list)} bytes of ${limitBytes}`);
  return map;
}

test('a whole identity gives every header in a fixed order', () => {
  const identity = {
    chatId: 's-1',
    nickName: 'Åse Ødegård',
    variables: [variable('national_id', '170290*****', 'Fødselsnummer'), variable('a.b c', '100%')],
    acr: 'urn:signicat:oidc:method:nbid',
    amr: ['pwd', 'otp'],
    authTime: 4102444800,
  };
  const mapping = [entry('national_id'), entry('name', 'NickName'), entry('a.b c'), entry('sub', 'ChatId')];
  assert.deepEqual(
    [...headers(identity, mapping)],
    [
      ['Customer', '12345'],
      ['Queue', 'q_bank'],
      ['Connection', 'Signicat'],
      ['Id', 's-1'],
      ['Nickname', '%C3%85se%20%C3%98deg%C3%A5rd'],
      ['Variable-national-id', '170290*****'],
      ['Variable-a-b-c', '100%25'],
      [
        'Variables',
        '[{"name":"national_id","description":"F\\u00f8dselsnummer","value":"170290*****"},{"name":"a.b c","value":"100\\u0025"}]',
      ],
      ['Acr', 'urn:signicat:oidc:method:nbid'],
      ['Amr', 'pwd otp'],
      ['Auth-Time', '4102444800'],
    ],
  );
});

test('an absent value leaves its header out, and Variables is an empty array', () => {
  assert.deepEqual(
    [...headers({}, [entry('name')])],
    [
      ['Customer', '12345'],
      ['Queue', 'q_bank'],
      ['Connection', 'Signicat'],
      ['Variables', '[]'],
    ],
  );
});

test('seconds of 1970 are told as 0', () => {
  assert.equal(headers({ authTime: 0 }, []).get('Auth-Time'), '0');
});

test('the present mapping decides the order, and sends nothing that it does not map', () => {
  const identity = { variables: [variable('a', '1'), variable('b', '2'), variable('old', '3')] };
  const sent = headers(identity, [entry('b'), entry('a'), entry('old', 'NickName')]);
  assert.equal(sent.get('Variables'), '[{"name":"b","value":"2"},{"name":"a","value":"1"}]');
  assert.equal(sent.has('Variable-old'), false);
});

test('names of customer, queue and connection are encoded like any value', () => {
  const sent = headers({}, [], 8192, { customerKey: 'kø', queueKey: ' q', connectionName: 'a\r\nb' });
  assert.deepEqual(
    [sent.get('Customer'), sent.get('Queue'), sent.get('Connection')],
    ['k%C3%B8', '%20q', 'a%0D%0Ab'],
  );
});

const valuesIn = (sent: Map<string, string>) =>
  JSON.parse(sent.get('Variables') ?? '') as { name: string; value: string }[];

test('a long value is cut the same in every header and named; short ones are whole', () => {
  const text = 'Åse Ødegård '.repeat(1000);
  const sent = headers(
    { chatId: 's-1', nickName: text, variables: [variable('a.b', text), variable('c', 'short')], acr: 'low' },
    [entry('name', 'NickName'), entry('a.b'), entry('c'), entry('sub', 'ChatId')],
  );
  const nick = decodeURIComponent(sent.get('Nickname') ?? '');
  assert.equal(sent.get('Truncated'), 'name,a.b');
  assert.ok(text.startsWith(nick) && nick.length > 300);
  assert.equal(decodeURIComponent(sent.get('Variable-a-b') ?? ''), nick);
  assert.deepEqual(
    valuesIn(sent),
    [variable('a.b', nick), variable('c', 'short')].map(({ name, value }) => ({ name, value })),
  );
  assert.deepEqual([sent.get('Id'), sent.get('Variable-c'), sent.get('Acr')], ['s-1', 'short', 'low']);
});

test('the cut is the longest that fits', () => {
  const mapping = [entry('x')];
  const sizeOf = (length: number) =>
    headers({ variables: [variable('x', 'v'.repeat(length))] }, mapping, 65_536);
  const limit = headerBytes([...sizeOf(1000)].map(([name, value]) => [`X-Secure-Chat-${name}`, value]));
  assert.equal(
    headers({ variables: [variable('x', 'v'.repeat(1000))] }, mapping, limit).get('Variable-x')?.length,
    1000,
  );
  const truncatedLine = 'X-Secure-Chat-Truncated: x\r\n'.length;
  const cut = headers({ variables: [variable('x', 'v'.repeat(1001))] }, mapping, limit).get(
    'Variable-x',
  )?.length;
  assert.equal(cut, 1000 - truncatedLine / 2);
});

test('a cut never splits a character', () => {
  const family = '👩‍👩‍👧‍👦';
  const accents = 'e\u0301';
  for (const unit of [family, accents, '😀', '한', '🇳🇴']) {
    for (let limit = 600; limit < 640; limit += 1) {
      const sent = headers({ nickName: unit.repeat(500) }, [entry('name', 'NickName')], limit);
      const nick = decodeURIComponent(sent.get('Nickname') ?? '');
      assert.equal(nick, unit.repeat(nick.length / unit.length));
      assert.ok(nick.length > 0);
    }
  }
});

test('a letter under thousands of marks is cut between code points', () => {
  const sent = headers({ nickName: 'e' + '\u0301'.repeat(50_000) }, [entry('name', 'NickName')]);
  assert.match(decodeURIComponent(sent.get('Nickname') ?? ''), /^e\u0301{500,}$/);
});

test('a cut leaves no blank at the end', () => {
  for (let limit = 512; limit < 530; limit += 1) {
    const sent = headers({ nickName: 'a  '.repeat(500) }, [entry('name', 'NickName')], limit);
    assert.match(sent.get('Nickname') ?? '', /^(a {2})+a$/);
  }
});

test('the chat id is not cut for the sake of others', () => {
  const chatId = 'c'.repeat(128);
  const many = Array.from({ length: 20 }, (_, index) => `claim${index}`);
  const sent = headers(
    { chatId, variables: many.map((name) => variable(name, 'v'.repeat(1000))) },
    [entry('sub', 'ChatId'), ...many.map((name) => entry(name))],
    4096,
  );
  assert.equal(sent.get('Id'), chatId);
  assert.equal(sent.get('Truncated'), many.join(','));
});

test('a chat id beyond every use is cut and named', () => {
  const sent = headers({ chatId: 'c'.repeat(10_000) }, [entry('sub', 'ChatId')]);
  assert.equal(sent.get('Truncated'), 'sub');
  assert.ok((sent.get('Id')?.length ?? 0) > 7000);
});

test('where several claims may be the nickname, Truncated says NickName', () => {
  const sent = headers({ nickName: 'n'.repeat(10_000) }, [entry('a', 'NickName'), entry('b', 'NickName')]);
  assert.equal(sent.get('Truncated'), 'NickName');
});

test('of 200 variables that cannot all be sent the first stay whole, the others are named', () => {
  const names = Array.from({ length: 200 }, (_, index) => `claim_${index}`);
  const sent = headers(
    { chatId: 's-1', nickName: 'Kari', variables: names.map((name) => variable(name, `value of ${name}`)) },
    [entry('sub', 'ChatId'), entry('name', 'NickName'), ...names.map((name) => entry(name))],
  );
  const shown = valuesIn(sent);
  assert.ok(shown.length > 30);
  assert.deepEqual(
    shown.map(({ name }) => name),
    names.slice(0, shown.length),
  );
  assert.ok(shown.every(({ name, value }) => value === `value of ${name}`));
  assert.deepEqual(sent.get('Truncated')?.split(','), names.slice(shown.length));
  assert.deepEqual([sent.get('Id'), sent.get('Nickname')], ['s-1', 'Kari']);
});

test('where nothing of the person fits, Truncated is a star, and below that nothing is sent', () => {
  const identity = { chatId: '😀'.repeat(500), nickName: 'x' };
  assert.deepEqual([...headers(identity, [], 160).keys()], ['Customer', 'Queue', 'Connection', 'Truncated']);
  assert.equal(headers(identity, [], 160).get('Truncated'), '*');
  assert.equal(headers(identity, [], 50).size, 0);
});

test('any identity fits in any limit, cut to the same text everywhere and named', () => {
  const text = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 600 }),
    fc.string({ unit: 'binary', maxLength: 50 }),
    fc.array(fc.nat(0xffff)).map((units) => String.fromCharCode(...units)),
  );
  const optional = fc.option(text, { nil: undefined });
  const arbitrary = fc.record({
    chatId: optional,
    nickName: optional,
    values: fc.array(fc.tuple(fc.string({ minLength: 1 }), optional, text), { maxLength: 12 }),
    acr: optional,
    amr: fc.array(text, { maxLength: 3 }),
    authTime: fc.option(fc.maxSafeNat(), { nil: undefined }),
    limit: fc.integer({ min: 0, max: 9000 }),
  });
  fc.assert(
    fc.property(arbitrary, ({ values, limit, ...rest }) => {
      const variables = values.map(([name, description, value], index) =>
        variable(`${index}${name}`, value, description),
      );
      const mapping = variables.map(({ name }, index) => ({
        ...entry(name),
        headerSuffix: `Variable-${index}`,
      }));
      const sent = headers({ ...rest, variables }, mapping, limit);
      const listed = sent.get('Truncated');
      if (!sent.has('Variables')) {
        assert.ok(listed === '*' || sent.size === 0);
        return;
      }
      const json = new Map(valuesIn(sent).map(({ name, value }) => [name, value]));
      const named = decodeURIComponent(listed ?? '');
      variables.forEach(({ name, value }, index) => {
        const header = decodeURIComponent(sent.get(`Variable-${index}`) ?? '');
        const whole = value.toWellFormed();
        assert.equal((json.get(name) ?? '').toWellFormed(), header);
        assert.ok(
          header === whole || (whole.startsWith(header.replace(/\ufffd$/, '')) && named.includes(name)),
        );
      });
    }),
    { numRuns: 400 },
  );
});

test('very long values take bounded time', () => {
  const started = performance.now();
  const names = Array.from({ length: 50 }, (_, index) => `c${index}`);
  headers(
    { variables: names.map((name) => variable(name, 'å 😀'.repeat(25_000))) },
    names.map((name) => entry(name)),
  );
  assert.ok(performance.now() - started < 5000);
});
