import type { PageBinding } from '../oidc/page-transactions.ts';
import type { Sealer } from '../session/seal.ts';
import { createSealedRecords } from '../session/sealed-records.ts';
import type { StateStore } from '../session/state-store.ts';

/** Whose login a handle stands for, and who may trade it. */
export interface HandleOwner {
  readonly sessionId: string;
  readonly connectionId: string;
  readonly customerKey: string;
  /** `session`: the browser whose cookie leads to the session. Else the page that began the login. */
  readonly holder: 'session' | PageHolder;
}

/** The page that began a login, and whether its cookie has come back with the authorization response. */
export interface PageHolder {
  readonly binding: PageBinding;
  readonly bound: boolean;
}

/** The logins behind handles, each until it is traded for a chat. */
export interface HandleOwners {
  /** Keeps it for as long as a code may wait: 10 minutes. */
  keep(handle: string, owner: HandleOwner): Promise<void>;
  find(handle: string): Promise<HandleOwner | undefined>;
  /** Takes it: of many callers, over all processes, one gets true. */
  take(handle: string): Promise<boolean>;
}

const LIFE_MS = 600_000;

/** Owners in the given store, under names from which no handle can be found. */
export function createHandleOwners(parts: { state: StateStore; sealer: Sealer }): HandleOwners {
  const records = createSealedRecords(parts.state, parts.sealer);
  const name = (handle: string) => parts.sealer.key('handle-owner', handle);
  return {
    keep: (handle, owner) => records.write(name(handle), owner, Date.now() + LIFE_MS),
    find: async (handle) => (await records.read(name(handle)))?.value as HandleOwner | undefined,
    take: async (handle) => (await records.take(name(handle))) !== undefined,
  };
}
