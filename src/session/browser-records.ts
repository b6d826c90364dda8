import type { RecordCache } from './record-cache.ts';
import { redeemAlone } from './redeem-alone.ts';
import type {
  BrowserRecords,
  ConnectionState,
  IdentityRecord,
  StoredIdentity,
} from './browser-records-types.ts';
import { decodeIdentity, encodeIdentity } from './identity-encoding.ts';
import type { Sealer } from './seal.ts';
import { createSealedRecords, type SealedRecords, type StoredRecord } from './sealed-records.ts';
import { sessionKey } from './sealed-store.ts';
import type { StateStore } from './state-store.ts';
import { createTouchGate } from './touch-gate.ts';

export type {
  BrowserRecords,
  ConnectionState,
  IdentityRecord,
  KnownIdentity,
  StoredIdentity,
} from './browser-records-types.ts';

/** What the records stand on. */
export interface BrowserRecordsParts {
  readonly state: StateStore;
  readonly sealer: Sealer;
  /** Of that store. Without one nothing is ever known. */
  readonly cache?: RecordCache | undefined;
  readonly idleSeconds: number;
  readonly absoluteSeconds: number;
}

const TEN_MINUTES = 600_000;
const MINUTE = 60_000;
const LOOKED_AT = ['identity', 'code', 'redeem-lock'] as const;
const MOVED = ['identity', 'code', 'code-expired'] as const;

type Kind = (typeof LOOKED_AT)[number] | (typeof MOVED)[number];

interface Context {
  readonly state: StateStore;
  readonly records: SealedRecords;
  readonly cache: RecordCache | undefined;
  readonly idleMs: number;
  readonly absoluteMs: number;
  readonly key: (kind: Kind, sessionId: string, connectionId: string) => string;
}

/** Records of all browsers on one store. */
export function createBrowserRecords(parts: BrowserRecordsParts): BrowserRecords {
  const { state, sealer } = parts;
  const context: Context = {
    state,
    records: createSealedRecords(state, sealer),
    cache: parts.cache,
    idleMs: parts.idleSeconds * 1000,
    absoluteMs: parts.absoluteSeconds * 1000,
    key: (kind, sessionId, connectionId) => sealer.key(kind, sessionId, connectionId),
  };
  return {
    ...identities(context),
    ...codes(context),
    ...marks(context),
    overview: (sessionId, connectionIds) => overview(context, sessionId, connectionIds),
    alone: (sessionId, connectionId, deadline, work) =>
      alone(context, sessionId, connectionId, deadline, work),
    move: (oldId, newId, connectionIds, dropped) => move(context, oldId, newId, connectionIds, dropped),
    forget: (sessionId, connectionIds) => state.delete(allKeys(context, sessionId, connectionIds)),
    ...createTouch(context, sealer),
  };
}

function identities(
  context: Context,
): Pick<BrowserRecords, 'identity' | 'known' | 'endOf' | 'saveIdentity' | 'replaceIdentity'> {
  const { state, records, cache, key, idleMs, absoluteMs } = context;
  const ended = (record: IdentityRecord): IdentityRecord => ({
    ...record,
    expiresAt: Math.min(record.expiresAt, record.verifiedAt + absoluteMs),
  });
  return {
    async identity(sessionId, connectionId) {
      const name = key('identity', sessionId, connectionId);
      const open = (sealed: string | undefined) => openIdentity(records, name, connectionId, sealed);
      return storedIdentity(await (cache?.read(name, open) ?? state.get(name).then(open)));
    },
    known(sessionId, connectionId) {
      const kept = cache?.find(key('identity', sessionId, connectionId));
      return kept && { record: kept.value as IdentityRecord, kept };
    },
    async endOf(sessionId, record) {
      const left = await state.remaining(key('identity', sessionId, record.connectionId));
      return Math.min(record.expiresAt, Date.now() + left);
    },
    async saveIdentity(sessionId, connectionId, given) {
      const record = ended(given);
      const name = key('identity', sessionId, connectionId);
      await records.write(name, encodeIdentity(record), record.expiresAt, idleMs);
    },
    async replaceIdentity(sessionId, connectionId, token, given) {
      const record = ended(given);
      const name = key('identity', sessionId, connectionId);
      return records.replace(name, { token }, encodeIdentity(record), record.expiresAt);
    },
  };
}

function codes(context: Context): Pick<BrowserRecords, 'putCode' | 'takeCode'> {
  const { records, key } = context;
  return {
    putCode: (sessionId, connectionId, code, ttlMs = TEN_MINUTES) =>
      records.write(key('code', sessionId, connectionId), code, Date.now() + ttlMs),
    takeCode: async (sessionId, connectionId) =>
      asGiven(await records.take(key('code', sessionId, connectionId))),
  };
}

