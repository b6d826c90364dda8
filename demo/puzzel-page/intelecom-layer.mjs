import { readable } from './intelecom-content.mjs';

/** Makes an element with text, which stays text. */
function make(tag, className, ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

function button(className, label, act) {
  const made = make('button', className, label);
  made.type = 'button';
  made.addEventListener('click', act);
  return made;
}

const EVENTS = {
  USER_CONNECTED: ({ nickName }) => `${nickName} has joined the chat.`,
  USER_DISCONNECTED: () => 'The chat was ended.',
};

function clock(sent) {
  return new Intl.DateTimeFormat(undefined, { timeStyle: 'short' }).format(new Date(sent));
}

/** The layer over the page: a button in the corner, and the window that it opens. It knows nothing of the API. */
export class ChatLayer {
  /** @param acts what the visitor can do: `start`, `say`, `choose`, `end` */
  constructor(host, acts) {
    this.acts = acts;
    this.launcher = button('ic-launcher', 'Chat with us', () => this.open());
    this.state = make('p', 'ic-state', '');
    this.state.setAttribute('role', 'status');
    this.endButton = button('ic-quiet', 'End chat', () => acts.end());
    this.log = make('ol', 'ic-log');
    this.log.setAttribute('aria-live', 'polite');
    this.log.setAttribute('aria-label', 'Messages');
    this.log.tabIndex = 0;
    this.notice = make('p', 'ic-notice', '');
    this.startButton = button('ic-button', 'Start the chat', () => acts.start());
    this.gate = make('div', 'ic-gate', this.notice, this.startButton);
    this.form = this.composer();
    this.window = make('section', 'ic-window', this.head(), this.log, this.gate, this.form);
    this.window.setAttribute('aria-label', 'Chat');
    host.append(this.launcher, this.window);
    this.window.addEventListener('keydown', ({ key }) => key === 'Escape' && this.fold());
    this.offer('You can talk to one of our advisers here.', 'Start the chat', false);
  }

  head() {
    const avatar = make('span', 'ic-avatar', 'FB');
    avatar.setAttribute('aria-hidden', 'true');
    const fold = button('ic-fold', '×', () => this.fold());
    fold.setAttribute('aria-label', 'Close the chat window');
    return make(
      'header',
      'ic-head',
      avatar,
      make('div', '', make('h2', '', 'Fjordbank chat'), this.state),
      this.endButton,
      fold,
    );
  }

  composer() {
    this.input = make('input');
    Object.assign(this.input, {
      name: 'text',
      autocomplete: 'off',
      maxLength: 2000,
      placeholder: 'Write a message',
    });
    this.input.setAttribute('aria-label', 'Your message');
    const form = make('form', 'ic-form', this.input, make('button', 'ic-button', 'Send'));
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.send();
    });
    return form;
  }

  async send() {
    const text = this.input.value.trim();
    if (text === '' || this.sending) return;
    this.sending = true;
    const taken = await this.acts.say(text);
    this.sending = false;
    if (taken) this.input.value = '';
    this.say(taken ? undefined : 'Not sent. Please try again.');
  }

  open() {
    this.window.hidden = false;
    this.launcher.hidden = true;
    (this.form.hidden ? this.startButton : this.input).focus();
  }

  fold() {
    this.window.hidden = true;
    this.launcher.hidden = false;
    this.launcher.focus();
  }

  show(hidden) {
    for (const [part, value] of Object.entries(hidden)) this[part].hidden = value;
  }

  /** Nothing to be done but to wait. */
  wait(text) {
    this.show({ window: false, launcher: true, gate: false, startButton: true, form: true, endButton: true });
    this.log.hidden = true;
    this.notice.textContent = text;
    this.state.textContent = '';
  }

  /** A sentence and a button that starts a chat. */
  offer(text, label, opened = true) {
    this.show({
      window: !opened,
      launcher: opened,
      gate: false,
      startButton: false,
      form: true,
      endButton: true,
    });
    this.log.querySelectorAll('.ic-options').forEach((row) => row.remove());
    this.log.hidden = this.log.childElementCount === 0;
    this.log.scrollTop = this.log.scrollHeight;
    this.notice.textContent = text;
    this.startButton.textContent = label;
    this.state.textContent = 'Weekdays from 8 to 18';
  }

  /** A chat goes on. */
  talk() {
    this.show({ window: false, launcher: true, gate: true, form: false, endButton: false });
    this.log.replaceChildren();
    this.log.hidden = false;
    this.say();
    this.input.focus();
  }

  /** How it stands; without text, as usual. */
  say(text = 'Connected') {
    this.state.textContent = text;
  }

  add(message) {
    if (message.type === 'OptionResult')
      this.log.querySelector(`[data-options="${Number(message.content.messageId)}"]`)?.remove();
    const item = this.itemFor(message);
    if (item === undefined) return;
    this.log.append(item);
    item.scrollIntoView({ block: 'nearest' });
  }

  itemFor(message) {
    const { type, role, nickName, content, sent } = message;
    if (type === 'Intro') return intro(content);
    if (type === 'Event') return EVENTS[content] && make('li', 'ic-event', EVENTS[content](message));
    if (type === 'Option') return this.options(message);
    if (type !== 'Message' && type !== 'OptionResult') return undefined;
    const bubble = make('p', '', type === 'Message' ? readable(content) : content.optionChoice);
    const name = role === 1 ? nickName : nickName || 'You';
    return make(
      'li',
      role === 1 ? 'ic-agent' : 'ic-visitor',
      bubble,
      make('small', '', `${name} · ${clock(sent)}`),
    );
  }

  options({ id, content }) {
    const row = make('li', 'ic-options');
    row.dataset.options = id;
    row.append(
      ...content.map((optionChoice) =>
        button('ic-quiet', optionChoice, () =>
          this.acts.choose({ messageId: id, optionChoice, cancelled: false }),
        ),
      ),
    );
    return row;
  }
}

/** What the chat server says of the visitor. A secret variable is for the agent only. */
function intro({ welcomeHeader, welcomeBody, variables }) {
  const facts = make('dl', '');
  for (const { name, value, secret } of variables)
    if (!secret) facts.append(make('div', '', make('dt', '', name), make('dd', '', value)));
  return make('li', 'ic-intro', make('strong', '', welcomeHeader), make('p', '', welcomeBody), facts);
}
