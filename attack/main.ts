import { once } from 'node:events';
import process from 'node:process';
import type { AttackClass } from './attempt.ts';
import type { Facts } from './facts.ts';
import { readOptions, type AttackOptions } from './options.ts';
import { CLASSES } from './registry.ts';
import { report, score, shownSafely } from './report.ts';
import { createRig, type Rig } from './rig.ts';
import { messageOf, preflight, runClass, type ClassResult } from './suite.ts';
import { startTarget, type RunningTarget } from './targets/start-target.ts';
import { startUpstream, type Upstream } from './upstream.ts';
import { UsageError } from './usage-error.ts';

/** Prints a line, or a document of several. */
export type Print = (text: string) => void;

/** What `--json` prints. */
interface Results {
  readonly score: string;
  readonly seed: number;
  readonly runs: number;
  readonly classes: readonly ClassResult[];
}

/** How one target fared; or, in a sentence, why it could not be tried. */
interface Outcome {
  /** 0 everything held, 1 something came through, 2 it could not begin. */
  readonly code: number;
  readonly results?: Results;
  readonly problem?: string;
}

/**
 * The whole program. Resolves with its exit code: 0 everything held, 1 something came through, 2 it could not begin.
 * @param args without the name of the program
 */
export async function main(args: readonly string[], print: Print): Promise<number> {
  if (!args.includes('--demo')) {
    const { code, results, problem } = await run(args, print);
    if (problem !== undefined) print(problem);
    if (args.includes('--json') && results !== undefined) print(toJson(results));
    return code;
  }
  const rest = args.filter((arg) => arg !== '--demo');
  const json = rest.includes('--json');
  const gateway = await run(['--self', ...rest], print);
  if (!json && gateway.problem !== undefined) print(gateway.problem);
  const peer = await run(['--peer', ...rest], print);
  if (!json && peer.problem !== undefined) print(peer.problem);
  if (json) print(toJson({ gateway: shown(gateway), peer: shown(peer) }));
  // what the peer lets through is no failure of the gateway
  return Math.max(gateway.code, peer.code === 2 ? 2 : 0);
}

function shown({ results, problem }: Outcome): object {
  return results ?? { problem };
}

function toJson(value: object): string {
  return JSON.stringify(value, undefined, 2);
}

/** One target from start to end. Whatever goes wrong is the outcome. */
async function run(args: readonly string[], print: Print): Promise<Outcome> {
  try {
    return await begin(readOptions(args), print);
  } catch (error) {
    return { code: 2, problem: messageOf(error) };
  }
}

async function begin(options: AttackOptions, print: Print): Promise<Outcome> {
  const upstream = await startUpstream(options.facts.upstreamPort, ({ method, target: at }) => {
    if (options.serve) print(`upstream: ${method} ${at}`);
  }).catch((error: unknown) => {
    throw new UsageError(`Port ${options.facts.upstreamPort} cannot be listened on.`, { cause: error });
  });
  let target: RunningTarget | undefined;
  const start = async (): Promise<RunningTarget> => {
    await target?.stop();
    target = undefined;
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
): Promise<Outcome> {
  let target = await restart?.();
  if (target !== undefined && !options.json) print(`## ${target.name}\n`);
  const aim = async (): Promise<Rig> => {
    const told = { ...(target?.facts ?? options.facts), upstreamPort: upstream.port };
    const found = await preflight(createRig(told, upstream));
    if ('problem' in found) throw new UsageError(found.problem);
    return createRig({ ...told, upgrades: found.upgrades }, upstream);
  };
  let rig: Rig | undefined = await aim();
  let gone = 'the target is gone';
  const { facts } = rig;
  const classes: ClassResult[] = [];
  for (const attackClass of CLASSES.filter(({ id }) => wanted(options, id))) {
    const result = rig === undefined ? untried(attackClass, gone) : await runClass(attackClass, rig, options);
    const said = result.verdict === 'crashed' ? await target?.lastWords() : undefined;
    classes.push(safe(result, said, rig?.facts ?? facts));
    if (result.verdict !== 'crashed') continue;
    rig = undefined;
    try {
      target = await restart?.();
      rig = target && (await aim());
    } catch (error) {
      // what was tried before is told all the same
      gone = shownSafely(`the target did not come back: ${messageOf(error)}`, facts);
    }
  }
  const { seed, runs } = options;
  if (!options.json) print(`${report(classes)}\nseed ${seed}, ${runs} runs`);
  const held = classes.every(({ verdict }) => verdict === 'held' || verdict === 'skipped');
  return { code: held ? 0 : 1, results: { score: score(classes), seed, runs, classes } };
}

function wanted({ classes }: AttackOptions, id: string): boolean {
  return classes.length === 0 || classes.includes(id);
}

function untried({ id, name }: AttackClass, reason: string): ClassResult {
  return {
    id,
    name,
    attacks: 0,
    through: 0,
    honest: 0,
    lost: 0,
    found: [],
    verdict: 'skipped',
    reason,
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

async function serve({ facts }: RunningTarget, print: Print): Promise<Outcome> {
  print(`${facts.origin} proxies to an upstream that answers with the bytes it got.`);
  print(`Cookie: ${facts.cookie ?? ''}`);
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  return { code: 0 };
}
