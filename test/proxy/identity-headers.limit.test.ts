import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { headerBytes } from '../../src/proxy/identity-headers.ts';
import { entry, headers, variable } from './identity-headers-fixture.ts';
import { anyCodePoint } from '../support/any-code-point.ts';

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

test('nor does it part the halves of a mark beyond U+FFFF', () => {
  for (let limit = 2000; limit < 2024; limit += 1) {
    const sent = headers({ nickName: 'e' + '\u{1d167}'.repeat(5000) }, [entry('name', 'NickName')], limit);
    assert.match(decodeURIComponent(sent.get('Nickname') ?? ''), /^e\u{1d167}{100,}$/u);
  }
});

test('a cut leaves no blank at the end', () => {
  for (let limit = 512; limit < 530; limit += 1) {
    const sent = headers({ nickName: 'å  '.repeat(500) }, [entry('name', 'NickName')], limit);
    assert.match(decodeURIComponent(sent.get('Nickname') ?? ''), /^(å {2})+å$/);
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
    fc.string({ unit: anyCodePoint, maxLength: 50 }),
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
    { numRuns: 200 },
  );
});

test('very long values take bounded time', () => {
  const started = performance.now();
  const names = Array.from({ length: 50 }, (_, index) => `c${index}`);
  headers(
    { variables: names.map((name) => variable(name, 'å 😀'.repeat(25_000))) },
    names.map((name) => entry(name)),
  );
  assert.ok(performance.now() - started < 1000);
});
