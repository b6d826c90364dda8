/** Somebody is sent to a login whose return address leads elsewhere: no address of the class leaves the list, at any route that takes one. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import fc from 'fast-check';
import { isGatewayError } from '../../src/errors.ts';
import { checkReturnTo } from '../../src/oidc/return-to.ts';
import type { Visit } from '../support/browser.ts';
import { faces, type Face } from '../support/faces.ts';
import { walkLogin } from '../support/login-walk.ts';
import { codeOf } from '../support/problem-code.ts';
import { quickClient } from '../support/quick-client.ts';
import {
  honestReturn,
  percent,
  redirectPayload,
  redirectPayloads,
  staysOn,
} from '../support/redirect-payloads.ts';
import { runs } from '../support/runs.ts';
import { inEveryFace, startSystem } from '../support/system.ts';

const BANK = 'https://www.bank.example';
const PLACES = { good: 'www.bank.example', evil: 'evil.example' };
const PAYLOADS = redirectPayloads(PLACES);
const DISPLAYS = ['page', 'window', 'popup'] as const;
const LOGIN = '/secure-chat/login?queueKey=q_bank';

const start = (t: TestContext, face: Face) =>
  startSystem(t, { face, options: { loginsPerMinute: 1_000_000 } });

/** Every so-many-th payload, in each face other ones. */
function share(face: Face, every: number): string[] {
  const start = faces.indexOf(face);
  return PAYLOADS.filter((_, index) => index % (every * faces.length) === start * every);
}

/** The address that an answer sends the browser to, as it stands on the wire: a header, or the attributes of a popup. */
function sentTo(visit: Visit): string[] {
  const read = (name: string) =>
    new RegExp(`data-${name}="([^"]*)"`).exec(visit.body)?.[1]?.replaceAll('&amp;', '&');
  return [visit.headers.get('location') ?? undefined, read('target-origin'), read('return-to')].filter(
    (address) => address !== undefined,
  );
}

/** Whole, plain and on the list, for a reader who goes by the URL standard and for one who only looks at the start. */
function assertOnList(address: string, own: string, about: string): void {
  const origins = [own, BANK];
  assert.ok(staysOn(origins, address, `${own}/secure-chat/callback`), `${about} -> ${address}`);
  assert.ok(
    origins.some((origin) => address === origin || address.startsWith(`${origin}/`)),
    `${about} -> ${address}`,
  );
  assert.match(address, /^[!-[\]-~]*$/, 'printable ASCII without a backslash');
}

inEveryFace(
  'of the addresses of the class none leaves the list, and the refused ones never reach the provider',
  async (t, face) => {
    const { url, provider, browser } = await start(t, face);
    const ask = quickClient(t, url);
    const taken: string[] = [];
    await Promise.all(
      share(face, 2).map(async (payload, index) => {
        const answer = await ask(`${LOGIN}&display=${DISPLAYS[index % 3]}&returnTo=${percent(payload)}`);
        if (answer.status === 302) {
          assert.equal(new URL(answer.headers.get('location')!).origin, provider.url);
          taken.push(payload);
          return;
        }
        assert.equal(codeOf(answer), 'return_to_refused', JSON.stringify(payload));
        assert.equal(answer.status, 400);
        assert.deepEqual([answer.headers.get('location'), answer.headers.getSetCookie()], [null, []]);
        assert.ok(!answer.body.includes(PLACES.evil), 'the refusal does not repeat the address');
      }),
    );
    assert.equal(provider.calls('authorize'), 0);
    for (const payload of taken)
      assert.ok(staysOn([url, BANK], payload, `${url}/`), `taken: ${JSON.stringify(payload)}`);
    for (const [index, payload] of [...taken.slice(0, 24), `/x?next=//${PLACES.evil}`].entries()) {
      const path = `${LOGIN}&display=${DISPLAYS[index % 3]}&returnTo=${percent(payload)}`;
      const { landed } = await walkLogin(browser(), url, path);
      const addresses = sentTo(landed);
      assert.ok(addresses.length > 0);
      for (const address of addresses) assertOnList(address, url, JSON.stringify(payload));
    }
  },
);

test('of over a thousand addresses and whatever a generator makes of the class, the one that is kept is on the list and reads in one way', () => {
  const publicUrl = 'https://chat.example.no';
  const allowed = { publicUrl, publicOrigin: publicUrl, returnOrigins: [BANK] };
  const leads = (payload: string): string | undefined => {
    try {
      return checkReturnTo(payload, allowed).href;
    } catch (error) {
      assert.ok(isGatewayError(error) && error.code === 'return_to_refused', String(error));
      return undefined;
    }
  };
  const check = (payload: string): void => {
    const address = leads(payload);
    if (address !== undefined) assertOnList(address, publicUrl, JSON.stringify(payload));
    if (!staysOn([publicUrl, BANK], payload, `${publicUrl}/`)) assert.equal(address, undefined, payload);
  };
  assert.ok(PAYLOADS.length > 1000);
  for (const payload of PAYLOADS) check(payload);
  fc.assert(fc.property(redirectPayload(PLACES), check), { numRuns: runs(1000) });
});

