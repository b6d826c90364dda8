import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inEveryFace } from '../support/system.ts';
import { Desk, hiddenOf, shownOf } from './pages-rig.ts';
import { ADMIN_TOKEN, startAdministered, VIEWER_TOKEN } from './rig.ts';

const QUEUE = '/queue?customerKey=12345&queueKey=q_open';
const FORMS: readonly (readonly [path: string, fields: Record<string, string>])[] = [
  [QUEUE, { authConnectionName: 'Signicat' }],
  ['/customer?customerKey=12345', { returnOrigins: 'https://evil.example' }],
  ['/customer/new', { customerKey: 'new' }],
  ['/connection?customerKey=12345&authConnectionName=Signicat', { authScope: 'openid' }],
  ['/connection/new?customerKey=12345', { authConnectionName: 'X' }],
  ['/connection/probe?customerKey=12345&authConnectionName=Signicat', {}],
  ['/mapping?customerKey=12345&authConnectionName=Signicat', { do: 'save' }],
  [
    '/secret?customerKey=12345&authConnectionName=Signicat&key=authClientSecret',
    { authClientSecret: 'x', replace: 'yes' },
  ],
  ['/queue/new?customerKey=12345', { queueKey: 'q_new', do: 'open' }],
  ['/confirm?act=queue.open&customerKey=12345&queueKey=q_bank', {}],
  ['/audit/verify', {}],
  ['/sessions', { subject: 'abcdefghijabcdefghij1234', confirmed: 'yes' }],
  ['/sign-out', {}],
];

inEveryFace('a forged form changes nothing: no token, another session’s, another site’s', async (t, face) => {
  const { url, browser, gateway } = await startAdministered(t, { face });
  const desk = new Desk(url, browser());
  const page = await desk.signIn();
  const { csrf } = hiddenOf(page.body);
  const revision = '0';
  const stranger = new Desk(url, browser());
  const foreign = hiddenOf((await stranger.signIn()).body).csrf!;
  const good = { csrf: csrf!, revision };
  const before = JSON.stringify((await gateway.administration!.read()).customers);
  for (const [path, fields] of FORMS) {
    for (const [forged, headers] of [
      [{ revision }, {}],
      [{ revision, csrf: '' }, {}],
      [{ revision, csrf: foreign }, {}],
      [good, { 'sec-fetch-site': 'cross-site' }],
      [good, { 'sec-fetch-site': 'same-site' }],
      [good, { 'sec-fetch-site': 'none' }],
      [good, { origin: 'https://evil.example' }],
      [good, { origin: 'https://www.bank.example' }],
    ] as const) {
      const answer = await desk.post(path, { ...fields, ...forged }, headers);
      assert.equal(answer.status, 403, `${path} ${JSON.stringify(headers)}`);
      assert.match(shownOf(answer.body), /This form was not sent from here/);
    }
  }
  assert.equal(JSON.stringify((await gateway.administration!.read()).customers), before);
  assert.equal((await desk.open('')).status, 200, 'still signed in');
});

test('an old browser that says no Sec-Fetch-Site is told by its Origin', async (t) => {
  const { url, browser } = await startAdministered(t);
  const desk = new Desk(url, browser());
  const send = (headers: Record<string, string>) =>
    desk.browser.fetch(`${desk.base}/sign-in`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      body: `token=${ADMIN_TOKEN}`,
    });
  assert.equal((await send({ origin: url })).status, 303);
  for (const headers of [
    {},
    { origin: 'null' },
    { origin: 'https://evil.example' },
    { origin: `${url}.evil.example` },
  ])
    assert.equal((await send(headers as Record<string, string>)).status, 403, JSON.stringify(headers));
});

inEveryFace('a viewer sees every page and changes nothing', async (t, face) => {
  const { url, browser, gateway } = await startAdministered(t, { face });
  const desk = new Desk(url, browser());
  const page = await desk.signIn(VIEWER_TOKEN);
  const { csrf } = hiddenOf(page.body);
  const { revision, customers } = await gateway.administration!.read();
  for (const [path, fields] of FORMS) {
    if (path === '/audit/verify' || path === '/sign-out') continue;
    const answer = await desk.post(path, { ...fields, csrf: csrf!, revision: String(revision) });
    assert.equal(answer.status, 403, path);
    assert.match(shownOf(answer.body), /As a viewer you may look at everything/);
  }
  assert.deepEqual((await gateway.administration!.read()).customers, customers);
  for (const path of [
    '',
    '/customer?customerKey=12345',
    QUEUE,
    '/audit',
    '/sessions',
    '/mapping?customerKey=12345&authConnectionName=Signicat',
    '/connection?customerKey=12345&authConnectionName=Signicat',
  ]) {
    const { status, body } = await desk.open(path);
    assert.equal(status, 200, path);
    assert.doesNotMatch(body, /<button[^>]*>(?:Save|Add|Make|Go on)/, path);
  }
});
