import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { test } from 'node:test';

const root = new URL('..', import.meta.url).pathname;
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
  .trim()
  .split('\n');
const sources = files.filter((file) => /^src\/.*\.ts$/.test(file));
const read = (file: string) => readFileSync(`${root}/${file}`, 'utf8');

/** Who may import whom: a folder imports from its own and from those named here. */
const BELOW: Record<string, readonly string[]> = {
  observe: [],
  config: ['observe'],
  claims: ['config'],
  queues: ['config'],
  proxy: ['queues', 'claims', 'config', 'observe'],
  session: ['claims', 'config', 'observe'],
  oidc: ['session', 'claims', 'config', 'observe'],
  assertion: ['session', 'proxy', 'claims', 'config', 'observe'],
  verify: [],
  browser: [],
  pages: ['config', 'observe'],
  presets: ['queues', 'claims', 'config'],
  workers: ['observe'],
  audit: ['session', 'observe'],
  middleware: [
    'audit',
    'pages',
    'presets',
    'oidc',
    'assertion',
    'session',
    'proxy',
    'queues',
    'claims',
    'config',
    'observe',
  ],
};

test('imports go down only', () => {
  for (const file of sources) {
    const folder = /^src\/([\w-]+)\//.exec(file)?.[1];
    if (folder === undefined) continue;
    const below = BELOW[folder];
    assert.ok(below, `${file}: a folder that docs/architecture.md does not know`);
    for (const [, path] of read(file).matchAll(/from '(\.[^']+)'/g)) {
      const target = posix.join(posix.dirname(file), path!);
      const to = /^src\/([\w-]+)\//.exec(target)?.[1];
      const allowed = to === undefined ? target === 'src/errors.ts' : to === folder || below.includes(to);
      assert.ok(allowed, `${file} imports ${path}`);
    }
  }
});

test('each dangerous thing has one door', () => {
  const doors: [RegExp, readonly string[]][] = [
    [/\bprocess\.env\b/, ['src/config/env.ts']],
    [/\bprocess\.(?:exit|once|on)\b/, ['src/server.ts']],
    [/\bconsole\./, []],
    [/from 'passport(?:-openidconnect)?'/, ['src/oidc/strategy.ts']],
    [/from '(?:ioredis|connect-redis)'/, ['src/session/redis.ts']],
    [/from 'openid-client'/, sources.filter((file) => file.startsWith('src/oidc/'))],
    [/from 'jose'/, sources.filter((file) => /^src\/(?:oidc|assertion|verify)\//.test(file))],
  ];
  for (const [thing, allowed] of doors) {
    for (const file of sources) {
      if (thing.test(read(file).replace(/\/\*\*[^]*?\*\/|\/\/.*/g, '')))
        assert.ok(allowed.includes(file), `${file}: ${String(thing)}`);
    }
  }
});

test('pure folders compute only', () => {
  for (const file of sources.filter((name) => /^src\/(?:queues|claims)\//.test(name))) {
    assert.doesNotMatch(read(file), /from '(?:express|undici|ioredis|node:(?:http|https|net|fs|tls))'/, file);
  }
});

test('files stay readable in one sitting, and say what they export', () => {
  const undocumented: string[] = [];
  for (const file of sources) {
    const text = read(file);
    assert.ok(text.split('\n').length <= 300, `${file} is longer than 300 lines`);
    assert.doesNotMatch(
      text,
      /export default|@ts-(?:ignore|expect-error)|eslint-disable(?!-next-line [\w@/-]+ -- )|[^\w ]: any\b|\bas any\b|@ts-nocheck/,
      file,
    );
    if (file === 'src/index.ts') continue;
    for (const match of text.matchAll(/^export (?:async )?(?:function|class|const|interface|type) (\w+)/gm)) {
      if (!text.slice(0, match.index).trimEnd().endsWith('*/')) undocumented.push(`${file}: ${match[1]}`);
    }
  }
  assert.deepEqual(undocumented, [], 'exports without a doc comment');
});

test('no folder is a drawer', () => {
  assert.deepEqual(
    files.filter((file) => /(?:^|\/)(?:util|utils|helper|helpers|common)(?:\/|\.ts$)/.test(file)),
    [],
  );
});

test('no file names a machine, a registry, or how the work was organised', () => {
  const lock = JSON.parse(read('package-lock.json')) as { packages: Record<string, { resolved?: string }> };
  assert.deepEqual(
    Object.values(lock.packages).filter(
      ({ resolved }) => resolved !== undefined && !resolved.startsWith('https://registry.npmjs.org/'),
    ),
    [],
  );
  for (const file of files.filter(
    (name) =>
      /\.(?:ts|mjs|json|md|ejs|css|js|yml|example)$|^Procfile$|^\.ci\/run$/.test(name) &&
      !name.startsWith('test/source-tree'),
  )) {
    assert.doesNotMatch(
      read(file),
      /\/work\/main|\/work\/shared|\/root\/|\bhelper-\d|\bClaude\b|\bAnthropic\b/,
      file,
    );
  }
});
