import type { Logger } from '../observe/logger.ts';
import type { Sealer } from '../session/seal.ts';
import { createSealedRecords } from '../session/sealed-records.ts';
import type { StateStore } from '../session/state-store.ts';
import { needsNextKey, withNextKey, type KeyRing, type RotationTimes } from './rotation.ts';
import { newSigningKey } from './signing-key.ts';

/** Where the shared ring lives. */
export interface SharedKeysParts {
  readonly state: StateStore;
  readonly sealer: Sealer;
  readonly logger: Pick<Logger, 'warn'>;
  readonly times: RotationTimes;
}

/** Not by the sealer, whose names change with the seal keys: the ring outlives their rotation. */
const SHARED = 'assertion-keys:shared';

/** Where the ring may be: that of all processes, and that of those with these seal keys. */
export function sharedRingNames(sealer: Sealer): readonly [shared: string, own: string] {
  return [SHARED, sealer.key('assertion-keys')];
}

/**
 * Reads the ring that all processes share, sealed in the store; makes its first key where there is none, and the next one
 * when it is time. Of many processes that do so at once one succeeds, and the others take its ring. A ring that was sealed
 * under another key than the first is sealed anew, so that the old key can be dropped.
 *
 * A ring that no key of this process opens belongs to others, who go on with it: processes with these seal keys then share
 * one of their own.
 *
 * @param known The ring that this process has read before: it goes back into a store that has lost it.
 * @throws GatewayError `session_store_unavailable`.
 */
export async function readSharedKeys(parts: SharedKeysParts, known: KeyRing | undefined): Promise<KeyRing> {
  const shared = await readRing(parts, SHARED, known);
  if (shared !== undefined) return shared;
  if (known !== undefined) return known;
  parts.logger.warn({}, 'the signing keys of assertions are sealed with another SEAL_KEY; others are used');
  const first = await firstRing();
  return (await readRing(parts, sharedRingNames(parts.sealer)[1], first)) ?? first;
}

/** The ring under this name, which is `initial` or a new one where there was none; undefined when it does not open. */
async function readRing(
  { state, sealer, times }: SharedKeysParts,
  key: string,
  initial: KeyRing | undefined,
): Promise<KeyRing | undefined> {
  const records = createSealedRecords(state, sealer);
  const end = () => Date.now() + 2 * times.signsMs + times.afterMs;
  const stored = async () => (await records.read(key))?.value as KeyRing | undefined;

  const read = await records.read(key);
  if (read === undefined) {
    if ((await state.get(key)) !== undefined) return stored();
    const first = initial ?? (await firstRing());
    return (await records.add(key, first, end())) ? first : stored();
  }
  const ring = read.value as KeyRing;
  const isDue = needsNextKey(ring, Date.now(), times);
  if (!isDue && !sealer.isOutdated(read.token)) return ring;
  const next = isDue ? withNextKey(ring, await newSigningKey(), Date.now(), times) : ring;
  if (!(await records.replace(key, read, next, end()))) return (await stored()) ?? ring;
  await state.touch([key], end() - Date.now());
  return next;
}

async function firstRing(): Promise<KeyRing> {
  return [{ jwk: await newSigningKey(), signsFrom: Date.now() }];
}
