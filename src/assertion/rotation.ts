import type { PrivateJwk } from '../config/gateway-config.ts';

/** One key of the shared ring. */
export interface RingEntry {
  readonly jwk: PrivateJwk;
  /** From when it signs, until the next one does: milliseconds since 1970. */
  readonly signsFrom: number;
}

/** The shared ring, in the order in which its keys sign. Never empty. */
export type KeyRing = readonly [RingEntry, ...RingEntry[]];

/** Lengths of a key's life, in milliseconds. */
export interface RotationTimes {
  /** How long a key signs. */
  readonly signsMs: number;
  /** How long a key is published before it signs, so that those who keep a copy of `/jwks.json` know it by then. */
  readonly aheadMs: number;
  /** How long a key stays published after the next one has taken over: longer than any assertion lives. */
  readonly afterMs: number;
}

const HOUR = 3_600_000;

/** A key signs for 30 days; it is published one hour before and one day after. */
export const ROTATION: RotationTimes = { signsMs: 30 * 24 * HOUR, aheadMs: HOUR, afterMs: 24 * HOUR };

/** The entry that signs at this moment: the newest whose time has come. */
export function signingEntry(ring: KeyRing, now: number): RingEntry {
  return ring.findLast(({ signsFrom }) => signsFrom <= now) ?? ring[0];
}

/** True when the next key has to be made, so that it is published in time. */
export function needsNextKey(ring: KeyRing, now: number, times: RotationTimes): boolean {
  const newest = ring.at(-1) ?? ring[0];
  return newest.signsFrom + times.signsMs - times.aheadMs <= now;
}

/** The ring with one more key, which signs when the newest has done its time, and without those long retired. */
export function withNextKey(ring: KeyRing, jwk: PrivateJwk, now: number, times: RotationTimes): KeyRing {
  const newest = ring.at(-1) ?? ring[0];
  return withKey(
    ring,
    { jwk, signsFrom: Math.max(newest.signsFrom + times.signsMs, now + times.aheadMs) },
    now,
    times,
  );
}

/** The same with a key that signs as soon as it has been published for long enough. */
export function withKeySoon(ring: KeyRing, jwk: PrivateJwk, now: number, times: RotationTimes): KeyRing {
  return withKey(ring, { jwk, signsFrom: now + times.aheadMs }, now, times);
}

function withKey(ring: KeyRing, next: RingEntry, now: number, times: RotationTimes): KeyRing {
  const kept = ring.filter((_, index) => {
    const after = ring[index + 1];
    return after === undefined || after.signsFrom + times.afterMs > now;
  });
  const [first, ...others] = kept;
  return first === undefined ? [next] : [first, ...others, next];
}
