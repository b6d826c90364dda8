import type { AuditEvent } from './entry.ts';

/** Keeps what anybody can cause from filling the record. */
export interface Budget {
  /** May this one stand in the record by itself? If not it is counted, and comes with `counted`. */
  takes(event: AuditEvent): boolean;
  /** What was counted since the last call: one event for each class. */
  counted(): AuditEvent[];
}

/** Single refusals of one class that a minute may bring. */
const PER_CLASS_AND_MINUTE = 10;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** What needs no verified person: every one of these may be an attacker's. */
const ANYBODYS: ReadonlySet<string> = new Set([
  'login_begun',
  'silent_login_failed',
  'redemption_failed',
  'request_refused',
  'administrator_refused',
]);

/**
 * Two bounds, for each process. Of one class of refusal ten a minute stand by themselves. All that needs no verified
 * person together may fill a quarter of the record a day, with a reserve of a twentieth for a rush. What is beyond is counted by
 * class; classes are a closed set.
 */
export function createBudget(maxEntries: number, now: () => number = Date.now): Budget {
  const reserve = Math.max(1, maxEntries / 20);
  let left = reserve;
  let filledAt = now();
  let minute = 0;
  let singles = new Map<string, number>();
  let beyond = new Map<string, { readonly event: AuditEvent; readonly since: string; count: number }>();

  function hasRoom(name: string, refusal: boolean): boolean {
    const at = now();
    left = Math.min(reserve, left + (Math.max(0, at - filledAt) / DAY_MS) * (maxEntries / 4));
    filledAt = at;
    if (Math.floor(at / MINUTE_MS) !== minute) singles = new Map();
    minute = Math.floor(at / MINUTE_MS);
    const used = singles.get(name) ?? 0;
    if (left < 1 || (refusal && used >= PER_CLASS_AND_MINUTE)) return false;
    left -= 1;
    singles.set(name, used + 1);
    return true;
  }

  return {
    takes(event) {
      if (!ANYBODYS.has(event.kind)) return true;
      const { kind, code, authError } = event;
      const name = JSON.stringify([kind, code, authError]);
      if (hasRoom(name, kind === 'request_refused' || kind === 'administrator_refused')) return true;
      const known = beyond.get(name) ?? {
        event: { kind, code, authError },
        since: new Date(now()).toISOString(),
        count: 0,
      };
      known.count += 1;
      beyond.set(name, known);
      return false;
    },
    counted() {
      const events = [...beyond.values()].map(({ event, since, count }) => ({ ...event, since, count }));
      beyond = new Map();
      return events;
    },
  };
}
