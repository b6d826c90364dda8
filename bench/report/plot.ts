import type { RowResult } from '../results.ts';
import { thousands } from './table.ts';

const BAR = 16;
const GAP = 10;
const LONGEST_BAR = 480;
/** Room for the number behind a bar. */
const VALUE = 90;
/** Room for a character of a label: fonts differ, and one that is cut off at the left says nothing. */
const CHARACTER = 7.5;

/** Style that follows the reader's light or dark page; the background stays the page's. */
const STYLE = `text{font:13px system-ui,sans-serif;fill:#24292f}.own{fill:#0b7285}.other{fill:#868e96}.limit{fill:#c4cad0}
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.own{fill:#3bc9db}.other{fill:#868e96}.limit{fill:#495057}}`;

/** Requests a second of every row, as bars, in the order of the table. */
export function barPlot(rows: readonly RowResult[]): string {
  const most = Math.max(1, ...rows.map(({ requestsPerSecond }) => requestsPerSecond));
  const left = 10 + Math.ceil(CHARACTER * Math.max(0, ...rows.map((row) => labelOf(row).length)));
  const width = left + LONGEST_BAR + VALUE;
  const height = 30 + rows.length * (BAR + GAP);
  const bars = rows.map((row, i) =>
    bar(row, { x: left, y: 30 + i * (BAR + GAP), length: (row.requestsPerSecond / most) * LONGEST_BAR }),
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="Requests per second of each row">`,
    `<style>${STYLE}</style>`,
    `<text x="${left}" y="16">requests/s on one core</text>`,
    ...bars,
    '</svg>',
    '',
  ].join('\n');
}

function bar(row: RowResult, { x, y, length }: { x: number; y: number; length: number }): string {
  const width = Math.max(1, Math.round(length));
  const base = y + BAR - 4;
  return [
    `<text x="${x - 10}" y="${base}" text-anchor="end">${escaped(labelOf(row))}</text>`,
    `<rect class="${kindOf(row)}" x="${x}" y="${y}" width="${width}" height="${BAR}"/>`,
    `<text x="${x + width + 8}" y="${base}">${thousands(row.requestsPerSecond)}</text>`,
  ].join('');
}

function labelOf({ title, node }: RowResult): string {
  return node === undefined ? title : `${title} (Node ${node.replace(/^v(\d+)\..*/, '$1')})`;
}

function kindOf({ title, name }: RowResult): string {
  if (title.startsWith('this gateway')) return 'own';
  return ['direct', 'engine', 'engine-identity', 'nginx', 'haproxy'].includes(name) ? 'limit' : 'other';
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
