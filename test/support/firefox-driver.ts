import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectBidi, type BidiClient } from './bidi-client.ts';
import { startProgram } from './program.ts';
import { findProgram, keyActions, type Driver, type DriverContext, type DriverTab } from './real-browser.ts';

const path = process.env['FIREFOX_PATH'] ?? findProgram('firefox-esr') ?? findProgram('firefox');

/** A visitor's defaults, said aloud (5 is total cookie protection), and no calls home. */
const PREFERENCES = {
  'network.cookie.cookieBehavior': 5,
  'dom.disable_open_during_load': true,
  'browser.shell.checkDefaultBrowser': false,
  'browser.startup.page': 0,
  'app.update.enabled': false,
  'app.normandy.enabled': false,
  'browser.safebrowsing.update.enabled': false,
  'datareporting.policy.dataSubmissionEnabled': false,
  'extensions.update.enabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'services.settings.server': 'data:,',
  'toolkit.telemetry.server': 'data:,',
};

/** Firefox over WebDriver BiDi, which it speaks itself. */
export const firefoxDriver: Driver = {
  name: 'firefox',
  missing: path === undefined ? 'no Firefox on this machine (firefox-esr, or FIREFOX_PATH)' : false,
  async start() {
    const home = mkdtempSync(join(tmpdir(), 'firefox-'));
    const lines = Object.entries(PREFERENCES).map(
      ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});`,
    );
    writeFileSync(join(home, 'user.js'), lines.join('\n'));
    const program = await startProgram(
      path ?? '',
      ['--headless', '--no-remote', '--profile', home, '--remote-debugging-port=0'],
      { env: { HOME: home }, ready: /WebDriver BiDi listening on (ws:\S+)/ },
    );
    const client = await connectBidi(`${program.said}/session`);
    const session = await client.send('session.new', { capabilities: {} });
    const { browserVersion } = session['capabilities'] as { browserVersion: string };
    return {
      version: `Firefox ${browserVersion}`,
      newContext: () => createContext(client),
      async close() {
        await client.send('browser.close').catch(() => undefined);
        client.close();
        await program.stop();
        rmSync(home, { recursive: true, force: true, maxRetries: 5 });
      },
    };
  },
};

interface TreeNode {
  readonly context: string;
  readonly userContext: string;
}

async function createContext(client: BidiClient): Promise<DriverContext> {
  const { userContext } = await client.send('browser.createUserContext');
  return {
    async newTab() {
      const { context } = await client.send('browsingContext.create', { type: 'tab', userContext });
      return createTab(client, String(context));
    },
    async tabs() {
      const { contexts } = await client.send('browsingContext.getTree', { maxDepth: 0 });
      return (contexts as TreeNode[])
        .filter((node) => node.userContext === userContext)
        .map(({ context }) => createTab(client, context));
    },
    close: () => client.send('browser.removeUserContext', { userContext }),
  };
}

function createTab(client: BidiClient, context: string): DriverTab {
  const act = (actions: readonly object[]) => client.send('input.performActions', { context, actions });

  async function evaluate(expression: string): Promise<string | undefined> {
    const outcome = await client.send('script.evaluate', {
      expression,
      target: { context },
      awaitPromise: true,
    });
    // its stack would name addresses, and there are codes in them
    if (outcome['type'] !== 'success')
      throw new Error((outcome['exceptionDetails'] as { text: string }).text);
    return (outcome['result'] as { value?: string }).value;
  }

  return {
    id: context,
    evaluate,
    goto: (url) => client.send('browsingContext.navigate', { context, url, wait: 'complete' }),
    back: () => client.send('browsingContext.traverseHistory', { context, delta: -1 }),
    reload: () => client.send('browsingContext.reload', { context, wait: 'complete' }),
    async click(selector) {
      await evaluate(
        `document.querySelector(${JSON.stringify(selector)}).scrollIntoView({ block: 'center' })`,
      );
      const locator = { type: 'css', value: selector };
      const { nodes } = await client.send('browsingContext.locateNodes', {
        context,
        locator,
        maxNodeCount: 1,
      });
      const origin = {
        type: 'element',
        element: { sharedId: (nodes as { sharedId: string }[])[0]?.sharedId },
      };
      const actions = [
        { type: 'pointerMove', x: 0, y: 0, origin },
        { type: 'pointerDown', button: 0 },
        { type: 'pointerUp', button: 0 },
      ];
      await act([{ type: 'pointer', id: 'mouse', actions }]);
    },
    keys: (text) => act(keyActions(text)),
    async screenshot(width, height) {
      await client.send('browsingContext.setViewport', { context, viewport: { width, height } });
      const { data } = await client.send('browsingContext.captureScreenshot', {
        context,
        origin: 'document',
      });
      return Buffer.from(String(data), 'base64');
    },
  };
}
