import fc from 'fast-check';
import type { AttackClass, Attempt } from './attempt.ts';
import { has, OPTION_OF, type Facts } from './facts.ts';
import { arrived, statusOf } from './judges.ts';
import { requestBytes, UPGRADE } from './message.ts';
import { TargetGone, type Rig } from './rig.ts';

/** What became of one class. */
export interface ClassResult {
  readonly id: string;
  readonly name: string;
  readonly verdict: 'held' | 'came through' | 'honest lost' | 'crashed' | 'skipped';
  /** Attacks tried, and those of them that came through. */
  readonly attacks: number;
  readonly through: number;
  /** Honest requests tried, and those of them that were lost. */
  readonly honest: number;
  readonly lost: number;
  /** Why the class was skipped. */
  readonly reason?: string;
  /** The shortest of each kind of thing that went wrong. */
  readonly found: readonly Finding[];
}

/** One thing that went wrong. */
export interface Finding {
  readonly kind: 'came through' | 'honest lost' | 'crashed';
  readonly reason: string;
  /** What was sent. */
  readonly sent: string;
}

export interface SuiteOptions {
  /** Attacks of each class; a quarter as many honest requests, four at least. */
  readonly runs: number;
  /** The same seed and runs try the same things. */
  readonly seed: number;
}

interface Failure {
  readonly attempt: Attempt;
  readonly reason: string;
}

/**
 * Tries one class. A target that is gone ends it with the verdict `crashed`; whatever else an attempt dies of is what went
 * wrong in it.
 */
export async function runClass(
  attackClass: AttackClass,
  rig: Rig,
  { runs, seed }: SuiteOptions,
): Promise<ClassResult> {
  const { id, name } = attackClass;
  const nothing = { id, name, attacks: 0, through: 0, honest: 0, lost: 0, found: [] };
  const missing = attackClass.needs?.find((need) => !has(rig.facts, need));
  if (missing !== undefined) return { ...nothing, verdict: 'skipped', reason: `needs ${OPTION_OF[missing]}` };
  const attempts = draw(attackClass, rig.facts, runs, seed);
  const failures: Failure[] = [];
  const count = { attacks: 0, honest: 0 };
  for (const attempt of attempts) {
    count[attempt.honest ? 'honest' : 'attacks'] += 1;
    let reason: string | undefined;
    try {
      reason = await outcomeOf(attempt, rig);
      await checkAlive(rig, reason);
    } catch (error) {
      const finding = { kind: 'crashed', reason: messageOf(error), sent: attempt.shown } as const;
      return { ...nothing, ...count, verdict: 'crashed', found: [finding] };
    }
    if (reason !== undefined) failures.push({ attempt, reason });
  }
  return summed({ id, name, ...count }, failures);
}

/** @throws TargetGone and nothing else */
async function outcomeOf(attempt: Attempt, rig: Rig): Promise<string | undefined> {
  try {
    return await attempt.run(rig);
  } catch (error) {
    if (error instanceof TargetGone) throw error;
    return messageOf(error);
  }
}

/** An error in its own words. */
export function messageOf(error: unknown): string {
  return error instanceof Error && error.message !== '' ? error.message : String(error);
}

/** The attempts of a class in the order in which they are tried. */
export function draw(attackClass: AttackClass, facts: Facts, runs: number, seed: number): Attempt[] {
  const { attacks, honest, always = [], share = 1 } = attackClass.attempts(facts);
  // a class draws the same whichever others run beside it
  const own =
    Array.from(attackClass.id).reduce((sum, letter) => Math.imul(sum, 31) + letter.charCodeAt(0), seed) | 0;
  const sample = (from: typeof attacks, numRuns: number) =>
    fc.sample(from, { seed: own, numRuns: Math.max(1, Math.round(numRuns)) });
  const attacked = sample(attacks, Math.max(3, runs * share));
  return [...always, ...attacked, ...sample(honest, Math.max(4, (runs * share) / 4))];
}

function summed(
  head: Pick<ClassResult, 'id' | 'name' | 'attacks' | 'honest'>,
  failures: readonly Failure[],
): ClassResult {
  const lost = failures.filter(({ attempt }) => attempt.honest);
  const through = failures.filter(({ attempt }) => !attempt.honest);
  const found = [...shortest(through, 'came through'), ...shortest(lost, 'honest lost')];
  return {
    ...head,
    verdict: found[0]?.kind ?? 'held',
    through: through.length,
    lost: lost.length,
    found,
  };
}

function shortest(failures: readonly Failure[], kind: Finding['kind']): Finding[] {
  const sorted = failures.toSorted((a, b) => a.attempt.shown.length - b.attempt.shown.length);
  return sorted.slice(0, 1).map(({ attempt, reason }) => ({ kind, reason, sent: attempt.shown }));
}

/** After something went wrong: does the target still answer? */
async function checkAlive(rig: Rig, reason: string | undefined): Promise<void> {
  if (reason === undefined) return;
  const { answers } = await rig.exchange(requestBytes(rig.facts, { target: rig.facts.openPath }));
  if (answers.length === 0) throw new TargetGone('the target answers nothing any more');
}

/**
 * Are the facts true: does the open path reach this program's upstream, the cookie open the secure path?
 * @returns what is wrong in a sentence, or whether upgrades get through
 */
export async function preflight(rig: Rig): Promise<{ problem: string } | { upgrades: boolean }> {
  const { facts } = rig;
  const open = await rig.exchange(requestBytes(facts, { target: facts.openPath }));
  const reached = arrived(facts.openPath)(open, facts);
  if (reached !== undefined)
    return {
      problem: `An ordinary request for ${facts.openPath} does not reach the upstream on port ${facts.upstreamPort}: ${reached}. Configure the target to proxy to that port.`,
    };
  if (has(facts, 'cookie')) {
    const secure = await rig.exchange(requestBytes(facts, { target: facts.securePath, cookie: true }));
    const entered = arrived(facts.securePath)(secure, facts);
    if (entered !== undefined)
      return { problem: `The cookie does not open ${facts.securePath}: ${entered}.` };
  }
  const upgrade = await rig.exchange(requestBytes(facts, { target: facts.openPath, headers: UPGRADE }));
  return { upgrades: statusOf(upgrade) === 101 };
}
