const main = document.querySelector('.chat-window');
const part = (name) => main.querySelector(`[data-${name}]`);
const base = `/queues/${encodeURIComponent(main.dataset.queue)}/chats`;
const storageKey = `chat:${main.dataset.queue}:${part('identity').textContent.trim()}`;

let chatId = sessionStorage.getItem(storageKey);
let shown = 0;
let events;

/** The one-time handle has done its work; it does not belong in the history or in a bookmark. */
function cleanAddress() {
  const address = new URL(location.href);
  for (const name of ['authCode', 'authError']) address.searchParams.delete(name);
  history.replaceState(null, '', address);
}

function clock(at) {
  return new Intl.DateTimeFormat(undefined, { timeStyle: 'short' }).format(at);
}

function addMessage({ id, from, text, at }) {
  if (id <= shown) return;
  shown = id;
  const item = document.createElement('li');
  item.className = `message message-${from}`;
  const bubble = document.createElement('p');
  bubble.textContent = text;
  const time = document.createElement('small');
  const who = { visitor: 'You', agent: 'Ingrid', system: '' }[from];
  time.textContent = who ? `${who} · ${clock(at)}` : '';
  item.append(bubble);
  if (who) item.append(time);
  part('messages').append(item);
  item.scrollIntoView({ block: 'nearest' });
}

const STATES = {
  waiting: 'Waiting for an agent',
  active: 'Ingrid is here to help',
  ended: 'Chat ended',
};

function show({ state, messages }) {
  messages.forEach(addMessage);
  part('state').textContent = STATES[state];
  main.dataset.chatState = state;
  part('end').hidden = state === 'ended';
  if (state === 'ended') finish('This chat has ended.', 'Start a new chat', undefined);
}

function finish(text, label, href) {
  events?.close();
  sessionStorage.removeItem(storageKey);
  part('ended-text').textContent = text;
  part('again').textContent = label;
  if (href) part('again').href = href;
  part('ended').hidden = false;
  part('composer').hidden = true;
  part('end').hidden = true;
}

/** A 401 names the address of the login; where to come back to is this page's to say. */
async function loggedOut(response) {
  const { loginUrl } = await response.json().catch(() => ({}));
  const login = new URL(loginUrl ?? location.pathname, location.href);
  if (loginUrl) {
    login.searchParams.set('returnTo', location.pathname);
    login.searchParams.set('interactive', '1');
  }
  part('state').textContent = 'Logged out';
  finish('You are logged out, so this chat is closed to you.', 'Log in again', login.href);
}

async function post(path, body = {}) {
  const response = await fetch(base + path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
    body: JSON.stringify(body),
  });
  if (response.status === 401) await loggedOut(response);
  return response;
}

function listen() {
  events = new EventSource(`${base}/${chatId}/events`);
  events.onmessage = ({ data }) => show(JSON.parse(data));
  events.onerror = async () => {
    if (events.readyState !== EventSource.CLOSED) {
      part('state').textContent = 'Reconnecting …';
      return;
    }
    const response = await fetch(`${base}/${chatId}/messages`, { headers: { Accept: 'application/json' } });
    if (response.status === 401) await loggedOut(response);
    else if (response.status === 404) await openChat();
    else setTimeout(listen, 1000);
  };
}

async function openChat() {
  const response = await post('');
  if (response.status === 401) return;
  if (!response.ok) {
    part('state').textContent = 'The chat cannot be reached';
    finish('Something went wrong.', 'Try again', undefined);
    return;
  }
  const chat = await response.json();
  chatId = chat.id;
  shown = 0;
  part('messages').replaceChildren();
  sessionStorage.setItem(storageKey, chatId);
  show(chat);
  listen();
}

part('composer').addEventListener('submit', async (event) => {
  event.preventDefault();
  const input = event.currentTarget.elements.namedItem('text');
  const text = input.value.trim();
  if (text === '' || !chatId) return;
  input.value = '';
  const response = await post(`/${chatId}/messages`, { text });
  if (!response.ok && response.status !== 401) input.value = text;
});
part('end').addEventListener('click', () => post(`/${chatId}/end`));

/** A stream that is open already would outlive a log-out in another tab, so each return to this page asks anew. */
function lookAgain() {
  if (document.hidden || !events || events.readyState === EventSource.CLOSED) return;
  events.close();
  listen();
}
document.addEventListener('visibilitychange', lookAgain);
window.addEventListener('focus', lookAgain);

cleanAddress();
if (chatId) listen();
else await openChat();
