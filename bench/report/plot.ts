import type { RowResult } from '../results.ts';
import { thousands } from './table.ts';

const BAR = 16;
const GAP = 10;
const LEFT = 430;
const WIDTH = 1000;
const VALUE = 90;

/** Style that follows the reader's light or dark page; the background stays the page's. */
const STYLE = `text{font:13px system-ui,sans-serif;fill:#24292f}.own{fill:#0b7285}.other{fill:#868e96}.limit{fill:#c4cad0}
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.own{fill:#3bc9db}.other{fill:#868e96}.limit{fill:#495057}}`;

/** Requests a second of every row, as bars, in the order of the table. */
export function barPlot(rows: readonly RowResult[]): string {
  const most = Math.max(1, ...rows.map(({ requestsPerSecond }) => requestsPerSecond));
  const height = 30 + rows.length * (BAR + GAP);
  const bars = rows.map((row, i) => bar(row, 30 + i * (BAR + GAP), most));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="Requests per second of each row">`,
    `<style>${STYLE}</style>`,
    `<text x="${LEFT}" y="16">requests/s on one core</text>`,
    ...bars,
    '</svg>',
    '',
  ].join('\n');
}

function bar(row: RowResult, y: number, most: number): string {
  const width = Math.max(1, Math.round((row.requestsPerSecond / most) * (WIDTH - LEFT - VALUE)));
  const label =
    row.node === undefined ? row.title : `${row.title} (Node ${row.node.replace(/^v(\d+)\..*/, '$1')})`;
  const base = y + BAR - 4;
  return [
    `<text x="${LEFT - 10}" y="${base}" text-anchor="end">${escaped(label)}</text>`,
    `<rect class="${kindOf(row)}" x="${LEFT}" y="${y}" width="${width}" height="${BAR}"/>`,
    `<text x="${LEFT + width + 8}" y="${base}">${thousands(row.requestsPerSecond)}</text>`,
  ].join('');
}

function kindOf({ title, name }: RowResult): string {
  if (title.startsWith('this gateway')) return 'own';
  return ['direct', 'engine', 'engine-identity', 'nginx', 'haproxy'].includes(name) ? 'limit' : 'other';
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
