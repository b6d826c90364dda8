/** A queue named in a second place or spelling must not be read by the upstream only: path, query, body and header count together, and two answers are refused. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isGatewayError } from '../../src/errors.ts';
import { resolverOf, resolveTarget, ruleOf, type Sent } from '../queues/queue-fixtures.ts';
import { mutatedTargets, secureQueuesReached } from '../support/address-generators.ts';
import { createLenientReader } from '../support/lenient-addresses.ts';
import { runs } from '../support/runs.ts';
import { startSite } from '../support/site.ts';
import { inEveryFace } from '../support/system.ts';

const RULES = [
  { path: '/queues/:queueKey{/*rest}' },
  { query: 'queueKey' },
  { query: 'queue_key' },
  { method: 'POST', path: '/sessions', body: 'queueKey' },
  { method: 'POST', path: '/sessions', body: 'queue_key' },
  { header: 'x-queue' },
];
const SECURE = ['q_bank', 'q_vip'];
const resolver = resolverOf({ queueRules: RULES.map(ruleOf) });
const bodyOnly = resolverOf({
  queueRules: [ruleOf({ method: 'POST', path: '/sessions', body: 'queueKey' })],
});

/** The secure queue that was found, 'none', or undefined when refused. */
function found(target: string, sent: Sent, by = resolver): string | undefined {
  try {
    const queue = resolveTarget(by, target, { method: 'POST', ...sent });
    return queue?.connection === undefined ? 'none' : queue.queueKey;
  } catch (error) {
    if (isGatewayError(error)) return undefined;
    throw error;
  }
}

function assertFound(reached: ReadonlySet<string>, queue: string | undefined, what: string): void {
  if (queue !== undefined) for (const key of reached) assert.equal(queue, key, what);
}

const memberName = fc.constantFrom(
  'queueKey', 'QueueKey', 'QUEUEKEY', '\\u0071ueueKey', 'queue\\u004bey', ' queueKey', 'queueKey ', 'queue\\u200bKey', '\\uff51ueueKey',
  'queue\\u212aey', 'queue_key', 'queue.key', 'queue key', 'x', 'queueKey2', 'customerKey', '__proto__', 'altQueueKey',
); // prettier-ignore
const memberValue = fc.constantFrom(
  '"q_bank"', '"Q_BANK"', '" q_bank\\t"', '"\\u0071_bank"', '"\\uff51_bank"', '"q_b\\u0061\\u0301nk"', '"q_\\u200bbank"', '"q_bank\\u0000"',
  '"q_open,q_bank"', '"q_vip"', '"q_open"', '"q_other"', '7', '7.0', 'null', 'true', '["q_bank"]', '{"queueKey":"q_bank"}', '""',
); // prettier-ignore
const members = fc.array(fc.tuple(memberName, memberValue), { minLength: 1, maxLength: 4 });

const fold = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/[\p{M}\p{Cf}\p{Cc}]/gu, '')
    .toLowerCase()
    .trim()
    .replace(/[. ]/g, '_');

/** Every string under a name that some reader takes for one of ours, inside lists, split at commas, cut at NUL. */
function jsonReached(pairs: readonly (readonly [string, string])[]): Set<string> {
  const keys = pairs
    .filter(([name]) => ['queuekey', 'queue_key'].includes(fold(String(JSON.parse(`"${name}"`)))))
    .flatMap(([, value]) => [JSON.parse(value) as unknown].flat())
    .filter((value) => typeof value === 'string')
    .flatMap((text) => [text, text.replace(/\0.*$/s, ''), ...text.split(',')].map(fold));
  return new Set(keys.filter((key) => SECURE.includes(key)));
}

