import process from 'node:process';
import { createGateway } from '../src/index.ts';
import { runCheck } from './check.ts';
import { type DemoSystem, type Part, PORTS, startSystem } from './system.ts';

const LABELS: readonly (readonly [Part, string, string])[] = [
  ['portal', 'Fjordbank, the portal', 'start here: log in, then open a chat'],
  ['desk', 'Agent desk', 'the other side of the chat, live'],
  ['gateway', 'Secure chat gateway', 'between the visitor and the chat server'],
  ['provider', 'Sandbox provider', 'stands in for Signicat, test persons only'],
  ['chatServer', 'Legacy chat server', 'knows the headers, not OpenID Connect'],
  ['helpCentre', 'Fjordbank, help centre', "a page written for Puzzel: the vendor's four settings only"],
  ['puzzelDesk', 'Puzzel agent’s view', 'what the agent is told of its visitors'],
  ['puzzelGateway', 'Gateway, puzzel-v1', 'between that page and the fake Puzzel server'],
  ['puzzelServer', 'Fake Puzzel server', 'Chat API v1 below /chat/v1'],
];

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function printAddresses({ origins, moved, adminToken }: DemoSystem, redisUrl: string | undefined): void {
  const bold = process.stdout.isTTY ? (text: string) => `\u001b[1m${text}\u001b[0m` : (text: string) => text;
  print('');
  print(`  ${bold('Secure chat gateway, the whole system on this machine')}`);
  print('');
  for (const [part, label, note] of LABELS) print(`  ${label.padEnd(23)} ${bold(origins[part])}   ${note}`);
  print(
    `  ${'Chat without cookies'.padEnd(23)} ${bold(`${origins.portal}/widget`)}   in the bank's own page, by client.js`,
  );
  print(
    `  ${'Administration'.padEnd(23)} ${bold(`${origins.gateway}/secure-chat/admin`)}   queues, connections, what the agent gets`,
  );
  print(`  ${''.padEnd(23)} token ${adminToken}`);
  print('');
  print(
    `  State: ${redisUrl === undefined ? 'in memory (set REDIS_URL to use Redis)' : 'in Redis'}. Ctrl-C ends it.`,
  );
  for (const part of moved) print(`  Port ${PORTS[part]} is taken; ${origins[part]} is used instead.`);
  print('');
}

async function check(redisUrl: string | undefined): Promise<void> {
  const system = await startSystem({ createGateway, anyPort: true, redisUrl, puzzel: { hasty: true } });
  print('');
  print('  One silent login and one secure chat in each of two ways, without a browser');
  print('');
  const passed = await runCheck(system, print);
  print('');
  print(passed ? '  All as it should be.' : '  Something is wrong: see the lines marked ✗.');
  print('');
  await system.close();
  process.exitCode = passed ? 0 : 1;
}

async function serve(redisUrl: string | undefined): Promise<void> {
  const system = await startSystem({ createGateway, redisUrl });
  printAddresses(system, redisUrl);
  let ending = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (ending) process.exit(130);
      ending = true;
      print('  Draining …');
      void system.close();
    });
  }
}

const redisUrl = process.env['REDIS_URL'] || undefined;
await (process.argv.includes('--check') ? check(redisUrl) : serve(redisUrl));
