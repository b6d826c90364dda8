/** Names joined to one key would let two tenants share a record: customer, connection, client and queue stay apart however they are spelt. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { resolveConfig } from '../../src/config/config.ts';
import { createSealer } from '../../src/session/seal.ts';
import { customerOf, outcomeOf, resolverOf, resolveTarget, ruleOf } from '../queues/queue-fixtures.ts';
import { startProvider } from '../support/provider.ts';
import { runs } from '../support/runs.ts';
import { connection, identityOf, inEveryFace, kari, ola, startSystem } from '../support/system.ts';

/** Short names over separators that keys are joined with. */
const name = fc.string({ unit: fc.constantFrom(...Array.from('ab:|/,-_.~@#')), minLength: 1, maxLength: 4 });
const pair = fc.tuple(name, name);
const kinds = fc.constantFrom('code', 'code-expired', 'identity');

test('no two lists of names have one record name, whatever stands in them', () => {
  const sealer = createSealer([randomBytes(32)]);
  const parts = fc.array(fc.string({ unit: fc.constantFrom(...Array.from('ab:|\0,"[]')), maxLength: 3 }), {
    minLength: 1,
    maxLength: 3,
  });
  fc.assert(
    fc.property(kinds, parts, kinds, parts, (kind, some, otherKind, others) => {
      const equal = JSON.stringify([kind, some]) === JSON.stringify([otherKind, others]);
      assert.equal(sealer.key(kind, ...some) === sealer.key(otherKind, ...others), equal);
    }),
    { numRuns: runs(1500) },
  );
});

test('a queue is found by its customer and its key, never by the two joined', () => {
  fc.assert(
    fc.property(pair, pair, ([customer, queue], [otherCustomer, otherQueue]) => {
      fc.pre(customer !== otherCustomer && queue !== otherQueue);
      const resolver = resolverOf({
        customers: [
          customerOf(customer, { [queue]: 'A' }),
          customerOf(otherCustomer, { [otherQueue]: undefined }),
        ],
        queueRules: [ruleOf({ query: 'queueKey' })],
      });
      const ask = (c: string, q: string): string =>
        outcomeOf(() =>
          resolveTarget(
            resolver,
            `/x?customerKey=${encodeURIComponent(c)}&queueKey=${encodeURIComponent(q)}`,
          ),
        );
      assert.equal(ask(customer, queue), `secure:${queue}`);
      assert.equal(ask(otherCustomer, otherQueue), `open:${otherQueue}`);
      assert.equal(ask(customer, otherQueue), 'queue_ambiguous');
      assert.equal(ask(otherCustomer, queue), 'queue_ambiguous');
    }),
    { numRuns: runs(300) },
  );
});

test('connections of two customers have two ids, however their names join', () => {
  const connectionsOf = (customerKey: string, authConnectionName: string) => ({
    customerKey,
    connections: [
      { authConnectionName, authClientId: 'c', authEndpoint: 'https://provider.example', authMapping: {} },
    ],
    queues: [{ queueKey: `q-${customerKey}`, authConnectionName }],
  });
  fc.assert(
    fc.property(pair, pair, ([customer, one], [otherCustomer, other]) => {
      fc.pre(customer.trim() !== otherCustomer.trim());
      const config = resolveConfig(
        {
          customers: [connectionsOf(customer, one), connectionsOf(otherCustomer, other)],
          upstream: 'http://127.0.0.1:1',
        },
        { production: false, face: 'gateway' },
      );
      const ids = config.customers.flatMap(({ connections }) => connections.map(({ id }) => id));
      assert.equal(new Set(ids).size, 2);
    }),
    { numRuns: runs(60) },
  );
});

inEveryFace(
  'an identity of one tenant is none of another whose names join to the same text',
  async (t, face) => {
    const clients = { one: { secret: 's' }, two: { secret: 's' } };
    const provider = await startProvider({ person: kari, clients });
    t.after(() => provider.stop());
    const tenant = (
      customerKey: string,
      authConnectionName: string,
      authClientId: string,
      queueKey: string,
    ) => ({
      customerKey,
      connections: [connection(provider, { authConnectionName, authClientId, authClientSecret: 's' })],
      queues: [
        { queueKey, authConnectionName },
        { queueKey: 'shared', authConnectionName },
      ],
    });
    const { url, upstream, browser } = await startSystem(t, {
      face,
      provider,
      options: { customers: [tenant('a:b', 'c', 'one', 'd:e'), tenant('a', 'b:c', 'two', 'e')] },
    });
    const visitor = browser();
    const enter = (customerKey: string, queueKey: string) =>
      `${url}/x?${new URLSearchParams({ customerKey, queueKey }).toString()}`;
    assert.equal((await visitor.open(enter('a:b', 'shared'))).status, 200);
    assert.equal(identityOf(upstream)['x-secure-chat-connection'], 'c');
    assert.equal((await visitor.fetch(enter('a:b', 'd:e'))).status, 200);
    const before = upstream.requests.length;
    for (const address of [enter('a', 'shared'), enter('a', 'e')])
      assert.equal((await visitor.fetch(address)).status, 401);
    for (const address of [enter('a', 'd:e'), enter('a:b', 'e'), `${url}/x?queueKey=shared`])
      assert.equal((await visitor.fetch(address)).status, 400);
    assert.equal(upstream.requests.length, before);

    provider.setPerson(ola);
    assert.equal((await visitor.open(enter('a', 'shared'))).status, 200);
    const theirs = identityOf(upstream);
    assert.deepEqual([theirs['x-secure-chat-customer'], theirs['x-secure-chat-id']], ['a', 'ola-sub']);
    assert.equal((await visitor.fetch(enter('a:b', 'shared'))).status, 200);
    const ours = identityOf(upstream);
    assert.deepEqual([ours['x-secure-chat-customer'], ours['x-secure-chat-id']], ['a:b', 'kari-sub']);
  },
);
