import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isGatewayError } from '../../src/errors.ts';
import { readAddress } from '../../src/queues/canonical-path.ts';
import { resolverOf, ruleOf } from './queue-fixtures.ts';

const seed = Number(process.env['FC_SEED'] ?? Date.now() % 2 ** 31);
const numRuns = Number(process.env['FC_RUNS'] ?? 5000);

const resolver = resolverOf({
  queueRules: [
    ruleOf({ path: '/queues/:queueKey{/*rest}' }),
    ruleOf({ path: '/vip{/*rest}', queueKey: 'q_vip' }),
    ruleOf({ query: 'queueKey' }),
  ],
});

function escapeAt(text: string, index: number): string {
  return `%${text.charCodeAt(index).toString(16).padStart(2, '0')}`;
}

function replaceAt(text: string, index: number, piece: string): string {
  return text.slice(0, index) + piece + text.slice(index + 1);
}

function insertAt(text: string, index: number, piece: string): string {
  return text.slice(0, index) + piece + text.slice(index);
}

const fullwidth = (character: string) =>
  /[!-~]/.test(character)
    ? encodeURIComponent(String.fromCharCode(character.charCodeAt(0) + 0xfee0))
    : character;

/** What an attacker does to a path at a place. */
const MUTATIONS: readonly ((path: string, at: number) => string)[] = [
  (path, at) => replaceAt(path, at, escapeAt(path, at)),
  (path, at) => replaceAt(path, at, escapeAt(path, at).toUpperCase()),
  (path, at) => replaceAt(path, at, escapeAt(path, at).replace('%', '%25')),
  (path, at) => replaceAt(path, at, path.charAt(at).toUpperCase()),
  (path, at) => replaceAt(path, at, fullwidth(path.charAt(at))),
  (path, at) => (path[at] === '/' ? replaceAt(path, at, '%2f') : replaceAt(path, at, escapeAt(path, at))),
  ...[
    '/x/..',
    '/.',
    '/%2e',
    '/x/%2e%2e',
    '/x/.%2E',
    '/..',
    '/',
    '\\',
    '%5c',
    ';a=b',
    '%3ba',
    '.',
    '%2e',
    '%20',
    '+',
    '%00',
    '%00x',
    '%09',
    '%C2%A0',
    '%E2%80%8B',
    '%CC%81',
    '.json',
    '%3Fx',
    '%23',
    '(S(x))/',
    '::$DATA',
    '%c0%af',
    '%EF%BC%8F',
    '%E2%80%A5',
    '?x',
    '#',
    'x',
  ].flatMap((piece) => [
    (path: string, at: number) => insertAt(path, at, piece),
    (path: string, at: number) =>
      insertAt(path, path.indexOf('/', at) < 0 ? path.length : path.indexOf('/', at), piece),
    (path: string) => path + piece,
  ]),
];

/** One decoding as IIS, Tomcat, nginx and PHP do it between them: broken escapes stay, overlong forms and all count. */
function decodeOnce(path: string): string {
  return path.replace(/(?:%[\da-f]{2})+/gi, (run) => {
    const bytes = Buffer.from(run.replaceAll('%', ''), 'hex');
    const latin = bytes.toString('latin1');
    const overlong = latin.replace(/[\xc0\xc1][\x80-\xbf]/g, (pair) =>
      String.fromCharCode(((pair.charCodeAt(0) & 1) << 6) | (pair.charCodeAt(1) & 63)),
    );
    return overlong === latin ? bytes.toString('utf8') : overlong;
  });
}

