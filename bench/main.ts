import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { BenchError } from './bench-error.ts';
import { buildGateway, ROOT } from './build.ts';
import { runContest, type Tell } from './contest.ts';
import { FIGURES, runFigures } from './figures/all-figures.ts';
import { chooseGenerator, type LoadGenerator } from './load/closed-loop.ts';
import { nodeVersion, thisMachine } from './machine.ts';
import { readOptions, type BenchOptions } from './options.ts';
import { programVersion, versionsOf } from './peers.ts';
import { pinning } from './pin.ts';
import { profileRow } from './profile/profile-row.ts';
import { resultsInWords, withResults } from './report/document.ts';
import { barPlot } from './report/plot.ts';
import type { Results } from './results.ts';
import { startRig } from './rig.ts';
import { ROWS } from './rows/all-rows.ts';

/** The document that `--write` fills, and the plot that it shows. */
const DOCUMENT = 'docs/performance.md';
const PLOT = 'docs/performance.svg';

/** The whole program. Resolves with its exit code: 0 measured, 1 an answer was wrong or it could not begin. */
export async function main(args: readonly string[], print: Tell): Promise<number> {
  // children are ended when this process exits, which an unhandled signal does not do
  const end = () => process.exit(130);
  process.once('SIGINT', end).once('SIGTERM', end);
  try {
    const options = readOptions(args);
    checkNames(options);
    if (options.profile === undefined) return await measure(options, print);
    print(await profileRow(options, options.profile, chooseGenerator()));
    return 0;
  } catch (error) {
    if (!(error instanceof BenchError)) throw error;
    print(error.message);
    return 1;
  } finally {
    process.off('SIGINT', end).off('SIGTERM', end);
  }
}

async function measure(options: BenchOptions, print: Tell): Promise<number> {
  const generator = chooseGenerator();
  const tell: Tell = (text) => process.stderr.write(`${text}\n`);
  const date = new Date().toISOString();
  const machine = await thisMachine();
  const rig = await startRig(await buildGateway());
  try {
    const { rows, skipped } = await runContest(rig, generator, options, tell);
    const figures = await runFigures(rig, generator, options, tell);
    const results: Results = {
      date,
      machine,
      settings: settingsOf(options, generator),
      versions: versions(options),
      rows,
      figures: figures.figures,
      skipped: [...skipped, ...figures.skipped],
    };
    keep(results, options);
    print(options.json ? JSON.stringify(results, undefined, 2) : resultsInWords(results));
    return figures.failed ? 1 : 0;
  } finally {
    await rig.stop();
  }
}

function checkNames({ only, profile }: BenchOptions): void {
  const known = [...ROWS.map(({ name }) => name), ...FIGURES.map(({ name }) => name)];
  const unknown = [...only, ...(profile === undefined ? [] : [profile])].find(
    (name) => !known.includes(name),
  );
  if (unknown !== undefined)
    throw new BenchError(`there is no row or figure "${unknown}"; there are ${known.join(', ')}`);
}

function settingsOf({ seconds, rounds, connections, rate, quick }: BenchOptions, generator: LoadGenerator) {
  return { seconds, rounds, connections, rate, quick, pinned: pinning, generator: generator.name };
}

function versions({ nodes }: BenchOptions): Record<string, string> {
  const peers = [
    'express',
    'express-openid-connect',
    'express-session',
    'connect-redis',
    'http-proxy-middleware',
    'passport',
  ];
  const programs = {
    Redis: programVersion('redis-server', ['--version']),
    Apache: programVersion('apache2', ['-v']),
    nginx: programVersion('nginx', ['-v']),
    HAProxy: programVersion('haproxy', ['-v']),
  };
  return {
    Node: nodes.map((node) => nodeVersion(node).slice(1)).join(' and '),
    ...versionsOf(['undici', 'ioredis'], 'gateway'),
    ...versionsOf(peers, 'peers'),
    ...Object.fromEntries(Object.entries(programs).filter(([, version]) => version !== undefined)),
  };
}

function keep(results: Results, { out, write }: BenchOptions): void {
  if (out !== undefined) {
    const folder = resolve(ROOT, out);
    mkdirSync(folder, { recursive: true });
    const text = `${JSON.stringify(results, undefined, 2)}\n`;
    for (const name of [results.date.slice(0, 10), 'latest'])
      writeFileSync(join(folder, `${name}.json`), text);
  }
  if (!write) return;
  const file = join(ROOT, DOCUMENT);
  writeFileSync(join(ROOT, PLOT), barPlot(results.rows));
  const plot = '![Requests a second of each row](performance.svg)';
  writeFileSync(file, withResults(readFileSync(file, 'utf8'), `${plot}\n\n${resultsInWords(results)}`));
}
