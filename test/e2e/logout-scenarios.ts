import assert from 'node:assert/strict';
import { until, type Tab } from '../support/real-browser.ts';
import {
  VERIFIED,
  enterChat,
  logInAtBank,
  openChat,
  painted,
  type Scenario,
  type Scene,
} from './browser-scenarios.ts';

/** A form like the bank's, on whatever page the tab shows; it is sent by a click, since a script's answer may go with its page. */
async function postLogout({ tab, system }: Scene): Promise<void> {
  const action = JSON.stringify(`${system.origins.gateway}/secure-chat/logout`);
  await tab.evaluate(`(() => {
    const form = document.createElement('form');
    Object.assign(form, { method: 'post', action: ${action}, id: 'foreign' });
    form.append(Object.assign(document.createElement('button'), { textContent: 'Log out there' }));
    document.body.prepend(form);
  })()`);
  await tab.click('#foreign button');
}

/** An event stream of a chat of this page, which says when it is over. */
async function openStream(tab: Tab): Promise<void> {
  await tab.evaluate(`(async () => {
    const chats = '/queues/q_bank/chats';
    const start = await fetch(chats, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{}' });
    const { id } = await start.json();
    const reader = (await fetch(chats + '/' + id + '/events')).body.getReader();
    await reader.read();
    const drain = () => reader.read().then(({ done }) => { if (done) throw 0; return drain(); });
    drain().catch(() => { window.streamOver = true; });
  })()`);
}

/** Log-out from another site, played as the others are. */
export const LOGOUT_SCENARIOS: readonly Scenario[] = [
  {
    outcome: 'log out at the bank, on another site: a stream that was open ends too',
    play: async (scene) => {
      const { tab, visitor } = scene;
      await logInAtBank(scene);
      const chat = await visitor.opened(() => tab.click('#chat-window'));
      await chat.waitFor(VERIFIED);
      await openStream(chat);
      assert.notEqual(await chat.evaluate('window.streamOver'), true);
      await tab.click('header form button');
      await tab.waitFor('header a[href="/login"]');
      await until('the end of the stream', async () => (await chat.evaluate('window.streamOver')) === true);
    },
  },
  {
    outcome: 'a form of the bank without a way back: a page says that the chat has forgotten the visitor',
    play: async (scene) => {
      const { tab, system, shot } = scene;
      await logInAtBank(scene);
      await enterChat(scene);
      await tab.open(`${system.origins.portal}/account`);
      system.takeSteps();
      await postLogout(scene);
      await tab.waitForUrl(`${system.origins.gateway}/secure-chat/logout`);
      assert.match(await tab.text(), /logged out of the chat/);
      assert.deepEqual(painted(scene), [`200 ${system.origins.gateway}/secure-chat/logout`]);
      await shot('logged-out-page');
      await tab.reload();
      await tab.waitForUrl(`${system.origins.gateway}/secure-chat/logout`);
      assert.doesNotMatch(await tab.text(), /logged out of the chat/, 'the ticket is used');
    },
  },
  {
    outcome: 'a form of any other site logs nobody out',
    play: async (scene) => {
      const { tab, system } = scene;
      await logInAtBank(scene);
      await enterChat(scene);
      // a third site, which is no customer's portal
      await tab.open(`${system.origins.provider}/login`);
      await postLogout(scene);
      await tab.waitForUrl(`${system.origins.gateway}/`);
      await tab.open(system.chatUrl);
      await tab.waitFor(VERIFIED);
      assert.equal((await openChat(tab)).status, 201);
    },
  },
];
