/** Somebody reads, edits or moves what lies in Redis: without SEAL_KEY it cannot be read, and what was touched or moved is no record. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, test, type TestContext } from 'node:test';
import fc from 'fast-check';
import { anyCodePoint } from '../support/any-code-point.ts';
import { Browser } from '../support/browser.ts';
import { startProvider, type Provider } from '../support/provider.ts';
import { redisMissing, startRedis } from '../support/redis.ts';
import { kindOf, reachInto, type Dump } from '../support/redis-dump.ts';
import { runs } from '../support/runs.ts';
import { connection, kari, ola, startSystem } from '../support/system.ts';

const redis = await startRedis();
after(() => redis?.stop());

const SECRET = 'one secret for all gateways of this test';
const SKIP = { skip: redisMissing };
const newKey = () => randomBytes(32).toString('base64');
const LOGIN = '/secure-chat/login?queueKey=q_bank&returnTo=/portal';
const customers = (provider: Provider) => [
  {
    customerKey: '1',
    connections: [connection(provider)],
    queues: [{ queueKey: 'q_bank', authConnectionName: 'Signicat' }],
  },
];

async function rig(t: TestContext) {
  const provider = await startProvider({ person: kari });
  t.after(() => provider.stop());
  const store = reachInto(t, redis!.url);
  await store.client.flushall();
  const gateway = (sealKey: string) =>
    startSystem(t, {
      provider,
      options: { sessionSecret: SECRET, redisUrl: redis!.url, sealKey, customers: customers(provider) },
    });
  return { provider, store, gateway };
}

/** The sealed text of a record, whichever store wrote it. */
const sealedOf = (value: string): string =>
  value.startsWith('{') ? (JSON.parse(value) as { sealed: string }).sealed : value;

test(
  'a dump of all kinds of records tells nothing, in any encoding, and no nonce comes twice',
  SKIP,
  async (t) => {
    const { provider, store, gateway } = await rig(t);
    const { url, browser } = await gateway(newKey());
    const secrets = [
      '17029012345',
      '170290*****',
      'Kari',
      'Ødegård',
      'kari-sub',
      'portal-secret',
      'q_bank',
      '/portal',
      'Signicat',
      SECRET,
    ];
    const dumps: Dump[] = [];
    const entered = browser();
    secrets.push(
      new URL(
        (await entered.open(url + LOGIN)).trail.find((address) => address.includes('/callback?'))!,
      ).searchParams.get('code')!,
    );
    dumps.push(await store.read());
    for (let login = 0; login < 2; login += 1) {
      await entered.open(`${url}/queues/q_bank`);
      dumps.push(await store.read());
      await entered.open(url + LOGIN);
    }
    const late = browser();
    provider.behave({ codeLifetimeMs: -1 });
    await late.open(url + LOGIN);
    await late.fetch(`${url}/queues/q_bank`);
    provider.behave({});
    const pending = await browser().navigate(url + LOGIN);
    const asked = new URL(pending.headers.get('location')!).searchParams;
    secrets.push(asked.get('state')!, asked.get('nonce')!);
    for (const visitor of [entered, late])
      for (const value of visitor.jar.get('127.0.0.1')!.values())
        secrets.push(value, decodeURIComponent(value).slice(2, 34));
    dumps.push(await store.read());
    const records = new Map(dumps.flatMap((dump) => [...dump]));
    const kinds = new Set([...records.keys()].map(kindOf));
    for (const kind of [
      'session',
      'identity',
      'code',
      'chat-owners',
      'login',
      'handle',
      'superseded',
      'code-expired',
    ])
      assert.ok(kinds.has(kind), kind);
    const plain = [...records].flat().join('\n');
    const bytes = plain
      .split(/[^\w+/-]+/)
      .flatMap((word) => [
        Buffer.from(word, 'base64url').toString('latin1'),
        Buffer.from(word, 'hex').toString('latin1'),
      ]);
    const text = [plain, ...bytes].join('\n');
    for (const secret of secrets)
      for (const form of [
        secret,
        encodeURIComponent(secret),
        Buffer.from(secret).toString('base64'),
        Buffer.from(secret).toString('base64url'),
        Buffer.from(secret).toString('hex'),
        Buffer.from(secret).toString('latin1'),
      ])
        assert.ok(!text.includes(form), 'a secret lies in the store');
    const seals = new Set(
      dumps.flatMap((dump) =>
        [...dump].filter(([key]) => kindOf(key) !== 'redeem-lock').map(([, value]) => sealedOf(value)),
      ),
    );
    const nonces = [...seals].map((sealed) =>
      Buffer.from(sealed, 'base64url').subarray(5, 17).toString('hex'),
    );
    assert.ok(seals.size > 10);
    assert.equal(new Set(nonces).size, seals.size);
  },
);

/** Somebody with an identity, and somebody with another one; each with a login that waits as well. */
async function twoVisitors(t: TestContext) {
  const { provider, store, gateway } = await rig(t);
  const { url, browser } = await gateway(newKey());
  const enter = async (person: typeof kari | typeof ola): Promise<{ visitor: Browser; own: Dump }> => {
    const before = await store.read();
    provider.setPerson(person);
    const visitor = browser();
    await visitor.open(`${url}/queues/q_bank`);
    const after_ = await store.read();
    return { visitor, own: new Map([...after_].filter(([key]) => !before.has(key))) };
  };
  const first = await enter(kari);
  const second = await enter(ola);
  return { url, store, first, second, all: await store.read(), browser };
}

