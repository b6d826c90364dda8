import assert from 'node:assert/strict';
import { inEveryFace, startSystem } from '../support/system.ts';

inEveryFace('display=window without an address to return to ends on a page that says so', async (t, face) => {
  const { url, provider, browser } = await startSystem(t, { face });
  const verified = await browser({ 'accept-language': 'nb' }).open(
    `${url}/secure-chat/login?queueKey=q_bank&display=window`,
  );
  assert.equal(verified.status, 200);
  assert.equal(new URL(verified.url).pathname, '/secure-chat/done');
  assert.match(verified.body, /<html lang="nb"/);
  provider.setPerson(undefined);
  const nobody = await browser().open(`${url}/secure-chat/login?queueKey=q_bank&display=window`);
  assert.equal(new URL(nobody.url).searchParams.get('authError'), 'login_required');
});

inEveryFace('display=window with an address lives on there', async (t, face) => {
  const { url, browser } = await startSystem(t, { face });
  const visit = await browser().open(
    `${url}/secure-chat/login?queueKey=q_bank&display=window&returnTo=/queues/q_bank`,
  );
  assert.equal(visit.status, 200);
  assert.equal(new URL(visit.url).pathname, '/queues/q_bank');
});

inEveryFace('display=popup posts the outcome to the origin of returnTo and to no other', async (t, face) => {
  const { url, browser } = await startSystem(t, { face });
  const visit = await browser().open(
    `${url}/secure-chat/login?queueKey=q_bank&display=popup&returnTo=https://www.bank.example/chat`,
  );
  assert.equal(visit.status, 200);
  assert.equal(new URL(visit.url).pathname, '/secure-chat/callback');
  assert.match(visit.body, /https:\/\/www\.bank\.example/);
  assert.match(visit.body, /authCode/);
  assert.match(visit.headers.get('content-security-policy') ?? '', /default-src 'none'/);
  assert.notEqual(visit.headers.get('cross-origin-opener-policy'), 'same-origin');
});

inEveryFace('interactive=1 leaves prompt out, and authPrompt can be switched off', async (t, face) => {
  const { url, browser } = await startSystem(t, { face });
  const asked = async (address: string, system = url) =>
    new URL((await browser().navigate(system + address)).headers.get('location')!).searchParams;
  assert.equal((await asked('/secure-chat/login?queueKey=q_bank')).get('prompt'), 'none');
  assert.equal((await asked('/secure-chat/login?queueKey=q_bank&interactive=1')).get('prompt'), null);
  const off = await startSystem(t, { face, connection: { authPrompt: '' } });
  assert.equal((await asked('/secure-chat/login?queueKey=q_bank', off.url)).get('prompt'), null);
});

inEveryFace('/login takes its own parameters only and refuses what it cannot read', async (t, face) => {
  const { url, provider, browser } = await startSystem(t, { face });
  const { headers } = await browser().navigate(
    `${url}/secure-chat/login?queueKey=%20Q_BANK%20&scope=admin&prompt=login&redirect_uri=https://evil.example&claims=x&code=1&state=2`,
  );
  const asked = new URL(headers.get('location')!).searchParams;
  assert.deepEqual(
    [asked.get('scope'), asked.get('prompt'), asked.get('claims'), asked.get('code')],
    ['openid profile signicat.national_id', 'none', null, null],
  );
  assert.equal(asked.get('redirect_uri'), `${url}/secure-chat/callback`);
  const refusals: [string, number, string][] = [
    ['queueKey=q_bank&returnTo=https://evil.example/', 400, 'return_to_refused'],
    ['queueKey=q_bank&returnTo=//evil.example', 400, 'return_to_refused'],
    ['queueKey=q_bank&returnTo=https://www.bank.example.evil/', 400, 'return_to_refused'],
    ['queueKey=q_bank&queueKey=q_loan', 400, 'queue_ambiguous'],
    ['queueKey=nowhere', 403, 'queue_refused'],
    ['', 400, 'request_malformed'],
    ['queueKey=q_bank&display=tab', 400, 'request_malformed'],
  ];
  for (const [query, status, code] of refusals) {
    const answer = await browser().fetch(`${url}/secure-chat/login?${query}`);
    assert.deepEqual(
      [answer.status, (JSON.parse(answer.body) as { code: string }).code],
      [status, code],
      query,
    );
    assert.deepEqual(answer.headers.getSetCookie(), []);
  }
  assert.equal(provider.requests.filter(({ endpoint }) => endpoint !== 'discovery').length, 0);
});

inEveryFace(
  'a login may return to another site of the customer, other queues need no login',
  async (t, face) => {
    const { url, browser } = await startSystem(t, { face });
    const visitor = browser();
    const first = await visitor.navigate(
      `${url}/secure-chat/login?queueKey=q_bank&returnTo=https://www.bank.example/chat?x=1`,
    );
    const second = await visitor.navigate(first.headers.get('location')!);
    const third = await visitor.navigate(second.headers.get('location')!);
    assert.match(
      third.headers.get('location')!,
      /^https:\/\/www\.bank\.example\/chat\?x=1&authCode=[\w-]{43}$/,
    );
    const open = await visitor.navigate(`${url}/secure-chat/login?queueKey=q_open&returnTo=/chat`);
    assert.deepEqual([open.status, open.headers.get('location')], [302, `${url}/chat`]);
  },
);

inEveryFace('own routes take their own methods, and an unknown one is 404', async (t, face) => {
  const { url, upstream, browser } = await startSystem(t, { face });
  const status = async (method: string, path: string) =>
    (await browser().fetch(url + path, { method })).status;
  assert.equal(await status('GET', '/secure-chat/logout'), 405);
  assert.equal(await status('POST', '/secure-chat/callback'), 405);
  assert.equal(await status('DELETE', '/secure-chat/session'), 405);
  assert.equal(await status('GET', '/secure-chat/nothing'), 404);
  assert.equal(await status('GET', '/Secure-Chat/healthz'), 200);
  assert.equal(await status('GET', '/secure-chat/readyz'), 200);
  assert.equal(await status('HEAD', '/secure-chat/healthz'), 200);
  assert.equal(upstream.requests.length, 0);
  assert.equal(await status('GET', '/secure-chatter'), 200);
  assert.equal(upstream.requests.length, 1);
});
