import type { KeptForms } from './forms.ts';
import type { Held } from './held.ts';
import type { Pending } from './begin-login.ts';
import type { Queue } from './types.ts';
import type { KeptRequest } from './unsent.ts';

/** What a tab keeps, by name. */
export interface Stored {
  /** The queue of last time, for a page whose settings name none. */
  queue: Queue;
  /** The login that this page has left for. */
  pending: Pending;
  /** The last login in vain; milliseconds since 1970. */
  failed: { reason: string; at: number };
  /** The last silent login in mid-chat, milliseconds since 1970. */
  recovered: number;
  unsent: readonly KeptRequest[];
  form: KeptForms;
  'no cookies': true;
  [identity: `identity ${string}`]: Held;
}

/** JSON values of one tab, for one gateway: what must outlive a redirect, and nothing longer than the tab. */
export interface TabStorage {
  read<Name extends keyof Stored>(name: Name): Stored[Name] | undefined;
  /** Undefined removes. */
  write<Name extends keyof Stored>(name: Name, value: Stored[Name] | undefined): void;
  /** Reads and removes. */
  take<Name extends keyof Stored>(name: Name): Stored[Name] | undefined;
  /** Writes into another window of this origin, which began as a copy of this tab's storage. */
  lend(other: Window, values: { [Name in keyof Stored]?: Stored[Name] | undefined }): void;
}

type Texts = Record<string, string | undefined>;

/** In `sessionStorage`; in memory where the browser refuses that, so that all but redirects still works. */
export function createTabStorage(gateway: string): TabStorage {
  const texts = here();
  const key = (name: string) => `secure-chat ${gateway} ${name}`;
  const put = (into: Texts, name: string, value: unknown): void => {
    if (value === undefined) Reflect.deleteProperty(into, key(name));
    else into[key(name)] = JSON.stringify(value);
  };
  const storage: TabStorage = {
    read: (name) => (JSON.parse(texts[key(name)] ?? 'null') ?? undefined) as never,
    write(name, value) {
      put(texts, name, value);
    },
    take(name) {
      const value = storage.read(name);
      put(texts, name, undefined);
      return value;
    },
    lend(other, values) {
      for (const [name, value] of Object.entries(values)) put(other.sessionStorage, name, value);
    },
  };
  return storage;
}

function here(): Texts {
  try {
    return sessionStorage;
  } catch {
    return {};
  }
}
