/** Somebody sends a logout token, or a session id at the provider, to end or open a session: this release offers neither back-channel nor front-channel logout, so no address takes one. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { TokenShape } from '../support/provider-tokens.ts';
import { quickClient } from '../support/quick-client.ts';
import { inEveryFace, kari, startSystem, type System } from '../support/system.ts';

const EVENT = { 'http://schemas.openid.net/event/backchannel-logout': {} };
/** A good logout token (OpenID Connect Back-Channel Logout 1.0, section 2.4), and what is wrong with the others. */
const TOKENS: Record<string, TokenShape> = {
  good: { claims: { events: EVENT, jti: 'j1', sid: 's1', nonce: null, acr: null, amr: null } },
  'with a nonce': { claims: { events: EVENT, jti: 'j2', sid: 's1' } },
  'without events': { claims: { jti: 'j3', sid: 's1', nonce: null } },
  'without jti and iat': { claims: { events: EVENT, sid: 's1', nonce: null, iat: null } },
  'for another client': { claims: { events: EVENT, jti: 'j4', sid: 's1', nonce: null, aud: 'other' } },
  unsigned: { alg: 'none', claims: { events: EVENT, jti: 'j5', sid: 's1', nonce: null } },
  'by a foreign key': { foreignKey: true, claims: { events: EVENT, jti: 'j6', sid: 's1', nonce: null } },
};

const NAMES = [
  'backchannel-logout',
  'back-channel-logout',
  'backchannel_logout',
  'backchannellogout',
  'bc-logout',
  'frontchannel-logout',
  'front-channel-logout',
  'logout/backchannel',
  'logout/frontchannel',
  'logout/token',
  'slo',
  'signout',
  'end-session',
  'endsession',
  'revoke',
];
const OWN = [
  'login',
  'login?queueKey=q_bank',
  'callback',
  'session',
  'logout',
  'done',
  'token',
  'healthz',
  '',
];
const METHODS = ['GET', 'POST', 'PUT', 'DELETE'];

/** A token that the provider itself signed, shaped like this; its ID token is where a test can ask for one. */
async function tokenOf({ provider, browser }: System, idToken: TokenShape): Promise<string> {
  provider.behave({ idToken });
  const visitor = browser();
  const query = new URLSearchParams({
    client_id: 'portal',
    redirect_uri: 'http://127.0.0.1/x',
    response_type: 'code',
    nonce: 'n',
  });
  const { headers } = await visitor.navigate(`${provider.url}/authorize?${query.toString()}`);
  const code = new URL(headers.get('location')!).searchParams.get('code')!;
  const { body } = await visitor.fetch(`${provider.url}/token`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from('portal:portal-secret').toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: new URLSearchParams({ code, redirect_uri: 'http://127.0.0.1/x' }).toString(),
  });
  provider.behave({});
  return (JSON.parse(body) as { id_token: string }).id_token;
}

inEveryFace(
  'no address takes a logout token or a sid: nothing ends, nobody gets in, and the chat goes on',
  async (t, face) => {
    const system = await startSystem(t, { face });
    const { url, browser, provider } = system;
    provider.setPerson({ ...kari, sid: 's1' });
    const victim = browser();
    await victim.open(`${url}/queues/q_bank`);
    const socket = new WebSocket(`${url.replace('http', 'ws')}/queues/q_bank/ws`, {
      headers: { cookie: victim.cookies('127.0.0.1') },
    });
    await once(socket, 'open');
    const ask = quickClient(t, url);
    const upstreamBefore = system.upstream.requests.length;
    for (const [name, shape] of Object.entries(TOKENS)) {
      const token = await tokenOf(system, shape);
      const frontChannel = `iss=${encodeURIComponent(provider.issuer)}&sid=s1`;
      await Promise.all(
        [...NAMES, ...OWN].flatMap((path) =>
          METHODS.map(async (method) => {
            const query = path.includes('?') ? '&' : '?';
            const answer = await ask(
              `/secure-chat/${path}${query}${frontChannel}&logout_token=${token}&id_token_hint=${token}`,
              {
                method,
                headers: {
                  authorization: `Bearer ${token}`,
                  cookie: `secure-chat=${token}; logout_token=${token}`,
                  'content-type': 'application/x-www-form-urlencoded',
                },
                ...(method === 'GET' ? {} : { body: `logout_token=${token}&${frontChannel}` }),
              },
            );
            if (NAMES.includes(path)) assert.equal(answer.status, 404, `${method} ${path}`);
            assert.ok(answer.status < 500, `${name}: ${method} ${path} ${answer.status}`);
            assert.ok(!answer.body.includes('Kari') && !answer.body.includes('"authenticated":true'));
            assert.ok(
              !answer.headers.getSetCookie().some((line) => /^(?:secure-chat|host\.sid)=s/.test(line)),
            );
          }),
        ),
      );
      const thief = await ask('/queues/q_bank', {
        headers: { authorization: `Bearer ${token}`, cookie: `secure-chat=${token}` },
      });
      assert.equal(thief.status, 401, name);
      assert.match((await victim.fetch(`${url}/secure-chat/session`)).body, /"authenticated":true/, name);
    }
    assert.equal(system.upstream.requests.length, upstreamBefore);
    assert.equal((await victim.fetch(`${url}/queues/q_bank`)).status, 200);
    socket.send('still here');
    const [echo] = (await once(socket, 'message')) as [Buffer];
    assert.equal(echo.toString(), 'still here');
    socket.terminate();
  },
);

inEveryFace(
  'a frame of the provider that opens the log-out address ends nothing; the visitor’s own POST does',
  async (t, face) => {
    const { url, browser, provider } = await startSystem(t, { face });
    const visitor = browser();
    await visitor.open(`${url}/queues/q_bank`);
    for (const query of ['', `?iss=${encodeURIComponent(provider.issuer)}&sid=s1`, '?sid=s1', '?logout=1']) {
      for (const method of ['GET', 'HEAD']) {
        const answer = await visitor.fetch(`${url}/secure-chat/logout${query}`, { method });
        assert.deepEqual([answer.status, answer.headers.get('allow')], [405, 'POST'], query);
      }
    }
    assert.equal((await visitor.fetch(`${url}/queues/q_bank`)).status, 200);
    assert.equal((await visitor.fetch(`${url}/secure-chat/logout`, { method: 'POST' })).status, 204);
    assert.equal((await visitor.fetch(`${url}/queues/q_bank`)).status, 401);
  },
);