test('no JSON body is read otherwise by a lenient server', () => {
  let read = 0;
  fc.assert(
    fc.property(members, fc.constantFrom('', '\ufeff', ' \n'), (pairs, before) => {
      const json = `${before}{${pairs.map(([name, value]) => `"${name}":${value}`).join(',')}}`;
      const queue = found('/sessions', { json });
      if (queue !== undefined && queue !== 'none') read += 1;
      assertFound(jsonReached(pairs), queue, json);
    }),
    { numRuns: runs(2000) },
  );
  assert.ok(read > 0, 'no body was read: it proves nothing');
});

test('no form body is read otherwise by a lenient server', () => {
  fc.assert(
    fc.property(mutatedTargets, (target) => {
      const form = target.replace(/^[^?]*\?/, '').replaceAll('#', '');
      assertFound(secureQueuesReached(`/sessions?${form}`), found('/sessions', { form }), form);
    }),
    { numRuns: runs(2000) },
  );
});

const readQueueKey = createLenientReader({
  queueOfPath: () => undefined,
  parameters: ['queuekey'],
  secureKeys: SECURE,
});

test('a field of a body is found in the query too, where many servers look for it as well', () => {
  fc.assert(
    fc.property(mutatedTargets, (target) => {
      const query = target.replace(/^[^?]*\??/, '').replaceAll('#', '');
      assertFound(
        readQueueKey(`/sessions?${query}`),
        found(`/sessions?${query}`, { json: '{}' }, bodyOnly),
        query,
      );
    }),
    { numRuns: runs(1000) },
  );
  assert.equal(found('/sessions?queueKey=q_bank', { json: '{"queueKey":"q_open"}' }, bodyOnly), undefined);
  assert.equal(found('/sessions?queueKey=q_bank', { json: '{}' }, bodyOnly), 'q_bank');
  assert.equal(found('/other?queueKey=q_bank', {}, bodyOnly), 'none');
});

test('two places that name two queues are refused, and two that name one are one', () => {
  const keys = fc.constantFrom('q_bank', 'q_vip', 'q_open', 'unknown', ' Q_Bank', undefined);
  fc.assert(
    fc.property(keys, keys, keys, keys, (path, query, body, header) => {
      const named = new Set(
        [path === undefined ? body : undefined, path, query, header].filter((key) => key !== undefined),
      );
      const folded = new Set([...named].map((key) => key.trim().toLowerCase()));
      const target = `${path === undefined ? '/sessions' : `/queues/${encodeURIComponent(path)}`}${
        query === undefined ? '' : `?queueKey=${encodeURIComponent(query)}`
      }`;
      const queue = found(target, {
        json: body === undefined ? '{}' : JSON.stringify({ queueKey: body }),
        rawHeaders: header === undefined ? [] : ['X_Queue', header],
      });
      const [only] = folded;
      const expected = folded.size > 1 ? undefined : SECURE.includes(only ?? '') ? only : 'none';
      assert.equal(queue, expected, JSON.stringify([path, query, body, header]));
    }),
    { numRuns: runs(500) },
  );
});

inEveryFace(
  'over HTTP a body names the queue in every spelling, and what is honest arrives',
  async (t, face) => {
    const { url, upstream, browser } = await startSite(t, { face, options: { queueRules: RULES } });
    const visitor = browser();
    const send = (path: string, body: string, type = 'application/json') =>
      visitor.fetch(url + path, { method: 'POST', body, headers: { 'content-type': type } });
    await fc.assert(
      fc.asyncProperty(members, async (pairs) => {
        const json = `{${pairs.map(([name, value]) => `"${name}":${value}`).join(',')}}`;
        const before = upstream.requests.length;
        const { status } = await send('/sessions', json);
        if (jsonReached(pairs).size > 0) assert.ok([400, 401].includes(status), json);
        assert.equal(upstream.requests.length - before, status === 200 ? 1 : 0);
        if (status === 200) assert.equal(upstream.requests.at(-1)!.body.toString(), json);
      }),
      { numRuns: runs(60) },
    );
    assert.equal(
      (await send('/sessions?queueKey=q_open', '{"queueKey":"q_open","x":{"queueKey":"q_bank"}}')).status,
      200,
    );
    assert.equal(
      (
        await send(
          '/sessions',
          'queueKey=q_open&text=a%26queueKey%3Dq_bank',
          'application/x-www-form-urlencoded',
        )
      ).status,
      200,
    );
    assert.equal((await send('/messages', '{"queueKey":"q_bank"}')).status, 200);
  },
);

