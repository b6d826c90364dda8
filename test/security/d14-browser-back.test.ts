/**
 * Threat: Back, reload and history replay the callback: a second redemption, or an error page of the provider. The used address
 * is a plain 400 with no effect, whatever the outcome was, and the chat goes on as before.
 */
import assert from 'node:assert/strict';
import type { Visit } from '../support/browser.ts';
import { identityOf, inEveryFace, startSystem, type System } from '../support/system.ts';
import { LOGIN } from '../support/login-walk.ts';

/** What a browser holds that brings back its tabs and cookies from the moment before the callback. */
async function justBefore({ url, browser }: System) {
  const visitor = browser();
  const started = await visitor.navigate(url + LOGIN);
  const answered = await visitor.navigate(started.headers.get('location')!);
  return { visitor, callback: answered.headers.get('location')!, cookie: visitor.cookies('127.0.0.1') };
}

const isCallback = (address: string) => address.includes('/secure-chat/callback?');

function assertPlain(visit: Visit): void {
  assert.equal(visit.status, 400);
  assert.match(visit.headers.get('content-type') ?? '', /text\/html/);
  assert.equal(visit.headers.get('cache-control'), 'no-store');
}

for (const codeRedemption of ['queue-entry', 'callback'] as const) {
  inEveryFace(`Back onto a used callback, again and again (${codeRedemption})`, async (t, face) => {
    const { url, provider, upstream, browser } = await startSystem(t, {
      face,
      connection: { codeRedemption },
    });
    const visitor = browser();
    const chat = await visitor.open(`${url}/queues/q_bank?a=1`);
    const cookies = visitor.cookies('127.0.0.1');
    for (let i = 0; i < 3; i++) {
      assertPlain(await visitor.navigate(chat.trail.find(isCallback)!));
      assert.equal(visitor.cookies('127.0.0.1'), cookies, 'the session stays');
      const forward = await visitor.navigate(chat.url);
      assert.equal(forward.status, 200, 'Forward is the chat');
    }
    assert.equal(provider.calls('token'), 1);
    assert.equal(identityOf(upstream)['x-secure-chat-id'], 'kari-sub');

    // further back: the provider's address, which answers with a fresh code for a state that is used
    const further = await visitor.open(chat.trail.find((address) => address.includes('/authorize?'))!);
    assertPlain(further);
    assert.equal(provider.calls('token'), 1);
    const start = await visitor.open(url + LOGIN);
    assert.equal(new URL(start.url).pathname, '/portal', 'the start itself begins anew');
    assert.equal((await visitor.fetch(`${url}/queues/q_bank`)).status, 200);
  });
}

inEveryFace('Back before the code was redeemed, and Back after a failure', async (t, face) => {
  const { url, provider, browser } = await startSystem(t, { face });
  const visitor = browser();
  const waiting = await visitor.open(url + LOGIN);
  assertPlain(await visitor.navigate(waiting.trail.find(isCallback)!));
  assert.equal(provider.calls('token'), 0);
  assert.equal((await visitor.fetch(`${url}/queues/q_bank`)).status, 200, 'the code still waited');
  for (const word of ['login_required', 'access_denied', 'server_error']) {
    provider.behave({ authorizeError: word });
    const failed = await browser().open(url + LOGIN);
    assertPlain(await visitor.navigate(failed.trail.find(isCallback)!));
  }
  assert.equal((await visitor.fetch(`${url}/queues/q_bank`)).status, 200);
  assert.equal(provider.calls('token'), 1);
});

inEveryFace('a browser that restores its old cookies repeats nothing', async (t, face) => {
  const system = await startSystem(t, { face });
  const { url, provider, browser } = system;
  const { visitor, callback, cookie } = await justBefore(system);
  await visitor.navigate(callback);
  assert.equal((await visitor.fetch(`${url}/queues/q_bank`)).status, 200);
  assertPlain(await browser().navigate(callback, { headers: { cookie } }));
  assert.equal((await visitor.fetch(`${url}/queues/q_bank`)).status, 200);
  assert.equal(provider.calls('token'), 1);
});
