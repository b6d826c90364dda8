import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import test, { after, before } from 'node:test';
import type { Browser, BrowserContextOptions, Page as Tab } from 'playwright-core';
import { LANGUAGES } from '../../src/pages/language.ts';
import { createAssets } from '../../src/pages/assets.ts';
import { sendPage } from '../../src/pages/answer.ts';
import { createPages, type PopupMessage } from '../../src/pages/pages.ts';
import { createSecurityHeaders } from '../../src/pages/security-headers.ts';
import { LOOKS, violatedRules } from '../support/axe.ts';
import { chromiumMissing as skip, startChromium } from '../support/chromium.ts';
import { everyPage } from './every-page.ts';

const settings = { routePrefix: '/secure-chat', publicPath: '' };
const pages = createPages(settings);
const assets = createAssets(settings);
const protect = createSecurityHeaders({ publicOrigin: 'http://127.0.0.1' });

const message: PopupMessage = {
  type: 'secure-chat',
  queueKey: 'q_bank"><script>alert(1)</script>',
  customerKey: '12345',
  authCode: `h4ndle'&quot;</p>\u2028 Åse`,
};

let browser: Browser;
/** Origins: the gateway; a page that it may answer to; any other page. */
let gateway: string, friend: string, stranger: string;
const servers: ReturnType<typeof createServer>[] = [];

