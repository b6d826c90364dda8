import { CommandError } from './failure.ts';
import type { Input, Terminal } from './terminal.ts';

/** More than any secret, and than a set of private keys. */
const MAX_CHARACTERS = 65_536;

/**
 * Reads a secret: on a terminal after a question and without showing it, else all of stdin but for one line break at its end.
 *
 * @param what ends the sentence "there is no ... on stdin".
 * @throws CommandError when there is none, it is too long, or the question is broken off.
 */
export async function readSecret({ stdin, stderr }: Terminal, what: string): Promise<string> {
  const ask = () => stderr.write(`${what} (it is not shown): `);
  const text =
    stdin.isTTY === true ? await typed(stdin, ask).finally(() => stderr.write('\n')) : await piped(stdin);
  if (text.trim() === '')
    throw new CommandError(
      'nothing_given',
      `There is no ${what}: nothing was typed, or nothing is on stdin.`,
    );
  return text;
}

/** All of stdin, as it is. */
export async function readAll(stdin: Input): Promise<string> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of stdin) {
    const bytes = Buffer.from(part);
    length += bytes.length;
    if (length > MAX_CHARACTERS) throw tooLong();
    parts.push(bytes);
  }
  return Buffer.concat(parts).toString('utf8');
}

async function piped(stdin: Input): Promise<string> {
  return (await readAll(stdin)).replace(/\r?\n$/, '');
}

const ENTER = /[\r\n\u0004]/;
const BACKSPACE = /[\b\u007f]/;

async function typed(stdin: Input, ask: () => void): Promise<string> {
  // first, since the terminal shows what is typed until then
  stdin.setRawMode?.(true);
  ask();
  const decoder = new TextDecoder();
  let text = '';
  try {
    for await (const part of stdin) {
      const characters = typeof part === 'string' ? part : decoder.decode(part, { stream: true });
      for (const character of characters) {
        if (ENTER.test(character)) return text;
        // in raw mode Ctrl-C is a character like any other
        if (character === '\u0003') throw new CommandError('broken_off', 'Broken off: nothing was changed.');
        text = BACKSPACE.test(character) ? Array.from(text).slice(0, -1).join('') : text + character;
        if (text.length > MAX_CHARACTERS) throw tooLong();
      }
    }
    return text;
  } finally {
    stdin.setRawMode?.(false);
  }
}

function tooLong(): CommandError {
  return new CommandError('too_long', `What was given is longer than ${MAX_CHARACTERS} characters.`);
}
