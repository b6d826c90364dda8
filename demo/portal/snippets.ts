/** A way into the chat, as a customer copies it: the portal runs exactly this text. */
export interface Snippet {
  readonly id: 'redirect' | 'window' | 'open';
  readonly title: string;
  readonly text: string;
  readonly secure: boolean;
  readonly html: string;
  /** A script that belongs to it; the page loads it as a file of its own. */
  readonly script?: string;
}

/** Queue keys of the demo. */
export const QUEUES = { secure: 'q_bank', open: 'q_open' } as const;

function loginUrl(gateway: string, display?: 'window'): string {
  const query = new URLSearchParams({ queueKey: QUEUES.secure, returnTo: `/queues/${QUEUES.secure}` });
  if (display) query.set('display', display);
  return `${gateway}/secure-chat/login?${query.toString()}`;
}

/** For an attribute: the only character of a URL that HTML would read otherwise. */
function attribute(url: string): string {
  return url.replaceAll('&', '&amp;');
}

/**
 * The three ways into the chat.
 *
 * @param gateway origin of the gateway
 */
export function chatSnippets(gateway: string): readonly Snippet[] {
  return [
    {
      id: 'redirect',
      title: 'Chat in this window',
      text: 'A plain link. The visitor is recognised on the way, and no login page is seen.',
      secure: true,
      html: `<a class="button"
   href="${attribute(loginUrl(gateway))}">
  Chat with us
</a>`,
    },
    {
      id: 'window',
      title: 'Chat in its own window',
      text: 'The bank stays open beside it. Works without the script too, in a new tab.',
      secure: true,
      html: `<a class="button" id="chat-window" target="_blank"
   href="${attribute(loginUrl(gateway, 'window'))}">
  Chat in its own window
</a>`,
      script: `const link = document.getElementById('chat-window');
link.addEventListener('click', (event) => {
  const size = 'popup,width=440,height=760';
  const opened = window.open(link.href, 'chat', size);
  if (opened) event.preventDefault();
});
`,
    },
    {
      id: 'open',
      title: 'Chat without logging in',
      text: 'The open queue. The agent sees an unverified visitor, whoever is logged in here.',
      secure: false,
      html: `<a class="button button-quiet"
   href="${gateway}/queues/${QUEUES.open}">
  Ask a general question
</a>`,
    },
  ];
}

/** All that a customer copies, script included. */
export function copyText({ html, script }: Snippet): string {
  return script === undefined ? html : `${html}\n\n<script type="module">\n${script}</script>`;
}
