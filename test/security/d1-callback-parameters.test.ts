/**
 * Threat: a crafted callback (parameters missing, repeated, respelt, foreign, used) is taken for a login. It ends in a 400
 * or in nothing, no token call comes of it, and the honest login that it imitates still works.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { runs } from '../support/runs.ts';
import { inEveryFace, kari, startSystem, type System } from '../support/system.ts';
import { LOGIN } from '../support/login-walk.ts';
import { codeOf } from '../support/problem-code.ts';

const REFUSALS = ['state_mismatch', 'transaction_expired', 'request_malformed'];

/** A login up to the callback, which is left to the caller. */
async function callbackOf({ url, browser }: System) {
  const visitor = browser();
  const started = await visitor.navigate(url + LOGIN);
  const answered = await visitor.navigate(started.headers.get('location')!);
  return { visitor, callback: new URL(answered.headers.get('location')!) };
}

inEveryFace('no crafted callback is believed, and the code stays good for the real one', async (t, face) => {
  const system = await startSystem(t, { face, options: { loginsPerMinute: 1_000_000 } });
  const { url, provider, upstream, browser } = system;
  const { visitor, callback } = await callbackOf(system);
  const [state, code] = ['state', 'code'].map((name) => callback.searchParams.get(name)!);
  const elsewhere = await callbackOf(system);
  const crafted = [
    '',
    `code=${code}`,
    `code=${code}&state=`,
    `code=${code}&state=x`,
    `code=${code}&state=${'A'.repeat(43)}`,
    `code=${code}&state=${elsewhere.callback.searchParams.get('state')!}`,
    `code=${code}&state=${state}&state=${state}`,
    `code=${code}&state=${state}&STATE=${state}`,
    `code=${code}&code=other&state=${state}`,
    `code[]=${code}&state=${state}`,
    `code[0]=${code}&state=${state}`,
    `co%64e=${code}&CODE=${code}&state=${state}`,
    `code=${code}&error=login_required&state=${state}`,
    `code=${code}&state[]=${state}`,
    `code=${code}&%20state=${state}`,
    `code=${code}%00&state=${state}`,
    `code=${'x'.repeat(5000)}&state=${state}`,
    `code=${code}&state=${state}&id_token=x`,
    `code=${code}&state=${state}&access_token=x`,
    `response=x&state=${state}`,
    `state=${state}&iss=a&iss=b&code=${code}`,
    `code=${code}&state=${state}&x=${'x'.repeat(20_000)}`,
  ];
  for (const query of crafted) {
    const visit = await visitor.fetch(`${url}/secure-chat/callback?${query}`);
    const seen = [visit.status === 400 || visit.status === 431, visit.status === 431 || codeOf(visit)];
    assert.ok(
      seen[0] && (seen[1] === true || REFUSALS.includes(String(seen[1]))),
      `${query}: ${String(seen)}`,
    );
  }
  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH']) {
    const { pathname, search } = callback;
    const visit = await visitor.fetch(url + pathname + search, { method });
    assert.ok(visit.status >= 400 && visit.status < 500, `${method} is no callback`);
  }
  const stranger = await browser().fetch(callback.href);
  assert.equal(codeOf(stranger), 'state_mismatch', 'of another browser');
  assert.equal(provider.calls('token') + upstream.requests.length, 0);

  const landed = await visitor.navigate(callback.href);
  assert.match(landed.headers.get('location') ?? '', /authCode=/, 'the real one is not harmed');
  assert.equal((await visitor.fetch(`${url}/queues/q_bank`)).status, 200);
  for (let i = 0; i < 3; i++) assert.equal(codeOf(await visitor.fetch(callback.href)), 'state_mismatch');
  assert.equal(provider.calls('token'), 1);
});

