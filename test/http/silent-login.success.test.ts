import assert from 'node:assert/strict';
import { identityOf, inEveryFace, startSystem } from '../support/system.ts';

inEveryFace(
  'a visitor who is logged in at the portal enters a secure queue, verified and masked',
  async (t, face) => {
    const { url, upstream, provider, browser } = await startSystem(t, { face });
    const visit = await browser().open(`${url}/queues/q_bank/start?lang=nb`);

    assert.equal(visit.status, 200);
    const [authorize, callback, back] = visit.trail.map((address) => new URL(address));
    assert.equal(authorize!.origin, provider.url);
    const asked = authorize!.searchParams;
    assert.equal(asked.get('prompt'), 'none');
    assert.equal(asked.get('code_challenge_method'), 'S256');
    assert.equal(asked.get('scope'), 'openid profile signicat.national_id');
    assert.ok((asked.get('state') ?? '').length >= 32 && (asked.get('nonce') ?? '').length >= 22);
    assert.equal(asked.get('redirect_uri'), `${url}/secure-chat/callback`);
    assert.equal(callback!.pathname, '/secure-chat/callback');
    assert.equal(back!.pathname, '/queues/q_bank/start');
    assert.equal(back!.searchParams.get('lang'), 'nb');
    assert.notEqual(back!.searchParams.get('authCode'), callback!.searchParams.get('code'));

    const identity = identityOf(upstream);
    assert.equal(identity['x-secure-chat-customer'], '12345');
    assert.equal(identity['x-secure-chat-queue'], 'q_bank');
    assert.equal(identity['x-secure-chat-connection'], 'Signicat');
    assert.equal(identity['x-secure-chat-id'], 'kari-sub');
    assert.equal(identity['x-secure-chat-nickname'], 'Kari');
    assert.equal(identity['x-secure-chat-variable-national-id'], '170290*****');
    assert.equal(decodeURIComponent(identity['x-secure-chat-variable-name']!), 'Kari Ødegård');
    assert.deepEqual(JSON.parse(identity['x-secure-chat-variables']!), [
      { name: 'AuthProvider', description: 'Authentication', value: 'Signicat' },
      { name: 'national_id', description: 'Personnummer', value: '170290*****' },
      { name: 'name', description: 'Name', value: 'Kari Ødegård' },
      { name: 'birthdate', description: 'Fødselsdato', value: '1990-02-17' },
    ]);
    assert.equal(provider.calls('token'), 1);
    assert.equal(upstream.requests.length, 1);
  },
);

inEveryFace(
  'a verified visitor goes on without another login, and the answer is kept by no cache',
  async (t, face) => {
    const { url, upstream, provider, browser } = await startSystem(t, { face });
    const visitor = browser();
    await visitor.open(`${url}/queues/q_bank`);
    const answer = await visitor.fetch(`${url}/queues/q_bank/messages`, { method: 'POST', body: 'hei' });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get('cache-control'), 'no-store');
    assert.equal(identityOf(upstream)['x-secure-chat-id'], 'kari-sub');
    assert.equal(upstream.requests.at(-1)!.body.toString(), 'hei');
    assert.equal(provider.calls('authorize'), 1);
  },
);

inEveryFace('our cookies stay here, the others go upstream byte for byte', async (t, face) => {
  const { url, upstream, browser } = await startSystem(t, { face });
  const visitor = browser();
  await visitor.open(`${url}/queues/q_bank`);
  visitor.jar.get('127.0.0.1')!.set('theme', '"da rk"');
  await visitor.fetch(`${url}/queues/q_bank`);
  assert.equal(upstream.requests.at(-1)!.headers.cookie, 'theme="da rk"');
});
