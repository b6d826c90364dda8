import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { z } from 'zod';
import { configJsonSchema } from '../../src/config/json-schema.ts';
import { fourLineSchema, gatewayOptionsSchema } from '../../src/config/options.ts';
import { documentedKeys } from '../../src/config/schema-walk.ts';
import { OTHER_VARIABLES, VARIABLES, type Variable } from '../../src/config/variables.ts';
import { fourLines, fullForm } from './examples.ts';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const keys = documentedKeys(gatewayOptionsSchema);
const variables = Object.entries<Variable>(VARIABLES);

/** What a description says besides its default. */
function meaningOf(description: string): { meaning: string; fallback: string | undefined } {
  const match = /^(.*?)(?: Default: (.*)\.| (Required)\.)?$/s.exec(description);
  return { meaning: match?.[1] ?? '', fallback: match?.[2] ?? match?.[3]?.toLowerCase() };
}

test('config.schema.json is what the options say; npm run schema writes it', () => {
  assert.equal(read('config.schema.json'), configJsonSchema());
});

test('the schema takes the contract in both forms, and refuses what the checks refuse', () => {
  const schema = z.fromJSONSchema(JSON.parse(configJsonSchema()) as Parameters<typeof z.fromJSONSchema>[0]);
  for (const options of [fourLines, fullForm, { ...fullForm, $schema: './config.schema.json' }]) {
    assert.deepEqual(schema.safeParse(options).error?.issues, undefined);
  }
  for (const more of [
    { prot: 1 },
    { port: 'x' },
    { authMapping: { a: { MapType: 'chatid' } } },
    { customers: [{}] },
  ]) {
    assert.equal(schema.safeParse({ ...fourLines, ...more }).success, false, JSON.stringify(more));
  }
});

test('every key is described, with its default or that it is required', () => {
  for (const { path, description, default: fallback, required } of keys) {
    assert.ok(description !== undefined && description.length > 3, path);
    if (fallback === undefined) continue;
    assert.ok(!required, path);
    if (typeof fallback === 'object') continue;
    assert.ok(description.includes(`Default: \`${JSON.stringify(fallback).replaceAll('"', '')}\`.`), path);
  }
});

test('times and sizes name their unit', () => {
  const units = [
    [/Ms$/, /^Milliseconds/],
    [/Seconds$/, /seconds/i],
    [/Bytes$/, /^Bytes/],
  ] as const;
  for (const { path, description } of keys) {
    for (const [name, unit] of units) if (name.test(path)) assert.match(description ?? '', unit, path);
  }
});

test('the comment that editors show for a key is its description', () => {
  const folder = new URL('../../src/config/', import.meta.url);
  const source = readdirSync(folder)
    .filter((file) => file.endsWith('options.ts'))
    .map((file) => readFileSync(new URL(file, folder), 'utf8'))
    .join('\n');
  const comments = new Map<string, string[]>();
  for (const [, comment = '', key = ''] of source.matchAll(/\/\*\* ((?:(?!\*\/)[^])*?) \*\/\s+(\$?\w+):/g)) {
    comments.set(key, [...(comments.get(key) ?? []), comment]);
  }
  for (const { path, description } of keys) {
    const key = path.split('.').at(-1)?.replace('[]', '') ?? '';
    if (key === 'kty' || key === 'keys') continue;
    assert.ok(comments.get(key)?.includes(description ?? ''), `${path}: comment and description differ`);
  }
});

test('docs/configuration.md has a row for every key: default, variable, meaning', () => {
  const rows = new Map(
    read('docs/configuration.md')
      .split('\n')
      .filter((line) => line.startsWith('| `'))
      .map((line) =>
        line
          .split(/(?<!\\)\|/)
          .slice(1, -1)
          .map((cell) => cell.trim()),
      )
      .map(([key = '', ...cells]) => [key.replaceAll('`', ''), cells] as const)
      .filter(([, cells]) => cells.length === 3),
  );
  const variableOf = new Map(variables.map(([name, { path }]) => [path.join('.'), `\`${name}\``]));
  const expected = new Set<string>();
  for (const { path, description, required } of keys) {
    if (/Keys?[[.]/.test(path.replace(/^customers\[\]\./, ''))) continue;
    const top = path.replace(/^customers\[\]\.connections\[\]\./, '');
    expected.add(top);
    const { meaning, fallback } = meaningOf(description ?? '');
    const cells = [fallback ?? (required ? 'required' : '-'), variableOf.get(top) ?? '-', meaning];
    assert.deepEqual(rows.get(top), cells, path);
  }
  assert.deepEqual(
    [...rows.keys()].filter((key) => !expected.has(key)),
    [],
    'rows of no key',
  );
});

test('.env.example has every variable once, in order, each with a comment and its default', () => {
  const text = read('.env.example');
  const names = [...text.matchAll(/^#?([A-Z_]+)=/gm)].map(([, name]) => name);
  const wanted = Object.keys(VARIABLES);
  assert.deepEqual(
    names.filter((name) => wanted.includes(name ?? '')),
    wanted,
  );
  assert.deepEqual(names.filter((name) => !wanted.includes(name ?? '')).sort(), [...OTHER_VARIABLES].sort());
  const byPath = new Map(keys.map((key) => [key.path, key]));
  for (const [name, { path }] of variables) {
    const comment = new RegExp(`((?:^# .*\\n)+)^#?${name}=`, 'm').exec(text)?.[1] ?? '';
    assert.match(comment, /Default: .*\.|Required/, name);
    const fallback = byPath.get(path.join('.'))?.default;
    if (fallback !== undefined)
      assert.ok(comment.includes(`Default: ${JSON.stringify(fallback).replaceAll('"', '')}.`), name);
  }
});

test('the values that .env.example sets are the defaults', () => {
  const set = [...read('.env.example').matchAll(/^([A-Z_]+)=(.*)$/gm)].map(
    ([, name, value]) => `${name ?? ''}=${value ?? ''}`,
  );
  assert.deepEqual(set, ['PORT=3000', 'LOG_LEVEL=info']);
});

test('docs/configuration.md names every variable that is no option', () => {
  const text = read('docs/configuration.md');
  for (const name of OTHER_VARIABLES) assert.ok(text.includes(name), name);
});

test('every variable leads to a key of the schema', () => {
  const paths = new Set(keys.map(({ path }) => path));
  for (const [name, { path }] of variables) assert.ok(paths.has(path.join('.')), name);
});

test('a four-line key is a key of a connection, but for queues and origins', () => {
  const ofConnection = new Set(
    keys
      .filter(({ path }) => /^customers\[\]\.connections\[\]\.\w+$/.test(path))
      .map(({ path }) => path.split('.').at(-1)),
  );
  const others = Object.keys(fourLineSchema.shape).filter((key) => !ofConnection.has(key));
  assert.deepEqual(others, ['secureQueues', 'returnOrigins']);
});
