/** A session id that somebody else knows or has planted is worth something after a login: every login and log-out gives a new one, the old one opens nothing. */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { test, type TestContext } from 'node:test';
import { WebSocket } from 'ws';
import type { Browser } from '../support/browser.ts';
import { standAlone, dropIn } from '../support/faces.ts';
import { walkLogin } from '../support/login-walk.ts';
import { codeOf } from '../support/problem-code.ts';
import { rawRequest } from '../support/raw-client.ts';
import { inEveryFace, kari, ola, startSystem, type System } from '../support/system.ts';
import { sessionCookieOf } from '../support/visitor-cookies.ts';

const PUBLIC = 'https://chat.example.no';

/** Somebody with nothing but this cookie header. */
function holderOf(system: System, cookie: string): (path: string) => Promise<[number, string]> {
  return async (path) => {
    const answer = await system.browser({ cookie }).fetch(system.url + path);
    return [answer.status, answer.body];
  };
}

async function assertOpensNothing(system: System, cookie: string, about: string): Promise<void> {
  const ask = holderOf(system, cookie);
  assert.deepEqual(await ask('/secure-chat/session'), [200, '{"authenticated":false}'], about);
  assert.equal((await ask('/queues/q_bank'))[0], 401, about);
  const socket = new WebSocket(`${system.url.replace('http', 'ws')}/queues/q_bank/ws`, {
    headers: { cookie },
  });
  const [, answer] = (await once(socket, 'unexpected-response')) as [unknown, { statusCode: number }];
  assert.equal(answer.statusCode, 401, about);
}

const pairOf = (visitor: Browser): string => sessionCookieOf(visitor)!.join('=');

inEveryFace(
  'each login and each log-out makes a new id, and none of the former ones opens anything',
  async (t, face) => {
    const system = await startSystem(t, { face });
    const { url, browser, provider } = system;
    const visitor = browser();
    const former: string[] = [];
    for (const [step, person] of [kari, kari, ola, kari].entries()) {
      provider.setPerson(person);
      const { landed } = await walkLogin(
        visitor,
        url,
        '/secure-chat/login?queueKey=q_bank&returnTo=/queues/q_bank',
      );
      const present = pairOf(visitor);
      assert.ok(!former.includes(present));
      // the mark that a login has replaced a session lets its page be asked for again, and nothing more
      const handle = new URL(landed.headers.get('location')!).searchParams.get('authCode')!;
      for (const old of former) {
        await assertOpensNothing(system, old, `login ${step}`);
        const again = await browser({ cookie: old }).navigate(`${url}/queues/q_bank?authCode=${handle}`);
        assert.notEqual(again.status, 200);
      }
      assert.equal((await visitor.navigate(`${url}/queues/q_bank`)).status, 200);
      former.push(present);
    }
    // whoever holds an old id ends nothing with it either
    await browser({ cookie: former[0]! }).fetch(`${url}/secure-chat/logout`, { method: 'POST' });
    assert.equal((await visitor.fetch(`${url}/queues/q_bank`)).status, 200);
    assert.equal((await visitor.fetch(`${url}/secure-chat/logout`, { method: 'POST' })).status, 204);
    for (const old of former) await assertOpensNothing(system, old, 'after the log-out');
    await visitor.open(`${url}/queues/q_bank`);
    assert.ok(!former.includes(pairOf(visitor)));
  },
);

