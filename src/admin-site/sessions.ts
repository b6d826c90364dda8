import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { adminCookie, readAdminCookie } from '../session/admin-cookie.ts';
import type { Sealer } from '../session/seal.ts';
import { createSealedRecords, type StoredRecord } from '../session/sealed-records.ts';
import type { StateStore } from '../session/state-store.ts';
import type { Administrator } from '../admin/administrator.ts';

/** What the next page says once about the last change. */
export interface Flash {
  readonly tone: 'good' | 'care';
  readonly text: string;
}

/** An administrator who has signed in with this browser. */
export interface AdminSession {
  readonly administrator: Administrator;
  /** Stands in every form; an API caller sends it as `X-CSRF-Token`. */
  readonly csrfToken: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
}

/** The administrators' sessions, shared by all processes. They have nothing to do with those of visitors. */
export interface AdminSessions {
  /** A new session with a new id; the one that the browser had ends. */
  begin(req: IncomingMessage, res: ServerResponse, administrator: Administrator): Promise<AdminSession>;
  /** The session of this request, whose idle time begins anew; undefined without one. */
  find(req: IncomingMessage): Promise<AdminSession | undefined>;
  end(req: IncomingMessage, res: ServerResponse): Promise<void>;
  /** Keeps what the next page shall say. */
  say(req: IncomingMessage, flash: Flash): Promise<void>;
  /** What shall be said, once. */
  said(req: IncomingMessage): Promise<Flash | undefined>;
}

interface Kept extends AdminSession {
  readonly seenAt: number;
  readonly flash?: Flash | undefined;
}

const IDLE_MS = 15 * 60_000;
const ABSOLUTE_MS = 8 * 3_600_000;

/** So often at most a session that is in use is written again: its idle time may seem shorter by as much. */
const WRITE_MS = 10_000;

/** Attempts to write beside other requests of the same browser. */
const ATTEMPTS = 5;

/** What the sessions stand on. */
export interface AdminSessionParts {
  readonly state: StateStore;
  readonly sealer: Sealer;
  readonly secureCookies: boolean;
  /** Does the configuration still know this administrator, with this role? */
  readonly isStill: (administrator: Administrator) => boolean;
}

/** The records of sessions, each changed beside whatever else the same browser asks at the moment. */
function createRecords({ state, sealer }: AdminSessionParts) {
  const records = createSealedRecords(state, sealer);
  const untilOf = ({ startedAt, seenAt }: Kept) => Math.min(startedAt + ABSOLUTE_MS, seenAt + IDLE_MS);

  async function put(key: string, read: StoredRecord, kept: Kept): Promise<boolean> {
    const until = untilOf(kept);
    if (!(await records.replace(key, read, kept, until))) return false;
    await state.touch([key], until - Date.now());
    return true;
  }

  return {
    add: (key: string, kept: Kept) => records.write(key, kept, untilOf(kept)),
    /** What was there before; what `change` leaves as it is is not written. */
    async update(key: string, change: (kept: Kept) => Kept): Promise<Kept | undefined> {
      let before: Kept | undefined;
      for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
        const read = await records.read(key);
        if (read === undefined) return undefined;
        before = read.value as Kept;
        const next = change(before);
        if (next === before || (await put(key, read, next))) return before;
      }
      return before;
    },
  };
}

/** The administrators' sessions in the given store: 15 minutes idle, 8 hours in all, a cookie of their own. */
export function createAdminSessions(parts: AdminSessionParts): AdminSessions {
  const { state, sealer, secureCookies: secure, isStill } = parts;
  const records = createRecords(parts);
  const nameOf = (id: string) => sealer.key('administrator-session', id);
  const keyOf = (req: IncomingMessage) => {
    const id = readAdminCookie(req, secure);
    return id === undefined ? undefined : nameOf(id);
  };

  return {
    async begin(req, res, administrator) {
      const [id, csrfToken] = [secret(), secret()];
      const now = Date.now();
      const kept: Kept = { administrator, csrfToken, startedAt: now, seenAt: now };
      const former = keyOf(req);
      if (former !== undefined) await state.delete([former]);
      await records.add(nameOf(id), kept);
      res.appendHeader('Set-Cookie', adminCookie(id, { secure, maxAgeSeconds: ABSOLUTE_MS / 1000 }));
      return kept;
    },
    async find(req) {
      const key = keyOf(req);
      if (key === undefined) return undefined;
      const now = Date.now();
      const kept = await records.update(key, (before) =>
        now - before.seenAt < WRITE_MS ? before : { ...before, seenAt: now },
      );
      return kept !== undefined && isStill(kept.administrator) ? kept : undefined;
    },
    async end(req, res) {
      const key = keyOf(req);
      if (key !== undefined) await state.delete([key]);
      res.appendHeader('Set-Cookie', adminCookie('', { secure, maxAgeSeconds: 0 }));
    },
    async say(req, flash) {
      const key = keyOf(req);
      if (key !== undefined) await records.update(key, (kept) => ({ ...kept, flash }));
    },
    async said(req) {
      const key = keyOf(req);
      if (key === undefined) return undefined;
      const before = await records.update(key, (kept) =>
        kept.flash === undefined ? kept : { ...kept, flash: undefined },
      );
      return before?.flash;
    },
  };
}

/** Does this token belong to the session? In constant time. */
export function isCsrfTokenOf({ csrfToken }: AdminSession, given: string | undefined): boolean {
  const [a, b] = [csrfToken, given ?? ''].map((text) => createHash('sha256').update(text).digest());
  return a !== undefined && b !== undefined && given !== undefined && timingSafeEqual(a, b);
}

function secret(): string {
  return randomBytes(32).toString('base64url');
}
