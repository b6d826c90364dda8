import type { Arbitrary } from 'fast-check';
import type { Facts, Need } from './facts.ts';
import type { ExchangeOptions, Rig, Seen } from './rig.ts';

/** One try: an attack, or an honest request that resembles one and has to get through. */
export interface Attempt {
  /** What is sent, for the report; escaped and shortened there. */
  readonly shown: string;
  readonly honest: boolean;
  /** Resolves with what went wrong in a few words, or with undefined when the target did right. */
  run(rig: Rig): Promise<string | undefined>;
}

/** A class of `attacks.md` as seen from outside. */
export interface AttackClass {
  /** Row, lower case: `a4`. */
  readonly id: string;
  /** Its name in the table: `alias-fold`. */
  readonly name: string;
  readonly needs?: readonly Need[];
  /** Generators of attempts, and instances that are always tried. */
  attempts(facts: Facts): AttemptSource;
}

export interface AttemptSource {
  readonly attacks: Arbitrary<Attempt>;
  readonly honest: Arbitrary<Attempt>;
  readonly always?: readonly Attempt[];
  /** How many attacks of `--runs` are worth their time: 1 for all. Default 1. */
  readonly share?: number;
}

/** A look at an exchange: what went wrong, or undefined. */
export type Judge = (seen: Seen, facts: Facts) => string | undefined;

/** An attack of raw bytes. */
export function attack(bytes: string, judge: Judge, options?: ExchangeOptions): Attempt {
  return raw(bytes, false, judge, options);
}

/** An honest request of raw bytes; it has to be answered as well. */
export function honest(bytes: string, judge: Judge, options?: ExchangeOptions): Attempt {
  return raw(bytes, true, judge, options);
}

function raw(bytes: string, isHonest: boolean, judge: Judge, options?: ExchangeOptions): Attempt {
  return {
    shown: bytes,
    honest: isHonest,
    run: async (rig) => judge(await rig.exchange(bytes, options), rig.facts),
  };
}
