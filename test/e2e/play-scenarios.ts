import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startCookieProbe } from '../support/cookie-probe.ts';
import { until, type Driver } from '../support/real-browser.ts';
import { startThreeSites } from '../support/three-sites.ts';
import { SCENARIOS, type Scenario } from './browser-scenarios.ts';
import { CLIENT_SCENARIOS } from './client-scenarios.ts';
import { LOGOUT_SCENARIOS } from './logout-scenarios.ts';
import { keep, once, visit } from './stage.ts';

// a real browser on the whole demo, each part on a site of its own; SCREENSHOTS names a folder to keep what they saw
const sites = once(() => startThreeSites());
// long enough to open a chat, short enough to wait for its end
const briefSites = once(() => startThreeSites({ session: { absoluteSeconds: 3, idleSeconds: 3 } }));
const sisterSites = once(() => startThreeSites({}, { portal: 'www.vendor.localhost' }));
const sitesOf = ({ brief, sister }: Scenario) => (brief ? briefSites : sister ? sisterSites : sites)();

/** All scenarios in one browser; a test file is one browser's, so that they run beside each other. */
export function playScenarios(driver: Driver): void {
  const skip = driver.missing;

  test(
    `${driver.name}: names below localhost are sites, and third parties get no cookies`,
    { skip },
    async (t) => {
      const probe = await startCookieProbe();
      t.after(() => probe.stop());
      await visit(t, driver, async (visitor, { version }) => {
        t.diagnostic(version);
        const tab = await visitor.newTab();
        await tab.open(probe.own);
        await tab.open(probe.sister);
        await until('a picture', () => Promise.resolve(probe.pictured() !== undefined));
        // the one that goes to third parties wherever they are allowed any: Chromium asks for SameSite=None, the others do not
        assert.match(probe.pictured() ?? '', driver.name === 'chromium' ? /none=1/ : /plain=1/);
        await tab.open(probe.foreign);
        await until('a picture without cookies', () => Promise.resolve(probe.pictured() === ''));
      });
    },
  );

  for (const scenario of [...SCENARIOS, ...LOGOUT_SCENARIOS, ...CLIENT_SCENARIOS]) {
    test(`${driver.name}: ${scenario.outcome}`, { skip }, async (t) => {
      const system = await sitesOf(scenario);
      await visit(t, driver, async (visitor) => {
        const tab = await visitor.newTab();
        const shot = (name: string, seen = tab) => keep(`${driver.name}-${name}`, seen);
        await scenario.play({ visitor, tab, system, shot });
      });
    });
  }
}
