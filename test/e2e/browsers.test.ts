import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { startCookieProbe } from '../support/cookie-probe.ts';
import { chromiumDriver } from '../support/chromium-driver.ts';
import { firefoxDriver } from '../support/firefox-driver.ts';
import { until, Visitor, type DriverBrowser, type Tab } from '../support/real-browser.ts';
import { startThreeSites } from '../support/three-sites.ts';
import { webkitDriver } from '../support/webkit-driver.ts';
import { SCENARIOS, type Scenario } from './browser-scenarios.ts';
import { CLIENT_SCENARIOS } from './client-scenarios.ts';
import { LOGOUT_SCENARIOS } from './logout-scenarios.ts';

// three real browsers on the whole demo, each part on a site of its own; SCREENSHOTS names a folder to keep what they saw
const folder = process.env['SCREENSHOTS'];
const started = new Map<object, Promise<{ close(): Promise<void> }>>();

/** Starts at first use, so that a run for one browser starts nothing else. */
function once<T extends { close(): Promise<void> }>(start: () => Promise<T>): () => Promise<T> {
  return () => {
    const running = (started.get(start) as Promise<T> | undefined) ?? start();
    started.set(start, running);
    return running;
  };
}

after(async () => {
  for (const running of started.values()) await (await running.catch(() => undefined))?.close();
});

const sites = once(() => startThreeSites());
// long enough to open a chat, short enough to wait for its end
const briefSites = once(() => startThreeSites({ session: { absoluteSeconds: 3, idleSeconds: 3 } }));
const sisterSites = once(() => startThreeSites({}, { portal: 'www.vendor.localhost' }));
const sitesOf = ({ brief, sister }: Scenario) => (brief ? briefSites : sister ? sisterSites : sites)();

for (const driver of [chromiumDriver, firefoxDriver, webkitDriver]) {
  const browser = once<DriverBrowser>(() => driver.start());
  const skip = driver.missing;

  test(
    `${driver.name}: names below localhost are sites, and third parties get no cookies`,
    { skip },
    async (t) => {
      const running = await browser();
      t.diagnostic(running.version);
      const probe = await startCookieProbe();
      t.after(() => probe.stop());
      const visitor = new Visitor(await running.newContext());
      t.after(() => visitor.close());
      const tab = await visitor.newTab();
      await tab.open(probe.own);
      await tab.open(probe.sister);
      await until('a picture', () => Promise.resolve(probe.pictured() !== undefined));
      // the one that goes to third parties wherever they are allowed any: Chromium asks for SameSite=None, the others do not
      assert.match(probe.pictured() ?? '', driver.name === 'chromium' ? /none=1/ : /plain=1/);
      await tab.open(probe.foreign);
      await until('a picture without cookies', () => Promise.resolve(probe.pictured() === ''));
    },
  );

  for (const scenario of [...SCENARIOS, ...LOGOUT_SCENARIOS, ...CLIENT_SCENARIOS]) {
    test(`${driver.name}: ${scenario.outcome}`, { skip }, async (t) => {
      const running = await browser();
      const visitor = new Visitor(await running.newContext());
      t.after(() => visitor.close());
      const tab = await visitor.newTab();
      await scenario.play({
        visitor,
        tab,
        system: await sitesOf(scenario),
        shot: (name, seen = tab) => keep(`${driver.name}-${name}`, seen),
      });
    });
  }
}

async function keep(name: string, tab: Tab): Promise<void> {
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  for (const [device, width, height] of [
    ['desktop', 1280, 800],
    ['phone', 390, 844],
  ] as const)
    writeFileSync(`${folder}/${name}-${device}.png`, await tab.screenshot(width, height));
}
