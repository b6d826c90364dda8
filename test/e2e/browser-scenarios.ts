import assert from 'node:assert/strict';
import { until, type Tab, type Visitor } from '../support/real-browser.ts';
import type { ThreeSites } from '../support/three-sites.ts';

/** What a scenario has at hand: a fresh visitor with one tab, the system, and a camera. */
export interface Scene {
  readonly visitor: Visitor;
  readonly tab: Tab;
  readonly system: ThreeSites;
  /** Keeps what a tab shows, on a desk and on a phone, when SCREENSHOTS is set. */
  readonly shot: (name: string, tab?: Tab) => Promise<void>;
}

/** The chat page knows who the visitor is. */
export const VERIFIED = '[data-identity="verified"]';
const LOG_IN = 'main a[href*="interactive=1"]';

/** Logs in at the bank through the provider's page, by clicking, and forgets the way there. */
export async function logInAtBank({ tab, system, shot }: Scene): Promise<void> {
  await tab.open(`${system.origins.portal}/login`);
  await shot('provider');
  await tab.click('.person');
  await tab.waitForUrl(`${system.origins.portal}/account`);
  await shot('portal');
  system.takeSteps();
}

/** The pages that were painted on the way, redirects left out. */
export function painted({ system }: Scene): string[] {
  return system
    .takeSteps()
    .filter((step) => step.painted)
    .map(({ page, status }) => `${status} ${page}`);
}

/** From the bank into the chat in the same tab, the usual way. */
export async function enterChat({ tab }: Scene): Promise<void> {
  await tab.click('#card-redirect a.button');
  await tab.waitFor(VERIFIED);
}

interface Answer {
  readonly status: number;
  readonly problem: { readonly code?: string; readonly loginUrl?: string };
}

/** Opens a chat as the script of the chat page does. */
export async function openChat(tab: Tab): Promise<Answer> {
  const answer = await tab.evaluate(
    `fetch('/queues/q_bank/chats', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{}' })
       .then(async (response) => ({ status: response.status, problem: await response.json() }))`,
  );
  return answer as Answer;
}

interface Message {
  readonly origin: string;
  readonly data: Record<string, unknown>;
}

/** A button on the bank's page which logs in by popup, and a list of all messages that the page gets. */
async function addPopupButton({ tab, system }: Scene): Promise<void> {
  const { portal, gateway } = system.origins;
  const query = new URLSearchParams({
    queueKey: 'q_bank',
    display: 'popup',
    returnTo: `${portal}/account`,
  });
  const login = JSON.stringify(`${gateway}/secure-chat/login?${query.toString()}`);
  await tab.evaluate(`(() => {
    window.messages = [];
    addEventListener('message', ({ origin, data }) => messages.push({ origin, data }));
    const button = document.createElement('button');
    button.id = 'popup';
    button.textContent = 'Popup';
    button.onclick = () => { window.popup = window.open(${login}, 'login', 'popup,width=440,height=640'); };
    document.querySelector('main').prepend(button);
  })()`);
}

/** What a visitor does, and what must come of it. */
export interface Scenario {
  /** The outcome, as the test is called. */
  readonly outcome: string;
  /** The gateway whose identities end after three seconds. */
  readonly brief?: true;
  /** The bank on the gateway's own site. */
  readonly sister?: true;
  readonly play: (scene: Scene) => Promise<void>;
}

