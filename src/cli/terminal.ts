import type { Environment } from '../config/env.ts';

/** Where a secret is read from: the process' stdin. */
export interface Input extends AsyncIterable<Buffer | string> {
  readonly isTTY?: boolean;
  setRawMode?(raw: boolean): unknown;
}

/** Somewhere to write text. */
export interface Output {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** The three streams of a process. */
export interface Terminal {
  readonly stdin: Input;
  readonly stdout: Output;
  readonly stderr: Output;
}

/** How a text may be set off. */
export type Style = 'bold' | 'red' | 'green' | 'yellow';

const CODES: Readonly<Record<Style, readonly [number, number]>> = {
  bold: [1, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
};

/** Colours on a terminal that takes them, unless `NO_COLOR` (https://no-color.org) says no. */
export function createPaint(
  { isTTY }: Pick<Output, 'isTTY'>,
  env: Environment,
): (style: Style, text: string) => string {
  const plain = isTTY !== true || (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb';
  return (style, text) => {
    const [on, off] = CODES[style];
    return plain ? text : `\u001b[${on}m${text}\u001b[${off}m`;
  };
}

/** Control characters, and what turns the reading direction: a terminal would obey them. */
const OBEYED = /[\p{Cc}\u2028\u2029\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/gu;

/** Text from anywhere, in one line that a terminal only shows. */
export function printable(text: string): string {
  return text.toWellFormed().replace(OBEYED, '\ufffd');
}

/** One JSON document, readable, in which nothing is left for a terminal to obey. */
export function jsonText(value: object): string {
  const escape = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(value, undefined, 2).replace(/(?!\n)[\p{Cc}\p{Cf}\u2028\u2029]/gu, (found) =>
    Array.from({ length: found.length }, (_, at) => escape(found.charAt(at))).join(''),
  );
}

/** Rows under a heading, in columns as wide as they need to be. Cells are made printable. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const shown = [head, ...rows.map((row) => row.map(printable))];
  const widths = head.map((_, column) => Math.max(...shown.map((row) => (row[column] ?? '').length)));
  return shown
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
