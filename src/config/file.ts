import { readFileSync } from 'node:fs';
import JSON5 from 'json5';
import type { Report } from './problems.ts';

/** Options as a file has them, of unknown make. */
export type FileOptions = Readonly<Record<string, unknown>>;

/**
 * Reads a configuration file: JSON5, so comments, single quotes and trailing commas are taken, and the outer braces may be
 * missing, as in the vendor's four lines. Returns undefined after a problem, which names file, line and column and quotes
 * nothing of the content.
 */
export function optionsFromFile(file: string, report: Report): FileOptions | undefined {
  // the text of a configuration in place of its path holds secrets, and must not be quoted
  if (/[\n{]/.test(file)) {
    report.problem('CONFIG_FILE', 'the path of a file', 'it holds a configuration; write that into a file');
    return undefined;
  }
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    report.problem(file, 'a readable file', errorCode(error));
    return undefined;
  }
  return parseOptions(text, file, report);
}

/** As `optionsFromFile`, for text that was read already; `file` is what problems call it. */
export function parseOptions(text: string, file: string, report: Report): FileOptions | undefined {
  const hasBraces = firstToken(text) === '{';
  let parsed: unknown;
  try {
    parsed = JSON5.parse<unknown>(hasBraces ? text : `{${text}\n}`);
  } catch (error) {
    report.problem(`${file}${position(error, text, hasBraces)}`, 'JSON5');
    return undefined;
  }
  if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed as FileOptions;
  report.problem(file, 'an object');
  return undefined;
}

/** First character that is neither blank nor comment. */
function firstToken(text: string): string | undefined {
  return text.replace(/^(?:\s+|\/\/[^\n]*|\/\*[^]*?\*\/)+/, '')[0];
}

/** `:line:column`, counted in the text as it was written. */
function position(error: unknown, content: string, hasBraces: boolean): string {
  if (typeof error !== 'object' || error === null || !('lineNumber' in error) || !('columnNumber' in error))
    return '';
  const lines = content.split('\n');
  const line = Math.min(Number(error.lineNumber), lines.length);
  const end = (lines[line - 1] ?? '').length + 1;
  // The brace that was added at the start shifts the first line; the one at the end stands for the end of the text.
  const shift = hasBraces || line > 1 ? 0 : 1;
  const column = Number(error.lineNumber) > lines.length ? end : Number(error.columnNumber) - shift;
  return `:${line}:${Math.max(1, Math.min(column, end))}`;
}

function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'it cannot be read';
}
