import type { TabStorage } from './storage.ts';
import type { UnsentRequest } from './types.ts';

/** A kept request, with what decides whether it may go. */
export interface KeptRequest extends UnsentRequest {
  /** Digest of the visitor who wrote it, where that was known. */
  readonly who: string | undefined;
}

/** Requests that the gateway has turned away, in this tab's storage until they have got through. */
export interface Unsent {
  readonly all: () => readonly KeptRequest[];
  keep(request: KeptRequest): void;
  /** `uncertain`: from now on it may have arrived. */
  mark(id: string, uncertain: boolean): void;
  /** Without an id all of them. */
  readonly drop: (id?: string) => void;
}

/** The unsent requests of one tab. */
export function createUnsent(storage: TabStorage): Unsent {
  const all = () => storage.read('unsent') ?? [];
  const write = (list: readonly KeptRequest[]): void => {
    storage.write('unsent', list);
  };
  return {
    all,
    keep(request) {
      write([...all(), request]);
    },
    mark(id, uncertain) {
      write(all().map((one) => (one.id === id ? { ...one, uncertain } : one)));
    },
    drop(id) {
      write(all().filter((one) => id !== undefined && one.id !== id));
    },
  };
}
