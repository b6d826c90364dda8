import { GatewayError } from '../errors.ts';
import { createSealedRecords } from '../session/sealed-records.ts';
import { ROTATION, withKeySoon, type KeyRing } from './rotation.ts';
import { readSharedKeys, sharedRingNames, type SharedKeysParts } from './shared-keys.ts';
import { newSigningKey } from './signing-key.ts';

/** The next key of the shared ring. */
export interface NextKey {
  /** False: one that was made before is waiting already, and no other was made. */
  readonly isNew: boolean;
  /** From when it signs, in every process: milliseconds since 1970. */
  readonly signsFrom: number;
}

const ATTEMPTS = 5;

/**
 * Makes the next key of the shared ring now, whenever the present one would have ended: it is published at once, and signs
 * when everybody who keeps a copy of `/jwks.json` knows it. What the present key has signed stays good.
 *
 * @throws GatewayError `session_store_unavailable`.
 */
export async function rotateSharedKeys(parts: Omit<SharedKeysParts, 'times'>): Promise<NextKey> {
  const records = createSealedRecords(parts.state, parts.sealer);
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const present = await readSharedKeys({ ...parts, times: ROTATION }, undefined);
    const { signsFrom } = present.at(-1) ?? present[0];
    if (signsFrom > Date.now()) return { isNew: false, signsFrom };
    const ring = withKeySoon(present, await newSigningKey(), Date.now(), ROTATION);
    for (const name of sharedRingNames(parts.sealer)) {
      const read = await records.read(name);
      if (read === undefined || !isSame(read.value as KeyRing, present)) continue;
      const lifeMs = 2 * ROTATION.signsMs + ROTATION.afterMs;
      if (!(await records.replace(name, read, ring, Date.now() + lifeMs))) break;
      await parts.state.touch([name], lifeMs);
      return { isNew: true, signsFrom: (ring.at(-1) ?? ring[0]).signsFrom };
    }
  }
  throw new GatewayError('session_store_unavailable', 'The keys changed too often at once. Try again.');
}

function isSame(a: KeyRing, b: KeyRing): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
