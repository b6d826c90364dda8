import { parseArgs } from 'node:util';
import { didYouMean } from '../config/did-you-mean.ts';
import { GLOBAL_OPTIONS, type Command, type Option } from './command.ts';
import { UsageError } from './failure.ts';

/** What a command line asks for. `command` is a name, or the beginning of several (`queue`). */
export type Asked =
  | { readonly kind: 'version' }
  | { readonly kind: 'help'; readonly topic: string; readonly isAsked: boolean }
  | {
      readonly kind: 'run';
      readonly command: Command;
      readonly options: Readonly<Record<string, string | true>>;
      readonly argument: string | undefined;
    };

const PROGRAM = 'secure-chat-gateway';

/**
 * Reads the arguments behind the program's name. Options may stand before the command or behind it.
 *
 * @throws UsageError that names the cure; nothing that was written is repeated, but for a word that looks like an option.
 */
export function readArguments(argv: readonly string[], commands: readonly Command[]): Asked {
  const { before, words } = split(argv);
  if (words.length === 0 && before.includes('--version')) return { kind: 'version' };
  const first = words[0] === 'help' ? words.slice(1) : words;
  const asksHelp = words[0] === 'help' || argv.some((word) => word === '--help' || word === '-h');
  const command = commands.find(({ name }) => startsWith(first, name.split(' ')));
  if (command === undefined) return topicOf(first, asksHelp, commands);
  if (asksHelp) return { kind: 'help', topic: command.name, isAsked: true };
  const rest = [...before, ...first.slice(command.name.split(' ').length)];
  return { kind: 'run', command, ...readOptions(rest, command) };
}

/** Options before the first word that is none. */
function split(argv: readonly string[]): { before: readonly string[]; words: readonly string[] } {
  let at = 0;
  while (argv[at]?.startsWith('-') === true && argv[at] !== '-') at += argv[at] === '--config' ? 2 : 1;
  return { before: argv.slice(0, at), words: argv.slice(at) };
}

function startsWith(words: readonly string[], name: readonly string[]): boolean {
  return name.every((word, at) => words[at] === word);
}

function topicOf(words: readonly string[], isAsked: boolean, commands: readonly Command[]): Asked {
  const named = words.filter((word) => !word.startsWith('-'));
  const [group = ''] = named;
  const isGroup = commands.some(({ name }) => name.startsWith(`${group} `));
  if (named.length === 0 || (isGroup && named.length === 1)) return { kind: 'help', topic: group, isAsked };
  const known = commands.map(({ name }) => name);
  const inTwoWords = didYouMean(named.slice(0, 2).join(' '), known);
  const inOne = didYouMean(group, groupsOf(known));
  const near = named.length === 1 ? (inOne ?? inTwoWords) : (inTwoWords ?? inOne);
  throw new UsageError(
    near === undefined
      ? `There is no such command. "${PROGRAM} --help" lists them.`
      : `There is no such command: ${near}`,
  );
}

function groupsOf(names: readonly string[]): string[] {
  return [...new Set(names.map((name) => name.split(' ')[0] ?? name))];
}

function readOptions(args: readonly string[], command: Command) {
  const known: Readonly<Record<string, Option>> = { ...command.options, ...GLOBAL_OPTIONS };
  const { tokens } = parseArgs({
    args: [...args],
    options: Object.fromEntries(
      Object.entries(known).map(([name, { value }]) => [
        name,
        { type: value === undefined ? ('boolean' as const) : ('string' as const) },
      ]),
    ),
    strict: false,
    tokens: true,
  });
  const options: Record<string, string | true> = {};
  const words: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') words.push(token.value);
    else if (token.kind === 'option') {
      if (Object.hasOwn(options, token.name)) throw new UsageError(`--${token.name} is there twice.`);
      options[token.name] = valueOf(token, known, command);
    }
  }
  return { options: withRequired(options, command), argument: argumentOf(words, command) };
}

interface OptionToken {
  readonly name: string;
  readonly rawName: string;
  readonly value: string | undefined;
  readonly inlineValue: boolean | undefined;
}

function valueOf(
  { name, rawName, value, inlineValue }: OptionToken,
  known: Readonly<Record<string, Option>>,
  command: Command,
): string | true {
  const option = Object.hasOwn(known, name) ? known[name] : undefined;
  if (option === undefined) throw unknownOption(rawName, known, command);
  if (option.refused !== undefined) throw new UsageError(`--${name} is not taken: ${option.refused}`);
  if (option.value === undefined) {
    if (inlineValue === true) throw new UsageError(`--${name} takes no value.`);
    return true;
  }
  // the next option, taken for the value of this one
  const isMissing = value === undefined || (inlineValue !== true && /^-./.test(value));
  if (isMissing || value === '') throw new UsageError(`--${name} needs a value: --${name} ${option.value}`);
  return value;
}

function unknownOption(raw: string, known: Readonly<Record<string, Option>>, command: Command): UsageError {
  // anything else may be a secret that was mistaken for one
  const shown = /^--[a-z]+(?:-[a-z]+){0,3}$/.test(raw) && raw.length <= 24 ? ` ${raw}` : '';
  const names = Object.entries(known).flatMap(([name, { refused }]) => (refused === undefined ? [name] : []));
  const near = didYouMean(raw, names)?.replace('"', '"--');
  const help = `"${PROGRAM} ${command.name} --help" lists its options.`;
  return new UsageError(`${command.name} has no such option${shown}: ${near ?? help}`);
}

function withRequired(options: Record<string, string | true>, command: Command) {
  const missing = Object.entries(command.options)
    .filter(([name, { required }]) => required === true && options[name] === undefined)
    .map(([name, { value = '' }]) => `--${name} ${value}`.trim());
  if (missing.length > 0) throw new UsageError(`${command.name} needs ${missing.join(' and ')}.`);
  return options;
}

function argumentOf(words: readonly string[], { name, argument, refused }: Command): string | undefined {
  const [word, ...others] = words;
  if (argument === undefined && word !== undefined)
    throw new UsageError(
      `${name} takes nothing behind it but options${refused === undefined ? '.' : `: ${refused}`}`,
    );
  if (argument !== undefined && (word ?? '') === '') throw new UsageError(`${name} needs ${argument.name}.`);
  if (others.length > 0) throw new UsageError(`${name} takes one ${argument?.name ?? 'word'} only.`);
  return word;
}
