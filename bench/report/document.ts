import { BenchError } from '../bench-error.ts';
import type { Results } from '../results.ts';
import { reachedTargets } from './targets.ts';
import { figureTable, markdownTable, rowTable } from './table.ts';

const BEGIN = '<!-- bench: from here -->';
const END = '<!-- bench: to here -->';

/** What a run says, as Markdown. */
export function resultsInWords(results: Results): string {
  const { machine, settings, versions, date, figures, skipped } = results;
  const where = `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.system}`;
  const how = `${settings.generator}, ${settings.connections} connections, ${settings.rounds} rounds of ${settings.seconds} s`;
  const busy = machine.busy === undefined || machine.busy < 0.1 ? '' : ` ${noise(machine.busy)}`;
  const parts = [
    `Measured ${date.slice(0, 10)} on ${where}; ${how}; medians.${busy}`,
    `Versions: ${Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', ')}.`,
  ];
  if (results.rows.length > 0) parts.push(rowTable(results));
  if (figures.length > 0) parts.push(figureTable(figures));
  const targets = targetTable(results);
  if (targets !== undefined) parts.push(targets);
  if (skipped.length > 0)
    parts.push(`Not run: ${skipped.map(({ name, reason }) => `${name} (${reason})`).join(', ')}.`);
  return parts.join('\n\n');
}

function noise(busy: number): string {
  return `**The machine was not quiet: others used ${Math.round(busy * 100)} % of it when the run began, so only ratios say something.**`;
}

function targetTable(results: Results): string | undefined {
  const rows = reachedTargets(results).map(({ name, node, value, goal, atLeast, met }) => [
    name,
    node?.replace(/^v(\d+)\..*/, '$1') ?? '-',
    String(Number(value.toPrecision(3))),
    `${atLeast ? '>=' : '<='} ${goal}`,
    met ? 'yes' : 'no',
  ]);
  return rows.length === 0 ? undefined : markdownTable(['target', 'Node', 'here', 'goal', 'met'], rows);
}

/**
 * The document with the results between its two markers.
 * @throws BenchError when it has not both of them, once
 */
export function withResults(document: string, results: string): string {
  const [before, rest, ...more] = document.split(BEGIN);
  const [, after, ...others] = rest?.split(END) ?? [];
  if (before === undefined || after === undefined || more.length + others.length > 0)
    throw new BenchError(`the document has to hold "${BEGIN}" and "${END}" once each`);
  return `${before}${BEGIN}\n\n${results}\n\n${END}${after}`;
}