async function listen(handler: (req: IncomingMessage, res: ServerResponse) => void): Promise<string> {
  const server = createServer(handler);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** `/login` -> the stranger's `/authorize` -> `/callback`, as a login in a popup goes; `/page/<name>` shows a page. */
function answer(req: IncomingMessage, res: ServerResponse): void {
  const url = new URL(req.url!, gateway);
  if (assets.serve(url.pathname, req, res)) return;
  if (url.pathname === '/login') {
    protect(req, res);
    res.writeHead(302, { Location: `${stranger}/authorize${url.search}` }).end();
    return;
  }
  const acceptLanguage = url.searchParams.get('language') ?? 'en';
  if (url.pathname === '/callback') {
    const targetOrigin = url.searchParams.get('target')!;
    const returnTo = `${friend}/chat?authCode=h4ndle`;
    sendPage(req, res, pages.popupDone({ acceptLanguage, targetOrigin, message, returnTo }));
    return;
  }
  const page = everyPage(pages, acceptLanguage).get(url.pathname.replace('/page/', ''));
  if (page !== undefined) sendPage(req, res, page);
  else res.writeHead(404).end();
}

before(async () => {
  if (skip) return;
  const site = (req: IncomingMessage, res: ServerResponse): void => {
    if (req.url!.startsWith('/authorize')) {
      res.writeHead(302, { Location: `${gateway}/callback${new URL(req.url!, stranger).search}` }).end();
      return;
    }
    res.writeHead(200, { 'Content-Type': 'text/html' }).end('<!doctype html><title>site</title>');
  };
  [gateway, friend, stranger] = await Promise.all([listen(answer), listen(site), listen(site)]);
  browser = await startChromium();
});
after(async () => {
  if (skip) return;
  await browser.close();
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

async function withTab<T>(options: BrowserContextOptions, use: (tab: Tab) => Promise<T>): Promise<T> {
  const context = await browser.newContext(options);
  try {
    return await use(await context.newPage());
  } finally {
    await context.close();
  }
}

/** An opener on `origin` that keeps what it is told. */
async function openSite(tab: Tab, origin: string): Promise<void> {
  await tab.goto(`${origin}/`);
  await tab.evaluate(`window.heard = [];
    window.addEventListener('message', ({ origin, data }) => heard.push({ origin, data }));`);
}

async function loginInPopup(tab: Tab, target: string): Promise<void> {
  const opened = tab.waitForEvent('popup');
  await tab.evaluate(
    `void window.open(${JSON.stringify(`${gateway}/login?target=${encodeURIComponent(target)}`)})`,
  );
  const popup = await opened;
  if (!popup.isClosed()) await popup.waitForEvent('close');
}

const heard = (tab: Tab): Promise<unknown> =>
  tab.waitForFunction('heard.length > 0').then(() => tab.evaluate('heard'));

test(
  'a popup tells its opener exactly the message, through the redirects, and closes',
  { skip },
  async () => {
    await withTab({}, async (tab) => {
      await openSite(tab, friend);
      await loginInPopup(tab, friend);
      assert.deepEqual(await heard(tab), [{ origin: gateway, data: message }]);
    });
  },
);

test('an opener of another origin is told nothing', { skip }, async () => {
  await withTab({}, async (tab) => {
    await openSite(tab, stranger);
    await loginInPopup(tab, friend);
    // The second message arrives after the first one would have.
    await loginInPopup(tab, stranger);
    assert.deepEqual(await heard(tab), [{ origin: gateway, data: message }]);
  });
});

test('a popup page that nobody opened goes on to the chat', { skip }, async () => {
  await withTab({}, async (tab) => {
    await tab.goto(`${gateway}/callback?target=${encodeURIComponent(friend)}`);
    await tab.waitForURL(`${friend}/chat?authCode=h4ndle`);
  });
});

test('without scripts the popup page has a link onwards, reachable by keyboard', { skip }, async () => {
  await withTab({ javaScriptEnabled: false }, async (tab) => {
    await tab.goto(`${gateway}/callback?target=${encodeURIComponent(friend)}`);
    await tab.keyboard.press('Tab');
    await tab.keyboard.press('Enter');
    await tab.waitForURL(`${friend}/chat?authCode=h4ndle`);
  });
});

test('no page breaks its own content policy, lacks a file or overflows at 320 px', { skip }, async () => {
  await withTab({ viewport: { width: 320, height: 640 } }, async (tab) => {
    const complaints: string[] = [];
    tab.on('console', (entry) => complaints.push(entry.text()));
    tab.on('response', (response) => {
      if (response.url().includes('/assets/') && response.status() !== 200) complaints.push(response.url());
    });
    for (const language of LANGUAGES) {
      for (const name of everyPage(pages, language).keys()) {
        // A popup leaves at once; Finnish has the longest words, and stands for all texts of one template.
        if (name.startsWith('popup') || (name.startsWith('problem') && language !== 'fi')) continue;
        await tab.goto(`${gateway}/page/${name}?language=${language}`);
        const width = await tab.evaluate('document.documentElement.scrollWidth');
        assert.equal(width, 320, `${name} ${language}`);
      }
    }
    const ownStatus = /status of (4|5)\d\d/;
    assert.deepEqual(
      complaints.filter((text) => !ownStatus.test(text)),
      [],
    );
  });
});

/** One page for each shape: the problem pages differ in mark and number of buttons only. */
const SHAPES = [...everyPage(pages, 'en').keys()].filter(
  (name) => !/^problem-(?!login_required|draining|state_mismatch)/.test(name),
);

for (const [colorScheme, language, names, rules] of [
  ['light', 'en', SHAPES, undefined],
  ['dark', 'fi', SHAPES, LOOKS],
  ['light', 'nb', ['login-required'], undefined],
  ['light', 'sv', ['login-required'], undefined],
  ['light', 'da', ['login-required'], undefined],
  ['light', 'fi', ['login-required'], undefined],
] as const) {
  test(`axe finds nothing on ${names.length} pages, ${colorScheme}, ${language}`, { skip }, async () => {
    await withTab({ colorScheme, bypassCSP: true }, async (tab) => {
      // A popup would leave before it could be looked at.
      await tab.route('**/popup.*.js', (route) => route.fulfill({ body: '' }));
      for (const name of names) {
        await tab.goto(`${gateway}/page/${name}?language=${language}`);
        assert.deepEqual(await violatedRules(tab, rules), [], name);
      }
    });
  });
}

test('the focused button shows its focus', { skip }, async () => {
  await withTab({}, async (tab) => {
    await tab.goto(`${gateway}/page/login-required`);
    await tab.keyboard.press('Tab');
    const focused = await tab.evaluate(
      `(({ outlineStyle, outlineWidth }) => [document.activeElement.className, outlineStyle, outlineWidth])(getComputedStyle(document.activeElement))`,
    );
    assert.deepEqual(focused, ['button button-main', 'solid', '3px']);
  });
});
