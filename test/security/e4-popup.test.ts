/** The outcome of a popup login reaches a window that should not have it: it is posted to one exact origin of the list, and holds nothing secret. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import type { Page as Tab } from 'playwright-core';
import { chromiumMissing, startChromium } from '../support/chromium.ts';
import { tagsOf } from '../support/html-structure.ts';
import { walkLogin } from '../support/login-walk.ts';
import { percent } from '../support/redirect-payloads.ts';
import { connection, inEveryFace, kari, startSystem } from '../support/system.ts';
import { startProvider } from '../support/provider.ts';

/** What the page hands to its script. */
function handedOver(html: string) {
  const outcome = tagsOf(html).find(({ attributes }) => 'data-message' in attributes);
  assert.ok(outcome !== undefined, 'the popup page');
  const plain = (name: string) =>
    outcome.attributes[name]!.replaceAll('&#34;', '"')
      .replaceAll('&#39;', "'")
      .replaceAll('&quot;', '"')
      .replaceAll('&amp;', '&');
  return {
    targetOrigin: plain('data-target-origin'),
    returnTo: plain('data-return-to'),
    message: JSON.parse(plain('data-message')) as Record<string, unknown>,
  };
}

inEveryFace(
  'the message goes to the whole origin of returnTo and holds a one-time handle or an error, nothing else',
  async (t, face) => {
    const { url, provider, browser } = await startSystem(t, { face });
    const cases: [string, string][] = [
      ['https://www.bank.example/chat?x=1#top', 'https://www.bank.example'],
      ['HTTPS://WWW.BANK.EXAMPLE:443/', 'https://www.bank.example'],
      ['/chat', url],
      ['', url],
    ];
    for (const [returnTo, origin] of cases) {
      for (const person of [kari, undefined]) {
        provider.setPerson(person);
        const visitor = browser();
        const path = `/secure-chat/login?queueKey=q_bank&display=popup&returnTo=${percent(returnTo)}`;
        const { answered, landed } = await walkLogin(visitor, url, path);
        const { message, targetOrigin, returnTo: onwards } = handedOver(landed.body);
        assert.equal(targetOrigin, origin);
        assert.ok(onwards.startsWith(`${origin}/`));
        const outcome = person === undefined ? 'authError' : 'authCode';
        assert.deepEqual(Object.keys(message).sort(), [outcome, 'customerKey', 'queueKey', 'type']);
        const callback = new URL(answered.headers.get('location')!).searchParams;
        const secrets = [
          callback.get('code'),
          callback.get('state'),
          ...[...visitor.jar.get('127.0.0.1')!.values()],
          kari['signicat.national_id'],
          kari.sub,
          'Kari',
        ];
        for (const secret of secrets)
          if (secret !== null) assert.ok(!landed.body.includes(secret), 'a secret in the page');
        if (person === undefined) continue;
        const thief = browser();
        const handle = String(message['authCode']);
        assert.equal((await thief.fetch(`${url}/queues/q_bank?authCode=${handle}`)).status, 401);
        assert.deepEqual(
          JSON.parse((await thief.fetch(`${url}/secure-chat/session?authCode=${handle}`)).body),
          { authenticated: false },
        );
        assert.equal(
          (await visitor.fetch(`${url}/queues/q_bank`)).status,
          200,
          'the popup’s own browser is verified',
        );
      }
    }
  },
);

test('the script of the popup posts once, to the origin it was given, and listens to nobody', async (t) => {
  const { url, browser } = await startSystem(t);
  const { landed } = await walkLogin(browser(), url, '/secure-chat/login?queueKey=q_bank&display=popup');
  const [script] = tagsOf(landed.body).filter(({ name }) => name === 'script');
  const { body, headers } = await browser().fetch(url + script!.attributes['src']!);
  assert.match(headers.get('content-type') ?? '', /^text\/javascript/);
  assert.equal(body.match(/postMessage\(/g)?.length, 1);
  assert.match(body, /postMessage\(JSON\.parse\(message\), targetOrigin\)/);
  assert.doesNotMatch(body, /['"]\*['"]|addEventListener|onmessage|eval|innerHTML|location\.(?:hash|search)/);
});

test(
  'in a real browser only the page that the login returns to hears of it',
  { skip: chromiumMissing },
  async (t) => {
    const friend = await startSite(t);
    const stranger = await startSite(t);
    const provider = await startProvider({ person: kari });
    t.after(() => provider.stop());
    const { url } = await startSystem(t, {
      provider,
      options: {
        customers: [
          {
            customerKey: '12345',
            returnOrigins: [friend],
            connections: [connection(provider)],
            queues: [{ queueKey: 'q_bank', authConnectionName: 'Signicat' }],
          },
        ],
      },
    });
    const chromium = await startChromium();
    t.after(() => chromium.close());
    const context = await chromium.newContext();
    const login = `${url}/secure-chat/login?queueKey=q_bank&display=popup&returnTo=${percent(`${friend}/chat`)}`;

    const open = async (tab: Tab, site: string): Promise<void> => {
      await tab.goto(site);
      await tab.evaluate(
        `window.heard = []; window.addEventListener('message', ({ origin, data }) => heard.push({ origin, data }));`,
      );
      const opened = tab.waitForEvent('popup');
      await tab.evaluate(`void (window.popup = window.open(${JSON.stringify(login)}))`);
      const popup = await opened;
      // a message from the opener makes the popup do nothing
      await tab.evaluate(`void window.popup.postMessage({ type: 'secure-chat', targetOrigin: '*' }, '*')`);
      if (!popup.isClosed()) await popup.waitForEvent('close');
    };

    const foreign = await context.newPage();
    await open(foreign, stranger);
    const own = await context.newPage();
    await open(own, friend);
    await own.waitForFunction('heard.length > 0');
    const heard = await own.evaluate<{ origin: string; data: Record<string, unknown> }[]>('heard');
    assert.equal(heard.length, 1);
    assert.equal(heard[0]!.origin, url);
    assert.deepEqual(Object.keys(heard[0]!.data).sort(), ['authCode', 'customerKey', 'queueKey', 'type']);
    assert.deepEqual(await foreign.evaluate('heard'), []);
  },
);

/** A page of some other site, on an origin of its own. */
async function startSite(t: TestContext): Promise<string> {
  const server = createServer((_req, res) => {
    res.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>site</title>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
