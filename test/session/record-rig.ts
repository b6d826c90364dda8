import { randomBytes } from 'node:crypto';
import { createBrowserRecords, type IdentityRecord } from '../../src/session/browser-records.ts';
import { createSealer } from '../../src/session/seal.ts';
import type { StateStore } from '../../src/session/state-store.ts';

/** Seals the records of these tests. */
export const sealer = createSealer([randomBytes(32)]);

/** The calls that reach a store, by name. */
export function watched(state: StateStore): { state: StateStore; calls: string[] } {
  const calls: string[] = [];
  const handler: ProxyHandler<StateStore> = {
    get(target, name, receiver) {
      const method = Reflect.get(target, name, receiver) as (...args: unknown[]) => unknown;
      return (...args: unknown[]) => {
        calls.push(String(name));
        return method.apply(target, args);
      };
    },
  };
  return { state: new Proxy(state, handler), calls };
}

/** Records with lives that outlast a test. */
export const recordsOn = (state: StateStore, idleSeconds = 60, absoluteSeconds = 3600) =>
  createBrowserRecords({ state, sealer, idleSeconds, absoluteSeconds });

/** An identity of connection A. */
export function identity(overrides: Partial<IdentityRecord> = {}): IdentityRecord {
  const verifiedAt = Date.now();
  return {
    identity: {
      chatId: 'chat',
      nickName: 'Kari',
      variables: [],
      acr: undefined,
      amr: [],
      authTime: 1,
      subject: 'pseudonym',
      authUserId: 'sub',
    },
    connectionId: 'A',
    verifiedAt,
    expiresAt: verifiedAt + 60_000,
    queues: [],
    ...overrides,
  };
}
/** A deadline that no test reaches. */
export const soon = () => Date.now() + 3000;
