import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { after, before, test } from 'node:test';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { startSystem, type DemoSystem } from '../../demo/system.ts';
import { createGateway } from '../../src/gateway.ts';
import { chromiumMissing, startChromium } from '../support/chromium.ts';
import { silent } from '../support/faces.ts';

// a real browser on the whole demo; SCREENSHOTS names a folder to keep what it saw
const folder = process.env['SCREENSHOTS'];
const skip = chromiumMissing;
let browser: Browser;
let system: DemoSystem;

before(async () => {
  if (skip !== false) return;
  browser = await startChromium();
  system = await startSystem({
    anyPort: true,
    createGateway: (options) => createGateway(options, { logger: silent }),
  });
});

after(async () => {
  if (skip !== false) return;
  await browser.close();
  await system.close();
});

async function shot(page: Page, name: string): Promise<void> {
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  for (const [device, width, height] of [
    ['desktop', 1280, 800],
    ['phone', 390, 844],
  ] as const) {
    await page.setViewportSize({ width, height });
    await page.screenshot({ path: `${folder}/${name}-${device}.png`, fullPage: true });
  }
}

async function visitor(
  options: Parameters<Browser['newContext']>[0] = {},
): Promise<{ context: BrowserContext; page: Page }> {
  const context = await browser.newContext(options);
  return { context, page: await context.newPage() };
}

async function logIn(page: Page, person: string): Promise<void> {
  await page.goto(system.origins.portal);
  await shot(page, 'portal');
  await page
    .getByRole('link', { name: /BankID/ })
    .or(page.getByRole('button', { name: /BankID/ }))
    .first()
    .click();
  await shot(page, 'provider');
  await page.locator('.person', { hasText: person }).first().click();
  await page.waitForURL(new RegExp(`^${system.origins.portal}`));
}

test('portal login, redirect, verified chat, agent desk, log out', { skip }, async () => {
  const { context, page } = await visitor();
  await logIn(page, 'Åse Ødegård');
  await shot(page, 'my-page');
  await page.locator('#card-redirect a.button').click();
  await page.locator('[data-identity="verified"]').waitFor();
  assert.equal(new URL(page.url()).origin, system.origins.gateway);
  assert.match((await page.textContent('body')) ?? '', /Åse/);

  const desk = await context.newPage();
  await desk.goto(system.origins.desk);
  const waiting = desk.locator('[data-chat]', { hasText: 'Åse' }).first();
  await waiting.waitFor();
  await shot(desk, 'desk-waiting');
  await waiting.click();
  await desk.locator('[data-take]').first().click();
  await desk.locator('[data-answer]').first().waitFor();
  const deskText = (await desk.textContent('body')) ?? '';
  assert.match(deskText, /170290\*{5}/);
  assert.doesNotMatch(deskText, /17029012345/);
  await desk.getByLabel('Your answer').fill('God dag, Åse!');
  await desk.keyboard.press('Enter');
  await page.locator('.message-agent', { hasText: 'God dag, Åse!' }).waitFor();
  await shot(page, 'chat-verified');
  await shot(desk, 'desk-talking');

  await page.goto(`${system.origins.portal}/account`).catch(() => undefined);
  await page.goto(system.origins.portal);
  await page
    .getByRole('button', { name: /log out/i })
    .or(page.getByRole('link', { name: /log out/i }))
    .first()
    .click();
  await page.waitForURL(new RegExp(`^${system.origins.portal}`));
  const gone = await page.goto(`${system.origins.gateway}/queues/q_bank`);
  assert.equal(gone?.status(), 401);
  await context.close();
});

test('own window: the chat opens beside the bank, verified', { skip }, async () => {
  const { context, page } = await visitor();
  await logIn(page, 'Åse Ødegård');
  const [chat] = await Promise.all([context.waitForEvent('page'), page.locator('#chat-window').click()]);
  await chat.locator('[data-identity="verified"]').waitFor();
  assert.equal(new URL(chat.url()).origin, system.origins.gateway);
  await shot(chat, 'chat-window');
  await context.close();
});

test(
  'nobody logged in: a 401 page in the language of the visitor, which leads through the login to the chat',
  { skip },
  async () => {
    const { context, page } = await visitor({ locale: 'fi-FI' });
    const answer = await page.goto(`${system.origins.gateway}/queues/q_bank`);
    assert.equal(answer?.status(), 401);
    assert.equal(await page.locator('html').getAttribute('lang'), 'fi');
    await shot(page, 'login-required');
    await page.keyboard.press('Tab');
    for (let i = 0; i < 5 && !(await page.evaluate('document.activeElement?.tagName === "A"')); i++)
      await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.waitForURL(new RegExp(`^${system.origins.provider}`));
    await page.locator('.person').first().click();
    await page.locator('[data-identity="verified"]').waitFor();
    await context.close();
  },
);

test('the open queue beside it knows nobody, whoever is logged in', { skip }, async () => {
  const { context, page } = await visitor();
  await logIn(page, 'Åse Ødegård');
  await page.locator('#card-open a.button').click();
  await page.locator('[data-identity="unverified"]').waitFor();
  await shot(page, 'chat-open');
  await context.close();
});
