import { mkdirSync, writeFileSync } from 'node:fs';
import { after, type TestContext } from 'node:test';
import { DriverHung, Visitor, type Driver, type DriverBrowser, type Tab } from '../support/real-browser.ts';

const folder = process.env['SCREENSHOTS'];
const started = new Map<object, Promise<{ close(): Promise<void> }>>();

/** Starts at first use, so that a run for one browser starts nothing else; all is closed after the last test. */
export function once<T extends { close(): Promise<void> }>(start: () => Promise<T>): () => Promise<T> {
  return () => {
    const running = (started.get(start) as Promise<T> | undefined) ?? start();
    started.set(start, running);
    return running;
  };
}

const browsers = new Map<Driver, () => Promise<DriverBrowser>>();

/** One browser for all scenarios of a file. */
function browserOf(driver: Driver): () => Promise<DriverBrowser> {
  const browser = browsers.get(driver) ?? once(() => driver.start());
  browsers.set(driver, browser);
  return browser;
}

/** `play` with a visitor of its own, in the file's one browser; once more if the driver hangs, for that is no outcome. */
export async function visit(
  t: TestContext,
  driver: Driver,
  play: (visitor: Visitor, running: DriverBrowser) => Promise<void>,
): Promise<void> {
  const running = await browserOf(driver)();
  const attempt = async () => {
    const visitor = new Visitor(await running.newContext());
    await play(visitor, running).finally(() => visitor.close());
  };
  await attempt().catch(async (error: unknown) => {
    if (!(error instanceof DriverHung)) throw error;
    t.diagnostic(`played anew: ${error.message}`);
    await attempt();
  });
}

after(async () => {
  for (const running of started.values()) await (await running.catch(() => undefined))?.close();
});

/** Keeps what the tab shows, on a desk and on a phone, where SCREENSHOTS names a folder. */
export async function keep(name: string, tab: Tab): Promise<void> {
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  for (const [device, width, height] of [
    ['desktop', 1280, 800],
    ['phone', 390, 844],
  ] as const)
    writeFileSync(`${folder}/${name}-${device}.png`, await tab.screenshot(width, height));
}
