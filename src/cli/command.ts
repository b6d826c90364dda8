import type { Environment } from '../config/env.ts';
import type { Terminal } from './terminal.ts';

/** One option of a command, without its dashes. */
export interface Option {
  /** What the help calls its value; absent: it takes none. */
  readonly value?: string;
  /** One line of the help. */
  readonly about: string;
  readonly required?: boolean;
  /** It is there to be refused: why, and what to do instead. Whatever was given as its value is not repeated. */
  readonly refused?: string;
}

/** What a command was called with. */
export interface Call {
  /** Values by the name of the option; `true` for one that takes none. */
  readonly options: Readonly<Record<string, string | true>>;
  /** What stood behind the command. */
  readonly argument: string | undefined;
  readonly terminal: Terminal;
  readonly env: Environment;
}

/** What a command found or did. */
export interface Outcome {
  /** False: a problem was found, the exit code is 1. */
  readonly ok: boolean;
  /** For `--json`, beside `ok`. */
  readonly data: object;
  /** For people, without the last line break. May hold text from anywhere: it is made printable when it is written. */
  readonly text: string;
}

/** One command. */
export interface Command {
  /** `queue secure`. */
  readonly name: string;
  /** One line, for the list of all commands. */
  readonly summary: string;
  /** Paragraphs for its own help, each wrapped as it shall be printed. */
  readonly about?: readonly string[];
  /** What stands behind the command; required. */
  readonly argument?: { readonly name: string; readonly about: string };
  /** What to say to a word behind a command that takes none, where it may have been meant as a secret. */
  readonly refused?: string;
  readonly options: Readonly<Record<string, Option>>;
  /** Undefined: the process goes on by itself. */
  run(call: Call): Promise<Outcome | undefined>;
}

/** Options of every command. */
export const GLOBAL_OPTIONS: Readonly<Record<string, Option>> = {
  config: { value: 'FILE', about: 'configuration file; default: CONFIG_FILE, then the environment alone' },
  json: { about: 'one JSON document on stdout, also for an error' },
  help: { about: 'this text (-h)' },
};

/** The text of an option, or undefined. */
export function textOf({ options }: Pick<Call, 'options'>, name: string): string | undefined {
  const value = options[name];
  return typeof value === 'string' ? value : undefined;
}

/** Was this option given? */
export function isSet({ options }: Pick<Call, 'options'>, name: string): boolean {
  return options[name] !== undefined;
}
