/**
 * Threat: who was verified by one connection enters a queue of another: another client of the same issuer, or another customer
 * with the same names. Each connection has its own identity, and the upstream is told the one that verified.
 */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import fc from 'fast-check';
import type { Face } from '../support/faces.ts';
import { startProvider } from '../support/provider.ts';
import { runs } from '../support/runs.ts';
import { connection, identityOf, inEveryFace, kari, ola, startSystem } from '../support/system.ts';
import { codeOf } from '../support/problem-code.ts';

const QUEUES = [
  ['A', 'q_bank', 'Signicat', 'client-1'],
  ['A', 'q_loan', 'Signicat', 'client-1'],
  ['A', 'q_card', 'Other', 'client-2'],
  ['B', 'q_bank', 'Signicat', 'client-3'],
  ['B', 'q_card', 'Other', 'client-1'],
] as const;

/** Two customers, two connections each by the same names, one issuer; A and B even share a client id. */
async function start(t: TestContext, face?: Face) {
  const clients = Object.fromEntries(
    ['client-1', 'client-2', 'client-3'].map((id) => [id, { secret: `of-${id}` }]),
  );
  const provider = await startProvider({ person: kari, clients });
  t.after(() => provider.stop());
  const customers = ['A', 'B'].map((customerKey) => {
    const own = QUEUES.filter(([customer]) => customer === customerKey);
    const clientOf = new Map(own.map(([, , name, clientId]) => [name, clientId]));
    return {
      customerKey,
      connections: [...clientOf].map(([authConnectionName, authClientId]) =>
        connection(provider, { authConnectionName, authClientId, authClientSecret: `of-${authClientId}` }),
      ),
      queues: own.map(([, queueKey, authConnectionName]) => ({ queueKey, authConnectionName })),
    };
  });
  return startSystem(t, {
    ...(face && { face }),
    provider,
    options: {
      loginsPerMinute: 1_000_000,
      customers,
      queueRules: [{ path: '/:customerKey/queues/:queueKey{/*rest}' }],
    },
  });
}

inEveryFace(
  'verified for one queue, a visitor enters those of that connection and no other',
  async (t, face) => {
    const { url, provider, upstream, browser } = await start(t, face);
    for (const [customer, queue, name, clientId] of QUEUES) {
      const visitor = browser();
      assert.equal((await visitor.open(`${url}/${customer}/queues/${queue}`)).status, 200);
      const asked = provider.requests.findLast(({ endpoint }) => endpoint === 'authorize')!;
      assert.equal(asked.url.searchParams.get('client_id'), clientId, 'its own silent login');
      for (const [otherCustomer, otherQueue, otherName] of QUEUES) {
        const before = upstream.requests.length;
        const visit = await visitor.fetch(`${url}/${otherCustomer}/queues/${otherQueue}`);
        if (otherCustomer === customer && otherName === name) {
          assert.equal(visit.status, 200);
          const told = identityOf(upstream);
          assert.deepEqual(
            [told['x-secure-chat-customer'], told['x-secure-chat-connection'], told['x-secure-chat-queue']],
            [customer, name, otherQueue],
          );
        } else {
          assert.deepEqual([visit.status, codeOf(visit)], [401, 'login_required']);
          assert.equal(upstream.requests.length, before);
        }
      }
    }
  },
);

test('a waiting code of one connection is redeemed by no queue of another', async (t) => {
  const { url, provider, browser } = await start(t);
  for (const [customer, queue, name] of QUEUES) {
    const visitor = browser();
    await visitor.open(`${url}/secure-chat/login?queueKey=${queue}&customerKey=${customer}&returnTo=/portal`);
    const before = provider.calls('token');
    for (const [otherCustomer, otherQueue, otherName] of QUEUES)
      if (otherCustomer !== customer || otherName !== name)
        assert.equal((await visitor.fetch(`${url}/${otherCustomer}/queues/${otherQueue}`)).status, 401);
    assert.equal(provider.calls('token'), before);
    assert.equal((await visitor.fetch(`${url}/${customer}/queues/${queue}`)).status, 200);
  }
});

test('in any order of persons and queues, each queue is told who its own connection verified', async (t) => {
  const { url, provider, upstream, browser } = await start(t);
  const step = fc.tuple(fc.constantFrom(...QUEUES), fc.boolean(), fc.constantFrom(kari, ola));
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 8 }), async (steps) => {
      const visitor = browser();
      const verified = new Map<string, string>();
      for (const [[customer, queue, name], navigates, person] of steps) {
        provider.setPerson(person);
        const key = `${customer} ${name}`;
        const address = `${url}/${customer}/queues/${queue}`;
        const visit = navigates ? await visitor.open(address) : await visitor.fetch(address);
        if (navigates && !verified.has(key)) verified.set(key, person.sub);
        assert.equal(visit.status, verified.has(key) ? 200 : 401);
        if (visit.status !== 200) continue;
        const told = identityOf(upstream);
        assert.deepEqual(
          [told['x-secure-chat-customer'], told['x-secure-chat-connection'], told['x-secure-chat-id']],
          [customer, name, verified.get(key)],
        );
      }
    }),
    { numRuns: runs(15) },
  );
});

test('a token that was issued to another client of the same issuer is nobody', async (t) => {
  const { url, provider, upstream, browser } = await start(t);
  let stolen = '';
  provider.behave({ idToken: { rewrite: (token) => (stolen = token) } });
  assert.equal((await browser().open(`${url}/A/queues/q_bank`)).status, 200);
  provider.behave({ idToken: { rewrite: () => stolen } });
  const before = upstream.requests.length;
  assert.equal((await browser().open(`${url}/A/queues/q_card`)).status, 502);
  assert.equal((await browser().open(`${url}/B/queues/q_bank`)).status, 502);
  provider.behave({ idToken: { claims: { aud: ['client-1', 'client-2'], azp: 'client-1' } } });
  assert.equal((await browser().open(`${url}/A/queues/q_card`)).status, 502, 'nor one that is shared');
  assert.equal(upstream.requests.length, before);
});