inEveryFace('honest addresses pass and arrive as they were written', async (t, face) => {
  const { url, browser } = await start(t, face);
  const visitor = browser();
  await fc.assert(
    fc.asyncProperty(honestReturn([url, BANK]), fc.constantFrom(...DISPLAYS), async (address, display) => {
      const { landed } = await walkLogin(
        visitor,
        url,
        `${LOGIN}&display=${display}&returnTo=${percent(address)}`,
      );
      const arrived = sentTo(landed).at(-1)!;
      const [, before = '', handle, after = ''] =
        /^([^#]*)[?&]authCode=([\w-]{43})(#.*)?$/.exec(arrived.replaceAll('&#39;', "'")) ?? [];
      assert.ok(handle !== undefined, arrived);
      assert.equal(before + after, new URL(address, url).href);
      assert.equal(before + after, address.startsWith('/') ? url + address : address);
    }),
    { numRuns: runs(20) },
  );
});

inEveryFace('log-out, an open queue and a second returnTo are no way around', async (t, face) => {
  const { url, browser } = await start(t, face);
  const ask = quickClient(t, url);
  const form = { accept: 'text/html', 'content-type': 'application/x-www-form-urlencoded' };
  const some = share(face, 30);
  await Promise.all(
    some.map(async (payload) => {
      const value = percent(payload);
      const answers = await Promise.all([
        ask(`/secure-chat/login?queueKey=q_open&returnTo=${value}`),
        ask(`/secure-chat/logout?returnTo=${value}`, { method: 'POST', headers: { accept: 'text/html' } }),
        ask('/secure-chat/logout', { method: 'POST', headers: form, body: `returnTo=${value}` }),
        ask(`${LOGIN}&returnTo=/&returnTo=${value}`),
        ask(`${LOGIN}&RETURNTO[]=${value}&returnTo=/`),
      ]);
      for (const answer of answers.slice(0, 3)) {
        if (answer.status === 400) assert.equal(answer.headers.get('location'), null);
        else assertOnList(answer.headers.get('location')!, url, JSON.stringify(payload));
      }
      for (const answer of answers.slice(3)) assert.equal(answer.status, 400, JSON.stringify(payload));
    }),
  );
  const visitor = browser();
  const open = await visitor.navigate(`${url}/secure-chat/login?queueKey=q_open&returnTo=${BANK}/chat`);
  assert.deepEqual([open.status, open.headers.get('location')], [302, `${BANK}/chat`]);
  const bye = await visitor.fetch(`${url}/secure-chat/logout`, {
    method: 'POST',
    headers: form,
    body: `returnTo=${BANK}/bye`,
  });
  assert.deepEqual([bye.status, bye.headers.get('location')], [303, `${BANK}/bye`]);
});

inEveryFace(
  'a secure queue brings its visitor back to itself, however its address is dressed',
  async (t, face) => {
    const { url, browser } = await start(t, face);
    const ask = quickClient(t, url);
    const headers = { accept: 'text/html', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
    const dressed = share(face, 15).flatMap((payload) => [
      `/queues/q_bank/${encodeURI(payload.toWellFormed())}`,
      `/queues/q_bank?next=${percent(payload)}`,
      `/${encodeURI(payload.toWellFormed())}?queueKey=q_bank`,
    ]);
    let begun = 0;
    await Promise.all(
      dressed.map(async (path) => {
        const answer = await ask(path, {
          headers: { ...headers, 'x-forwarded-host': PLACES.evil, forwarded: `host=${PLACES.evil}` },
        });
        if (answer.status !== 302) {
          assert.ok([200, 400, 404].includes(answer.status), `${path} ${answer.status}`);
          return;
        }
        begun += 1;
        const asked = new URL(answer.headers.get('location')!).searchParams;
        assert.equal(asked.get('redirect_uri'), `${url}/secure-chat/callback`);
      }),
    );
    assert.ok(begun > 10, String(begun));
    for (const path of [
      '/queues/q_bank/x?next=//evil.example&a=%2F%2Fevil.example',
      '/x/@evil.example?queueKey=q_bank',
    ]) {
      const { landed } = await walkLogin(browser(), url, path);
      assert.match(landed.headers.get('location')!.slice((url + path).length), /^&authCode=[\w-]{43}$/);
      assert.ok(landed.headers.get('location')!.startsWith(url + path));
    }
  },
);

inEveryFace(
  'the page reads one outcome, the login’s own: none that the address brought along in another spelling',
  async (t, face) => {
    const { url, browser } = await start(t, face);
    const spellings = [
      'authCode',
      'AUTHCODE',
      '%61uthCode',
      'auth%43ode',
      'authCode%20',
      '+authCode',
      'authCode[]',
      'authCode%5B0%5D',
      'authCode%00',
      'authError',
      'auth%45rror',
      '%61uth%45rror',
    ];
    for (const spelling of spellings) {
      const returnTo = `/portal?a=1&${spelling}=forged&b=2`;
      const { landed } = await walkLogin(browser(), url, `${LOGIN}&returnTo=${percent(returnTo)}`);
      assert.match(landed.headers.get('location')!, /\/portal\?a=1&b=2&authCode=[\w-]{43}$/, spelling);
      // a browser that keeps no session cookie: one attempt and its answer, never a loop
      const forgetful = browser();
      let visit = await forgetful.navigate(`${url}/queues/q_bank?${spelling}=forged`);
      for (let step = 0; visit.status === 302; step += 1) {
        assert.ok(step < 8, `${spelling} loops`);
        const next = visit.headers.get('location')!;
        if (next.startsWith(`${url}/queues/`)) forgetful.jar.clear();
        visit = await forgetful.navigate(next);
      }
    }
    for (const honest of ['xauthCode=1', 'auth=1', 'authCodes=1', 'code=1', 'authcode2=x']) {
      const { landed } = await walkLogin(browser(), url, `${LOGIN}&returnTo=${percent(`/portal?${honest}`)}`);
      assert.ok(landed.headers.get('location')!.startsWith(`${url}/portal?${honest}&authCode=`), honest);
    }
  },
);
