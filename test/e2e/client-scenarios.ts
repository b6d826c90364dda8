import assert from 'node:assert/strict';
import { until, type Tab } from '../support/real-browser.ts';
import { logInAtBank, painted, type Scenario, type Scene } from './browser-scenarios.ts';

const OPEN = '[data-widget][data-state="open"]';
const REFUSED = '[data-widget][data-state="login-required"]';
const QUESTION = 'Can I freeze my card?';

/** The bank's page with the chat in it, and a question begun. */
async function openWidget({ tab, system }: Scene, display = 'page'): Promise<void> {
  await tab.open(`${system.origins.portal}/widget`);
  await tab.click(`[value="${display}"]`);
  await tab.type('textarea', QUESTION);
  system.takeSteps();
}

/** What visitors have said in all chats, oldest first. */
function said({ system }: Scene): string[] {
  return system.chatServer.chats
    .list()
    .flatMap(({ messages }) => messages)
    .filter(({ from }) => from === 'visitor')
    .map(({ text }) => text);
}

/** How often this was said; texts are unique per browser and scenario where it matters. */
function timesSaid(scene: Scene, text: string): number {
  return said(scene).filter((one) => one === text).length;
}

const SECRET = /scg_|authCode|verifier/;

async function storage(tab: Tab): Promise<string> {
  return String(
    await tab.evaluate('JSON.stringify({ ...sessionStorage }) + JSON.stringify({ ...localStorage })'),
  );
}

/**
 * Ends the identity at the gateway, behind the back of the page, which polls no more: what it hears of the end is the answer to
 * its next message, and not, at some moment of its own, that to a poll.
 */
async function endIdentity({ tab, system }: Scene): Promise<void> {
  await tab.evaluate(`void ((fetch) => {
    window.fetch = (request, ...more) =>
      request.url?.includes('after=') ? new Promise(() => undefined) : fetch(request, ...more);
  })(window.fetch)`);
  // answers the poll on its way
  const chatId = String(await tab.evaluate(`sessionStorage.getItem('widget-chat')`));
  system.chatServer.chats.say(chatId, 'agent', 'One moment, please.');
  await tab.waitForText('One moment, please.');
  await tab.evaluate(`(async () => {
    const [token] = /scg_[\\w-]{43}/.exec(JSON.stringify({ ...sessionStorage }));
    const address = ${JSON.stringify(`${system.origins.gateway}/secure-chat/logout`)};
    await fetch(address, { method: 'POST', credentials: 'omit', headers: { Authorization: 'Bearer ' + token } });
  })()`);
}

async function enter(scene: Scene, display?: string): Promise<void> {
  await logInAtBank(scene);
  await openWidget(scene, display);
  await scene.tab.click('#start');
  await scene.tab.waitFor(OPEN);
  await until('the question', () => Promise.resolve(said(scene).length > 0));
  scene.system.takeSteps();
}

async function say({ tab }: Scene, text: string): Promise<void> {
  await tab.type('#text', text);
  await tab.click('#send');
}

const block = 'void (window.open = () => null)';