/** Each is played in every browser by a visitor of its own. */
export const SCENARIOS: readonly Scenario[] = [
  {
    outcome: 'redirect: the chat is the one page that is painted after the click',
    play: async (scene) => {
      const { tab, system, shot } = scene;
      await logInAtBank(scene);
      const before = Number(await tab.evaluate('history.length'));
      await enterChat(scene);
      assert.deepEqual(painted(scene), [`200 ${system.chatUrl}`]);
      assert.equal(await tab.evaluate('history.length'), before + 1);
      assert.equal(await tab.url(), system.chatUrl);
      assert.equal((await openChat(tab)).status, 201);
      await shot('chat');
    },
  },
  {
    outcome: 'own window: the chat opens verified beside the bank, and is the one page painted',
    play: async (scene) => {
      const { tab, system, visitor, shot } = scene;
      await logInAtBank(scene);
      const chat = await visitor.opened(() => tab.click('#chat-window'));
      await chat.waitFor(VERIFIED);
      assert.deepEqual(painted(scene), [`200 ${system.chatUrl}`]);
      assert.equal(await tab.url(), `${system.origins.portal}/account`);
      await shot('own-window', chat);
    },
  },
  {
    outcome: 'own window blocked: the link opens the verified chat in a tab all the same',
    play: async (scene) => {
      const { tab, system, visitor } = scene;
      await logInAtBank(scene);
      await tab.evaluate('void (window.open = () => null)');
      const chat = await visitor.opened(() => tab.click('#chat-window'));
      await chat.waitFor(VERIFIED);
      assert.deepEqual(painted(scene), [`200 ${system.chatUrl}`]);
    },
  },
  {
    outcome:
      'popup: it closes by itself, its opener gets one message of the gateway, and the chat knows the visitor',
    play: async (scene) => {
      const { tab, system, visitor } = scene;
      await logInAtBank(scene);
      await addPopupButton(scene);
      await tab.click('#popup');
      await until('a message', () => tab.evaluate('messages.length > 0 && popup.closed'));
      await until('one window', async () => (await visitor.count()) === 1);
      const messages = (await tab.evaluate('messages')) as Message[];
      const message = { type: 'secure-chat', queueKey: 'q_bank', customerKey: '12345' };
      assert.deepEqual(
        messages.map(({ origin, data }) => ({ origin, data: { ...data, authCode: undefined } })),
        [{ origin: system.origins.gateway, data: { ...message, authCode: undefined } }],
      );
      assert.match(String(messages[0]?.data['authCode']), /^[\w-]{20,}$/);
      assert.deepEqual(painted(scene), [`200 ${system.origins.gateway}/secure-chat/callback`]);
      await tab.open(system.chatUrl);
      await tab.waitFor(VERIFIED);
      assert.deepEqual(painted(scene), [`200 ${system.chatUrl}`]);
    },
  },
  {
    outcome:
      'nobody logged in: one 401 page, and the keyboard alone leads from it through the login to the chat',
    play: async (scene) => {
      const { tab, system, shot } = scene;
      await tab.open(system.chatUrl);
      assert.deepEqual(painted(scene), [`401 ${system.chatUrl}`]);
      await shot('login-required');
      await tab.tabTo(LOG_IN);
      await tab.press('enter');
      await tab.waitForUrl(`${system.origins.provider}/login`);
      await tab.tabTo('.person');
      await tab.press('enter');
      await tab.waitFor(VERIFIED);
    },
  },
  {
    outcome: 'nobody logged in, popup: it closes, and its opener is told login_required',
    play: async (scene) => {
      const { tab, system } = scene;
      await tab.open(system.origins.portal);
      await addPopupButton(scene);
      await tab.click('#popup');
      await until('a message', () => tab.evaluate('messages.length > 0 && popup.closed'));
      assert.deepEqual(await tab.evaluate('messages.map(({ data }) => data.authError)'), ['login_required']);
    },
  },
  {
    outcome:
      'expiry in mid-chat: a fetch is 401 with the way to log in, and a reload goes on without a login page',
    play: async (scene) => {
      const { tab, system, shot } = scene;
      await logInAtBank(scene);
      await enterChat(scene);
      const refused = await until('401', async () => {
        const answer = await openChat(tab);
        return answer.status === 401 && answer;
      });
      assert.equal(refused.problem.code, 'login_required');
      assert.ok(refused.problem.loginUrl?.startsWith(`${system.origins.gateway}/secure-chat/login?`));
      await shot('expired');
      system.takeSteps();
      await tab.reload();
      await tab.waitFor(VERIFIED);
      assert.deepEqual(painted(scene), [`200 ${system.chatUrl}`]);
      assert.equal((await openChat(tab)).status, 201);
    },
    brief: true,
  },
  {
    outcome: 'two tabs at once: both come to the verified chat, and both go on',
    play: async (scene) => {
      const { tab, system, visitor } = scene;
      await logInAtBank(scene);
      const other = await visitor.newTab();
      await other.open(`${system.origins.portal}/account`);
      const go = `void setTimeout(() => document.querySelector('#card-redirect a.button').click())`;
      await Promise.all([tab.evaluate(go), other.evaluate(go)]);
      await Promise.all([tab.waitFor(VERIFIED), other.waitFor(VERIFIED)]);
      assert.deepEqual([(await openChat(tab)).status, (await openChat(other)).status], [201, 201]);
    },
  },
  {
    outcome: 'log out at the bank: the open chat is refused, and loading it anew shows the way to log in',
    play: async (scene) => {
      const { tab, system, visitor, shot } = scene;
      await logInAtBank(scene);
      const chat = await visitor.opened(() => tab.click('#chat-window'));
      await chat.waitFor(VERIFIED);
      await tab.click('header form button');
      await tab.waitFor('header a[href="/login"]');
      assert.equal((await openChat(chat)).problem.code, 'login_required');
      await shot('logged-out', chat);
      system.takeSteps();
      await chat.reload();
      await chat.waitFor(LOG_IN);
      assert.deepEqual(painted(scene), [`401 ${system.chatUrl}`]);
    },
  },
  {
    outcome: 'Back after the login: the bank at once, no stop at the provider, and the chat opens again',
    play: async (scene) => {
      const { tab, system } = scene;
      await logInAtBank(scene);
      await enterChat(scene);
      await tab.back();
      await tab.waitForUrl(`${system.origins.portal}/account`);
      assert.ok(!system.takeSteps().some(({ page }) => page.startsWith(`${system.origins.provider}/login`)));
      await enterChat(scene);
      assert.deepEqual(painted(scene).at(-1), `200 ${system.chatUrl}`);
      assert.equal((await openChat(tab)).status, 201);
    },
  },
];