function marks({ records, key }: Context): Pick<BrowserRecords, 'markExpired' | 'takeExpired'> {
  return {
    markExpired: (sessionId, connectionId) =>
      records.write(key('code-expired', sessionId, connectionId), true, Date.now() + TEN_MINUTES),
    takeExpired: async (sessionId, connectionId) =>
      (await records.take(key('code-expired', sessionId, connectionId))) !== undefined,
  };
}

interface Looked extends ConnectionState {
  readonly locked: boolean;
  readonly code: boolean;
}

async function overview(
  context: Context,
  sessionId: string,
  connectionIds: readonly string[],
): Promise<Looked[]> {
  const { state, records, key } = context;
  const rows = connectionIds.map((connectionId) =>
    LOOKED_AT.map((kind) => key(kind, sessionId, connectionId)),
  );
  const found = await state.getMany(rows.flat());
  return connectionIds.map((connectionId, row) => {
    const [identityKey = '', codeKey = ''] = rows[row] ?? [];
    const [identity, waitingCode, lock] = found.slice(row * LOOKED_AT.length);
    const record = storedIdentity(openIdentity(records, identityKey, connectionId, identity))?.record;
    const code = records.open(codeKey, waitingCode) !== undefined;
    return { connectionId, record, code, locked: lock !== undefined, waiting: code || lock !== undefined };
  });
}

function alone(
  context: Context,
  sessionId: string,
  connectionId: string,
  deadline: number,
  work: () => Promise<IdentityRecord | undefined>,
): Promise<IdentityRecord | undefined> {
  const { state, key } = context;
  const place = {
    lockKey: key('redeem-lock', sessionId, connectionId),
    async look() {
      const [seen] = await overview(context, sessionId, [connectionId]);
      return { found: seen?.record, waiting: seen?.code === true, locked: seen?.locked === true };
    },
    discard: (what: 'code' | 'everything') =>
      state.delete(
        MOVED.filter((kind) => kind !== 'identity' || what === 'everything').map((kind) =>
          key(kind, sessionId, connectionId),
        ),
      ),
  };
  return redeemAlone(state, place, deadline, work);
}

async function move(
  context: Context,
  oldId: string,
  newId: string,
  connectionIds: readonly string[],
  dropped: string | undefined,
): Promise<void> {
  const kept = connectionIds.filter((connectionId) => connectionId !== dropped);
  const moves = kept.flatMap((connectionId) =>
    MOVED.map((kind) => moveOne(context, kind, oldId, newId, connectionId)),
  );
  await Promise.all(moves);
  await context.state.delete(allKeys(context, oldId, dropped === undefined ? kept : [...kept, dropped]));
}

async function moveOne(
  context: Context,
  kind: Kind,
  oldId: string,
  newId: string,
  connectionId: string,
): Promise<void> {
  const { records, key, idleMs } = context;
  const taken = await records.take(key(kind, oldId, connectionId));
  if (!taken) return;
  const ttlMs = kind === 'identity' ? idleMs : undefined;
  await records.write(key(kind, newId, connectionId), taken.value, taken.until, ttlMs);
}

function createTouch(context: Context, sealer: Sealer): Pick<BrowserRecords, 'touch' | 'touchedUntil'> {
  const { state, key, idleMs } = context;
  const gate = createTouchGate(Math.min(MINUTE, idleMs / 4));
  const gateKeyOf = (sessionId: string, connectionIds: readonly string[]) =>
    JSON.stringify([sessionId, ...connectionIds]);
  return {
    async touch(sessionId, connectionIds) {
      const gateKey = gateKeyOf(sessionId, connectionIds);
      if (!gate.due(gateKey)) return;
      const names = connectionIds.map((connectionId) => key('identity', sessionId, connectionId));
      try {
        await state.touch([sessionKey(sealer, sessionId), ...names], idleMs);
      } catch (error) {
        gate.reopen(gateKey);
        throw error;
      }
    },
    touchedUntil: (sessionId, connectionIds) => gate.quietUntil(gateKeyOf(sessionId, connectionIds)),
  };
}

/** Fits whatever type the caller names: only what this code sealed opens, and the caller gave it. */
function asGiven(stored: StoredRecord | undefined): never {
  return stored?.value as never;
}

/** With an `IdentityRecord` as its value. */
function openIdentity(
  records: SealedRecords,
  name: string,
  connectionId: string,
  sealed: string | undefined,
): StoredRecord | undefined {
  const stored = records.open(name, sealed);
  const value = stored && decodeIdentity(stored.value, { connectionId, expiresAt: stored.until });
  return value && { ...stored, value };
}

function storedIdentity(stored: StoredRecord | undefined): StoredIdentity | undefined {
  return stored && { record: stored.value as IdentityRecord, token: stored.token };
}

function allKeys({ key }: Context, sessionId: string, connectionIds: readonly string[]): string[] {
  const kinds = [...MOVED, 'redeem-lock'] as const;
  return connectionIds.flatMap((connectionId) => kinds.map((kind) => key(kind, sessionId, connectionId)));
}
