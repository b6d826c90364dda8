/** `X-Forwarded-For` that a client writes itself, to get past a rate limit or into a log (caddy-security #266): an address is believed from as many hops as `TRUST_PROXY` says, and from nobody else. */
import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { dropIn, dropInWithHostSession, faces, standAlone, type Face } from '../support/faces.ts';
import { openRaw } from '../support/raw-client.ts';
import { runs } from '../support/runs.ts';
import { startSystem, type System } from '../support/system.ts';
import { headerValues } from '../support/upstream.ts';

const LIMIT = 300;
const CLIENT = '198.51.100.7';

/** What the client writes in its i-th request; another address each time. */
const spoofed = (i: number) => `203.0.113.${i % 250}`;
const OTHER_HEADERS = [
  'X-Real-IP',
  'True-Client-IP',
  'CF-Connecting-IP',
  'X-Client-IP',
  'X-Originating-IP',
  'X-Cluster-Client-IP',
  'Fly-Client-IP',
  'Forwarded-For',
  'X-Forwarded',
  'Client-IP',
];
const everyOther = (i: number) => [
  ...OTHER_HEADERS.map((name) => `${name}: ${spoofed(i)}`),
  `Forwarded: for=${spoofed(i)};proto=https`,
];
const xff = (...hops: string[]) => [`X-Forwarded-For: ${hops.join(', ')}`];

interface Case {
  readonly name: string;
  readonly trustProxy?: number | string | string[];
  readonly lines: (i: number) => string[];
  /** Every request counts for one address; otherwise each for another. */
  readonly one: boolean;
  /** What the upstream is told, where that is the same for every request. */
  readonly forwarded?: string;
  readonly face?: Face;
}

const attack: readonly Case[] = [
  {
    name: 'trusts nobody',
    lines: (i) => [...xff(spoofed(i)), ...everyOther(i)],
    one: true,
    forwarded: '127.0.0.1',
  },
  {
    name: 'trusts nobody, said as 0',
    trustProxy: 0,
    lines: (i) => xff(spoofed(i), '10.0.0.1'),
    one: true,
    forwarded: '127.0.0.1',
  },
  {
    name: 'trusts proxies that are not the peer',
    trustProxy: '10.0.0.0/8, 192.0.2.1',
    lines: (i) => xff(spoofed(i), CLIENT),
    one: true,
    forwarded: '127.0.0.1',
  },
  {
    name: 'one hop',
    trustProxy: 1,
    lines: (i) => [...xff(spoofed(i), CLIENT), ...everyOther(i)],
    one: true,
    forwarded: `${CLIENT}, 127.0.0.1`,
  },
  {
    name: 'one hop, two lines',
    trustProxy: 1,
    lines: (i) => [...xff(spoofed(i)), ...xff(CLIENT)],
    one: true,
    forwarded: `${CLIENT}, 127.0.0.1`,
  },
  { name: 'one hop that says nothing', trustProxy: 1, lines: everyOther, one: true, forwarded: '127.0.0.1' },
  {
    name: 'one hop, a drop-in',
    trustProxy: 1,
    lines: (i) => xff(spoofed(i), CLIENT),
    one: true,
    face: dropIn,
  },
  {
    name: 'trusts nobody, a drop-in',
    lines: (i) => [...xff(spoofed(i)), ...everyOther(i)],
    one: true,
    face: dropInWithHostSession,
  },
  {
    name: 'two hops',
    trustProxy: 2,
    lines: (i) => xff(spoofed(i), CLIENT, '10.0.0.1'),
    one: true,
    forwarded: `${CLIENT}, 10.0.0.1, 127.0.0.1`,
  },
  {
    name: 'named proxies',
    trustProxy: ['loopback', '10.0.0.0/8'],
    lines: (i) => xff(spoofed(i), CLIENT, '10.0.0.1'),
    one: true,
    forwarded: `${CLIENT}, 10.0.0.1, 127.0.0.1`,
  },
  {
    name: 'a proxy’s address in front of an untrusted one',
    trustProxy: ['loopback', '10.0.0.0/8'],
    lines: (i) => xff(`10.0.0.${i % 250}`, CLIENT),
    one: true,
  },
  {
    name: 'IPv6 of one subscriber',
    trustProxy: 1,
    lines: (i) => xff(`2001:db8:1:2::${i.toString(16)}`),
    one: true,
  },
];

