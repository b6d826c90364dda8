import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { chromiumDriver } from '../support/chromium-driver.ts';
import { firefoxDriver } from '../support/firefox-driver.ts';
import type { PuzzelManner } from '../support/puzzel-client.ts';
import { startPuzzelSites } from '../support/puzzel-sites.ts';
import { Visitor, type Tab } from '../support/real-browser.ts';
import { webkitDriver } from '../support/webkit-driver.ts';
import { PUZZEL_SCENARIOS } from './puzzel-scenarios.ts';

// a page with only the vendor's four settings, in three real browsers; SCREENSHOTS names a folder to keep what they saw
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

const foreign = once(() => startPuzzelSites('www.bank.localhost', 'same-origin'));
// the page beside the gateway, on one site: its requests carry the gateway's cookie
const own = once(() => startPuzzelSites('help.vendor.localhost', 'include'));

const PLACES = [
  {
    place: 'page on another site, third-party cookies blocked',
    system: foreign,
    manner: { site: 'cross-site' } satisfies PuzzelManner,
  },
  {
    place: "page on the gateway's own site",
    system: own,
    manner: { site: 'same-site', cookies: true } satisfies PuzzelManner,
  },
];

async function keep(name: string, tab: Tab): Promise<void> {
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  for (const [device, width, height] of [
    ['desktop', 1280, 800],
    ['phone', 390, 844],
  ] as const)
    writeFileSync(`${folder}/puzzel-${name}-${device}.png`, await tab.screenshot(width, height));
}

for (const driver of [chromiumDriver, firefoxDriver, webkitDriver]) {
  const browser = once(() => driver.start());
  for (const [index, { place, system, manner }] of PLACES.entries()) {
    for (const { outcome, play, once: inOneBrowser } of PUZZEL_SCENARIOS) {
      if (inOneBrowser === true && driver.name !== 'chromium') continue;
      test(`${driver.name}, ${place}: ${outcome}`, { skip: driver.missing }, async (t) => {
        const running = await browser();
        const visitor = new Visitor(await running.newContext());
        t.after(() => visitor.close());
        const tab = await visitor.newTab();
        await play({
          visitor,
          tab,
          system: await system(),
          manner,
          shot: (name, seen = tab) => keep(`${driver.name}-${index}-${name}`, seen),
        });
      });
    }
  }
}

test('the two places are two sites and one', async () => {
  const site = (origin: string) => new URL(origin).hostname.split('.').slice(-2).join('.');
  const [far, near] = [await foreign(), await own()];
  assert.notEqual(site(far.origins.helpCentre), site(far.origins.puzzelGateway));
  assert.equal(site(near.origins.helpCentre), site(near.origins.puzzelGateway));
});
