import { NO_OVERLAY, type Overlay, type SecretPlace } from '../config/overlay.ts';
import type { Sealer } from './seal.ts';
import { createSealedRecords } from './sealed-records.ts';
import type { StateStore } from './state-store.ts';

/** What administrators have set, as it was read. `mark` changes with every writing. */
export type OverlayReading =
  | { readonly kind: 'absent' | 'unreadable'; readonly mark: string | undefined }
  | { readonly kind: 'read'; readonly mark: string; readonly overlay: Overlay; readonly token: string };

/**
 * The one record of everything that administrators have set: readers see the old or the new, never half. Every method
 * rejects with `GatewayError('session_store_unavailable')` when the store cannot answer.
 */
export interface OverlayDocument {
  /** The mark of what is there; short, whatever the size of the record. Undefined when nothing is. */
  look(): Promise<string | undefined>;
  read(): Promise<OverlayReading>;
  /**
   * Writes when the record is still the one that was read. True when it did: of many processes one. What cannot be read
   * is never written over.
   */
  write(read: OverlayReading, overlay: Overlay): Promise<boolean>;
  /** Is this reading sealed under another key than the first? */
  isOutdated(read: OverlayReading): boolean;
  /** Seals a secret a second time, for its place in the record: whoever opens the record has not opened it. */
  readonly sealSecret: (place: SecretPlace, value: unknown) => string;
  /** @throws TypeError for what was not sealed for this place, or whose key was dropped. */
  readonly openSecret: (place: SecretPlace, sealed: string) => unknown;
}

/** Not by the sealer, whose names change with the seal keys: the settings outlive their rotation. */
const NAME = 'administration:settings';

/** Ten years: settings are never to end by themselves, and a store keeps nothing without an end. */
const LIFE_MS = 10 * 365 * 86_400_000;

/** Of the sealed text: version, key id and the nonce, which is another one for every writing. */
const MARK_LENGTH = 24;

/** The record in the given store. */
export function createOverlayDocument({
  state,
  sealer,
}: {
  readonly state: StateStore;
  readonly sealer: Sealer;
}): OverlayDocument {
  const records = createSealedRecords(state, sealer);
  return {
    look: () => state.start(NAME, MARK_LENGTH),
    async read() {
      const sealed = await state.get(NAME);
      if (sealed === undefined) return { kind: 'absent', mark: undefined };
      const mark = sealed.slice(0, MARK_LENGTH);
      const record = records.open(NAME, sealed);
      if (record === undefined) return { kind: 'unreadable', mark };
      return { kind: 'read', mark, overlay: record.value as Overlay, token: record.token };
    },
    async write(read, overlay) {
      const until = Date.now() + LIFE_MS;
      if (read.kind === 'absent') return records.add(NAME, overlay, until);
      if (read.kind !== 'read' || !(await records.replace(NAME, read, overlay, until))) return false;
      await state.touch([NAME], LIFE_MS);
      return true;
    },
    isOutdated: (read) => read.kind === 'read' && sealer.isOutdated(read.token),
    sealSecret: (place, value) => sealer.seal(JSON.stringify(value), contextOf(place)),
    openSecret(place, sealed) {
      const text = sealer.open(sealed, contextOf(place));
      if (text === undefined) throw new TypeError('a secret of the administration does not open');
      return JSON.parse(text) as unknown;
    },
  };
}

function contextOf({ customerKey, authConnectionName, key }: SecretPlace): string {
  return `${NAME}:${JSON.stringify([customerKey.trim(), authConnectionName, key])}`;
}

/** The overlay of a reading; nothing where there is none, or where it does not open. */
export function overlayOf(read: OverlayReading): Overlay {
  return read.kind === 'read' ? read.overlay : NO_OVERLAY;
}
