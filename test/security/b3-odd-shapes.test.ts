/** Claims that are arrays, objects, numbers, nested or named like members of Object: rendered as agreed, own properties only. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { runs } from '../support/runs.ts';
import { startValueRig } from '../support/value-rig.ts';

const NAMES_OF_OBJECT = [
  'constructor',
  'hasOwnProperty',
  'toString',
  'valueOf',
  'prototype',
  'length',
  'isPrototypeOf',
];
const DEEP = { a: { b: { c: { d: { e: { f: { g: { h: { i: 'too deep' } } } } } } } } };

const SHAPES: readonly (readonly [value: unknown, shown: string | undefined])[] = [
  [['a', 'b'], 'a, b'],
  [['a', null, '', 'b', []], 'a, b'],
  [[['a'], [['b']]], 'a, b'],
  [{ x: 'a', y: 1 }, 'a, 1'],
  [0, '0'],
  [-1.5, '-1.5'],
  [1e21, '1000000000000000000000'],
  [1e-7, '0.0000001'],
  [true, 'true'],
  [false, 'false'],
  [null, undefined],
  ['', undefined],
  [[], undefined],
  [{}, undefined],
  [DEEP, undefined],
  [{ formatted: 'Storgata 1\n0150 Oslo', country: 'NO' }, 'Storgata 1, 0150 Oslo'],
  [{ street_address: 'Storgata 1', postal_code: '0150', locality: 'Oslo' }, 'Storgata 1, 0150 Oslo'],
  [{ toString: 'text', valueOf: 'value' }, 'text, value'],
  [{ length: 3, 0: 'a' }, 'a, 3'],
  [{ toJSON: 'json' }, 'json'],
];

test('every shape is rendered as agreed, and beside it the others', async (t) => {
  const rig = await startValueRig(t, ['odd', 'honest']);
  for (const [odd, shown] of SHAPES) {
    const told = await rig.tell({ sub: 's', nick: odd, odd, honest: 'ok' });
    assert.equal(told.value('Variable-odd'), shown, JSON.stringify(odd));
    assert.equal(told.variables['odd'], shown, JSON.stringify(odd));
    assert.equal(told.value('Nickname'), shown, JSON.stringify(odd));
    assert.equal(told.value('Variable-honest'), 'ok');
  }
});

test('dotted claims: one key or a way into objects, own properties only', async (t) => {
  const claims = ['address.formatted', 'a.b.c', 'a.constructor.name', 'a.length', 'list.0', '__x.y'];
  const rig = await startValueRig(t, claims);
  const none = await rig.tell({ sub: 's', a: 'text', list: ['x'], address: [], nick: 'n' });
  for (const claim of claims.filter((name) => name !== 'list.0'))
    assert.equal(none.variables[claim], undefined, claim);
  const nested = await rig.tell({ sub: 's', a: { b: { c: 'deep' } }, address: { formatted: 'x\ny' } });
  assert.deepEqual(nested.variables, { 'address.formatted': 'x, y', 'a.b.c': 'deep' });
  const dotted = await rig.tell({ sub: 's', 'a.b.c': 'one key', 'a.b': { c: 'other' } });
  assert.equal(dotted.variables['a.b.c'], 'one key');
});

test('names of Object are absent when nobody sends them, and plain claims when somebody does', async (t) => {
  const rig = await startValueRig(t, NAMES_OF_OBJECT);
  const none = await rig.tell({ sub: 's' });
  assert.deepEqual(none.variables, {});
  const person = Object.fromEntries(NAMES_OF_OBJECT.map((name) => [name, `my ${name}`]));
  const all = await rig.tell({ ...person, sub: 's' });
  for (const name of NAMES_OF_OBJECT) {
    assert.equal(Object.entries(all.variables).find(([claim]) => claim === name)?.[1], `my ${name}`);
    assert.equal(all.value(`Variable-${name}`), `my ${name}`);
  }
});

test('any JSON under any claim: an answer, the other claims whole, no prototype touched', async (t) => {
  const claims = Array.from({ length: 10 }, (_, i) => `v${i}`);
  const rig = await startValueRig(t, [...claims, 'honest']);
  const before = Object.getOwnPropertyNames(Object.prototype).length;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.jsonValue({ maxDepth: 5 }), { minLength: 10, maxLength: 10 }),
      async (values) => {
        const person = Object.fromEntries(values.map((one, i) => [`v${i}`, one]));
        const told = await rig.tell({ ...person, nick: values[0], sub: 's', honest: 'ok' });
        assert.deepEqual([told.value('Id'), told.value('Variable-honest')], ['s', 'ok']);
        for (const claim of claims) assert.equal(told.value(`Variable-${claim}`), told.variables[claim]);
        assert.equal(Object.getOwnPropertyNames(Object.prototype).length, before);
      },
    ),
    { numRuns: runs(30) },
  );
});

test('nesting of any depth ends no process', async (t) => {
  const rig = await startValueRig(t, ['odd', 'honest']);
  for (const depth of [100, 1000]) {
    const odd: unknown = JSON.parse(`${'['.repeat(depth)}"x"${']'.repeat(depth)}`);
    const told = await rig.tell({ sub: 's', odd, honest: 'ok' });
    assert.deepEqual(told.variables, { honest: 'ok' });
  }
});
