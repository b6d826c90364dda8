import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Edit } from '../../src/config/edits.ts';
import { ConfigError } from '../../src/config/problems.ts';
import { createMemoryState } from '../../src/session/memory.ts';
import { placesOf } from '../../src/middleware/queue-place.ts';
import { ACTOR, bank, open, OPTIONS, other, queuesOf, signicat, startDesk, type Desk } from './rig.ts';

async function problemsOf(work: Promise<unknown>): Promise<string[]> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof ConfigError, String(error));
  return error.problems.map(({ path, expected }) => `${path}: ${expected}`);
}

function desk(settings?: Parameters<typeof startDesk>[1]): Desk {
  return startDesk(createMemoryState(), settings);
}

const secure = (place: typeof bank, authConnectionName = 'Signicat'): Edit => ({
  kind: 'queue.secure',
  ...place,
  authConnectionName,
});

test('what the file says is in force until somebody changes it, and is shown as the file’s', async () => {
  const { administration, follower, base } = desk();
  const view = await administration.read();
  assert.deepEqual([view.revision, view.standing], [0, 'current']);
  assert.equal(follower.inForce.config, base);
  const [customer] = view.customers;
  assert.deepEqual(
    customer!.queues.map(({ queueKey, state, origin, inFile }) => [queueKey, state, origin, inFile]),
    [
      ['q_bank', 'secure', 'file', 'secure'],
      ['q_open', 'open', 'file', 'open'],
    ],
  );
  assert.deepEqual(customer!.connections[0]!.settings[0], {
    key: 'authClientId',
    isSet: true,
    value: 'portal',
    origin: 'file',
  });
});

test('a change wins over the file, says who and when, and is reset value by value', async () => {
  const { administration, follower, change } = desk();
  const before = Date.now();
  await change(secure(open, 'Other'), {
    kind: 'connection',
    ...signicat,
    settings: { authScope: 'openid email', authAcrValues: 'urn:x' },
  });
  assert.deepEqual(queuesOf(follower.inForce.config), { q_bank: 'Signicat', q_open: 'Other' });
  assert.equal(follower.inForce.config.customers[0]!.connections[0]!.scope, 'openid email');
  const shown = (await administration.read()).customers[0]!;
  const queue = shown.queues[1]!;
  assert.deepEqual(
    [queue.origin, queue.by, queue.inFile, queue.state],
    ['administrator', ACTOR, 'open', 'secure'],
  );
  assert.ok(queue.at! >= before);
  const scope = shown.connections[0]!.settings.find(({ key }) => key === 'authScope')!;
  assert.deepEqual([scope.origin, 'value' in scope && scope.value], ['administrator', 'openid email']);

  await change({ kind: 'reset.connection', ...signicat, key: 'authScope' });
  const [connection] = follower.inForce.config.customers[0]!.connections;
  assert.deepEqual([connection!.scope, connection!.acrValues], ['openid profile', 'urn:x']);
  await change({ kind: 'reset.connection', ...signicat });
  assert.equal(follower.inForce.config.customers[0]!.connections[0]!.acrValues, undefined);
  await change({ kind: 'queue.open', ...open }, { kind: 'reset' });
  assert.deepEqual(queuesOf(follower.inForce.config), { q_bank: 'Signicat', q_open: 'open' });
});

test('a setting of the file can be left out', async () => {
  const options = structuredClone(OPTIONS);
  Object.assign(options.customers![0]!.connections[0]!, { authAcrValues: 'urn:x' });
  const { administration, follower, change } = desk({ options });
  await change({ kind: 'connection', ...signicat, leaveOut: ['authAcrValues'] });
  assert.equal(follower.inForce.config.customers[0]!.connections[0]!.acrValues, undefined);
  const { settings } = (await administration.read()).customers[0]!.connections[0]!;
  const shown = settings.find(({ key }) => key === 'authAcrValues')!;
  assert.deepEqual([shown.isSet, 'fileValue' in shown && shown.fileValue], [false, 'urn:x']);
});

