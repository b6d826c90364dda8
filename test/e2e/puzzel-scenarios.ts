import assert from 'node:assert/strict';
import { CHAT_API } from '../../demo/puzzel-system.ts';
import { record } from '../../demo/puzzel-server/wire.ts';
import { Browser } from '../support/browser.ts';
import { PuzzelClient, type PuzzelManner } from '../support/puzzel-client.ts';
import { until, type Tab, type Visitor } from '../support/real-browser.ts';
import type { PuzzelSites } from '../support/puzzel-sites.ts';

/** What a scenario has at hand: a fresh visitor with one tab, the system, and a camera. */
export interface PuzzelScene {
  readonly visitor: Visitor;
  readonly tab: Tab;
  readonly system: PuzzelSites;
  /** How the page's requests are, in this system, to the gateway. */
  readonly manner: PuzzelManner;
  /** Keeps what a tab shows, on a desk and on a phone, when SCREENSHOTS is set. */
  readonly shot: (name: string, tab?: Tab) => Promise<void>;
}

/** What a visitor does, and what must come of it. */
export interface PuzzelScenario {
  /** The outcome, as the test is called. */
  readonly outcome: string;
  /** Played in Chromium only. */
  readonly once?: true;
  readonly play: (scene: PuzzelScene) => Promise<void>;
}

async function logInAtBank({ tab, system }: PuzzelScene): Promise<void> {
  await tab.open(`${system.origins.portal}/login`);
  await tab.click('.person');
  await tab.waitForUrl(`${system.origins.portal}/account`);
}

/** From the help centre's button into the chat; says which pages were painted on the way. */
async function startChat({ tab, system }: PuzzelScene): Promise<string[]> {
  await tab.open(`${system.origins.helpCentre}/`);
  await tab.click('.ic-launcher');
  system.takeSteps();
  await tab.click('.ic-gate .ic-button');
  await tab.waitFor('.ic-agent');
  return system
    .takeSteps()
    .filter((step) => step.painted)
    .map(({ page }) => page);
}

/** The newest body of this kind that reached the fake server. */
function bodyOf({ puzzel }: PuzzelSites, end: string): Readonly<Record<string, unknown>> {
  const request = puzzel.server.received.findLast(
    ({ method, target }) => method === 'POST' && target.endsWith(end),
  );
  return record(JSON.parse(request?.body.toString() ?? 'null')) ?? assert.fail(`nothing sent to ${end}`);
}

/** The same client without a screen: logged in at the bank as somebody else than the tab's visitor. */
async function otherVisitor({ system, manner }: PuzzelScene): Promise<PuzzelClient> {
  const { origins, puzzel } = system;
  const visitor = new Browser();
  const { url } = await visitor.open(`${origins.portal}/login`);
  await visitor.open(url, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'person=hakon',
  });
  const {
    customerKey,
    queueKey,
    authConnectionName = '',
    authClientId = '',
    authEndpoint = '',
  } = puzzel.settings;
  const page = {
    api: `${origins.puzzelGateway}${CHAT_API}`,
    url: `${origins.helpCentre}/`,
    customerKey,
    queueKey,
    authConnectionName,
    authClientId,
    authEndpoint,
  };
  return new PuzzelClient(page, manner, visitor);
}

/** Every scenario is played by a visitor of its own. */
export const PUZZEL_SCENARIOS: readonly PuzzelScenario[] = [
  {
    outcome: 'the chat opens without a login page, knows who it is, and goes on after a reload',
    play: async (scene) => {
      const { tab, system, shot } = scene;
      await logInAtBank(scene);
      assert.deepEqual(await startChat(scene), [`${system.origins.helpCentre}/`]);
      assert.equal(await tab.url(), `${system.origins.helpCentre}/`);
      const opened = bodyOf(system, '/sessions');
      assert.equal(opened['nickName'], 'Åse');
      assert.ok(!('auth' in opened));
      assert.match(JSON.stringify(opened), /170290\*{5}/);
      assert.doesNotMatch(JSON.stringify(opened), /17029012345/);
      await tab.type('.ic-form input', 'Hi');
      await tab.press('enter');
      await tab.waitFor('.ic-visitor');
      assert.equal(bodyOf(system, '/messages')['nickName'], 'Åse');
      await shot('chat');
      await tab.reload();
      await tab.waitFor('.ic-visitor');
      await tab.click('.ic-head .ic-quiet');
      await tab.waitForText('You have ended this chat.');
    },
  },
  {
    outcome: 'nobody logged in: the one login page is the provider’s, and the chat is there after it',
    play: async (scene) => {
      const { tab, system, shot } = scene;
      await tab.open(`${system.origins.helpCentre}/`);
      await shot('help-centre');
      await tab.click('.ic-launcher');
      await shot('start');
      await tab.click('.ic-gate .ic-button');
      await tab.waitForUrl(`${system.origins.provider}/login`);
      await tab.click('.person');
      await tab.waitFor('.ic-agent');
      assert.equal(bodyOf(system, '/sessions')['nickName'], 'Åse');
    },
  },
  {
    outcome: "another visitor's code that was used opens no chat, and nothing reaches the chat server",
    once: true,
    play: async (scene) => {
      const { tab, system, shot } = scene;
      const victim = await otherVisitor(scene);
      const code = await victim.authCode();
      assert.equal((await victim.open(code)).status, 200);
      const before = system.puzzel.server.received.length;
      await tab.open(`${system.origins.helpCentre}/?authCode=${code}`);
      await tab.waitForText('Please log in to open this chat.');
      assert.equal(await tab.url(), `${system.origins.helpCentre}/`);
      assert.equal(system.puzzel.server.received.length, before);
      await shot('refused');
    },
  },
  {
    outcome:
      "another visitor's chat is not read with the chat server's own id, by a verified visitor neither",
    once: true,
    play: async (scene) => {
      const { tab, system } = scene;
      const victim = await otherVisitor(scene);
      const session = await victim.start();
      assert.equal((await victim.say(session, 'My secret')).status, 204);
      const [bare = ''] = session.iqSessionId.split('.');
      const before = system.puzzel.server.received.length;
      for (const verified of [false, true]) {
        if (verified) {
          await logInAtBank(scene);
          await startChat(scene);
          await tab.click('.ic-head .ic-quiet');
          await tab.waitForText('You have ended this chat.');
        }
        await tab.open(`${system.origins.helpCentre}/`);
        const stolen = JSON.stringify({ ...session, iqSessionId: bare });
        await tab.evaluate(
          `void (document.cookie = 'intelecomchat_12345=' + encodeURIComponent(${JSON.stringify(stolen)}) + '; Path=/')`,
        );
        await tab.reload();
        // to a page that it cannot tell whose customer's it is, the gateway's refusal is unreadable
        await until('a refusal', async () => /chat has ended|logged out|Reconnecting/.test(await tab.text()));
        assert.doesNotMatch(await tab.text(), /My secret/);
        await tab.evaluate(`void (document.cookie = 'intelecomchat_12345=; Path=/; Max-Age=0')`);
      }
      assert.ok(
        system.puzzel.server.received.slice(before).every(({ target }) => !target.includes(`-${bare}`)),
      );
    },
  },
];
