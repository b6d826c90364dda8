/** No address makes a matcher throw what is no refusal, or spin: each is answered in bounded time, and the process goes on. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isGatewayError } from '../../src/errors.ts';
import { readAddress } from '../../src/queues/canonical-path.ts';
import { resolverOf, ruleOf } from '../queues/queue-fixtures.ts';
import { mutatedTargets, SITE_RULES } from '../support/address-generators.ts';
import { rawRequest } from '../support/raw-client.ts';
import { runs } from '../support/runs.ts';
import { startSite } from '../support/site.ts';
import { inEveryFace } from '../support/system.ts';

/** Rules as customers write them, those that backtrack most among them. */
const RULES = [
  ...SITE_RULES,
  { path: '{/*base}/sessions{/:id}{/*rest}' },
  { path: '/a-:x-:queueKey{-:y}{/*rest}' },
  { path: '/*a/x/*b/y/:queueKey' },
].map((rule) => ruleOf({ ...rule, ...(rule.path?.includes('sessions') ? { queueKey: 'q_bank' } : {}) }));
const resolver = resolverOf({ queueRules: RULES });

/** More than any request line that Node's parser lets through (16 KiB). */
const LONGEST = 16_384;
const BOUND_MS = 250;

const PIECES = [
  '/', '//', '.', '..', '%2e', '%', '%25', '%c3', '%e2%80%8b', '%cc%81', '%ef%bc%8f', '\\', ';', '-', 'a-', 'x/', '/x', '/y',
  'sessions', '?', '&', '=', '[', ']', '[[', '%5b', '+', '%20', '#', ':', '::$', '(S(', ')', ',', '@', '*', '{', '}', '|', '^',
  '\\u0000', '%00', '%u0071', 'queueKey', 'queue', 'q_bank', '_proto__', 'constructor', '0', '%f0%9f%98%80', '%ed%a0%80',
]; // prettier-ignore
const piece = fc.constantFrom(...PIECES);
const soup = fc.array(piece, { maxLength: 40 }).map((pieces) => `/${pieces.join('')}`);
const long = fc
  .tuple(
    fc.array(piece, { minLength: 1, maxLength: 3 }),
    fc.constantFrom('/', '/x?', '/queues/', '/x?queueKey='),
    piece,
  )
  .map(([unit, start, last]) => {
    const text = unit.join('');
    return (start + text.repeat(Math.floor(LONGEST / text.length))).slice(0, LONGEST) + last;
  });

function answer(target: string): void {
  try {
    const address = readAddress(target);
    resolver.needsBody('GET', address);
    resolver.resolve({ method: 'GET', address, rawHeaders: [] });
  } catch (error) {
    if (!isGatewayError(error)) throw error;
  }
}

test('a matcher refuses or finds, and does nothing else, within its time', (t) => {
  const counts = { short: runs(4000), long: runs(120) };
  let slowest = 0;
  const timed = (target: string): void => {
    // of the processor, which a busy machine does not change
    const started = process.cpuUsage();
    answer(target);
    const { user, system } = process.cpuUsage(started);
    const took = (user + system) / 1000;
    slowest = Math.max(slowest, took);
    assert.ok(took < BOUND_MS, `${target.slice(0, 80)}... of ${target.length} took ${took} ms`);
  };
  fc.assert(fc.property(fc.oneof(soup, mutatedTargets), timed), { numRuns: counts.short });
  fc.assert(fc.property(long, timed), { numRuns: counts.long, endOnFailure: true });
  t.diagnostic(`${counts.short} short and ${counts.long} long addresses, slowest ${slowest.toFixed(1)} ms`);
});

inEveryFace('whatever is asked is answered, and the next client is served', async (t, face) => {
  const { url } = await startSite(t, { face });
  const port = Number(new URL(url).port);
  const ask = (target: string) =>
    rawRequest(port, `GET ${target} HTTP/1.1\r\nHost: g\r\nConnection: close\r\n\r\n`);
  await fc.assert(
    fc.asyncProperty(fc.oneof(soup, long, mutatedTargets), async (target) => {
      assert.match(await ask(target), /^HTTP\/1\.1 (?:200|302|400|401|404|405|431) /);
    }),
    { numRuns: runs(100) },
  );
  assert.match(await ask('/queues/q_open'), /^HTTP\/1\.1 200 /);
});