const honest: readonly Case[] = [
  {
    name: 'other clients of one proxy',
    trustProxy: 1,
    lines: (i) => xff(`198.51.${100 + Math.floor(i / 250)}.${i % 250}`),
    one: false,
  },
  {
    name: 'other clients behind two',
    trustProxy: 2,
    lines: (i) => xff('203.0.113.1', `198.51.${100 + Math.floor(i / 250)}.${i % 250}`, '10.0.0.1'),
    one: false,
  },
  {
    name: 'IPv6 of other subscribers',
    trustProxy: 1,
    lines: (i) => xff(`2001:db8:1:${i.toString(16)}::1`),
    one: false,
  },
];

const startWith = (t: Parameters<typeof startSystem>[0], one: Case): Promise<System> =>
  startSystem(t, {
    face: one.face ?? standAlone,
    options: {
      loginsPerMinute: LIMIT,
      ...(one.trustProxy === undefined ? {} : { trustProxy: one.trustProxy }),
    },
  });

/** Statuses of requests that go one behind the other on one connection. */
async function statusesOf(
  url: string,
  target: string,
  lines: (i: number) => string[],
  count: number,
): Promise<number[]> {
  const client = await openRaw(Number(new URL(url).port));
  for (let i = 0; i < count; i += 1) {
    const last = i === count - 1 ? ['Connection: close'] : [];
    client.write([`GET ${target} HTTP/1.1`, 'Host: a', ...lines(i), ...last, '', ''].join('\r\n'));
  }
  const { text } = await client.closed;
  return [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
}

for (const one of [...attack, ...honest]) {
  test(`${one.one ? 'one address for the rate limit' : 'each has a limit of its own'}: ${one.name}`, async (t) => {
    const { url, upstream, log } = await startWith(t, one);
    const statuses = await statusesOf(url, '/secure-chat/callback?state=x', one.lines, LIMIT + 1);
    assert.equal(statuses.length, LIMIT + 1);
    assert.equal(statuses.indexOf(429), one.one ? LIMIT : -1);
    if (one.one) assert.ok(!/203\.0\.113\.|2001:db8/.test(JSON.stringify(log)), 'nothing of it in the log');
    if (one.forwarded === undefined) return;
    await statusesOf(url, '/x', one.lines, 2);
    for (const { rawHeaders } of upstream.requests) {
      assert.deepEqual(headerValues(rawHeaders, 'x-forwarded-for'), [one.forwarded]);
      assert.equal(headerValues(rawHeaders, 'forwarded').length, 1);
      assert.doesNotMatch(headerValues(rawHeaders, 'forwarded').join(), /203\.0\.113/);
    }
  });
}

/** What a client could put there for the log to keep: ids, cookies, handles, lines of its own. */
const chosen = fc.oneof(
  fc.constantFrom('17029012345', 'canary-request-id', '170290-12345', 'x'.repeat(64)),
  fc.constant('').map(() => randomBytes(24).toString('base64url')),
  fc.constant('').map(() => randomBytes(32).toString('base64url')),
  fc
    .stringMatching(/^[!-~]{1,80}$/)
    .filter((text) => !/^[\da-f]{8}(-?)(?:[\da-f]{4}\1){3}[\da-f]{12}$/i.test(text)),
);

for (const face of faces) {
  test(`a request id is a trusted router’s UUID or the gateway’s own (${face.name})`, async (t) => {
    const trusting = await startSystem(t, { face, options: { trustProxy: 1 } });
    const alone = await startSystem(t, { face });
    const idOf = async ({ url, browser }: System, sent: string) => {
      const { body } = await browser().fetch(`${url}/queues/q_bank`, { headers: { 'x-request-id': sent } });
      return (JSON.parse(body) as { requestId: string }).requestId;
    };
    const router = [randomUUID(), randomUUID().toUpperCase(), randomBytes(16).toString('hex')];
    for (const sent of router) {
      assert.equal(await idOf(trusting, sent), sent);
      assert.ok(trusting.log.some(({ fields }) => fields['requestId'] === sent));
      assert.notEqual(await idOf(alone, sent), sent);
    }
    await fc.assert(
      fc.asyncProperty(chosen, async (sent) => {
        for (const system of [trusting, alone]) {
          assert.match(await idOf(system, sent), /^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/);
          if (sent.length > 8)
            assert.ok(!JSON.stringify(system.log).includes(JSON.stringify(sent).slice(1, -1)));
        }
      }),
      { numRuns: runs(30) },
    );
  });
}
