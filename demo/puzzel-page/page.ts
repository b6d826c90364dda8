import { html } from '../page/html.ts';
import { htmlPage } from '../page/html-page.ts';
import { LOGO } from '../portal/artwork.ts';

/** What the page needs to know. */
export interface HelpPageParts {
  /** Base address of Chat API v1: the gateway's where the vendor's once stood. */
  readonly api: string;
  /** `credentials` of the chat's requests (WHATWG Fetch): `same-origin` sends no cookies to another origin. */
  readonly credentials: 'same-origin' | 'include';
  /** Origin of the bank's portal, where one logs in. */
  readonly portal: string;
  /** Origin of the agent's desk, for those who look at the demo. */
  readonly desk: string;
  /** The page's own script, as it runs. */
  readonly script: string;
}

const TOPICS: readonly (readonly [title: string, text: string])[] = [
  ['Cards', 'Block a lost card, order a new one, or use it abroad.'],
  ['Payments', 'Standing orders, e-invoices, and what to do when one went wrong.'],
  ['Loans', 'Terms, deferrals, and how to pay back early.'],
];

/** The bank's help centre, with the vendor's chat in its corner. */
export function helpPage({ api, credentials, portal, desk, script }: HelpPageParts): string {
  return htmlPage({
    title: 'Help centre · Fjordbank',
    brand: 'portal',
    styles: ['/assets/portal.css', '/assets/help.css', '/assets/intelecom-chat.css'],
    scripts: ['/assets/portal.mjs', '/chat.mjs'],
    body: html`<aside class="demo-note" aria-label="About this demo">
        A demo: a page that was written for Puzzel. Only the base address of its chat is another one.
        <a href="${desk}" target="_blank">Open the agent’s view</a>
      </aside>
      <header class="bank-bar">
        <a class="bank-name" href="/">${LOGO}<span>Fjordbank</span></a>
        <a class="button button-small button-quiet" href="${portal}/login" target="_blank"
          >Log in to the bank</a
        >
      </header>
      <main class="bank-main help-main">
        <section class="help-hero">
          <h1>How can we help?</h1>
          <p>
            Chat with an adviser who knows that it is you. Logged in to the bank already? Then you will see no
            second login.
          </p>
        </section>
        <ul class="topics">
          ${TOPICS.map(
            ([title, text]) =>
              html`<li>
                <h2>${title}</h2>
                <p>${text}</p>
              </li>`,
          )}
        </ul>
        <section class="chat-cards" aria-labelledby="code">
          <h2 id="code">What this page says of its chat</h2>
          <p class="lead">
            The vendor’s own settings, unchanged. Only the chat’s base address is another one.
          </p>
          <article class="chat-card">
            <div class="chat-card-text">
              <h3>Nothing to rewrite</h3>
              <span class="chip chip-good">Secure queue</span>
              <p>
                The widget asks for a <code>state</code>, goes to the provider, and comes back with
                <code>authCode</code>. It sends that with <code>POST /sessions</code> and polls once a second,
                as it always has.
              </p>
              <p>Its base address is <code>${api}</code>.</p>
            </div>
            <figure class="snippet">
              <figcaption>
                The script of this page
                <button class="button button-small button-quiet" data-copy hidden>Copy</button>
              </figcaption>
              <pre tabindex="0"><code>${script}</code></pre>
            </figure>
          </article>
        </section>
      </main>
      <footer class="bank-foot">
        Fjordbank ASA · Strandkaien 2, Bergen · invented for secure-chat-gateway
      </footer>
      <div id="chat" data-api="${api}" data-credentials="${credentials}"></div>`,
  });
}
