import { GLOBAL_OPTIONS, type Command, type Option } from './command.ts';

const PROGRAM = 'secure-chat-gateway';

/**
 * The help of a command, of a group of commands (`queue`), or of the whole program (empty topic). A command's own help stands
 * in docs/cli.md, word for word.
 */
export function helpText(topic: string, commands: readonly Command[]): string {
  const command = commands.find(({ name }) => name === topic);
  return command === undefined ? listText(topic, commands) : commandText(command);
}

function listText(group: string, commands: readonly Command[]): string {
  const listed = commands.filter(({ name }) => group === '' || name.startsWith(`${group} `));
  return [
    `Usage: ${PROGRAM} ${group === '' ? 'COMMAND' : `${group} COMMAND`} [options]`,
    `Commands:\n${rows(listed.map(({ name, summary }) => [name, summary]))}`,
    `Options of every command:\n${optionRows(GLOBAL_OPTIONS)}\n  --version      of this program`,
    `"${PROGRAM} COMMAND --help" says more.\nExit codes: 0 done, 1 a problem was found or it failed, 2 not called as it should be.`,
  ].join('\n\n');
}

function commandText({ name, summary, about = [], argument, options }: Command): string {
  const required = Object.entries(options).filter(([, option]) => option.required === true);
  const usage = [
    PROGRAM,
    name,
    ...(argument === undefined ? [] : [argument.name]),
    ...required.map(([option, { value = '' }]) => `--${option} ${value}`.trim()),
    '[options]',
  ].join(' ');
  const own = optionRows(options);
  const behind = argument === undefined ? '' : `${rows([[argument.name, argument.about]])}\n`;
  return [
    `Usage: ${usage}`,
    summary,
    ...about,
    ...(behind + own === '' ? [] : [`Options:\n${behind}${own}`.trimEnd()]),
    `Options of every command:\n${optionRows(GLOBAL_OPTIONS)}`,
  ].join('\n\n');
}

function optionRows(options: Readonly<Record<string, Option>>): string {
  return rows(
    Object.entries(options)
      .filter(([, { refused }]) => refused === undefined)
      .map(([name, { value = '', about }]) => [`--${name} ${value}`.trim(), about]),
  );
}

function rows(pairs: readonly (readonly [string, string])[]): string {
  const width = Math.max(0, ...pairs.map(([left]) => left.length));
  return pairs.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join('\n');
}
