import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Edit } from '../../src/config/edits.ts';
import type { GatewayConfig } from '../../src/config/gateway-config.ts';
import type { GatewayOptions } from '../../src/config/options.ts';
import { ConfigError } from '../../src/config/problems.ts';
import { resolveConfig } from '../../src/config/config.ts';
import { createMemoryState } from '../../src/session/memory.ts';
import { runs } from '../support/runs.ts';
import { ACTOR, OPTIONS, startDesk } from './rig.ts';

const customerKey = fc.constantFrom('12345', '777');
const queueKey = fc.constantFrom('q_bank', 'Q_BANK ', 'q_open', 'q_new');
const authConnectionName = fc.constantFrom('Signicat', 'Other', 'Third');
const settings = fc.record(
  {
    authClientId: fc.constantFrom('portal', 'c2'),
    authEndpoint: fc.constantFrom('https://one.example', 'https://three.example', 'http://bad.example'),
    authScope: fc.constantFrom('openid a', 'openid b'),
    authClientSecret: fc.constantFrom('s1', 's2'),
    clockToleranceSeconds: fc.constantFrom(10, 20, 9999),
  },
  { requiredKeys: [] },
);

const anEdit: fc.Arbitrary<Edit> = fc.oneof(
  fc.record({
    kind: fc.constant('customer' as const),
    customerKey,
    returnOrigins: fc.constantFrom('https://a.example', 'https://b.example', 'https://b.example/path'),
  }),
  fc.record({
    kind: fc.constant('connection' as const),
    customerKey,
    authConnectionName,
    settings,
    leaveOut: fc.constantFrom<string[]>([], ['authScope'], ['authClientId']),
  }),
  fc.record({ kind: fc.constant('connection.remove' as const), customerKey, authConnectionName }),
  fc.record({ kind: fc.constant('queue.secure' as const), customerKey, queueKey, authConnectionName }),
  fc.record({
    kind: fc.constantFrom('queue.open' as const, 'queue.remove' as const, 'reset.queue' as const),
    customerKey,
    queueKey,
  }),
  fc.record({ kind: fc.constant('reset.connection' as const), customerKey, authConnectionName }),
  fc.record({ kind: fc.constant('reset.customer' as const), customerKey }),
  fc.constant({ kind: 'reset' as const }),
);

type Value = Record<string, unknown>;
interface Place {
  returnOrigins: unknown;
  connections: Map<string, Value>;
  queues: Map<string, Value>;
}

/** The same edits on plain options, without an overlay: what the configuration would be if they stood in the file. */
function edited(model: Map<string, Place>, base: Map<string, Place>, edit: Edit): Map<string, Place> {
  const next = structuredClone(model);
  if (edit.kind === 'reset') return structuredClone(base);
  const known = base.get(edit.customerKey);
  if (edit.kind === 'reset.customer') {
    if (known === undefined) next.delete(edit.customerKey);
    else next.set(edit.customerKey, structuredClone(known));
    return next;
  }
  const place = next.get(edit.customerKey) ?? {
    returnOrigins: undefined,
    connections: new Map<string, Value>(),
    queues: new Map<string, Value>(),
  };
  if (edit.kind === 'customer') next.set(edit.customerKey, { ...place, returnOrigins: edit.returnOrigins });
  else if ('queueKey' in edit) editQueue(place, known, edit);
  else editConnection(place, known, edit);
  return next;
}

function editQueue(place: Place, known: Place | undefined, edit: Extract<Edit, { queueKey: string }>): void {
  const key = edit.queueKey.trim().toLowerCase();
  const inFile = known?.queues.get(key);
  const named = { queueKey: inFile?.['queueKey'] ?? edit.queueKey };
  if (edit.kind === 'queue.secure')
    place.queues.set(key, { ...named, authConnectionName: edit.authConnectionName });
  else if (edit.kind === 'queue.open') place.queues.set(key, named);
  else if (edit.kind === 'queue.remove' || inFile === undefined) place.queues.delete(key);
  else place.queues.set(key, structuredClone(inFile));
}

function editConnection(
  place: Place,
  known: Place | undefined,
  edit: Extract<Edit, { authConnectionName: string }> & {
    kind: 'connection' | 'connection.remove' | 'reset.connection';
  },
): void {
  const { authConnectionName: name } = edit;
  const inFile = known?.connections.get(name);
  if (edit.kind === 'connection') {
    const before = place.connections.get(name) ?? structuredClone(inFile) ?? { authConnectionName: name };
    const value = { ...before, ...edit.settings };
    for (const key of edit.leaveOut ?? []) Reflect.deleteProperty(value, key);
    place.connections.set(name, value);
  } else if (edit.kind === 'connection.remove' || inFile === undefined) place.connections.delete(name);
  else place.connections.set(name, structuredClone(inFile));
}

function modelOf({ customers = [] }: GatewayOptions): Map<string, Place> {
  return new Map(
    customers.map((customer) => [
      customer.customerKey,
      {
        returnOrigins: customer.returnOrigins,
        connections: new Map(customer.connections.map((one) => [one.authConnectionName, { ...one }])),
        queues: new Map((customer.queues ?? []).map((one) => [one.queueKey, { ...one }])),
      },
    ]),
  );
}

function resolveModel(model: Map<string, Place>): GatewayConfig {
  const customers = [...model].map(([key, { returnOrigins, connections, queues }]) => ({
    customerKey: key,
    ...(returnOrigins === undefined ? {} : { returnOrigins }),
    connections: [...connections.values()],
    queues: [...queues.values()],
  }));
  return resolveConfig({ ...OPTIONS, customers } as GatewayOptions, { production: false, face: 'gateway' });
}

/** Without their order, in which an overlay and a file may differ for what was removed and added again. */
function inOrder({ customers }: GatewayConfig): unknown {
  const by = <T>(list: readonly T[], key: (one: T) => string) =>
    [...list].sort((a, b) => (key(a) < key(b) ? -1 : 1));
  return by(customers, ({ customerKey: key }) => key).map((customer) => ({
    ...customer,
    connections: by(customer.connections, ({ name }) => name),
    queues: by(customer.queues, (queue) => queue.queueKey).map((queue) => ({
      ...queue,
      connection: queue.connection?.id,
    })),
  }));
}

test('after any edits the configuration in force is what the file would make with them in it; what is refused changes nothing', async () => {
  let changed = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(anEdit, { minLength: 1, maxLength: 3 }), { maxLength: 12 }),
      async (sequence) => {
        const state = createMemoryState();
        const [desk, witness] = [startDesk(state), startDesk(state)];
        const base = modelOf(OPTIONS);
        let model = modelOf(OPTIONS);
        for (const edits of sequence) {
          const { revision } = await desk.administration.read();
          const before = desk.follower.inForce;
          try {
            await desk.administration.change(edits, { revision, actor: ACTOR });
            model = edits.reduce((one, edit) => edited(one, base, edit), model);
            changed += 1;
          } catch (error) {
            assert.ok(error instanceof ConfigError, String(error));
            assert.equal(desk.follower.inForce, before);
            assert.equal((await desk.administration.read()).revision, revision);
          }
          await witness.follower.look();
          assert.deepEqual(inOrder(desk.follower.inForce.config), inOrder(resolveModel(model)));
          assert.deepEqual(witness.follower.inForce.config.customers, desk.follower.inForce.config.customers);
        }
        await state.close();
      },
    ),
    { numRuns: runs(150) },
  );
  assert.ok(changed > 50, 'enough of them were taken');
});