/** Whom the gateway takes the holder of these cookies for, in the queue and in its own words. */
async function seenAs(url: string, visitor: Browser): Promise<{ statuses: number[]; names: Set<string> }> {
  const cookie = visitor.cookies('127.0.0.1');
  const statuses: number[] = [];
  const names = new Set<string>();
  for (const path of ['/queues/q_bank', '/secure-chat/session']) {
    // a copy, so that nothing of this visit stays with the visitor
    const answer = await new Browser({ cookie }).fetch(url + path);
    statuses.push(answer.status);
    for (const name of ['Kari', 'Ola']) if (answer.body.includes(name)) names.add(name);
  }
  return { statuses, names };
}

test('a record that was moved to another place, of whatever kind, is no record there', SKIP, async (t) => {
  const { url, store, first, second, all } = await twoVisitors(t);
  assert.deepEqual((await seenAs(url, first.visitor)).names, new Set(['Kari']));
  for (const [from, value] of first.own) {
    for (const [to] of second.own) {
      await store.write(new Map([...all, [to, value]]));
      const { statuses, names } = await seenAs(url, second.visitor);
      assert.ok(!names.has('Kari'), `${kindOf(from)} as ${kindOf(to)}`);
      assert.ok(
        statuses.every((status) => status < 500),
        `${kindOf(from)} as ${kindOf(to)}: ${statuses.join(' ')}`,
      );
      if (kindOf(to) === 'identity') assert.deepEqual([statuses, names.size], [[401, 200], 0]);
    }
  }
  await store.write(all);
  assert.deepEqual(
    (await seenAs(url, second.visitor)).names,
    new Set(['Ola']),
    'in its own place it still opens',
  );
});

test(
  'a record that was edited is no record: never another person, never a failure of the gateway',
  SKIP,
  async (t) => {
    const { url, store, first, all } = await twoVisitors(t);
    const keys = [...first.own.keys()];
    const edit = fc.oneof(
      fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })).map(([at, bits]) => (sealed: string) => {
        const bytes = Buffer.from(sealed, 'base64url');
        bytes[at % bytes.length]! ^= bits;
        return bytes.toString('base64url');
      }),
      fc.nat().map((at) => (sealed: string) => sealed.slice(0, at % sealed.length)),
      fc.nat().map((at) => (sealed: string) => {
        const place = at % sealed.length;
        return `${sealed.slice(0, place)}=${sealed.slice(place)}`;
      }),
      fc
        .constantFrom(
          '',
          '{}',
          'null',
          '[]',
          '{"until":9e15,"value":true}',
          '{"sealed":1}',
          'A'.repeat(90),
          '\u0000',
        )
        .map((text) => () => text),
      fc.string({ unit: anyCodePoint }).map((text) => () => text),
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...keys), edit, fc.boolean(), async (key, change, inside) => {
        const old = all.get(key)!;
        const touched =
          old.startsWith('{') && inside
            ? JSON.stringify({ ...(JSON.parse(old) as object), sealed: change(sealedOf(old)) })
            : change(sealedOf(old));
        await store.write(new Map([...all, [key, touched]]));
        const { statuses, names } = await seenAs(url, first.visitor);
        assert.ok(!names.has('Ola'));
        assert.ok(
          statuses.every((status) => status < 500),
          `${kindOf(key)}: ${statuses.join(' ')}`,
        );
        if (kindOf(key) === 'identity') assert.deepEqual([statuses, names.size], [[401, 200], 0]);
      }),
      { numRuns: runs(80) },
    );
  },
);

test('seal keys are rotated without a log-out, and without the key nothing opens', SKIP, async (t) => {
  const { store, gateway, provider } = await rig(t);
  const [old, fresh] = [newKey(), newKey()];
  const before = await gateway(old);
  const during = await gateway(`${fresh},${old}`);
  const visitor = before.browser();
  await visitor.open(`${before.url}/queues/q_bank`);
  assert.equal((await visitor.fetch(`${during.url}/queues/q_bank`)).status, 200, 'sealed by the old key');
  const waiting = before.browser();
  await waiting.open(before.url + LOGIN);
  assert.equal((await waiting.fetch(`${during.url}/queues/q_bank`)).status, 200, 'a code that waited');
  const later = during.browser();
  await later.open(`${during.url}/queues/q_bank`);
  assert.equal(
    (await later.fetch(`${before.url}/queues/q_bank`)).status,
    401,
    'sealed by a key that this one lacks',
  );
  const kept = await store.read();
  provider.setPerson(undefined);
  for (const stranger of [await gateway(fresh), await gateway(newKey())]) {
    for (const who of [visitor, later]) {
      assert.equal((await who.fetch(`${stranger.url}/queues/q_bank`)).status, 401);
      assert.equal((await who.fetch(`${stranger.url}/secure-chat/session`)).body, '{"authenticated":false}');
    }
  }
  await store.write(kept);
  assert.equal((await visitor.fetch(`${during.url}/queues/q_bank`)).status, 200);
});
