import type { Sealer } from '../session/seal.ts';
import { createSealedRecords, type StoredRecord } from '../session/sealed-records.ts';
import type { StateStore } from '../session/state-store.ts';
import { needsNextKey, withNextKey, type KeyRing, type RotationTimes } from './rotation.ts';
import { newSigningKey } from './signing-key.ts';

/** Where the shared ring lives. */
export interface SharedKeysParts {
  readonly state: StateStore;
  readonly sealer: Sealer;
  readonly times: RotationTimes;
}

/**
 * Reads the ring that all processes share, sealed in the store; makes its first key where there is none, and the next one
 * when it is time. Of many processes that do so at once one succeeds, and the others take its ring.
 *
 * @param known The ring that this process has read before: it goes back into a store that has lost it.
 * @throws GatewayError `session_store_unavailable`.
 */
export async function readSharedKeys(
  { state, sealer, times }: SharedKeysParts,
  known: KeyRing | undefined,
): Promise<KeyRing> {
  const records = createSealedRecords(state, sealer);
  const key = sealer.key('assertion-keys');
  const end = () => Date.now() + 2 * times.signsMs + times.afterMs;
  const stored = async (fallback: KeyRing) => ringOf(await records.read(key)) ?? fallback;

  const read = await records.read(key);
  const ring = ringOf(read);
  if (read === undefined || ring === undefined) {
    const first = known ?? [{ jwk: await newSigningKey(), signsFrom: Date.now() }];
    if (await records.add(key, first, end())) return first;
    // either another process was faster, or what is there was sealed with a key that this one does not have
    const token = await state.get(key);
    if (token !== undefined && known === undefined && sealer.open(token, key) === undefined)
      await records.replace(key, { token }, first, end());
    return stored(first);
  }
  if (!needsNextKey(ring, Date.now(), times)) return ring;
  const next = withNextKey(ring, await newSigningKey(), Date.now(), times);
  if (!(await records.replace(key, read, next, end()))) return stored(ring);
  await state.touch([key], end() - Date.now());
  return next;
}

function ringOf(read: StoredRecord | undefined): KeyRing | undefined {
  return read?.value as KeyRing | undefined;
}
