import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AuditEvent } from '../../src/audit/audit.ts';
import type { Edit } from '../../src/config/edits.ts';
import { createMemoryState } from '../../src/session/memory.ts';
import { placesOf } from '../../src/middleware/queue-place.ts';
import { inEveryFace, startSystem } from '../support/system.ts';
import { ACTOR, bank, open, signicat, startDesk, type Desk } from './rig.ts';

const SECRET = 'planted-client-secret-7d31';

/** What was recorded by this change, whether it is made or refused. */
async function recorded(
  { administration, audited }: Desk,
  edits: readonly unknown[],
  over: { revision?: number; force?: boolean; requestId?: string } = {},
): Promise<readonly AuditEvent[]> {
  const before = audited.length;
  const { revision } = await administration.read();
  await administration
    .change(edits as readonly Edit[], { revision, actor: ACTOR, ...over })
    .catch((error: unknown) => error);
  return JSON.parse(JSON.stringify(audited.slice(before))) as AuditEvent[];
}

test('a change is recorded edit by edit: who, what and where, a secret by itself, and no value', async () => {
  const desk = startDesk(createMemoryState());
  const settings = { authScope: 'openid planted-scope', authClientSecret: SECRET };
  const edits: Edit[] = [
    { kind: 'connection', ...signicat, settings, leaveOut: ['authPrompt'] },
    { kind: 'queue.secure', ...open, authConnectionName: 'Other' },
    { kind: 'customer', customerKey: '67890', returnOrigins: ['https://planted.example'] },
  ];
  const [connection, connections] = [signicat.authConnectionName, 'customers[0].connections[0]'];
  assert.deepEqual(await recorded(desk, edits, { requestId: 'r1' }), [
    {
      kind: 'configuration_changed',
      actor: ACTOR,
      requestId: 'r1',
      change: 'connection',
      customer: '12345',
      connection,
      paths: [`${connections}.authScope`, `${connections}.authPrompt`],
    },
    {
      kind: 'secret_set',
      actor: ACTOR,
      requestId: 'r1',
      change: 'connection',
      customer: '12345',
      connection,
      paths: [`${connections}.authClientSecret`],
    },
    {
      kind: 'configuration_changed',
      actor: ACTOR,
      requestId: 'r1',
      change: 'queue.secure',
      customer: '12345',
      connection: 'Other',
      queue: 'q_open',
      paths: ['customers[0].queues[1]'],
    },
    {
      kind: 'configuration_changed',
      actor: ACTOR,
      requestId: 'r1',
      change: 'customer',
      customer: '67890',
      paths: ['customers[1].returnOrigins'],
    },
  ]);
  const [gone] = await recorded(desk, [{ kind: 'reset.customer', customerKey: '67890' }]);
  assert.deepEqual([gone!.change, gone!.paths], ['reset.customer', ['customers[1]']]);
  assert.doesNotMatch(JSON.stringify(desk.audited), /planted/);
});

test('a change that was forced says so', async () => {
  const desk = startDesk(createMemoryState(), {
    running: () => [...placesOf(desk.base).keys()],
  });
  const edit = { kind: 'queue.open', ...bank };
  const [refused] = await recorded(desk, [edit]);
  assert.deepEqual(
    [refused!.kind, refused!.change, refused!.paths],
    ['change_refused', 'queue.open', ['customers[0].queues[0]']],
  );
  const [made] = await recorded(desk, [edit], { force: true });
  assert.deepEqual([made!.kind, made!.change], ['configuration_changed', 'queue.open (forced)']);
});

test('a refused change is recorded once, with the places of its problems', async () => {
  const desk = startDesk(createMemoryState());
  const bad = { kind: 'connection', ...signicat, settings: { authEndpoint: 'http://planted.example' } };
  const [invalid, ...more] = await recorded(desk, [bad, { kind: 'queue.open', ...open }]);
  assert.deepEqual(more, []);
  assert.deepEqual(invalid, {
    kind: 'change_refused',
    actor: ACTOR,
    paths: ['customers[0].connections[0].authEndpoint'],
  });
  const [late] = await recorded(desk, [{ kind: 'queue.open', ...open }], { revision: 7 });
  assert.deepEqual(late, {
    kind: 'change_refused',
    actor: ACTOR,
    change: 'queue.open',
    customer: '12345',
    queue: 'q_open',
  });
  const [shapeless] = await recorded(desk, [{ kind: 'queue.open', customerKey: 'planted', secret: SECRET }]);
  assert.deepEqual([shapeless!.kind, shapeless!.customer], ['change_refused', undefined]);
  assert.ok(shapeless!.paths!.every((path) => path.startsWith('edits[0]')));
  assert.doesNotMatch(JSON.stringify(desk.audited), /planted/);
});

test('whoever takes a secret for the name of a setting has it in no entry', async () => {
  const desk = startDesk(createMemoryState());
  for (const edit of [
    { kind: 'connection', ...signicat, settings: { [SECRET]: 'authClientSecret' } },
    { kind: 'connection', ...signicat, settings: { planted_secret: 1 } },
    { kind: 'connection', ...signicat, leaveOut: [SECRET] },
    { kind: 'reset.connection', ...signicat, key: SECRET },
    { kind: 'reset.connection', ...signicat, key: 'planted_secret' },
  ])
    await recorded(desk, [edit]);
  assert.ok(desk.audited.length >= 5);
  assert.doesNotMatch(JSON.stringify(desk.audited), /planted/);
});

test('while the store is away the refusal has its code', async () => {
  const state = createMemoryState();
  const desk = startDesk(state);
  await desk.administration.read();
  await state.close();
  const [event] = await recorded(desk, [{ kind: 'queue.open', ...open }]);
  assert.deepEqual([event!.kind, event!.code], ['change_refused', 'session_store_unavailable']);
});

inEveryFace('what an administrator changes in a gateway comes into its log', async (t, face) => {
  const { gateway, log } = await startSystem(t, { face });
  const { revision } = await gateway.administration!.read();
  await gateway.administration!.change([{ kind: 'queue.open', ...open }], { revision, actor: ACTOR });
  assert.ok(log.some(({ message }) => message === 'the settings of administrators are in force'));
});