test('customers, connections and queues can be added, and taken away again', async () => {
  const { follower, change } = desk();
  const added = { customerKey: '777', authConnectionName: 'New' };
  await change(
    { kind: 'customer', customerKey: '777', returnOrigins: ['https://www.seven.example'] },
    { kind: 'connection', ...added, settings: { authClientId: 'c', authEndpoint: 'https://three.example' } },
    { kind: 'queue.secure', ...added, queueKey: 'Q_New' },
  );
  const [, customer] = follower.inForce.config.customers;
  assert.deepEqual(
    [customer!.customerKey, customer!.returnOrigins, customer!.queues[0]!.connection!.clientId],
    ['777', ['https://www.seven.example'], 'c'],
  );
  await change(
    { kind: 'queue.open', customerKey: '777', queueKey: 'q_new' },
    { kind: 'reset.customer', customerKey: '777' },
  );
  assert.equal(follower.inForce.config.customers.length, 1);
});

test('the four-line form is a base like any other', async () => {
  const { follower, change, administration } = desk({
    options: {
      publicUrl: 'http://127.0.0.1:3000',
      upstream: 'http://127.0.0.1:9',
      authConnectionName: 'Signicat',
      authClientId: 'portal',
      authEndpoint: 'https://one.example',
      secureQueues: 'q_bank, q_loan',
      returnOrigins: 'https://www.bank.example',
    },
  });
  const before = follower.inForce.config.customers;
  await change({
    kind: 'connection',
    customerKey: 'default',
    authConnectionName: 'Signicat',
    settings: { authScope: 'openid x' },
  });
  const [customer] = follower.inForce.config.customers;
  assert.equal(customer!.connections[0]!.scope, 'openid x');
  assert.deepEqual([customer!.returnOrigins, customer!.queues.length], [before[0]!.returnOrigins, 2]);
  await change({ kind: 'queue.open', customerKey: 'default', queueKey: 'Q_LOAN ' });
  assert.deepEqual(queuesOf(follower.inForce.config), { q_bank: 'Signicat', q_loan: 'open' });
  await change({ kind: 'reset' });
  assert.deepEqual(follower.inForce.config.customers, before);
  assert.equal((await administration.read()).customers[0]!.queues[1]!.state, 'secure');
});

test('what does not validate is refused with the words and places of the file, and changes nothing', async () => {
  const { administration, follower, change } = desk();
  await change({ kind: 'connection.remove', ...other });
  const { revision } = await administration.read();
  const config = follower.inForce.config;
  const refused = async (edit: unknown) =>
    problemsOf(administration.change([edit as Edit], { revision, actor: ACTOR }));
  assert.deepEqual(await refused(secure(open, 'Signcat')), [
    'customers[0].queues[1].authConnectionName: the name of a connection of this customer',
  ]);
  assert.deepEqual(
    await refused({ kind: 'connection', ...signicat, settings: { authEndpoint: 'http://evil.example' } }),
    ['customers[0].connections[0].authEndpoint: an absolute https address'],
  );
  // the file's second connection is taken away, and a new one would stand behind it
  const third = { customerKey: '12345', authConnectionName: 'Third' };
  assert.match(
    (await refused({ kind: 'connection', ...third, settings: { authClientId: 'c' } }))[0]!,
    /^customers\[0\]\.connections\[2\]\.authEndpoint: /,
  );
  assert.match(
    (await refused({ kind: 'connection', ...signicat, settings: { authScop: 'x' } }))[0]!,
    /authScop: a known key$/,
  );
  assert.match(
    (await refused({ kind: 'queue.secure', customerKey: '999', queueKey: 'q', authConnectionName: 'S' }))[0]!,
    /^customers: /,
  );
  assert.match((await refused({ kind: 'queue.shut', ...bank }))[0]!, /^edits\[0\]/);
  assert.match((await refused({ kind: 'queue.open', ...bank, extra: 1 }))[0]!, /^edits\[0\]/);
  assert.equal((await administration.read()).revision, revision);
  assert.equal(follower.inForce.config, config);
});

