/* global SecureChat */
const root = document.querySelector('[data-widget]');
const part = (name) => root.querySelector(`[data-${name}]`);
const prechat = document.querySelector('#prechat');
const composer = document.querySelector('#composer');
const base = `/queues/${root.dataset.queue}/chats`;

const chat = SecureChat.createSecureChat({
  queueKey: root.dataset.queue,
  form: '#prechat, #composer',
  // names below localhost are one site, which has the cookie; this page shows how it goes without
  cookies: location.hostname === 'localhost' ? 'never' : 'auto',
});

let chatId = sessionStorage.getItem('widget-chat');
let shown = 0;
let polling = 0;

function show(state, who, note = '') {
  root.dataset.state = state;
  const isOpen = state === 'open';
  part('who').textContent = who;
  part('who').className = `chip ${isOpen ? 'chip-good' : 'chip-quiet'}`;
  part('note').textContent = note;
  part('note').hidden = note === '';
  part('messages').hidden = composer.hidden = part('logout').hidden = !isOpen;
  prechat.hidden = isOpen;
  document.querySelector('#login').hidden = state !== 'login-required';
}

function add({ id, from, text }) {
  if (id <= shown) return;
  shown = id;
  const item = document.createElement('li');
  item.className = `widget-message widget-message-${from}`;
  item.textContent = text;
  part('messages').append(item);
  item.scrollIntoView({ block: 'nearest' });
}

const post = (path, body) =>
  chat.fetch(base + path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });

async function open() {
  if (chatId) return true;
  const response = await post('', {});
  if (!response.ok) return false;
  ({ id: chatId } = await response.json());
  sessionStorage.setItem('widget-chat', chatId);
  const { topic, question } = Object.fromEntries(new FormData(prechat));
  if (question.trim() !== '') await post(`/${chatId}/messages`, { text: `${topic}: ${question.trim()}` });
  prechat.reset();
  return true;
}

/** Long polling, from the one place that runs it: a second call ends the first. */
async function follow() {
  const mine = ++polling;
  while (mine === polling && chatId && root.dataset.state === 'open') {
    try {
      const response = await chat.fetch(`${base}/${chatId}/messages?after=${shown}`);
      if (mine !== polling) return;
      if (response.ok) {
        (await response.json()).messages.forEach(add);
        continue;
      }
      if (response.status === 404) forget();
      return;
    } catch {
      // the line may be down for a moment
    }
    await new Promise((resolve) => setTimeout(resolve, 1500));
  }
}

function forget() {
  polling += 1;
  chatId = null;
  shown = 0;
  sessionStorage.removeItem('widget-chat');
  part('messages').replaceChildren();
}

async function enter() {
  if (!(await open())) return;
  const { nickName } = await chat.session();
  show('open', nickName ? `Verified: ${nickName}` : 'Verified');
  void follow();
}

async function login(how) {
  try {
    const outcome = await how({ display: new FormData(prechat).get('display') });
    if (outcome.status === 'window') show('start', 'Open in its own window');
  } catch ({ code }) {
    show('start', 'Not started', `The chat cannot be reached (${code}). Try again.`);
  }
}

chat.on('verified', enter);
chat.on('login-required', ({ reason }) => {
  const note = reason === 'popup_closed' ? 'The popup was closed.' : 'We do not know you here yet.';
  show('login-required', 'Not logged in', `${note} Log in, and your question stays as it is.`);
});
chat.on('expired', () => {
  part('who').textContent = 'One moment …';
});
chat.on('identity-changed', () => {
  forget();
  show('start', 'Somebody else', 'Another person has logged in. Their chat is a new one.');
});
chat.on('signed-out', () => {
  forget();
  show('start', 'Logged out', 'You are logged out of the chat.');
});

prechat.addEventListener('submit', (event) => {
  event.preventDefault();
  void login(chat.start);
});
document.querySelector('#login').addEventListener('click', () => void login(chat.login));
part('logout').addEventListener('click', () => void chat.logout());
composer.addEventListener('submit', async (event) => {
  event.preventDefault();
  const field = composer.elements.namedItem('text');
  const text = field.value.trim();
  if (text === '') return;
  field.value = '';
  const response = await post(`/${chatId}/messages`, { text });
  // not delivered: it is the visitor's again
  if (response.status === 401 && field.value === '') field.value = text;
});

// a reload in mid-chat goes on where it was
if ((await chat.ready) === undefined && chatId) await chat.start();
