import { element, moment, verifiedIcon } from './dom.mjs';

const TOKEN_LENGTH = 24;

function fact(label, value, kind = value.length > TOKEN_LENGTH && !/\s/.test(value) ? 'token' : 'text') {
  const row = element('div', { className: `fact fact-${kind}` });
  const isMasked = /\*{3,}$/.test(value);
  row.append(
    element('dt', { text: label }),
    element('dd', { text: value, ...(isMasked && { className: 'masked' }) }),
  );
  if (isMasked) row.lastChild.append(element('span', { className: 'chip chip-quiet', text: 'masked' }));
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

/** What the agent may believe of the visitor, and why. */
export function whoPanel(chat) {
  return chat.verified ? verified(chat) : unverified(chat);
}
