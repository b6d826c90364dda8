import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PuzzelManner } from '../support/puzzel-client.ts';
import { startPuzzelSites } from '../support/puzzel-sites.ts';
import type { Driver } from '../support/real-browser.ts';
import { PUZZEL_SCENARIOS } from './puzzel-scenarios.ts';
import { keep, once, visit } from './stage.ts';

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

/** A page with only the vendor's four settings, in one browser. */
export function playPuzzel(driver: Driver): void {
  for (const [index, { place, system, manner }] of PLACES.entries()) {
    for (const { outcome, play, once: inOneBrowser } of PUZZEL_SCENARIOS) {
      if (inOneBrowser === true && driver.name !== 'chromium') continue;
      test(`${driver.name}, ${place}: ${outcome}`, { skip: driver.missing }, async (t) => {
        const sites = await system();
        await visit(t, driver, async (visitor) => {
          const tab = await visitor.newTab();
          const shot = (name: string, seen = tab) => keep(`puzzel-${driver.name}-${index}-${name}`, seen);
          await play({ visitor, tab, system: sites, manner, shot });
        });
      });
    }
  }

  test('the two places are two sites and one', async () => {
    const site = (origin: string) => new URL(origin).hostname.split('.').slice(-2).join('.');
    const [far, near] = [await foreign(), await own()];
    assert.notEqual(site(far.origins.helpCentre), site(far.origins.puzzelGateway));
    assert.equal(site(near.origins.helpCentre), site(near.origins.puzzelGateway));
  });
}
