/** A page of the gateway's is shown inside a foreign one and clicked through: every answer of its own refuses to be framed. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { chromiumMissing, startChromium } from '../support/chromium.ts';
import { walkLogin } from '../support/login-walk.ts';
import { codeOf } from '../support/problem-code.ts';
import { Desk } from '../admin-site/pages-rig.ts';
import { startAdministered } from '../admin-site/rig.ts';
import { inEveryFace, startSystem } from '../support/system.ts';

/** Every kind of answer: pages, problems, JSON, redirects, files; of the gateway's own routes and of its refusals elsewhere. */
const ANSWERS: readonly (readonly [path: string, method: string, status: number])[] = [
  ['/secure-chat/login?queueKey=q_bank', 'GET', 302],
  ['/secure-chat/login?queueKey=q_open', 'GET', 302],
  ['/secure-chat/login', 'GET', 400],
  ['/secure-chat/login?queueKey=nowhere', 'GET', 403],
  ['/secure-chat/login?queueKey=q_bank', 'PUT', 405],
  ['/secure-chat/callback?state=x', 'GET', 400],
  ['/secure-chat/session', 'GET', 200],
  ['/secure-chat/session', 'HEAD', 200],
  ['/secure-chat/logout', 'POST', 204],
  ['/secure-chat/logout', 'GET', 405],
  ['/secure-chat/done', 'GET', 200],
  ['/secure-chat/done?authError=access_denied', 'GET', 200],
  ['/secure-chat/healthz', 'GET', 200],
  ['/secure-chat/readyz', 'GET', 200],
  ['/secure-chat/nothing', 'GET', 404],
  ['/secure-chat/assets/nothing.js', 'GET', 404],
  ['/secure-chat/admin', 'GET', 404],
  ['/queues/q_bank?authError=login_required', 'GET', 401],
  ['/queues/q_bank', 'POST', 401],
  ['/queues/q_bank/..;/x', 'GET', 400],
];

inEveryFace(
  'every answer of the gateway’s own forbids framing, for a person and for a script',
  async (t, face) => {
    const { url, browser } = await startSystem(t, { face });
    for (const [path, method, status] of ANSWERS) {
      for (const accept of ['text/html', 'application/json', '*/*']) {
        const { headers, ...answer } = await browser().fetch(url + path, { method, headers: { accept } });
        const about = `${method} ${path} as ${accept}`;
        const expected =
          path === '/secure-chat/logout' && accept === 'text/html' && method === 'POST' ? 303 : status;
        assert.equal(answer.status, expected, about);
        assert.match(
          headers.get('content-security-policy') ?? '',
          /(?:^|;)frame-ancestors 'none'(?:;|$)/,
          about,
        );
        assert.equal(headers.get('x-frame-options')?.toUpperCase(), 'DENY', about);
      }
    }
    const popup = await walkLogin(browser(), url, '/secure-chat/login?queueKey=q_bank&display=popup');
    assert.match(popup.landed.headers.get('content-security-policy') ?? '', /frame-ancestors 'none'/);
  },
);

inEveryFace(
  'a secure queue starts no login inside a frame, and a page of the chat server frames as it likes',
  async (t, face) => {
    const { url, browser, upstream } = await startSystem(t, {
      face,
      upstream: (_req, res) => {
        res
          .writeHead(200, {
            'content-type': 'text/html',
            'content-security-policy': 'frame-ancestors https://www.bank.example',
          })
          .end('chat');
      },
    });
    for (const destination of ['iframe', 'frame', 'object', 'embed']) {
      const headers = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': destination };
      const answer = await browser().navigate(`${url}/queues/q_bank`, { headers });
      assert.deepEqual([answer.status, codeOf(answer)], [401, 'login_required'], destination);
    }
    assert.equal(upstream.requests.length, 0);
    const visitor = browser();
    const chat = await visitor.open(`${url}/queues/q_bank`);
    assert.equal(chat.status, 200);
    assert.equal(chat.headers.get('content-security-policy'), 'frame-ancestors https://www.bank.example');
    assert.equal(chat.headers.get('x-frame-options'), null);
  },
);

inEveryFace(
  'every page of the administration forbids framing, before the sign-in and after it',
  async (t, face) => {
    const { url, browser } = await startAdministered(t, { face });
    const desk = new Desk(url, browser());
    const look = async () => {
      for (const path of [
        '',
        '/sign-in',
        '/audit',
        '/sessions',
        '/customer/new',
        '/confirm?act=reset',
        '/nothing',
      ]) {
        for (const answer of [
          await desk.open(path),
          await desk.post(path, {}),
          await desk.post(path, {}, { 'sec-fetch-site': 'cross-site' }),
        ]) {
          assert.match(
            answer.headers.get('content-security-policy') ?? '',
            /(?:^|;)frame-ancestors 'none'(?:;|$)/,
            path,
          );
          assert.equal(answer.headers.get('x-frame-options')?.toUpperCase(), 'DENY', path);
        }
      }
    };
    await look();
    await desk.signIn();
    await look();
  },
);

test('a real browser shows none of our pages in a foreign frame', { skip: chromiumMissing }, async (t) => {
  const { url } = await startSystem(t);
  const pages = [
    '/secure-chat/done',
    '/secure-chat/callback?state=x',
    '/secure-chat/login',
    '/queues/q_bank?authError=access_denied',
  ];
  const site = createServer((_req, res) => {
    const frames = [...pages, '/framable'].map((path) => `<iframe src="${url}${path}"></iframe>`);
    res.writeHead(200, { 'content-type': 'text/html' }).end(`<!doctype html>${frames.join('')}`);
  });
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    site.closeAllConnections();
    site.close();
  });
  const chromium = await startChromium();
  t.after(() => chromium.close());
  const tab = await (await chromium.newContext()).newPage();
  await tab.goto(`http://127.0.0.1:${(site.address() as AddressInfo).port}/`, { waitUntil: 'load' });
  const shown = tab
    .mainFrame()
    .childFrames()
    .map((frame) => frame.url());
  assert.equal(shown.length, 5);
  assert.deepEqual(
    shown.map((address) => address.startsWith(url)),
    [false, false, false, false, true],
    shown.join(' '),
  );
});
