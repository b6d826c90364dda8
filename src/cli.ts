#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { allCommands } from './cli/commands.ts';
import { runCommand } from './cli/run.ts';
import { describeBug } from './observe/logger.ts';

/** The process of `npx secure-chat-gateway`: one command, or the server. */
const { stdin, stdout, stderr } = process;
// whoever reads has had enough, as `head` has: what is left has nobody to go to
for (const stream of [stdout, stderr]) stream.on('error', () => undefined);
// the runtime's own report prints a stack, and messages that may hold what a library was given
process.on('uncaughtException', failForGood);

const code = await runCommand({
  argv: process.argv.slice(2),
  terminal: { stdin, stdout, stderr },
  commands: allCommands(serve),
  version: versionOf(new URL('../package.json', import.meta.url)),
});
if (code !== undefined) process.exitCode = code;

/** This process becomes that of `npm start`, and the workers that it forks become so too. */
async function serve(args: readonly string[]): Promise<void> {
  process.off('uncaughtException', failForGood);
  const isSource = import.meta.url.endsWith('.ts');
  const server = fileURLToPath(new URL(isSource ? './server.ts' : './server.js', import.meta.url));
  process.argv.splice(1, process.argv.length, server, ...args);
  await import('./server.ts');
}

function failForGood(error: unknown): void {
  stderr.write(`error: a failure that nobody caught: ${describeBug(error)}\n`);
  process.exit(1);
}

function versionOf(file: URL): string {
  const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string };
  return version;
}
