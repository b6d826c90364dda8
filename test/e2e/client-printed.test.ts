import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { startSystem } from '../../demo/system.ts';
import { createGateway } from '../../src/gateway.ts';
import { chromiumMissing, startChromium } from '../support/chromium.ts';
import { silent } from '../support/faces.ts';
import { resolveLocalhostNames } from '../support/localhost-names.ts';

const HOSTS = {
  portal: 'www.bank.localhost',
  gateway: 'chat.vendor.localhost',
  provider: 'login.eid.localhost',
};

/** The complete page of the client's manual, word for word. */
async function printedPage(gateway: string): Promise<string> {
  const manual = await readFile(new URL('../../docs/client.md', import.meta.url), 'utf8');
  const [, page = ''] = /```html\n(<!doctype html>[^]*?)```/.exec(manual) ?? [];
  return page.replaceAll('https://chat.example.no', gateway);
}

/** Ends the identity right before the next message, and takes the way of a popup. */
const END_BEFORE_SENDING = (gateway: string) => `(() => {
  window.leaving = true;
  window.open = () => null;
  const own = window.fetch;
  window.fetch = async (request, init) => {
    if (request.url.includes('/queues/')) {
      window.fetch = own;
      const [token] = /scg_[\\w-]{43}/.exec(JSON.stringify({ ...sessionStorage }));
      const headers = { Authorization: 'Bearer ' + token };
      await own(${JSON.stringify(`${gateway}/secure-chat/logout`)}, { method: 'POST', credentials: 'omit', headers });
    }
    return own(request, init);
  };
})()`;

test(
  'the manual’s page runs as printed, and sends a question once that met the end of the identity',
  { skip: chromiumMissing },
  async (t) => {
    let body = '';
    const site = createServer((_request, response) => {
      response.setHeader('Content-Type', 'text/html').end(body);
    }).listen(0, '127.0.0.1');
    t.after(() => site.close());
    await once(site, 'listening');
    const origin = `http://my.shop.localhost:${(site.address() as AddressInfo).port}`;
    resolveLocalhostNames();
    const system = await startSystem({
      anyPort: true,
      hosts: HOSTS,
      createGateway: ({ customers = [], ...own }) =>
        createGateway(
          { ...own, customers: customers.map((customer) => ({ ...customer, returnOrigins: [origin] })) },
          { logger: silent },
        ),
    });
    t.after(() => system.close());
    const { gateway, portal } = system.origins;
    body = await printedPage(gateway);
    const browser = await startChromium();
    t.after(() => browser.close());
    const page = await browser.newPage();
    await page.goto(`${portal}/login`);
    await page.locator('.person').first().click();
    await page.waitForURL(`${portal}/account`);
    await page.goto(`${origin}/printed`);
    const chats = () => system.chatServer.chats.list().length;
    const ask = async (text: string) => {
      await page.fill('textarea', text);
      await page.click('text=Send');
    };
    const isSent = () => page.waitForFunction(`!window.leaving && document.forms[0].text.value === ''`);
    await ask('first');
    await page.waitForFunction(`document.querySelector('#state').textContent === 'Verified'`);
    await isSent();
    assert.equal(chats(), 1);
    await page.evaluate(END_BEFORE_SENDING(gateway));
    await ask('second');
    await isSent();
    await ask('third');
    await isSent();
    assert.equal(chats(), 3);
    assert.equal(page.url(), `${origin}/printed`);
  },
);
