import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import {
  createTransactions,
  isTransactionCookie,
  type LoginInput,
  type Transactions,
} from '../../src/oidc/transactions.ts';
import { createMemoryState } from '../../src/session/memory.ts';
import { createSealer } from '../../src/session/seal.ts';
import type { StateStore } from '../../src/session/state-store.ts';
import { cookiesOf } from './rig.ts';

const INPUT: LoginInput = {
  connectionId: 'c',
  customerKey: '12345',
  queueKey: 'q_bank',
  returnTo: 'https://chat.example.no/chat',
  display: 'page',
  retry: false,
  issuer: 'https://provider.example',
  issPromised: true,
};

function rig(t: { after(end: () => Promise<void>): void }, secureCookies = true) {
  const memory = createMemoryState();
  t.after(() => memory.close());
  const written: { key: string; value: string }[] = [];
  const taken: string[] = [];
  const store: StateStore = {
    ...memory,
    set: async (key, value, ttlMs) => {
      written.push({ key, value });
      await memory.set(key, value, ttlMs);
    },
    take: async (key) => {
      taken.push(key);
      return await memory.take(key);
    },
  };
  const clock = { now: 1_800_000_000_000 };
  const transactions = createTransactions({
    store,
    sealer: createSealer([randomBytes(32)]),
    secureCookies,
    now: () => clock.now,
  });
  return { transactions, written, taken, clock, memory };
}

const mismatch = { code: 'state_mismatch' };

test('a transaction comes back to the browser that began it, once', async (t) => {
  const { transactions } = rig(t);
  const begun = await transactions.begin(INPUT, undefined);
  const cookies = cookiesOf(begun.setCookies);
  const { transaction, expired, clearCookies } = await transactions.take(begun.state, `a=b; ${cookies}; c=d`);
  assert.deepEqual(
    { ...transaction, createdAt: 0 },
    { ...INPUT, nonce: begun.nonce, codeVerifier: begun.codeVerifier, createdAt: 0 },
  );
  assert.equal(expired, false);
  assert.equal(clearCookies.length, 1);
  await assert.rejects(transactions.take(begun.state, cookies), mismatch);
});

test('of twenty callbacks at once exactly one gets the transaction', async (t) => {
  const { transactions } = rig(t);
  const begun = await transactions.begin(INPUT, undefined);
  const cookies = cookiesOf(begun.setCookies);
  const results = await Promise.allSettled(
    Array.from({ length: 20 }, () => transactions.take(begun.state, cookies)),
  );
  assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1);
});

test('the cookie is __Host-, Secure, HttpOnly, Lax, of 900 seconds, and its removal has the same attributes', async (t) => {
  const { transactions } = rig(t);
  const begun = await transactions.begin(INPUT, undefined);
  const attributes = '; Path=/; Max-Age=900; HttpOnly; SameSite=Lax; Secure';
  const [line = ''] = begun.setCookies;
  assert.match(line, /^__Host-secure-chat-tx-[\w-]{22}=[0-9a-z]+\.[\w-]{22};/);
  assert.ok(line.endsWith(attributes));
  const { clearCookies } = await transactions.take(begun.state, cookiesOf(begun.setCookies));
  const name = line.split('=', 1)[0] ?? '';
  assert.deepEqual(clearCookies, [`${name}=${attributes.replace('900', '0')}`]);
  assert.ok(isTransactionCookie(name));
});

test('on http the cookie is neither __Host- nor Secure, and still binds', async (t) => {
  const { transactions } = rig(t, false);
  const begun = await transactions.begin(INPUT, undefined);
  assert.match(begun.setCookies[0] ?? '', /^secure-chat-tx-.*; SameSite=Lax$/);
  await transactions.take(begun.state, cookiesOf(begun.setCookies));
});

test('on https a cookie without __Host-, which a sibling domain can set, does not bind (F1)', async (t) => {
  const { transactions } = rig(t);
  const begun = await transactions.begin(INPUT, undefined);
  await assert.rejects(
    transactions.take(begun.state, cookiesOf(begun.setCookies).replace('__Host-', '')),
    mismatch,
  );
});

test('another browser gets nothing, and does not use the transaction up (D15)', async (t) => {
  const { transactions, taken } = rig(t);
  const begun = await transactions.begin(INPUT, undefined);
  const other = await transactions.begin(INPUT, undefined);
  await assert.rejects(transactions.take(begun.state, undefined), mismatch);
  await assert.rejects(transactions.take(begun.state, cookiesOf(other.setCookies)), mismatch);
  assert.equal(taken.length, 0);
  await transactions.take(begun.state, cookiesOf(begun.setCookies));
});

test('a wrong value under the right name is refused, and the transaction is over', async (t) => {
  const { transactions } = rig(t);
  const begun = await transactions.begin(INPUT, undefined);
  const cookies = cookiesOf(begun.setCookies);
  const forged = `${cookies.slice(0, -1)}${cookies.endsWith('A') ? 'B' : 'A'}`;
  await assert.rejects(transactions.take(begun.state, forged), mismatch);
  await assert.rejects(transactions.take(begun.state, cookies), mismatch);
});

