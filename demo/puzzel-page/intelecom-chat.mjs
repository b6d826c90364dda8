import { ChatApi } from './intelecom-api.mjs';
import { leaveForSignIn, returnedFromSignIn } from './intelecom-sign-in.mjs';
import { ChatLayer } from './intelecom-layer.mjs';

const POLL_MS = 1000;

/** The chat that goes on after a reload stands in a cookie of the page's own site, as the vendor's client keeps it. */
class ChatCookie {
  constructor(customerKey) {
    this.name = `intelecomchat_${customerKey}`;
  }

  read() {
    const pairs = document.cookie.split('; ').map((pair) => pair.split('='));
    const value = pairs.find(([name]) => name === this.name)?.[1];
    return value ? JSON.parse(decodeURIComponent(value)) : undefined;
  }

  write(session) {
    document.cookie = `${this.name}=${encodeURIComponent(JSON.stringify(session))}; Path=/; SameSite=Lax`;
  }

  clear() {
    document.cookie = `${this.name}=; Path=/; Max-Age=0`;
  }
}

/** One widget on one page. */
class Widget {
  constructor(host, settings) {
    this.settings = settings;
    this.api = new ChatApi(host.dataset.api, host.dataset.credentials);
    this.cookie = new ChatCookie(settings.customerKey);
    this.layer = new ChatLayer(host, {
      start: () => this.begin(),
      say: (text) => this.say(text),
      choose: (content) => this.post({ type: 'OptionResult', content }),
      end: () => this.end(),
    });
  }

  /** After a reload the chat goes on; after the sign-in it begins. */
  async resume() {
    const returned = returnedFromSignIn();
    if (returned?.authCode) {
      await this.open(returned.authCode);
      return;
    }
    const session = this.cookie.read();
    if (session) this.follow(session);
    else if (returned) this.layer.offer('You were not logged in. Try again?', 'Try again');
  }

  async begin() {
    this.layer.wait('Just a moment …');
    if (this.settings.authConnectionName === undefined) await this.open();
    else await leaveForSignIn(this.api, this.settings).catch(() => this.broken());
  }

  async open(code) {
    this.layer.wait('Connecting …');
    const answer = await this.api.start(this.settings, code).catch(() => undefined);
    if (answer?.session) {
      this.cookie.write(answer.session);
      this.follow(answer.session);
    } else if (answer?.status === 401) {
      this.layer.offer('Please log in to open this chat.', 'Log in');
    } else this.broken();
  }

  broken() {
    this.layer.offer('The chat cannot be reached right now.', 'Try again');
  }

  follow(session) {
    this.session = session;
    this.last = 0;
    this.layer.talk();
    void this.poll(session);
  }

  async poll(session) {
    while (this.session === session) {
      const { status, messages } = await this.api
        .messages(this.settings, session, this.last)
        .catch(() => ({}));
      if (this.session !== session) return;
      if (status === 404 || status === 403) {
        this.close('This chat has ended.', 'Start a new chat');
        return;
      }
      if (status === 401) {
        this.close('You are logged out, so this chat is closed to you.', 'Log in again');
        return;
      }
      this.show(messages);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  show(messages) {
    if (messages === undefined) {
      this.layer.say('Reconnecting …');
      return;
    }
    for (const message of messages) {
      if (message.id > this.last) this.layer.add(message);
      this.last = Math.max(this.last, message.id);
    }
    this.layer.say();
  }

  say(text) {
    return this.post({ type: 'Message', content: text });
  }

  /** True when the server has taken it. */
  async post(message) {
    const { nickName = '' } = this.settings;
    const answer = await this.api
      .post(this.settings, this.session, { nickName, ...message })
      .catch(() => ({}));
    return answer.ok === true;
  }

  async end() {
    const { session } = this;
    await this.api.end(this.settings, session).catch(() => undefined);
    if (this.session === session) this.close('You have ended this chat.', 'Start a new chat');
  }

  close(text, label) {
    this.session = undefined;
    this.cookie.clear();
    this.layer.offer(text, label);
  }
}

/**
 * Puts a chat on the page, as the vendor's `$(selector).intelecomChat(settings)` does.
 *
 * @param {string} selector the element that holds it; its `data-api` is the base address of Chat API v1
 * @param {{customerKey: string, queueKey: string, authConnectionName?: string, authClientId?: string,
 *   authEndpoint?: string, authMapping?: object, nickName?: string}} settings
 */
export function intelecomChat(selector, settings) {
  void new Widget(document.querySelector(selector), settings).resume();
}