/** A page of another site that knows the gateway by `client.js` and nothing else. */
export const CLIENT_SCENARIOS: readonly Scenario[] = [
  {
    outcome:
      'client, redirect: one page is painted, its address is clean, and the question that was begun is kept',
    play: async (scene) => {
      const { tab, system, shot } = scene;
      await logInAtBank(scene);
      await openWidget(scene);
      await shot('client-start');
      system.takeSteps();
      const before = Number(await tab.evaluate('history.length'));
      await tab.click('#start');
      await tab.waitFor(OPEN);
      await until('the question', () => Promise.resolve(said(scene).some((text) => text.endsWith(QUESTION))));
      assert.deepEqual(painted(scene), [`200 ${system.origins.portal}/widget`]);
      assert.equal(await tab.url(), `${system.origins.portal}/widget`);
      assert.equal(await tab.evaluate('history.length'), before);
      assert.equal(await tab.evaluate(`'localStorage' in window && localStorage.length`), 0);
      assert.doesNotMatch(await storage(tab), /verifier|authCode/);
      await tab.waitForText(QUESTION);
      await shot('client-open');
    },
  },
  {
    outcome: 'client, popup: the page stays as it is, and the popup closes by itself',
    play: async (scene) => {
      const { tab, system, visitor } = scene;
      await logInAtBank(scene);
      await openWidget(scene, 'popup');
      await tab.evaluate('void (window.same = true)');
      await tab.click('#start');
      await tab.waitFor(OPEN);
      assert.equal(await tab.evaluate('window.same'), true);
      await until('one window', async () => (await visitor.count()) === 1);
      assert.deepEqual(painted(scene), [`200 ${system.origins.gateway}/secure-chat/callback`]);
    },
  },
  {
    outcome: 'client, popup blocked: the page goes itself and comes back with the question',
    play: async (scene) => {
      const { tab, system } = scene;
      await logInAtBank(scene);
      await openWidget(scene, 'popup');
      await tab.evaluate(block);
      await tab.click('#start');
      await tab.waitFor(OPEN);
      await tab.waitForText(QUESTION);
      assert.deepEqual(painted(scene), [`200 ${system.origins.portal}/widget`]);
    },
  },
  {
    outcome: 'client, own window: the chat is verified there, with the question, and the bank stays',
    play: async (scene) => {
      const { tab, system, visitor } = scene;
      await logInAtBank(scene);
      await openWidget(scene, 'window');
      const chat = await visitor.opened(() => tab.click('#start'));
      await chat.waitFor(OPEN);
      await chat.waitForText(QUESTION);
      assert.equal(await chat.url(), `${system.origins.portal}/widget`);
      assert.doesNotMatch(await storage(tab), SECRET);
      assert.deepEqual(painted(scene), [`200 ${system.origins.portal}/widget`]);
    },
  },
  {
    outcome:
      'client, nobody logged in: no loop, and the keyboard alone leads through the login with the question kept',
    play: async (scene) => {
      const { tab, system, shot } = scene;
      await openWidget(scene);
      await tab.tabTo('#start');
      await tab.press('enter');
      await tab.waitFor(REFUSED);
      assert.equal(await tab.evaluate(`document.querySelector('textarea').value`), QUESTION);
      assert.deepEqual(painted(scene), [`200 ${system.origins.portal}/widget`]);
      await shot('client-login-required');
      await tab.tabTo('#login');
      await tab.press('enter');
      await tab.waitForUrl(`${system.origins.provider}/login`);
      await tab.tabTo('.person');
      await tab.press('enter');
      await tab.waitFor(OPEN);
      await tab.waitForText(QUESTION);
    },
  },
  {
    outcome: 'client, popup closed by the visitor: noticed, and the page says how to go on',
    play: async (scene) => {
      const { tab, shot, visitor } = scene;
      await openWidget(scene, 'popup');
      await tab.click('#start');
      await tab.waitFor(REFUSED);
      await tab.evaluate(
        'void ((open) => (window.open = (...all) => (window.popup = open(...all))))(window.open)',
      );
      const popup = await visitor.opened(() => tab.click('#login'));
      await popup.waitFor('.person');
      await tab.evaluate('popup.close()');
      await tab.waitForText('The popup was closed');
      await shot('client-popup-closed');
    },
  },
  {
    outcome:
      'client, identity over in mid-chat: the message in flight arrives once, and the page stays as it is',
    play: async (scene) => {
      const { tab } = scene;
      const text = `In flight ${String(Math.random())}`;
      await enter(scene);
      await tab.type('#text', text);
      await endIdentity(scene);
      await tab.click('#send');
      await until('the message', () => Promise.resolve(timesSaid(scene, text) > 0));
      await say(scene, `${text} and after`);
      await until('the next one', () => Promise.resolve(timesSaid(scene, `${text} and after`) > 0));
      assert.equal(timesSaid(scene, text), 1);
      await tab.waitFor(OPEN);
    },
  },
  {
    outcome:
      'client, the same with popups blocked: one flash, the message arrives once, and the draft is kept',
    play: async (scene) => {
      const { tab, system, shot } = scene;
      const text = `Over the redirect ${String(Math.random())}`;
      await enter(scene);
      await tab.evaluate(block);
      await tab.type('#text', text);
      await endIdentity(scene);
      // a draft that is begun while the message is on its way; the page may go before it answers, what it did is seen below
      await tab
        .evaluate(
          `void setTimeout(() => {
            document.querySelector('#composer').requestSubmit();
            document.querySelector('#text').value = 'a draft';
          })`,
        )
        .catch(() => undefined);
      await until('the message', () => Promise.resolve(timesSaid(scene, text) > 0));
      await tab.waitFor(OPEN);
      await tab.waitForText(text);
      assert.equal(timesSaid(scene, text), 1);
      assert.equal(await tab.evaluate(`document.querySelector('#text').value`), 'a draft');
      assert.deepEqual(painted(scene), [`200 ${system.origins.portal}/widget`]);
      await shot('client-resent');
    },
  },
  {
    outcome: 'client, two tabs: each has its own token, and a log-out in one is one in the other',
    play: async (scene) => {
      const { tab, system, visitor, shot } = scene;
      await enter(scene);
      const other = await visitor.newTab();
      await other.open(`${system.origins.portal}/widget`);
      await other.click('#start');
      await other.waitFor(OPEN);
      const tokenOf = async (one: Tab) => /scg_[\w-]{43}/.exec(await storage(one))?.[0];
      assert.notEqual(await tokenOf(tab), await tokenOf(other));
      await tab.click('[data-logout]');
      await tab.waitForText('You are logged out');
      await other.waitForText('You are logged out');
      assert.deepEqual([await tokenOf(tab), await tokenOf(other)], [undefined, undefined]);
      await shot('client-signed-out');
    },
  },
  {
    outcome: 'client, another person: the chat of the first one is closed to them, and the page is told',
    play: async (scene) => {
      const { tab, system, visitor, shot } = scene;
      await enter(scene);
      const bank = await visitor.newTab();
      await bank.open(`${system.origins.portal}/account`);
      await bank.click('header form button');
      await bank.waitFor('header a[href="/login"]');
      await bank.open(`${system.origins.portal}/login`);
      await bank.click('li:nth-child(2) .person, .person:nth-of-type(2)');
      await bank.waitForUrl(`${system.origins.portal}/account`);
      // as a page would that lets its visitor log in anew
      await tab.evaluate(`(() => {
        const button = document.createElement('button');
        button.id = 'anew';
        button.textContent = 'Anew';
        const again = SecureChat.createSecureChat({ queueKey: 'q_bank' });
        button.onclick = () => void again.login({ display: 'popup' }).then(() => (button.textContent = 'Done'));
        document.querySelector('main').prepend(button);
      })()`);
      await tab.click('#anew');
      await tab.waitForText('Done');
      // by script: a poll may have told the page by now, which then has no field to type in
      await tab.evaluate(`(() => {
        document.querySelector('#text').value = 'Is this still my chat?';
        document.querySelector('#send').click();
      })()`);
      await tab.waitForText('Another person has logged in');
      assert.equal(timesSaid(scene, 'Is this still my chat?'), 0);
      await shot('client-identity-changed');
      // a login of their own, and a chat of their own
      const chats = system.chatServer.chats.list().length;
      await tab.click('#start');
      await tab.waitFor(OPEN);
      assert.equal(system.chatServer.chats.list().length, chats + 1);
    },
  },
  {
    outcome: 'client on the gateway’s own site: the cookie is used, and there is no token',
    play: async (scene) => {
      const { tab } = scene;
      await enter(scene);
      assert.doesNotMatch(await storage(tab), SECRET);
      await say(scene, 'By cookie');
      await until('the message', () => Promise.resolve(timesSaid(scene, 'By cookie') > 0));
      await tab.click('[data-logout]');
      await tab.waitForText('You are logged out');
    },
    sister: true,
  },
];
