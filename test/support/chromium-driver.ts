import type { BrowserContext, Page } from 'playwright-core';
import { chromiumMissing, startChromium } from './chromium.ts';
import { KEYS, type Driver, type DriverContext, type DriverTab } from './real-browser.ts';

/** Chromium over the DevTools protocol, by playwright-core. Its contexts are off the record, which refuses third parties cookies. */
export const chromiumDriver: Driver = {
  name: 'chromium',
  missing: chromiumMissing,
  async start() {
    const browser = await startChromium();
    return {
      version: `Chromium ${browser.version()}`,
      newContext: async () => createContext(await browser.newContext()),
      close: () => browser.close(),
    };
  },
};

function createContext(context: BrowserContext): DriverContext {
  const known = new Map<Page, DriverTab>();
  const tabOf = (page: Page): DriverTab => {
    const tab = known.get(page) ?? createTab(page, String(known.size));
    known.set(page, tab);
    return tab;
  };
  return {
    newTab: async () => tabOf(await context.newPage()),
    tabs: () => Promise.resolve(context.pages().map(tabOf)),
    close: () => context.close(),
  };
}

const NAMES: Record<string, string> = { [KEYS.tab]: 'Tab', [KEYS.enter]: 'Enter' };

function createTab(page: Page, id: string): DriverTab {
  return {
    id,
    goto: (url) => page.goto(url),
    back: () => page.goBack(),
    reload: () => page.reload(),
    click: (selector) => page.locator(selector).first().click(),
    keys: async (text) => {
      for (const key of text) await page.keyboard.press(NAMES[key] ?? key);
    },
    evaluate: (expression) => page.evaluate<string | undefined>(expression),
    async screenshot(width, height) {
      await page.setViewportSize({ width, height });
      return await page.screenshot({ fullPage: true });
    },
  };
}
