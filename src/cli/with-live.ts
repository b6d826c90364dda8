import { userInfo } from 'node:os';
import { createLive, type Live } from '../admin/live.ts';
import { loadConfig } from '../config/config.ts';
import type { GatewayConfig } from '../config/gateway-config.ts';
import type { Logger } from '../observe/logger.ts';
import { textOf, type Call } from './command.ts';
import { CommandError } from './failure.ts';
import { printable } from './terminal.ts';

/**
 * File and environment, as `npm start` reads them.
 *
 * @throws ConfigError with every problem.
 */
export function configOf(call: Pick<Call, 'options' | 'env'>): GatewayConfig {
  const file = textOf(call, 'config');
  return loadConfig({ argv: file === undefined ? [] : ['--config', file], env: call.env });
}

/**
 * Does the work with what is in force in all processes of this gateway: the settings of administrators in Redis, on top of file
 * and environment. What is written to the audit record is there when the promise resolves.
 *
 * @throws CommandError without Redis, where nothing of another process can be reached; ConfigError; GatewayError
 * `session_store_unavailable`.
 */
export async function withLive<T>(call: Call, work: (live: Live) => Promise<T>): Promise<T> {
  const config = configOf(call);
  if (config.redis === undefined)
    throw new CommandError(
      'no_redis',
      'Without Redis everything is in the memory of the running gateway, which no other process reaches.',
      'Set REDIS_URL, or redisUrl in the file, as the gateway has it.',
    );
  const notes = createNotes();
  const live = createLive(config, { logger: notes.logger });
  try {
    await live.ready();
    return await work(live);
  } catch (error) {
    for (const note of notes.errors) call.terminal.stderr.write(`${note}\n`);
    throw error;
  } finally {
    await live.close();
  }
}

/** A logger that keeps what went wrong, each thing once, as lines for people. */
export function createNotes(): { readonly logger: Logger; readonly errors: ReadonlySet<string> } {
  const errors = new Set<string>();
  const nothing = (): void => undefined;
  const error: Logger['error'] = ({ cause, problems }, message) => {
    const why = problems ?? cause;
    errors.add([message, ...(why === undefined ? [] : String(why).split('\n'))].map(printable).join('\n  '));
  };
  return { logger: { debug: nothing, info: nothing, warn: nothing, error }, errors };
}

/**
 * Who does it, as settings and audit record shall name them: `--actor`, else the user of this machine.
 *
 * @throws CommandError where the machine does not know.
 */
export function actorOf(call: Pick<Call, 'options'>): string {
  const given = textOf(call, 'actor')?.trim();
  if (given !== undefined && given !== '') return given;
  try {
    return userInfo().username;
  } catch {
    throw new CommandError(
      'no_actor',
      'This machine has no name for its user.',
      'Say who you are: --actor NAME',
    );
  }
}

/** The option of every command that changes something. */
export const ACTOR_OPTION = {
  value: 'NAME',
  about: 'who does it, for the audit record; default: the user of this machine',
} as const;
