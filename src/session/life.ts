/**
 * A record's life as every store takes it: whole milliseconds, at least one, so that what is already over is gone at
 * once and not kept for ever.
 *
 * @throws TypeError when `ttlMs` is no finite number.
 */
export function lifeMs(ttlMs: number): number {
  if (!Number.isFinite(ttlMs)) throw new TypeError('the life of a record is a finite number of milliseconds');
  return Math.max(1, Math.ceil(ttlMs));
}