/** The path of a target as all forgiving servers together would route it. */
function normalize(decoded: string, cutAtMark: boolean): string {
  const text = decoded
    .normalize('NFKD')
    .replace(/[\p{M}\p{Cf}]/gu, '')
    .replaceAll('+', ' ');
  const ended = (cutAtMark ? text.replace(/[?#].*$/su, '') : text).replace(/\0.*$/su, '');
  const stack: string[] = [];
  for (const raw of ended.replaceAll('\\', '/').split('/')) {
    const bare = raw.replace(/;.*$/su, '').replace(/:[^:]*:?\$.*$/su, '');
    if (bare.trim() === '..') stack.pop();
    const segment = bare.replace(/[.\s\p{Cc}]+$/gu, '').trimStart();
    if (segment !== '' && !/^\([a-z]\(.*\)\)$/i.test(segment)) stack.push(segment.toLowerCase());
  }
  return `/${stack.join('/')}`;
}

/** The secure queues that some forgiving server could reach by this target, at any depth of decoding. */
function secureQueuesReached(target: string): Set<string> {
  const reached = new Set<string>();
  let path = target.replace(/[?#].*$/su, '');
  for (let depth = 0; depth < 5; depth += 1) {
    for (const cutAtMark of [false, true]) {
      const read = normalize(path, cutAtMark);
      for (const reading of [read, read.replace(/\.[^./]*$/, '')]) {
        const queue = /^\/queues\/(q_bank|q_vip)(?:\/|$)/.exec(reading)?.[1];
        if (queue !== undefined) reached.add(queue);
        if (/^\/vip(?:\/|$)/.test(reading)) reached.add('q_vip');
      }
    }
    path = decodeOnce(path);
  }
  return reached;
}

function verdict(target: string): { refused: boolean; queue?: string | undefined; forwarded?: string } {
  try {
    const address = readAddress(target);
    const queue = resolver.resolve({ method: 'GET', address, rawHeaders: [] });
    return { refused: false, queue: queue?.connection && queue.queueKey, forwarded: address.target };
  } catch (error) {
    if (isGatewayError(error)) return { refused: true };
    throw error;
  }
}

function assertSafe(target: string): void {
  const { refused, queue, forwarded } = verdict(target);
  if (refused || forwarded === undefined) return;
  for (const reached of secureQueuesReached(forwarded)) {
    assert.equal(
      queue,
      reached,
      `${target} goes upstream as ${forwarded}: read there as ${reached}, here as ${queue}`,
    );
  }
}

test('the lenient reader finds what it should', () => {
  for (const path of [
    '/queues/q_bank',
    '//queues\\Q_BANK',
    '/x/..%2fqueues/q_bank.',
    '/%2571ueues/q_bank',
    '/queues;a/q_bank%00x',
    '/queues/q_bank::$DATA',
    '/(S(x))/queues/q_bank',
    '/queues%c0%afq_bank',
    '/%EF%BD%91ueues/q_bank',
    '/queues/q_bank.json',
    '/queues/q_bank%3F',
  ]) {
    assert.deepEqual([...secureQueuesReached(path)], ['q_bank'], path);
  }
  assert.equal(secureQueuesReached('/queues/q_open').size, 0);
});

test('no mutated secure path reaches a secure queue that the gateway did not see', (t) => {
  t.diagnostic(`seed ${seed}, ${numRuns} runs`);
  const start = fc.constantFrom<string>(
    '/queues/q_bank',
    '/queues/q_bank/messages',
    '/vip',
    '/vip/a/b',
    '/queues/q_open',
    '/x',
  );
  const step = fc.tuple(fc.constantFrom(...MUTATIONS), fc.nat({ max: 40 }));
  const targets = fc
    .tuple(start, fc.array(step, { minLength: 1, maxLength: 4 }))
    .map(([path, steps]) => steps.reduce((text, [mutate, at]) => mutate(text, at % text.length), path))
    .map((target) => (target.startsWith('/') ? target : `/${target}`));
  let passed = 0;
  fc.assert(
    fc.property(targets, (target) => {
      assertSafe(target);
      if (!verdict(target).refused) passed += 1;
    }),
    { numRuns, seed },
  );
  assert.ok(passed > numRuns / 100, `only ${passed} mutants were admitted: the generator proves nothing`);
});

test('cases found before stay closed', () => {
  for (const target of [
    '/%71ueues/q_bank',
    '/queues/q_bank.json',
    '/queues/q_bank+',
    '/+vip',
    '/vip%3Fx',
    '/%EF%BD%96ip',
    '/queues/%20q_bank',
    '/vip/%C2%A0x',
    '/%2b/queues/q_bank',
    '/x/%2e%2e+/queues/q_bank',
    '/:%EF%BC%9A$DATA/queues/q_bank',
    '/vip::%CC%81$DATA/a/b',
    '/vip%CC%81/..%CC%81%3Fx',
  ]) {
    assertSafe(target);
  }
});
