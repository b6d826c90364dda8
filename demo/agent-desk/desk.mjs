import { clock, element, verifiedIcon } from './dom.mjs';
import { whoPanel } from './who.mjs';

const part = (name) => document.querySelector(`[data-${name}]`);
const TITLE = document.title;
const chats = new Map();
let selected;

const ORDER = { waiting: 0, active: 1, ended: 2 };
const STATE_LABELS = { waiting: 'Waiting', active: 'In conversation', ended: 'Ended' };

async function act(path, body = {}) {
  await fetch(`/chats/${selected}/${path}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
}

function select(id) {
  selected = id;
  part('desk').classList.toggle('is-open', id !== undefined);
  render();
}

function preview({ messages }) {
  const said = messages.findLast(({ from }) => from !== 'system');
  return said ? said.text : 'No message yet';
}

function mark(chat) {
  if (chat.toldBy === 'body') return element('span', { className: 'mark mark-told', text: chat.queueKey });
  return chat.verified
    ? element('span', { className: 'mark mark-verified' }, verifiedIcon(), chat.method ?? chat.connection)
    : element('span', { className: 'mark mark-open', text: 'Not verified' });
}

function inboxRow(chat) {
  const button = element(
    'button',
    {
      className: `row row-${chat.state}`,
      'data-chat': chat.id,
      ...(chat.id === selected && { 'aria-current': 'true' }),
    },
    element(
      'span',
      { className: 'row-top' },
      element('strong', { text: chat.title }),
      element('time', { text: clock(chat.openedAt) }),
    ),
    mark(chat),
    element('span', { className: 'row-text', text: preview(chat) }),
    element('span', { className: `state state-${chat.state}`, text: STATE_LABELS[chat.state] }),
  );
  button.addEventListener('click', () => select(chat.id));
  return element('li', {}, button);
}

function renderInbox() {
  const sorted = [...chats.values()].sort(
    (one, other) => ORDER[one.state] - ORDER[other.state] || other.openedAt - one.openedAt,
  );
  const hadFocus = document.activeElement?.closest('[data-chat]')?.dataset.chat;
  part('list').replaceChildren(...sorted.map(inboxRow));
  if (hadFocus) document.querySelector(`[data-chat="${hadFocus}"]`)?.focus();
  const waiting = sorted.filter(({ state }) => state === 'waiting').length;
  part('count').textContent = `${waiting} waiting`;
  part('empty').hidden = sorted.length > 0;
  document.title = waiting > 0 ? `(${waiting}) ${TITLE}` : TITLE;
}

function logRow({ from, name, text, at }, chat) {
  const who = { visitor: name ?? (chat.verified ? chat.title : 'Visitor'), agent: 'You', system: '' }[from];
  return element(
    'li',
    { className: `line line-${from}` },
    element('p', { text }),
    who && element('small', { text: `${who} · ${clock(at)}` }),
  );
}

function renderTalk() {
  const chat = chats.get(selected);
  part('nothing').hidden = chat !== undefined;
  part('open').hidden = chat === undefined;
  part('who').hidden = chat === undefined;
  if (!chat) return;
  part('title').textContent = chat.title;
  part('subtitle').replaceChildren(mark(chat));
  part('take').hidden = chat.state !== 'waiting';
  part('end').hidden = chat.state !== 'active';
  part('answer').hidden = chat.state !== 'active';
  const log = part('log');
  log.replaceChildren(...chat.messages.map((message) => logRow(message, chat)));
  log.lastElementChild?.scrollIntoView({ block: 'nearest' });
  part('who').replaceChildren(...whoPanel(chat));
}

function render() {
  renderInbox();
  renderTalk();
}

part('take').addEventListener('click', async () => {
  await act('take');
  part('answer').elements.namedItem('text').focus();
});
part('end').addEventListener('click', () => act('end'));
part('back').addEventListener('click', () => select(undefined));
part('answer').addEventListener('submit', async (event) => {
  event.preventDefault();
  const input = event.currentTarget.elements.namedItem('text');
  const text = input.value.trim();
  input.value = '';
  if (text) await act('messages', { text });
});

const events = new EventSource('/events');
events.onopen = () => {
  part('live').textContent = 'Live';
};
events.onerror = () => {
  part('live').textContent = 'Reconnecting …';
};
events.onmessage = ({ data }) => {
  const chat = JSON.parse(data);
  chats.set(chat.id, chat);
  render();
};
