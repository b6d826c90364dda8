import type { Sealer } from '../session/seal.ts';
import { createSealedRecords } from '../session/sealed-records.ts';
import type { StateStore } from '../session/state-store.ts';
import type { OpenExchanges } from './open-exchanges.ts';

/** Tells every process whose exchanges have to end. */
export interface Revocations {
  /** Breaks off what runs for this person here, and within about a second in every other process. */
  announce(subject: string): Promise<void>;
  close(): void;
}

interface Revoked {
  readonly subject: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

const LOOK_MS = 1000;
/** Longer than a request may take from its identity to its registration. */
const MEMORY_MS = 60_000;
const ATTEMPTS = 20;

/** Looks once a second, and only while something runs in a secure queue. */
export function createRevocations(parts: {
  state: StateStore;
  sealer: Sealer;
  exchanges: Pick<OpenExchanges, 'isIdle' | 'endPerson'>;
}): Revocations {
  const { exchanges, sealer } = parts;
  const records = createSealedRecords(parts.state, sealer);
  const key = sealer.key('revocations');
  const young = (value: unknown) =>
    ((value ?? []) as readonly Revoked[]).filter(({ at }) => Date.now() - at < MEMORY_MS);

  async function look(): Promise<void> {
    if (exchanges.isIdle()) return;
    for (const { subject, at } of young((await records.read(key))?.value)) exchanges.endPerson(subject, at);
  }

  // a look in vain is made up for by the next one: each revocation stays for a minute
  const timer = setInterval(() => void look().catch(() => undefined), LOOK_MS).unref();
  return {
    async announce(subject) {
      const at = Date.now();
      exchanges.endPerson(subject, at);
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        const read = await records.read(key);
        const next = [...young(read?.value), { subject, at }];
        const until = at + MEMORY_MS;
        if (read === undefined) {
          if (await records.add(key, next, until)) return;
        } else if (await records.replace(key, read, next, until)) {
          await parts.state.touch([key], until - Date.now());
          return;
        }
      }
    },
    close: () => {
      clearInterval(timer);
    },
  };
}
