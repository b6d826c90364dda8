import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Chain, Link } from '../../src/proxy/chain.ts';
import { createDeadlines } from '../../src/proxy/deadlines.ts';
import { until } from '../support/until.ts';

class Named extends Link {
  readonly name: string;
  constructor(name: string) {
    super();
    this.name = name;
  }
}
const names = (chain: Chain<Named>) =>
  chain
    .members()
    .map(({ name }) => name)
    .join('');

test('a chain keeps the order of arrival, whoever leaves, and takes back who left', () => {
  const chain = new Chain<Named>();
  const [a, b, c] = [new Named('a'), new Named('b'), new Named('c')];
  assert.equal(chain.isEmpty, true);
  for (const one of [a, b, c]) chain.add(one);
  assert.equal(names(chain), 'abc');
  b.leave();
  b.leave();
  assert.equal(names(chain), 'ac');
  chain.add(b);
  a.leave();
  assert.equal(names(chain), 'cb');
  c.leave();
  b.leave();
  assert.equal(chain.isEmpty, true);
});

class Task extends Link {
  deadline: number;
  readonly told: number[] = [];
  readonly #then: () => void;
  constructor(inMs: number, then: () => void = () => undefined) {
    super();
    this.deadline = performance.now() + inMs;
    this.#then = then;
  }
  expired(): void {
    this.told.push(performance.now());
    this.#then();
  }
}

test('each deadline is told once, never early, in any order of arrival; what is over in time is not', async () => {
  const deadlines = createDeadlines();
  const [late, soon, over] = [new Task(160), new Task(30), new Task(60)];
  for (const task of [late, soon, over]) deadlines.add(task);
  deadlines.delete(over);
  await until('both', () => late.told.length + soon.told.length === 2);
  for (const task of [late, soon]) assert.ok(task.told[0]! >= task.deadline);
  assert.deepEqual(over.told, []);
  const again = new Task(10, () => {
    if (again.told.length > 1) return;
    again.deadline += 20;
    deadlines.add(again);
  });
  deadlines.add(again);
  await until('it twice, after a time without any', () => again.told.length === 2);
});

test('one that expires may end another that is due as well', async () => {
  const deadlines = createDeadlines();
  const second = new Task(5);
  const first = new Task(5, () => {
    deadlines.delete(second);
  });
  deadlines.add(first);
  deadlines.add(second);
  await until('the first', () => first.told.length === 1);
  assert.deepEqual(second.told, []);
});
