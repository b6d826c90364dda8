import { once } from 'node:events';
import process from 'node:process';
import type { AttackClass } from './attempt.ts';
import type { Facts } from './facts.ts';
import { readOptions, type AttackOptions } from './options.ts';
import { CLASSES } from './registry.ts';
import { report, score, shownSafely } from './report.ts';
import { createRig, TargetGone, type Rig } from './rig.ts';
import { preflight, runClass, type ClassResult } from './suite.ts';
import { startTarget, type RunningTarget } from './targets/start-target.ts';
import { startUpstream, type Upstream } from './upstream.ts';
import { UsageError } from './usage-error.ts';

/** Prints a line. */
export type Print = (line: string) => void;

/**
 * The whole program. Resolves with its exit code: 0 everything held, 1 something came through, 2 it could not begin.
 * @param args without the name of the program
 */
export async function main(args: readonly string[], print: Print): Promise<number> {
  if (args.includes('--demo')) {
    const rest = args.filter((arg) => arg !== '--demo');
    const self = await main(['--self', ...rest], print);
    // what the peer lets through is no failure of the gateway
    return Math.max(self, (await main(['--peer', ...rest], print)) === 2 ? 2 : 0);
  }
  try {
    return await begin(readOptions(args), print);
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof TargetGone)) throw error;
    print(error.message);
    return 2;
  }
}

async function begin(options: AttackOptions, print: Print): Promise<number> {
  const upstream = await startUpstream(options.facts.upstreamPort, ({ method, target: at }) => {
    if (options.serve) print(`upstream: ${method} ${at}`);
  }).catch((error: unknown) => {
    throw new UsageError(`Port ${options.facts.upstreamPort} cannot be listened on.`, { cause: error });
  });
  let target: RunningTarget | undefined;
  const start = async (): Promise<RunningTarget> => {
    await target?.stop();
    target = await startTarget(options.start ?? 'gateway', options.facts, upstream.port);
    return target;
  };
  try {
    if (options.start === undefined) return await attackTarget(options, upstream, print);
    if (options.serve) return await serve(await start(), print);
    return await attackTarget(options, upstream, print, start);
  } finally {
    await target?.stop();
    await upstream.stop();
  }
}

/** @param restart gives a target in place of one that has crashed; the first call gives the first. */
async function attackTarget(
  options: AttackOptions,
  upstream: Upstream,
  print: Print,
  restart?: () => Promise<RunningTarget>,
): Promise<number> {
  let target = await restart?.();
  if (target !== undefined && !options.json) print(`## ${target.name}\n`);
  const aim = async (): Promise<Rig> => {
    const told = { ...(target?.facts ?? options.facts), upstreamPort: upstream.port };
    const found = await preflight(createRig(told, upstream));
    if ('problem' in found) throw new UsageError(found.problem);
    return createRig({ ...told, upgrades: found.upgrades }, upstream);
  };
  let rig: Rig | undefined = await aim();
  const { facts } = rig;
  const results: ClassResult[] = [];
  for (const attackClass of CLASSES.filter(({ id }) => wanted(options, id))) {
    const result = rig === undefined ? untried(attackClass) : await runClass(attackClass, rig, options);
    const said = result.verdict === 'crashed' ? await target?.lastWords() : undefined;
    results.push(safe(result, said, rig?.facts ?? facts));
    if (result.verdict !== 'crashed') continue;
    target = await restart?.();
    rig = target && (await aim());
  }
  print(options.json ? toJson(results, options) : report(results));
  if (!options.json) print(`seed ${options.seed}, ${options.runs} runs`);
  return results.every(({ verdict }) => verdict === 'held' || verdict === 'skipped') ? 0 : 1;
}

function wanted({ classes }: AttackOptions, id: string): boolean {
  return classes.length === 0 || classes.includes(id);
}

function untried({ id, name }: AttackClass): ClassResult {
  return {
    id,
    name,
    attacks: 0,
    through: 0,
    honest: 0,
    lost: 0,
    found: [],
    verdict: 'skipped',
    reason: 'the target is gone',
  };
}

/** Fit to be shown: a session is masked while it is known which one it was. */
function safe(result: ClassResult, lastWords: string | undefined, facts: Facts): ClassResult {
  const found = result.found.map(({ kind, reason, sent }) => ({
    kind,
    reason: shownSafely((kind === 'crashed' ? lastWords : undefined) ?? reason, facts),
    sent: shownSafely(sent, facts),
  }));
  return { ...result, found };
}

function toJson(classes: readonly ClassResult[], { seed, runs }: AttackOptions): string {
  return JSON.stringify({ score: score(classes), seed, runs, classes }, undefined, 2);
}

async function serve({ facts }: RunningTarget, print: Print): Promise<number> {
  print(`${facts.origin} proxies to an upstream that answers with the bytes it got.`);
  print(`Cookie: ${facts.cookie ?? ''}`);
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  return 0;
}
