/** A health checker's name opens nothing: no decision is made from User-Agent, and health answers exist below `routePrefix` only. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { runs } from '../support/runs.ts';
import { startSite } from '../support/site.ts';
import { inEveryFace } from '../support/system.ts';

const CHECKERS = [
  'GoogleHC/1.0',
  'ELB-HealthChecker/2.0',
  'kube-probe/1.31',
  'Consul Health Check',
  'Blackbox-Exporter/0.25',
  'UptimeRobot/2.0',
  'AlwaysOn',
  'Amazon-Route53-Health-Check-Service (ref 1)',
  'curl/8.5.0',
  'Googlebot/2.1 (+http://www.google.com/bot.html)',
];
const agents = fc.oneof(
  fc.constantFrom(...CHECKERS),
  fc.constantFrom(...CHECKERS).map((name) => name.toUpperCase()),
  fc
    .string({ unit: fc.constantFrom(...Array.from('abcXYZ019 /.;()-_+:')), maxLength: 60 })
    .map((text) => text.trim()),
);
const ways = fc.constantFrom(
  '/queues/q_bank',
  '/queues/q_vip/ping',
  '/x?queueKey=q_bank',
  '/queues/q_bank/healthz',
);
const methods = fc.constantFrom('GET', 'HEAD', 'POST', 'OPTIONS');

inEveryFace(
  'no User-Agent gets onto a secure queue, and the honest of every name get onto the others',
  async (t, face) => {
    const { url, upstream, browser } = await startSite(t, { face });
    await fc.assert(
      fc.asyncProperty(agents, ways, methods, async (agent, way, method) => {
        const visitor = browser({ 'user-agent': agent });
        upstream.requests.length = 0;
        assert.equal((await visitor.fetch(url + way, { method })).status, 401);
        assert.equal(upstream.requests.length, 0);
        assert.equal((await visitor.fetch(`${url}/queues/q_open`, { method })).status, 200);
        assert.equal(upstream.requests[0]!.headers['user-agent'] ?? '', agent);
      }),
      { numRuns: runs(60) },
    );
  },
);

inEveryFace('health is answered below the prefix of the routes only', async (t, face) => {
  const { url, upstream, browser } = await startSite(t, { face });
  const checker = browser({ 'user-agent': 'kube-probe/1.31' });
  for (const path of ['/healthz', '/readyz', '/ping', '/x/secure-chat/healthz', '/secure-chatx/healthz']) {
    await checker.fetch(url + path);
    assert.equal(upstream.requests.at(-1)!.url, path);
  }
  const before = upstream.requests.length;
  assert.equal((await checker.fetch(`${url}/secure-chat/healthz`)).status, 200);
  assert.equal((await checker.fetch(`${url}/queues/q_bank/healthz`)).status, 401);
  assert.equal((await checker.fetch(`${url}/secure-chat/healthz?queueKey=q_bank`)).status, 200);
  assert.equal(upstream.requests.length, before);
});
