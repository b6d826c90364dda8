import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { TestContext } from 'node:test';
import { allCommands } from '../../src/cli/commands.ts';
import { runCommand } from '../../src/cli/run.ts';
import type { GatewayOptions } from '../../src/config/options.ts';
import { connection, type System } from '../support/system.ts';
import { programOf } from '../support/program-of.ts';

/** What a call of the program left behind. */
export interface Said {
  readonly code: number | null | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Circumstances {
  readonly env?: Readonly<Record<string, string>>;
  /** What is on stdin. */
  readonly stdin?: string;
  /** What is typed on a terminal, in place of `stdin`. */
  readonly typed?: readonly string[];
  /** Raw mode on and off, in order. */
  readonly raw?: boolean[];
  readonly colours?: boolean;
}

export const started: string[][] = [];
export const commands = allCommands((args) => Promise.resolve(void started.push([...args])));

/** The program in this process. */
export async function run(args: readonly string[], around: Circumstances = {}): Promise<Said> {
  const { env = {}, stdin = '', typed, raw, colours } = around;
  const said = { stdout: '', stderr: '' };
  const output = (name: 'stdout' | 'stderr') => ({
    ...(colours === undefined ? {} : { isTTY: colours }),
    write: (text: string) => (said[name] += text),
  });
  const input = Readable.from((typed ?? [stdin]).map((part) => Buffer.from(part)));
  const terminal = {
    stdin: typed ? Object.assign(input, { isTTY: true, setRawMode: (on: boolean) => raw?.push(on) }) : input,
    stdout: output('stdout'),
    stderr: output('stderr'),
  };
  const code = await runCommand({ argv: args, terminal, commands, version: '1.2.3', env });
  return { code, ...said };
}

/** The program as a process, from source or from `script`. */
export async function runProcess(
  args: readonly string[],
  {
    env = {},
    stdin = '',
    script = programOf('src/cli.ts'),
  }: Circumstances & { readonly script?: readonly string[] } = {},
): Promise<Said> {
  const child = spawn(process.execPath, [...script, ...args], { env: { PATH: process.env['PATH'], ...env } });
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].on('data', (chunk: Buffer) => (said[name] += chunk.toString()));
  child.stdin.on('error', () => undefined);
  child.stdin.end(stdin);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...said };
}

/** The document on stdout: one, and nothing else. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- says what the caller expects
export function documentOf<T = Record<string, unknown>>({ stdout }: Said): T {
  return JSON.parse(stdout) as T;
}

export function assertDone(said: Said): Said {
  assert.equal(said.code, 0, said.stderr + said.stdout);
  return said;
}

/** Writes it as a file of the configuration, which goes with the test; answers `--config FILE`. */
export async function configArgs(t: TestContext, options: GatewayOptions): Promise<[string, string]> {
  const folder = await mkdtemp(join(tmpdir(), 'scg-cli-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'gateway.json');
  await writeFile(file, JSON.stringify(options));
  return ['--config', file];
}

export const SECRET = 'a secret for tests that is long enough';

/** What `startSystem` runs with, for a command line beside it. */
export function optionsBeside(
  { url, upstream, provider }: Pick<System, 'url' | 'upstream' | 'provider'>,
  redisUrl: string,
): GatewayOptions {
  return {
    publicUrl: url,
    upstream: { url: upstream.url },
    sessionSecret: SECRET,
    redisUrl,
    customers: [
      {
        customerKey: '12345',
        returnOrigins: ['https://www.bank.example'],
        connections: [connection(provider)],
        queues: [
          { queueKey: 'q_bank', authConnectionName: 'Signicat' },
          { queueKey: 'q_loan', authConnectionName: 'Signicat' },
          { queueKey: 'q_open' },
        ],
      },
    ],
  };
}

/** Options of a gateway that nobody runs. */
export const ALONE: GatewayOptions = {
  publicUrl: 'http://127.0.0.1:3000',
  upstream: 'http://127.0.0.1:9',
  sessionSecret: SECRET,
  customers: [
    {
      customerKey: '12345',
      connections: [
        {
          authConnectionName: 'Signicat',
          authClientId: 'portal',
          authEndpoint: 'http://127.0.0.1:9',
          authMapping: {
            AuthUserId: { MapType: 'ChatId' },
            national_id: { MapType: 'Variable', Description: 'Personnummer' },
            note: { MapType: 'Variable' },
            given_name: { MapType: 'NickName' },
          },
        },
      ],
      queues: [{ queueKey: 'q_bank', authConnectionName: 'Signicat' }, { queueKey: 'q_open' }],
    },
  ],
};
