import assert from 'node:assert/strict';
import { after, test, type TestContext } from 'node:test';
import type { Journal, JournalEntry } from '../../src/session/journal.ts';
import { createMemoryJournal } from '../../src/session/memory-journal.ts';
import { createRedisJournal } from '../../src/session/redis-journal.ts';
import { connectRedis } from '../../src/session/redis.ts';
import { redisMissing, startRedis } from '../support/redis.ts';
import { silent } from '../support/faces.ts';

const redis = await startRedis();
after(() => redis?.stop());
let names = 0;

const entry = (number: number, ms = 1000 + number): JournalEntry => ({
  id: `${ms}-${number}`,
  previous: `p${number}`,
  sealed: `s${number}`,
});

/** The same behaviour on both kinds; each test gets a name that nothing stands under. */
function onBoth(title: string, body: (journal: Journal, name: string) => Promise<void>): void {
  test(`${title} (memory)`, () => body(createMemoryJournal(), 'visitors'));
  test(`${title} (Redis)`, { skip: redisMissing }, async (t: TestContext) => {
    const link = connectRedis({ url: redis!.url, tlsRejectUnauthorized: true }, silent);
    t.after(() => link.close());
    await body(createRedisJournal(link), `visitors${(names += 1)}`);
  });
}

onBoth('nothing was ever appended', async (journal, name) => {
  assert.deepEqual(await journal.look(name, 10), {
    head: undefined,
    anchor: undefined,
    length: 0,
    first: [],
  });
  assert.deepEqual(await journal.after(name, undefined, 5), []);
  assert.deepEqual(await journal.before(name, undefined, 5), []);
});

onBoth('a batch is there whole, in its order, with its head', async (journal, name) => {
  const entries = [1, 2, 3].map((number) => entry(number));
  assert.equal(
    await journal.append(name, { expected: undefined, head: 'h3', entries, lifeMs: 60_000 }),
    undefined,
  );
  assert.deepEqual(await journal.look(name, 2), {
    head: 'h3',
    anchor: undefined,
    length: 3,
    first: entries.slice(0, 2),
  });
  assert.deepEqual((await journal.look(name, 0)).first, []);
  assert.deepEqual(await journal.after(name, '1001-1', 5), entries.slice(1));
  assert.deepEqual(await journal.before(name, '1003-3', 1), [entries[1]]);
  assert.deepEqual(await journal.before(name, undefined, 2), [entries[2], entries[1]]);
});

onBoth('a batch for another head leaves everything as it is, and is told the head', async (journal, name) => {
  await journal.append(name, { expected: undefined, head: 'h1', entries: [entry(1)], lifeMs: 60_000 });
  const late = { head: 'x', entries: [entry(2)], lifeMs: 60_000 };
  assert.equal(await journal.append(name, { expected: 'h0', ...late }), 'h1');
  assert.equal(await journal.append(name, { expected: undefined, ...late }), 'h1');
  const state = await journal.look(name, 5);
  assert.deepEqual([state.head, state.length], ['h1', 1]);
});

onBoth('of many that append for one head at once one does', async (journal, name) => {
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      journal.append(name, { expected: undefined, head: `h${index}`, entries: [entry(1)], lifeMs: 60_000 }),
    ),
  );
  assert.equal(answers.filter((answer) => answer === undefined).length, 1);
  assert.equal((await journal.look(name, 5)).length, 1);
});

onBoth(
  'trimming drops what is before an id and sets the anchor, for the expected anchor only',
  async (journal, name) => {
    const entries = [1, 2, 3, 4].map((number) => entry(number));
    await journal.append(name, { expected: undefined, head: 'h', entries, lifeMs: 60_000 });
    assert.equal(await journal.trim(name, 'wrong', 'a', '1003-3'), false);
    assert.equal(await journal.trim(name, undefined, 'a', '1003-3'), true);
    assert.deepEqual(await journal.look(name, 5), {
      head: 'h',
      anchor: 'a',
      length: 2,
      first: entries.slice(2),
    });
    assert.equal(await journal.trim(name, 'a', 'b', '1004-5'), true);
    assert.equal((await journal.look(name, 5)).length, 0);
  },
);
