import { element, moment, verifiedIcon } from './dom.mjs';

const TOKEN_LENGTH = 24;

function kindOf(value) {
  return value.length > TOKEN_LENGTH && !/\s/.test(value) ? 'token' : 'text';
}

function fact(label, value, kind = kindOf(value), secret = false) {
  const row = element('div', { className: `fact fact-${kind}` });
  const isMasked = /\*{3,}$/.test(value);
  row.append(
    element('dt', { text: label }),
    element('dd', { text: value, ...(isMasked && { className: 'masked' }) }),
  );
  if (isMasked) row.lastChild.append(element('span', { className: 'chip chip-quiet', text: 'masked' }));
  if (secret) row.lastChild.append(element('span', { className: 'chip chip-quiet', text: 'secret' }));
  return row;
}

function unverified(chat) {
  return [
    element(
      'div',
      { className: 'badge badge-open' },
      element('strong', { text: 'Unverified visitor' }),
      element('span', { text: `Open queue ${chat.queueKey}` }),
    ),
    element('p', {
      className: 'fine',
      text: 'This person has not logged in. Treat every name and number they give you as a claim, not a fact.',
    }),
  ];
}

function verified(chat) {
  const facts = element('dl', { className: 'facts' });
  facts.append(...chat.variables.map(({ description, value }) => fact(description, value)));
  const proof = element('dl', { className: 'facts facts-proof' });
  proof.append(
    fact('Method', chat.method ?? 'unknown'),
    fact('Logged in', chat.verifiedAt ? moment(chat.verifiedAt) : 'unknown'),
    fact('Queue', `${chat.queueKey} (secure)`),
    fact('Chat ID', chat.chatId ?? 'none', 'token'),
  );
  return [
    element(
      'div',
      { className: 'badge badge-verified' },
      verifiedIcon(),
      element('strong', { text: 'Verified identity' }),
      element('span', { text: `${chat.method ?? chat.connection} through ${chat.connection}` }),
    ),
    element('h3', { text: 'How we know' }),
    proof,
    element('h3', { text: 'About the customer' }),
    facts,
  ];
}

/** Puzzel's protocol has no word for "verified": the body that opened the chat says a name, an id and variables. */
function told(chat) {
  const names = element('dl', { className: 'facts facts-proof' });
  names.append(
    fact('Nickname', chat.nickName || 'none', 'text'),
    fact('Chat ID', chat.chatId || 'none', 'token'),
    fact('Queue', chat.queueKey, 'text'),
  );
  const facts = element('dl', { className: 'facts' });
  facts.append(
    ...chat.variables.map(({ description, value, secret }) =>
      fact(description, value, kindOf(value), secret === true),
    ),
  );
  return [
    element(
      'div',
      { className: 'badge badge-told' },
      element('strong', { text: chat.title }),
      element('span', { text: 'As POST /sessions says' }),
    ),
    element('h3', { text: 'Who this is' }),
    names,
    element('h3', { text: 'Variables' }),
    chat.variables.length > 0 ? facts : element('p', { className: 'fine', text: 'None.' }),
    element('p', {
      className: 'fine',
      text: 'In a secure queue the gateway has written nickname, chat ID and the verified variables; others are the page’s own. Secret ones are not shown to the visitor.',
    }),
  ];
}

/** What the agent may believe of the visitor, and why. */
export function whoPanel(chat) {
  if (chat.toldBy === 'body') return told(chat);
  return chat.verified ? verified(chat) : unverified(chat);
}