test('a secure queue is opened by saying so, and by nothing else', async () => {
  const { administration, follower, change } = desk();
  await change(secure(open));
  const tried: Edit[][] = [
    [{ kind: 'queue.remove', ...bank }],
    [{ kind: 'reset.queue', ...open }],
    [{ kind: 'reset.customer', customerKey: '12345' }],
    [{ kind: 'reset' }],
    [{ kind: 'queue.open', ...bank }, { kind: 'reset' }],
  ];
  const { revision } = await administration.read();
  for (const edits of tried) {
    const problems = await problemsOf(administration.change(edits, { revision, actor: ACTOR, force: true }));
    assert.match(problems[0]!, /^customers\[0\]\.queues\[\d\]: the queue "q_(?:bank|open)" to stay secure$/);
  }
  await problemsOf(
    administration.change([{ kind: 'connection.remove', ...signicat }], { revision, actor: ACTOR }),
  );
  assert.deepEqual(queuesOf(follower.inForce.config), { q_bank: 'Signicat', q_open: 'Signicat' });
  await change(
    { kind: 'queue.open', ...bank },
    { kind: 'queue.open', ...open },
    { kind: 'queue.remove', ...open },
  );
  assert.deepEqual(queuesOf(follower.inForce.config), { q_bank: 'open' });
});

test('where unknown queues are refused, a secure queue may leave the list', async () => {
  const { follower, change } = desk({ options: { ...OPTIONS, unknownQueues: 'refuse' } });
  await change({ kind: 'queue.remove', ...bank });
  assert.deepEqual(queuesOf(follower.inForce.config), { q_open: 'open' });
});

test('what the file makes secure after an administrator had opened it stays secure', async () => {
  const state = createMemoryState();
  const first = startDesk(state);
  await first.change({ kind: 'queue.open', ...open }, { kind: 'queue.open', ...bank });
  const options = structuredClone(OPTIONS);
  options.customers![0]!.queues![1]!.authConnectionName = 'Other';
  const second = startDesk(state, { options });
  await second.follower.look();
  assert.deepEqual(queuesOf(second.follower.inForce.config), { q_bank: 'open', q_open: 'Other' });
});

test('while chats run in it a queue keeps its connection, unless they are broken off', async () => {
  let running: string[] = [];
  const { administration, base, change } = desk({ running: () => running });
  running = [...placesOf(base).keys()];
  const { revision } = await administration.read();
  const edits: Edit[][] = [
    [{ kind: 'queue.open', ...bank }],
    [secure(bank, 'Other')],
    [{ kind: 'connection', ...signicat, settings: { authClientId: 'another' } }],
    [{ kind: 'connection', ...signicat, settings: { authEndpoint: 'https://four.example' } }],
    [{ kind: 'connection', ...signicat, settings: { authIssuer: 'https://four.example' } }],
  ];
  for (const edit of edits) {
    const problems = await problemsOf(administration.change(edit, { revision, actor: ACTOR }));
    assert.deepEqual(problems, [
      'customers[0].queues[0]: the queue "q_bank" to keep its connection while chats run in it',
    ]);
  }
  await change(secure(open), {
    kind: 'connection',
    ...signicat,
    settings: { authScope: 'openid x', authClientSecret: 's' },
  });
  const now = await administration.read();
  await administration.change([{ kind: 'queue.open', ...bank }], {
    revision: now.revision,
    actor: ACTOR,
    force: true,
  });
});

test('nobody changes anything without a name', async () => {
  const { administration } = desk();
  await assert.rejects(
    administration.change([{ kind: 'queue.open', ...open }], { revision: 0, actor: ' ' }),
    TypeError,
  );
});
