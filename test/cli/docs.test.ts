import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { helpText } from '../../src/cli/help.ts';
import { commands } from './rig.ts';

const document = readFileSync(new URL('../../docs/cli.md', import.meta.url), 'utf8');
const sections = new Map(
  [...document.matchAll(/^### (.+)\n\n```text\n([^]*?)\n```$/gm)].map(([, name, text]) => [name!, text!]),
);

test('docs/cli.md has every command, in the order of the help, and no other', () => {
  assert.deepEqual(
    [...sections.keys()],
    commands.map(({ name }) => name),
  );
});

for (const { name } of commands)
  test(`docs/cli.md says what the program says: ${name} --help`, () => {
    assert.equal(sections.get(name), helpText(name, commands));
  });

test('no line of a help is wider than a wide terminal', () => {
  for (const name of ['', ...commands.map((command) => command.name)])
    for (const line of helpText(name, commands).split('\n')) assert.ok(line.length <= 130, line);
});
