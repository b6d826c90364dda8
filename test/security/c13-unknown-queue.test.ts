/** A key in no list must not be a lenient upstream's name of a secure queue: it is that queue, refused, or nobody's, and it never carries identity. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { customerOf, outcomeOf, resolverOf, resolveTarget } from '../queues/queue-fixtures.ts';
import { runs } from '../support/runs.ts';
import { startSite } from '../support/site.ts';
import { identityOf, inEveryFace } from '../support/system.ts';

const customers = [customerOf('1', { q_bank: 'A', 'Kø 2': 'A', '7': 'A', q_open: undefined })];
const SECURE = ['q_bank', 'Kø 2', '7'];

type Change = (key: string, at: number) => string;
const insert =
  (piece: string): Change =>
  (key, at) =>
    key.slice(0, at) + piece + key.slice(at);
/** What a server that folds, trims, converts or collates takes for nothing. */
const CHANGES: readonly Change[] = [
  (key, at) => key.slice(0, at) + key.charAt(at).toUpperCase() + key.slice(at + 1),
  (key) => key.toUpperCase(),
  (key) => ` ${key}`,
  (key) => `${key}\u00a0`,
  (key) => `\t${key}\u3000`,
  (key) => key.normalize('NFD'),
  (key, at) =>
    key.slice(0, at) +
    key.charAt(at).replace(/[!-~]/, (letter) => String.fromCharCode(letter.charCodeAt(0) + 0xfee0)) +
    key.slice(at + 1),
  ...['\u200b', '\u00ad', '\ufeff', '\u2060', '\u0301', '\u034f', '\u200e'].map(insert),
  (key) => (key === '7' ? '007' : key),
  (key) => (key === '7' ? '7.0' : key),
  (key) => key.replace('ø', '\u00f8\u0308'),
  (key) => key.replace(' ', '\u2003'),
  (key) => `${key},x`,
  (key) => `x,${key}`,
];
const alike = fc
  .tuple(
    fc.constantFrom(...SECURE),
    fc.array(fc.tuple(fc.constantFrom(...CHANGES), fc.nat({ max: 7 })), { minLength: 1, maxLength: 3 }),
  )
  .map(([key, steps]) => [key, steps.reduce((text, [change, at]) => change(text, at), key)] as const);
/** Keys that nobody takes for one of ours. */
const foreign = fc
  .string({ unit: fc.constantFrom(...Array.from('abcxyzæøåéłABC019_-:~ ')), minLength: 1, maxLength: 12 })
  .map((text) => text.trim())
  .filter((text) => text !== '' && !/^0*7$|^k.* 2$/i.test(text));

for (const unknownQueues of ['open', 'refuse'] as const)
  test(`a key equal to a secure one up to what servers drop is that queue or refused (${unknownQueues})`, () => {
    const resolver = resolverOf({ customers, unknownQueues });
    let found = 0;
    fc.assert(
      fc.property(alike, fc.boolean(), ([key, text], inPath) => {
        const spelt = encodeURIComponent(text);
        const target = inPath ? `/queues/${spelt}` : `/x?queueKey=${spelt}`;
        const outcome = outcomeOf(() => resolveTarget(resolver, target));
        if (outcome === `secure:${key}`) found += 1;
        else assert.match(outcome, /_/, `${target} is ${outcome}`);
      }),
      { numRuns: runs(1500) },
    );
    assert.ok(found > 100, 'honest spellings are not found');
  });

test('a foreign key is nobody\u2019s, or refused where that is asked for', () => {
  fc.assert(
    fc.property(foreign, (key) => {
      const target = `/x?queueKey=${encodeURIComponent(key)}`;
      for (const [unknownQueues, expected] of [
        ['open', 'none'],
        ['refuse', 'queue_refused'],
      ] as const)
        assert.equal(
          outcomeOf(() => resolveTarget(resolverOf({ customers, unknownQueues }), target)),
          expected,
          key,
        );
    }),
    { numRuns: runs(500) },
  );
});

inEveryFace('an unknown queue gets no identity, even from a browser that has one', async (t, face) => {
  for (const unknownQueues of ['open', 'refuse'] as const) {
    const { url, upstream, browser } = await startSite(t, { face, options: { unknownQueues } });
    const visitor = browser({ 'X-Secure-Chat-Id': 'forged' });
    assert.equal((await visitor.open(`${url}/queues/q_bank`)).status, 200);
    assert.equal(identityOf(upstream)['x-secure-chat-id'], 'kari-sub');
    await fc.assert(
      fc.asyncProperty(foreign, async (key) => {
        const before = upstream.requests.length;
        const { status, body } = await visitor.fetch(`${url}/queues/x?queueKey=${encodeURIComponent(key)}`);
        const named = await visitor.fetch(`${url}/x?queueKey=${encodeURIComponent(key)}`);
        assert.ok(status === 400 || status === (unknownQueues === 'open' ? 200 : 403), body);
        assert.equal(named.status, unknownQueues === 'open' ? 200 : 403);
        if (unknownQueues === 'open') assert.deepEqual(identityOf(upstream), {});
        else assert.equal(upstream.requests.length, before);
      }),
      { numRuns: runs(12) },
    );
    await visitor.fetch(`${url}/queues/q_open`);
    assert.deepEqual(identityOf(upstream), {});
  }
});
