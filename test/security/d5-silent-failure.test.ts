/**
 * Threat: a failed silent login becomes a 500, a loop, or an echo of what the provider said. Each error ends on the page that
 * asked, under one of six words, with the attempt spent and nothing of the answer repeated.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { runs } from '../support/runs.ts';
import { inEveryFace, startSystem } from '../support/system.ts';
import { LOGIN } from '../support/login-walk.ts';
import { codeOf } from '../support/problem-code.ts';

const ORDINARY = [
  'login_required',
  'interaction_required',
  'consent_required',
  'account_selection_required',
  'access_denied',
];

inEveryFace(
  'every error ends on the page that asked, once, and the next visit tries anew',
  async (t, face) => {
    const { url, provider, upstream, browser, log } = await startSystem(t, { face });
    for (const error of [...ORDINARY, 'server_error', 'temporarily_unavailable', 'invented']) {
      provider.behave({
        authorizeError: error,
        authorizeParams: { error_description: 'canary-of-the-provider' },
      });
      const visitor = browser();
      const [asked, failed] = [provider.calls('authorize'), log.length];
      const visit = await visitor.open(`${url}/queues/q_bank?a=1`);
      const word = ORDINARY.includes(error) ? error : 'provider_error';
      const landed = new URL(visit.url);
      assert.equal(visit.status, 401, error);
      assert.equal(landed.search, `?a=1&authError=${word}`);
      assert.match(visit.body, /interactive=1/);
      assert.equal(provider.calls('authorize') - asked, 1, 'no loop');
      const told = log.slice(failed).filter(({ message }) => message === 'silent login failed');
      assert.deepEqual(
        told.map(({ fields }) => fields['authError']),
        [word],
      );
      assert.ok(!JSON.stringify([visit.body, log]).includes('canary-of-the-provider'));

      const callback = visit.trail.find((address) => address.includes('/callback?'))!;
      assert.equal(codeOf(await visitor.fetch(callback)), 'state_mismatch', 'the attempt is spent');
      provider.behave({});
      assert.equal((await visitor.open(`${url}/queues/q_bank`)).status, 200);
    }
    assert.equal(upstream.requests.length, 8);
  },
);

test('an invented error is never repeated, in the address, on the page or in a log', async (t) => {
  const { url, provider, browser, log } = await startSystem(t, { options: { loginsPerMinute: 1_000_000 } });
  const error = fc.oneof(
    fc.constantFrom(
      '<script>alert(1)</script>',
      'login_required ',
      'LOGIN_REQUIRED',
      'login_required\r\nX: y',
    ),
    fc.constantFrom('__proto__', 'constructor', 'a'.repeat(128), 'a'.repeat(5000), '"><b>'),
    fc.string({ minLength: 3, maxLength: 40 }),
  );
  await fc.assert(
    fc.asyncProperty(error, fc.string({ maxLength: 60 }), async (word, description) => {
      fc.pre(!ORDINARY.includes(word));
      provider.behave({
        authorizeError: word,
        authorizeParams: { error_description: `canary${description}` },
      });
      const before = log.length;
      const visit = await browser().open(url + LOGIN.replace('/portal', '/queues/q_bank'));
      assert.ok([400, 401].includes(visit.status), `${visit.status}`);
      if (visit.status === 401) assert.equal(new URL(visit.url).search, '?authError=provider_error');
      const told = visit.body + JSON.stringify(log.slice(before));
      assert.ok(!told.includes('canary'));
      if (/[<>"]/.test(word)) assert.ok(!told.includes(word));
    }),
    { numRuns: runs(40) },
  );
});

test('what looks like an outcome but came from nobody starts nothing and reveals nothing', async (t) => {
  const { url, provider, upstream, browser } = await startSystem(t);
  for (const word of ['login_required', '<script>', 'x'.repeat(2000), '']) {
    const query = new URLSearchParams({ authError: word });
    const visit = await browser().navigate(`${url}/queues/q_bank?${query.toString()}`);
    assert.equal(visit.status, 401);
    assert.ok(!visit.body.includes('<script>'));
  }
  assert.equal(provider.calls('authorize') + upstream.requests.length, 0);
  assert.equal((await browser().open(`${url}/queues/q_bank`)).status, 200);
});
