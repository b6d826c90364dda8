import { sessionCookies } from './cookie-names.ts';
import type { Facts } from './facts.ts';
import type { ClassResult } from './suite.ts';

const COLUMNS = ['class', 'attacks', 'came through', 'honest', 'lost', 'verdict'] as const;
const SHOWN = 200;

/** The table by class as Markdown, the first counterexample of each class that failed, and the score. */
export function report(results: readonly ClassResult[]): string {
  const rows = results.map((result) => [
    `${result.id} ${result.name}`,
    ...(result.verdict === 'skipped'
      ? ['', '', '', '', `skipped: ${result.reason ?? ''}`]
      : [result.attacks, result.through, result.honest, result.lost, result.verdict].map(String)),
  ]);
  const widths = COLUMNS.map((column, index) =>
    Math.max(column.length, ...rows.map((row) => row[index]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join(' | ')} |`;
  const table = [
    line(COLUMNS),
    `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`,
    ...rows.map(line),
  ];
  const found = results.flatMap(findings);
  return [...table, '', ...found, ...(found.length > 0 ? [''] : []), score(results)].join('\n');
}

/** `n of m classes held`; skipped ones do not count. */
export function score(results: readonly ClassResult[]): string {
  const tried = results.filter(({ verdict }) => verdict !== 'skipped');
  const held = tried.filter(({ verdict }) => verdict === 'held');
  return `${held.length} of ${tried.length} classes held`;
}

/** Printable, on one line, at most 200 characters, and without the session. */
export function shownSafely(text: string, facts: Facts): string {
  const escaped = escape(withoutSession(text, facts));
  return escaped.length > SHOWN ? `${escaped.slice(0, SHOWN)}… (${escaped.length} characters)` : escaped;
}

function findings({ id, found }: ClassResult): string[] {
  return found.flatMap(({ kind, reason, sent }) => [`${id} ${kind}: ${reason}`, `    ${sent}`]);
}

function withoutSession(text: string, facts: Facts): string {
  const values = sessionCookies(facts).map(([, value]) => value);
  return values
    .filter((value) => value !== '')
    .reduce((rest, value) => rest.replaceAll(value, '<session>'), text);
}

function escape(text: string): string {
  return JSON.stringify(text)
    .slice(1, -1)
    .replaceAll('\\"', '"')
    .replace(/[^ -~]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