inEveryFace('an id planted before the login is not the id after it, whatever it was', async (t, face) => {
  const system = await startSystem(t, { face });
  const { url, browser, provider } = system;
  const loggedIn = async (): Promise<Browser> => {
    provider.setPerson(ola);
    const attacker = browser();
    await attacker.open(`${url}/queues/q_bank`);
    return attacker;
  };
  const live = await loggedIn();
  const ended = await loggedIn();
  const [name, value] = sessionCookieOf(ended)!;
  await ended.fetch(`${url}/secure-chat/logout`, { method: 'POST' });
  const id = 'A'.repeat(32);
  const signed = (secret: string) =>
    encodeURIComponent(
      `s:${id}.${createHmac('sha256', secret).update(id).digest('base64').replace(/=+$/, '')}`,
    );
  const planted = [
    sessionCookieOf(live)![1], value, id, `s%3A${id}`, `s%3A${id}.`, signed('a guessed secret'), signed(''),
    `"${value}"`, `j%3A%7B%22id%22%3A%22${id}%22%7D`,
  ]; // prettier-ignore
  for (const cookie of planted) {
    provider.setPerson(kari);
    const victim = browser();
    victim.jar.set('127.0.0.1', new Map([[name, cookie]]));
    await victim.open(`${url}/secure-chat/login?queueKey=q_bank&returnTo=/queues/q_bank`);
    assert.equal(
      (JSON.parse((await victim.fetch(`${url}/secure-chat/session`)).body) as { nickName?: string }).nickName,
      'Kari',
    );
    assert.notEqual(sessionCookieOf(victim)![1], cookie);
    await assertOpensNothing(system, `${name}=${cookie}`, 'the planted cookie');
  }
});

/** A gateway on https behind a router, somebody logged in there, and the attacker's own session. */
async function onHttps(t: TestContext, face: typeof standAlone) {
  const system = await startSystem(t, { face, options: { publicUrl: PUBLIC } });
  const login = async (person: typeof ola | typeof kari): Promise<string> => {
    system.provider.setPerson(person);
    const visitor = system.browser();
    await walkLogin(visitor, system.url, '/secure-chat/login?queueKey=q_bank', PUBLIC);
    assert.equal((await visitor.fetch(`${system.url}/queues/q_bank`)).status, 200);
    return sessionCookieOf(visitor)![1];
  };
  return { system, attacker: await login(ola), victim: await login(kari) };
}

for (const face of [standAlone, dropIn]) {
  test(`what a sibling site can plant is not believed: the cookie is __Host- and no other spelling of it counts (${face.name})`, async (t) => {
    const { system, attacker, victim } = await onHttps(t, face);
    const { port, host } = new URL(system.url);
    // what a browser takes from a sibling site: names that are not quite `__Host-`, blanks of other alphabets among them
    const names = [
      'secure-chat', '__host-secure-chat', '__HOST-secure-chat', '__Secure-secure-chat', '__Host-Secure-Chat', '\xa0__Host-secure-chat',
      '\xc2\xa0__Host-secure-chat', '\xe2\x80\x80__Host-secure-chat', '\x85__Host-secure-chat', '\xef\xbb\xbf__Host-secure-chat', '__Host-secure-chat\xa0',
      '"__Host-secure-chat"', '$__Host-secure-chat', '__Host-secure-chat[]', '%5f_Host-secure-chat', '__Host-secure_chat', 'x=__Host-secure-chat', '__Host-',
    ]; // prettier-ignore
    const ask = async (cookie: string): Promise<string> => {
      const text = await rawRequest(
        Number(port),
        `GET /secure-chat/session HTTP/1.1\r\nHost: ${host}\r\nCookie: ${cookie}\r\nConnection: close\r\n\r\n`,
      );
      return (JSON.parse(text.slice(text.indexOf('{'))) as { nickName?: string }).nickName ?? 'nobody';
    };
    for (const name of names) {
      assert.equal(await ask(`${name}=${attacker}`), 'nobody', name);
      for (const tossed of [
        `${name}=${attacker}; __Host-secure-chat=${victim}`,
        `__Host-secure-chat=${victim}; ${name}=${attacker}`,
      ])
        assert.equal(await ask(tossed), 'Kari', name);
    }
    assert.equal(await ask(`__Host-secure-chat=broken; __Host-secure-chat=${victim}`), 'Kari');
    assert.equal(await ask(`a=b;  __Host-secure-chat=${victim}\t; c=d`), 'Kari');
    const foreign = await system
      .browser({ cookie: `secure-chat=${victim}` })
      .fetch(`${system.url}/queues/q_bank`);
    assert.deepEqual([foreign.status, codeOf(foreign)], [401, 'login_required']);
  });
}
