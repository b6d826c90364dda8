import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMemoryState } from '../../src/session/memory.ts';
import { createPersons, type Traces } from '../../src/session/persons.ts';
import { sealer, soon } from './record-rig.ts';

const rig = () => createPersons({ state: createMemoryState(), sealer });
const nothing = () => Promise.resolve();

test('what is noted is handed over to be ended, once, and of nobody else', async () => {
  const persons = rig();
  await persons.note('kari', { sessionId: 's1', connectionId: 'c1', until: soon() });
  await persons.note('kari', { sessionId: 's2', connectionId: 'c2', until: soon() });
  await persons.note('kari', { sessionId: 's1', connectionId: 'c1', until: soon() });
  await persons.note('kari', { chat: 'chat:x', until: soon() });
  await persons.note('ola', { sessionId: 's3', connectionId: 'c1', until: soon() });
  const handed: Traces[] = [];
  const erased = await persons.erase('kari', (traces) => {
    handed.push(traces);
    return nothing();
  });
  assert.deepEqual(
    handed,
    [{ sessionIds: ['s2', 's1'].toSorted(), connectionIds: ['c1', 'c2'], chats: ['chat:x'] }].map((one) => ({
      ...one,
      sessionIds: handed[0]!.sessionIds,
    })),
  );
  assert.deepEqual([[...erased.sessionIds].sort(), erased.chats], [['s1', 's2'], ['chat:x']]);
  assert.deepEqual(await persons.erase('kari', nothing), {
    sessionIds: [],
    connectionIds: [],
    chats: [],
  });
  assert.equal((await persons.erase('ola', nothing)).sessionIds.length, 1);
});

test('a person who logs in fifty times at once is found in all of them', async () => {
  const persons = rig();
  const ids = Array.from({ length: 50 }, (_, at) => `s${String(at)}`);
  await Promise.all(
    ids.map((sessionId) => persons.note('kari', { sessionId, connectionId: 'c1', until: soon() })),
  );
  const { sessionIds } = await persons.erase('kari', nothing);
  assert.deepEqual([...sessionIds].sort(), ids.sort());
});

test('what is noted while a person is being erased is ended too', async () => {
  const persons = rig();
  await persons.note('kari', { sessionId: 's1', connectionId: 'c1', until: soon() });
  let first = true;
  const erased = await persons.erase('kari', async () => {
    if (first) await persons.note('kari', { sessionId: 's2', connectionId: 'c1', until: soon() });
    first = false;
  });
  assert.deepEqual([...erased.sessionIds].sort(), ['s1', 's2']);
});

test('an erasure that fails half-way is still to be done', async () => {
  const persons = rig();
  await persons.note('kari', { sessionId: 's1', connectionId: 'c1', until: soon() });
  await assert.rejects(persons.erase('kari', () => Promise.reject(new Error('away'))));
  assert.deepEqual((await persons.erase('kari', nothing)).sessionIds, ['s1']);
});

test('many notes at once are all kept, as many as one login brings, and right after an erasure too', async () => {
  // often, since the emptied record lives for a millisecond only
  for (let round = 0; round < 100; round++) {
    const persons = rig();
    await persons.note('kari', { sessionId: 'old', connectionId: 'c1', until: soon() });
    await persons.erase('kari', nothing);
    await Promise.all(
      Array.from({ length: 5 }, (_, index) =>
        persons.note('kari', { sessionId: `s${index}`, connectionId: 'c1', until: soon() }),
      ),
    );
    assert.equal((await persons.erase('kari', nothing)).sessionIds.length, 5);
  }
});

test('the list is bounded: what ends first is forgotten first, what has ended at once', async () => {
  const persons = rig();
  await persons.note('kari', { sessionId: 'over', connectionId: 'c1', until: Date.now() - 1 });
  for (let i = 0; i < 520; i++)
    await persons.note('kari', { sessionId: `s${i}`, connectionId: 'c1', until: soon() + 10 * i });
  const { sessionIds } = await persons.erase('kari', nothing);
  assert.equal(sessionIds.length, 500);
  assert.ok(sessionIds.includes('s519') && !sessionIds.includes('s0') && !sessionIds.includes('over'));
});

test('a session that has ended leaves nothing; when a person was erased is known for a while', async () => {
  const state = createMemoryState();
  const persons = createPersons({ state, sealer });
  await persons.note('kari', { sessionId: 's1', connectionId: 'c1', until: soon() });
  await persons.drop('kari', 's1');
  await persons.drop('kari', 's1');
  assert.deepEqual((await persons.erase('kari', nothing)).sessionIds, []);
  const before = Date.now();
  await persons.erase('ola', nothing);
  assert.ok((await persons.erasedAt('ola'))! >= before);
  assert.equal(await persons.erasedAt('nobody'), undefined);
});
