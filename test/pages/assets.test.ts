import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFileSync } from 'node:fs';
import test, { after, before } from 'node:test';
import { isGatewayError } from '../../src/errors.ts';
import { createAssets } from '../../src/pages/assets.ts';

const assets = createAssets({ routePrefix: '/secure-chat', publicPath: '/base' });
const { stylesheet, popupScript, icon } = assets.urls;
const below = (url: string): string => url.replace('/base', '');

let server: Server;
let origin: string;
before(async () => {
  server = createServer((req, res) => {
    try {
      if (!assets.serve((req.url ?? '').split('?', 1)[0]!, req, res)) res.writeHead(404).end();
    } catch (error) {
      res.writeHead(isGatewayError(error) ? error.status : 500).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(() => {
  server.closeAllConnections();
  server.close();
});

for (const [url, file, type] of [
  [stylesheet, 'page.css', 'text/css; charset=utf-8'],
  [popupScript, 'popup.js', 'text/javascript; charset=utf-8'],
  [icon, 'icon.svg', 'image/svg+xml'],
] as const) {
  test(`${file} is served for good under the hash of its content`, async () => {
    assert.match(url, /^\/base\/secure-chat\/assets\/[a-z]+\.[0-9a-f]{12}\.[a-z]+$/);
    const answer = await fetch(origin + below(url));
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get('content-type'), type);
    assert.equal(answer.headers.get('cache-control'), 'public, max-age=31536000, immutable');
    assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
    assert.equal(await answer.text(), readFileSync(new URL(`../../public/${file}`, import.meta.url), 'utf8'));
  });
}

test('HEAD gets the headers alone', async () => {
  const answer = await fetch(origin + below(stylesheet), { method: 'HEAD' });
  assert.equal(answer.status, 200);
  assert.ok(Number(answer.headers.get('content-length')) > 1000);
  assert.equal(await answer.text(), '');
});

test('other methods are refused and told which ones work', async () => {
  const answer = await fetch(origin + below(stylesheet), { method: 'POST', body: 'x' });
  assert.equal(answer.status, 405);
  assert.equal(answer.headers.get('allow'), 'GET, HEAD');
});

for (const path of [
  '/secure-chat/assets/page.css',
  '/secure-chat/assets/page.000000000000.css',
  '/secure-chat/assets/',
  '/secure-chat/assets/../pages.ts',
  '/secure-chat/assets/%70age.css',
  '/secure-chat/assets/__proto__',
  stylesheet,
  below(stylesheet) + '/',
  below(stylesheet).toUpperCase(),
]) {
  test(`${path.replace(/[0-9a-f]{12}/, '<hash>')} is no asset`, () => {
    assert.equal(assets.serve(path, {} as never, {} as never), false);
  });
}

test('mounted, the handler serves what follows the mount point and passes on the rest', async (t) => {
  const mounted = createServer((req, res) => {
    assets.handler(req, res, () => res.writeHead(418).end());
  });
  t.after(() => {
    mounted.closeAllConnections();
    mounted.close();
  });
  await new Promise<void>((resolve) => mounted.listen(0, '127.0.0.1', resolve));
  const at = `http://127.0.0.1:${(mounted.address() as AddressInfo).port}`;
  const name = stylesheet.slice('/base/secure-chat/assets'.length);
  assert.equal((await fetch(`${at}${name}?x=1`)).status, 200);
  assert.equal((await fetch(`${at}/secure-chat/assets${name}`)).status, 418);
});
