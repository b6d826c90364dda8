import type { Figure, Results, RowResult } from '../results.ts';

/** A table of Markdown, padded as prettier does it. All rows have as many cells as the head. */
export function markdownTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  right = true,
): string {
  const widths = head.map((cell, i) => Math.max(3, cell.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const isNumber = (i: number) => right && i > 0;
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => (isNumber(i) ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0))).join(' | ')} |`;
  const rule = widths.map((width, i) => (isNumber(i) ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width)));
  return [line(head), `| ${rule.join(' | ')} |`, ...rows.map(line)].join('\n');
}

/** The rows of a run as a table; of several Nodes one behind the other. */
export function rowTable({ rows, settings }: Results): string {
  const head = [
    'what stands in front of the upstream',
    'Node',
    'requests/s',
    'CPU/request',
    'p50 added',
    'p99 added',
    'Redis/request',
    'memory',
  ];
  const cells = (row: RowResult): string[] => [
    row.title,
    row.node?.replace(/^v(\d+)\..*/, '$1') ?? '-',
    thousands(row.requestsPerSecond),
    shown(row.cpuMicros, (value) => `${value.toFixed(value < 20 ? 1 : 0)} us`),
    row.name === 'direct' ? `(${row.p50Ms.toFixed(2)} ms)` : shown(row.addedP50Ms, milliseconds),
    row.name === 'direct' ? `(${row.p99Ms.toFixed(2)} ms)` : shown(row.addedP99Ms, milliseconds),
    shown(row.redisCommands, (value) => value.toFixed(value < 0.01 ? 4 : 2)),
    shown(row.memoryBytes, (value) => `${Math.round(value / 2 ** 20)} MB`),
  ];
  const note = `Latency at ${settings.rate} requests/s; of the upstream itself whole, in brackets.`;
  return `${markdownTable(head, rows.map(cells))}\n\n${note}`;
}

/** The figures beside the rows. */
export function figureTable(figures: readonly Figure[]): string {
  return markdownTable(
    ['figure', 'value'],
    figures.map(({ title, text }) => [title, text]),
    false,
  );
}

/** `12 345`. */
export function thousands(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ' ');
}

function milliseconds(value: number): string {
  return `${value.toFixed(2)} ms`;
}

function shown(value: number | undefined, format: (value: number) => string): string {
  return value === undefined ? '-' : format(value);
}