inEveryFace('the preset finds the queue of a start and of a survey at any base path', async (t, face) => {
  const { url, upstream, browser } = await startSite(t, { face, options: { preset: 'puzzel-v1' } });
  const visitor = browser();
  for (const path of ['/sessions', '/api/v1/sessions', '/api/sessions/42/survey', '/API/Sessions/']) {
    const send = (body: string) =>
      visitor.fetch(url + path, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
    assert.equal((await send('{"queueKey":"q_bank"}')).status, 401, path);
    assert.equal((await send('{"queueKey":"q_open","QueueKey":"q_bank"}')).status, 400, path);
    assert.equal((await send('{"queueKey":"q_open"}')).status, 200, path);
  }
  assert.equal(upstream.requests.length, 4);
});

const WAYS = [
  'altQueueKey',
  'ALTQUEUEKEY',
  'altQueueKey[]',
  'timeIdQueueKeyMapping',
  'TimeIdQueueKeyMapping',
  'x',
  'queueKey',
];
const KEYS = ['q_bank', 'Q_BANK ', 'q_vip', 'q_open', 'q_b\u00e1nk', 'q_open,q_bank', '\uff51_bank', '7'];
const way = fc.tuple(
  fc.constantFrom(...WAYS),
  fc
    .constantFrom(...KEYS)
    .chain((key) =>
      fc.constantFrom<unknown>(
        key,
        { open: key },
        { open: 'q_open', closed: key },
        JSON.stringify({ a: key }),
        `a=${key};b=q_open`,
        [key],
        null,
        '',
      ),
    ),
);

/** Does a forgiving server find a secure queue's key where the protocol has one? Only the mapping holds it among others. */
const namesSecure = (ways: readonly (readonly [string, unknown])[]) =>
  ways.some(([name, value]) => {
    const text = JSON.stringify(value).normalize('NFKC');
    if (/^timeid/i.test(name))
      return /q_bank|q_vip|"7\b|=7;|"7"/i.test(text.replaceAll('á', 'a').replaceAll('\\', ''));
    return /queuekey/i.test(name) && /^"(?:[^"]*,)?(?:q_b[aá]nk|q_vip|7) ?"$/i.test(text);
  });

inEveryFace(
  'the preset sees every queue of a start and of a survey, in every shape and place',
  async (t, face) => {
    const { url, upstream, browser } = await startSite(t, { face, options: { preset: 'puzzel-v1' } });
    const visitor = browser();
    await fc.assert(
      fc.asyncProperty(
        fc.array(way, { minLength: 1, maxLength: 3 }),
        fc.boolean(),
        fc.boolean(),
        async (ways, survey, inQuery) => {
          const pairs = ways.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`);
          const query = ways.map(
            ([name, value]) =>
              `${name}=${encodeURIComponent(typeof value === 'string' ? value : JSON.stringify(value))}`,
          );
          const before = upstream.requests.length;
          const visit = await visitor.fetch(
            `${url}/v1/sessions${survey ? '/1-1/survey' : ''}${inQuery ? `?${query.join('&')}` : ''}`,
            {
              method: 'POST',
              body: inQuery ? '{"queueKey":"q_open"}' : `{"customerKey":"12345",${pairs.join(',')}}`,
              headers: { 'content-type': 'application/json' },
            },
          );
          if (namesSecure(ways))
            assert.ok([400, 401].includes(visit.status), `${visit.status} ${JSON.stringify(ways)}`);
          assert.equal(upstream.requests.length - before, visit.status === 200 ? 1 : 0);
        },
      ),
      { numRuns: runs(120) },
    );
  },
);
