import { processEnvironment, type Environment } from '../config/env.ts';
import { readArguments } from './arguments.ts';
import type { Command, Outcome } from './command.ts';
import { failureOf, UsageError, type Failure } from './failure.ts';
import { helpText } from './help.ts';
import { createPaint, jsonText, printable, type Terminal } from './terminal.ts';

/** What the program runs in. */
export interface Surroundings {
  /** Behind the program's name. */
  readonly argv: readonly string[];
  readonly terminal: Terminal;
  readonly commands: readonly Command[];
  readonly version: string;
  /** Default: the variables of this process. */
  readonly env?: Environment;
}

/**
 * Runs one command, and says on stdout what it found, on stderr what went wrong. With `--json` stdout has one document in
 * either case.
 *
 * @returns The exit code: 0 done, 1 a problem was found or it failed, 2 not called as it should be; undefined when the process
 * goes on by itself. Never rejects.
 */
export async function runCommand(surroundings: Surroundings): Promise<0 | 1 | 2 | undefined> {
  const { argv, terminal, commands, version, env = processEnvironment() } = surroundings;
  const isJson = argv.includes('--json');
  try {
    const asked = readArguments(argv, commands);
    if (asked.kind === 'version')
      return tell(surroundings, isJson, { ok: true, data: { version }, text: version });
    if (asked.kind === 'help') {
      if (isJson && !asked.isAsked) throw new UsageError('The command is missing.');
      return help(surroundings, asked.topic, asked.isAsked);
    }
    const { command, options, argument } = asked;
    const outcome = await command.run({ options, argument, terminal, env });
    return outcome && tell(surroundings, isJson, outcome);
  } catch (error) {
    return complain(surroundings, isJson, failureOf(error));
  }
}

function tell({ terminal }: Surroundings, isJson: boolean, { ok, data, text }: Outcome): 0 | 1 {
  const said = isJson ? jsonText({ ok, ...data }) : text;
  if (said !== '') terminal.stdout.write(`${said}\n`);
  return ok ? 0 : 1;
}

/** Who asks for it gets it on stdout; who has left out the command is told on stderr. */
function help({ terminal, commands }: Surroundings, topic: string, isAsked: boolean): 0 | 2 {
  (isAsked ? terminal.stdout : terminal.stderr).write(`${helpText(topic, commands)}\n`);
  return isAsked ? 0 : 2;
}

function complain({ terminal, env }: Surroundings, isJson: boolean, { exit, error }: Failure): 1 | 2 {
  if (isJson) terminal.stdout.write(`${jsonText({ ok: false, error })}\n`);
  const paint = createPaint(terminal.stderr, env ?? processEnvironment());
  const said = [error.message, error.cure ?? []].flat().join('\n').split('\n').map(printable).join('\n');
  terminal.stderr.write(`${paint('red', 'error')}: ${said}\n`);
  return exit;
}
