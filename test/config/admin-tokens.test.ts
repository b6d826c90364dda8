import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigError, resolveConfig } from '../../src/config/config.ts';
import type { AdminConfig } from '../../src/config/admin-tokens.ts';
import { fourLines } from './examples.ts';

const SALT = 'A'.repeat(22);
const hash = (letter: string) => `$scrypt$ln=15,r=8,p=3$${SALT}$${letter.repeat(43)}`;

function read(tokenHash: string | string[]): AdminConfig {
  return resolveConfig(
    { ...fourLines, upstream: 'http://127.0.0.1:1', admin: { tokenHash } },
    { production: false, face: 'gateway' },
  ).admin;
}

test('a comma list of hashes keeps the commas of the hashes', () => {
  const { tokens } = read(`administrator:anna@bank.example:${hash('a')} , viewer:${hash('b')}`);
  assert.deepEqual(
    tokens.map(({ name, role, scrypt: { ln, r, p } }) => [name.replace(/[\da-f]{8}$/, '*'), role, ln, r, p]),
    [
      ['anna@bank.example', 'administrator', 15, 8, 3],
      ['token-*', 'viewer', 15, 8, 3],
    ],
  );
  assert.equal(tokens[0]!.scrypt.salt.length, 16);
  assert.equal(tokens[0]!.scrypt.hash.length, 32);
});

test('without hashes nobody signs in', () => {
  const config = resolveConfig(
    { ...fourLines, upstream: 'http://127.0.0.1:1' },
    { production: false, face: 'gateway' },
  );
  assert.deepEqual(config.admin.tokens, []);
});

test('what is no hash, weak, too dear, nobody’s or twice the same is a problem without its value', () => {
  for (const wrong of [
    'CANARY',
    hash('c'),
    `root:${hash('c')}`,
    `administrator:${hash('c').replace('ln=15', 'ln=13')}`,
    `administrator:${hash('c').replace('ln=15', 'ln=19')}`,
    `administrator:${hash('c').replace('p=3', 'p=17')}`,
    `administrator:${hash('c').replace('r=8', 'r=1')}`,
    `administrator:an<na:${hash('c')}`,
    `administrator:a:${hash('c')},viewer:a:${hash('d')}`,
    `administrator:${hash('c')},viewer:${hash('c')}`,
    [`administrator:${hash('c')}`, 'CANARY'],
    ',',
    Array.from({ length: 21 }, (_, n) => `viewer:v${n}:${hash('c')}`),
  ])
    assert.throws(
      () => read(wrong),
      (error: unknown) =>
        error instanceof ConfigError &&
        error.problems.every(({ path }) => path.startsWith('admin.tokenHash')) &&
        !/CANARY|ccccc|an<na/.test(error.message),
      JSON.stringify(wrong),
    );
});