test('two cookies of one name: neither is believed', async (t) => {
  const { transactions } = rig(t);
  const begun = await transactions.begin(INPUT, undefined);
  const cookies = cookiesOf(begun.setCookies);
  await assert.rejects(transactions.take(begun.state, `${cookies}; ${cookies}`), mismatch);
});

test('valid for ten minutes; later it is expired, not absent; after twenty it is absent', async (t) => {
  const { transactions, clock } = rig(t);
  const [a, b] = [await transactions.begin(INPUT, undefined), await transactions.begin(INPUT, undefined)];
  clock.now += 600_000;
  assert.equal((await transactions.take(a.state, cookiesOf(a.setCookies))).expired, false);
  clock.now += 1;
  assert.equal((await transactions.take(b.state, cookiesOf(b.setCookies))).expired, true);
});

test('ten tabs of a fresh browser at once all land (F7)', async (t) => {
  const { transactions } = rig(t);
  const begun = await Promise.all(Array.from({ length: 10 }, () => transactions.begin(INPUT, undefined)));
  const cookies = begun.map(({ setCookies }) => cookiesOf(setCookies)).join('; ');
  await Promise.all(begun.map(({ state }) => transactions.take(state, cookies)));
});

async function openMany(transactions: Transactions, clock: { now: number }, count: number) {
  let jar: string[] = [];
  const begun = [];
  for (let i = 0; i < count; i += 1) {
    clock.now += 1000;
    const next = await transactions.begin(INPUT, jar.join('; '));
    for (const line of next.setCookies) {
      const name = line.slice(0, line.indexOf('='));
      jar = jar.filter((cookie) => !cookie.startsWith(`${name}=`));
      if (!line.includes('Max-Age=0')) jar.push(line.split(';', 1)[0] ?? '');
    }
    begun.push(next);
  }
  return { jar, begun };
}

test('a browser has twelve transactions open: the thirteenth drops the oldest, cookie and record (F7)', async (t) => {
  const { transactions, clock, memory, written } = rig(t);
  const { jar, begun } = await openMany(transactions, clock, 13);
  assert.equal(jar.length, 12);
  assert.ok(jar.join('; ').length < 1024);
  const removal = begun.at(-1)?.setCookies.find((line) => line.includes('Max-Age=0')) ?? '';
  assert.ok(begun[0]?.setCookies[0]?.startsWith(removal.split('=', 1)[0] ?? '-'));
  assert.ok(removal.endsWith('; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure'));
  assert.equal(await memory.get(written[0]?.key ?? ''), undefined);
  assert.notEqual(await memory.get(written[1]?.key ?? ''), undefined);
  await transactions.take(begun[1]?.state ?? '', jar.join('; '));
});

test('forty logins in a row never leave more than twelve cookies', async (t) => {
  const { transactions, clock } = rig(t);
  const { jar } = await openMany(transactions, clock, 40);
  assert.equal(jar.length, 12);
});

test('the record is sealed under a key that does not tell the state, and tells no secret (F5)', async (t) => {
  const { transactions, written, memory } = rig(t);
  const begun = await transactions.begin(INPUT, undefined);
  const [{ key, value } = { key: '', value: '' }] = written;
  const cookie = cookiesOf(begun.setCookies).split('=').slice(1).join('=');
  for (const secret of [begun.state, begun.nonce, begun.codeVerifier, cookie, 'q_bank', 'chat.example.no']) {
    assert.ok(!key.includes(secret) && !value.includes(secret));
  }
  const other = await transactions.begin(INPUT, undefined);
  await memory.set(written[1]?.key ?? '', value, 60_000);
  await assert.rejects(transactions.take(other.state, cookiesOf(other.setCookies)), mismatch);
});

const crafted: [string, string][] = [
  ['huge', `x=${'y'.repeat(100_000)}`],
  ['without names', ';;;==;=;= ;;'],
  [
    'a thousand of ours',
    Array.from({ length: 1000 }, (_, i) => `__Host-secure-chat-tx-${String(i).padStart(22, 'a')}=1.a`).join(
      '; ',
    ),
  ],
  ['broken values', '__Host-secure-chat-tx-aaaaaaaaaaaaaaaaaaaaaa=%00\u0007é; __Host-secure-chat-tx-b'],
  ['names of Object', '__proto__=1; constructor=2; __Host-secure-chat-tx-__proto__=3'],
];
for (const [name, header] of crafted) {
  test(`crafted cookies are no obstacle: ${name} (F8)`, async (t) => {
    const { transactions } = rig(t);
    const begun = await transactions.begin(INPUT, header);
    assert.ok(begun.setCookies.length <= 64);
    await assert.rejects(transactions.take(begun.state, header), mismatch);
    await transactions.take(begun.state, cookiesOf(begun.setCookies));
  });
}

test('own cookies are told from others by their whole name (A9)', () => {
  const id = 'A'.repeat(22);
  assert.ok(isTransactionCookie(`secure-chat-tx-${id}`));
  assert.ok(isTransactionCookie(`__Host-secure-chat-tx-${id}`));
  for (const name of [
    'secure-chat',
    'secure-chat-tx-',
    `x-secure-chat-tx-${id}`,
    `secure-chat-tx-${id}x`,
    `Secure-chat-tx-${id}`,
  ]) {
    assert.ok(!isTransactionCookie(name), name);
  }
});