test('a callback from the generator is a login exactly when it is the answer that was asked for', async (t) => {
  const system = await startSystem(t, { options: { loginsPerMinute: 1_000_000 } });
  const { url, provider } = system;
  const used = await callbackOf(system);
  await used.visitor.navigate(used.callback.href);
  const foreign = await callbackOf(system);
  const stateKind = fc.constantFrom('fresh', 'used', 'foreign', 'made up', 'absent');
  const extra = fc.constantFrom(
    'session_state=abc',
    'scope=openid%20profile',
    'error_description=x',
    'unknown=1',
    'error=',
    'error=login_required',
    'error=invented%3Cscript%3E',
    'iss=https://evil.example',
    'code=second',
    'Code=second',
    'state=second',
    'id_token=e30.e30.',
  );
  const spoils = (part: string) => /^(?:error=.|iss|code|Code|state=|id_token)/.test(part);
  await fc.assert(
    fc.asyncProperty(
      stateKind,
      fc.constantFrom('real', 'none', 'empty'),
      fc.uniqueArray(extra, { maxLength: 3 }),
      fc.boolean(),
      async (kind, codeKind, extras, extrasFirst) => {
        const { visitor, callback } = await callbackOf(system);
        const states: Record<string, string | null> = {
          fresh: callback.searchParams.get('state'),
          used: used.callback.searchParams.get('state'),
          foreign: foreign.callback.searchParams.get('state'),
          'made up': 'A'.repeat(43),
          absent: null,
        };
        const parts = [
          ...(codeKind === 'none'
            ? []
            : [`code=${codeKind === 'real' ? callback.searchParams.get('code')! : ''}`]),
          ...(states[kind] === null ? [] : [`state=${states[kind]!}`]),
          `iss=${encodeURIComponent(provider.issuer)}`,
        ];
        const query = (extrasFirst ? [...extras, ...parts] : [...parts, ...extras]).join('&');
        const visit = await visitor.fetch(`${url}/secure-chat/callback?${query}`);
        const honest = kind === 'fresh' && codeKind === 'real' && !extras.some(spoils);
        const landed = visit.headers.get('location');
        if (honest) {
          assert.match(landed ?? '', /\/portal\?authCode=[\w-]{43}$/, query);
        } else if (visit.status === 302) {
          assert.equal(kind, 'fresh');
          // a made-up code is believed by nobody but its redemption, which fails below
          const madeUp = codeKind !== 'real' && extras.includes('code=second');
          const outcome = madeUp ? /authCode=[\w-]{43}$/ : /authError=(?:login_required|provider_error)$/;
          assert.match(landed ?? '', outcome);
        } else {
          assert.equal(visit.status, 400, query);
          assert.ok(REFUSALS.includes(codeOf(visit)), codeOf(visit));
        }
        assert.equal((await visitor.fetch(`${url}/queues/q_bank`)).status, honest ? 200 : 401);
      },
    ),
    { numRuns: runs(60), examples: [['fresh', 'none', ['code=second'], false]] },
  );
});

test('of many callbacks with one state at once, one is a login', async (t) => {
  const system = await startSystem(t);
  const { visitor, callback } = await callbackOf(system);
  const cookie = visitor.cookies('127.0.0.1');
  const visits = await Promise.all(
    Array.from({ length: 20 }, () => system.browser().fetch(callback.href, { headers: { cookie } })),
  );
  assert.equal(visits.filter(({ status }) => status === 302).length, 1);
  assert.deepEqual(
    [...new Set(visits.filter(({ status }) => status !== 302).map(codeOf))],
    ['state_mismatch'],
  );
});

test('an answer that comes after ten minutes is too late, and the way to begin anew is there', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() });
  const system = await startSystem(t);
  const { visitor, callback } = await callbackOf(system);
  t.mock.timers.tick(601_000);
  const late = await visitor.fetch(callback.href);
  assert.deepEqual([late.status, codeOf(late)], [400, 'transaction_expired']);
  assert.match((JSON.parse(late.body) as { loginUrl: string }).loginUrl, /login\?queueKey=q_bank/);
  t.mock.timers.reset();
  assert.equal(system.provider.calls('token'), 0);
  system.provider.setPerson(kari);
  assert.equal((await visitor.open(`${system.url}/queues/q_bank`)).status, 200);
});
