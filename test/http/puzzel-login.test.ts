import assert from 'node:assert/strict';
import { codeOf } from '../support/problem-code.ts';
import { identityOf, inEveryFace, ola } from '../support/system.ts';
import { BASE, idOf, lastBody, NO_COOKIES, PAGE, PuzzelPage, startPuzzel } from './puzzel-page.ts';

inEveryFace(
  'a page with cookies logs in by the vendor’s protocol and chats as who it is',
  async (t, face) => {
    const { url, provider, upstream, browser } = await startPuzzel(t, { face });
    const page = new PuzzelPage(url, browser());
    const begun = await page.state();
    assert.equal(begun.headers.get('access-control-allow-origin'), PAGE);
    assert.equal(begun.headers.get('access-control-allow-credentials'), 'true');
    assert.match(
      begun.headers.get('set-cookie')!,
      /^secure-chat-page=[\w-]{43}; Path=\/; Max-Age=3600; HttpOnly; SameSite=Lax$/,
    );
    const { location } = JSON.parse(begun.body) as { location: string };
    const asked = new URL(location).searchParams;
    assert.equal(asked.get('redirect_uri'), `${url}${BASE}/auth/redirect`);
    assert.equal(asked.get('prompt'), 'none');
    assert.equal(asked.get('nonce'), null);
    const code = await page.login(provider.issuer);
    const started = await page.start(code);
    assert.equal(started.status, 200, started.body);
    const sent = lastBody(upstream);
    assert.deepEqual([sent['nickName'], sent['chatId'], 'auth' in sent], ['Kari', 'kari-sub', false]);
    assert.equal(identityOf(upstream)['x-secure-chat-id'], 'kari-sub');
    assert.equal(idOf(started), '12345-chat1', 'the answer is the upstream’s');
    assert.equal((await page.say(idOf(started))).status, 200);
    assert.equal(lastBody(upstream)['nickName'], 'Kari');
    assert.equal((await page.ask(`/sessions/${idOf(started)}/messages/0`)).status, 200);
    assert.equal((await page.ask(`/sessions/${idOf(started)}/1`, { method: 'DELETE' })).status, 200);
    assert.ok(upstream.requests.every(({ headers }) => !/secure-chat/.test(headers.cookie ?? '')));
    const used = await page.start(code);
    assert.equal(codeOf(used), 'login_required', 'a handle is good once');
    assert.equal((await page.start(undefined)).status, 200, 'the cookie is enough');
  },
);

inEveryFace('a page without any cookie gets a chat whose id is a secret', async (t, face) => {
  const { url, provider, upstream, browser } = await startPuzzel(t, { face });
  const page = new PuzzelPage(url, browser(), NO_COOKIES);
  const started = await page.start(await page.login(provider.issuer));
  assert.equal(started.status, 200, started.body);
  assert.match(
    started.body,
    /^\{ "iqSessionId" : "chat1\.scg-[\w-]{32}" , "requestId":1\.0,"more":"\\u00e5" \}$/,
  );
  assert.equal(started.headers.get('content-length'), String(Buffer.byteLength(started.body)));
  assert.equal(started.headers.get('etag'), null);
  assert.equal(started.headers.get('set-cookie'), null);
  const id = idOf(started);
  assert.equal((await page.say(id)).status, 200);
  assert.equal(upstream.requests.at(-1)!.url, `${BASE}/sessions/12345-chat1/messages`);
  assert.equal(identityOf(upstream)['x-secure-chat-id'], 'kari-sub');
  assert.equal(lastBody(upstream)['nickName'], 'Kari');
  const survey = { queueKey: 'q_bank', parentSessionId: id, nickName: 'x' };
  assert.equal((await page.ask(`/sessions/${id}/survey`, { json: survey })).status, 200);
  assert.equal(lastBody(upstream)['parentSessionId'], '12345-chat1');
  const arrived = upstream.requests.length;
  for (const other of ['12345-chat1', `${id.slice(0, -1)}_`, `12345-chat1.scg-${'A'.repeat(32)}`])
    assert.equal(codeOf(await page.say(other)), 'queue_refused', other);
  const somebody = browser();
  provider.setPerson(ola);
  await somebody.open(`${url}/secure-chat/login?queueKey=q_bank&returnTo=/portal`);
  await somebody.fetch(`${url}${BASE}/sessions?queueKey=q_bank`, { method: 'POST' });
  const before = upstream.requests.length;
  const stolen = await new PuzzelPage(url, somebody).say(id);
  assert.equal(codeOf(stolen), 'queue_refused', 'who is somebody else has nothing of the secret');
  assert.equal(upstream.requests.length, before);
  assert.ok(arrived <= before);
});
