import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { readMutations } from './security/mutations/read-mutations.ts';

const root = new URL('..', import.meta.url).pathname;
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const documents = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

test('every link between documents leads somewhere', () => {
  for (const file of documents) {
    for (const [, target] of read(file).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)(?:#[^)]*)?\)/g)) {
      assert.ok(existsSync(join(root, dirname(file), target!)), `${file} links to ${target}`);
    }
  }
});

test('README stays short, and its commands are scripts of package.json', () => {
  const readme = read('README.md');
  assert.ok(readme.split('\n').length <= 250);
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  for (const [, name] of [
    ...documents
      .map(read)
      .join('\n')
      .matchAll(/npm run ([\w:]+)/g),
  ])
    assert.ok(scripts[name!] !== undefined, `npm run ${name}`);
});

test('every own route stands in docs/endpoints.md, and the other way round', () => {
  const routes = [
    ...read('src/own-routes.ts').matchAll(/route\(at\('(\/[\w.]+)'\)\)[^;]*?\.(get|post)\(/g),
  ].map(([, path, method]) => `${method!.toUpperCase()} ${path}`);
  const documented = [...read('docs/endpoints.md').matchAll(/`(GET|POST) (\/[\w.]+)`/g)].map(
    ([, method, path]) => `${method} ${path}`,
  );
  assert.ok(routes.length >= 6);
  assert.deepEqual([...new Set(documented)].sort(), routes.sort());
  const table = read('README.md').split('## Endpoints')[1]!.split('##')[0]!;
  for (const [, method, path] of table.matchAll(/`(GET|POST) (\/\w+)`/g))
    assert.ok(routes.includes(`${method} ${path}`), `README: ${method} ${path}`);
});

test('the folders of src stand in docs/architecture.md', () => {
  const folders = readdirSync(join(root, 'src'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
  const documented = [...read('docs/architecture.md').matchAll(/^\| `([\w-]+)\/`/gm)].map(([, name]) => name);
  assert.deepEqual(documented.sort(), folders.sort());
});

const classes = readdirSync(join(root, 'test/security'))
  .filter((name) => name.endsWith('.test.ts'))
  .map((name) => name.replace('.test.ts', ''));

test('docs/security.md has a row for every class of attack, in order, with its test', () => {
  const rows = [
    ...read('docs/security.md').matchAll(/^\| \[(\w+)\]\(\.\.\/test\/security\/([\w-]+)\.test\.ts\) +\|/gm),
  ];
  for (const [, id, name] of rows) assert.equal(id, name!.split('-')[0]!.toUpperCase());
  const names = rows.map(([, , name]) => name!);
  assert.deepEqual([...names].sort(), classes.sort());
  const order = (name: string) => [name[0], Number(/\d+/.exec(name)?.[0])] as const;
  const sorted = names.toSorted(
    (a, b) => order(a)[0]!.localeCompare(order(b)[0]!) || order(a)[1] - order(b)[1],
  );
  assert.deepEqual(names, sorted);
});

test('every class has a mutation, and every mutation finds its line exactly once', () => {
  const mutations = readMutations();
  for (const { file, remove } of mutations)
    assert.equal(read(file).split(remove).length, 2, `${file}: ${remove}`);
  assert.deepEqual([...new Set(mutations.map((mutation) => mutation.class))].sort(), classes.sort());
});

test('the changelog has the form of Keep a Changelog', () => {
  assert.match(read('CHANGELOG.md'), /^# Changelog\n[^]*\n## \[Unreleased\]\n/);
});
