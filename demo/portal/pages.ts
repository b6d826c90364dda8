import { html, Html } from '../page/html.ts';
import { htmlPage } from '../page/html-page.ts';
import { FJORD, LOGO } from './artwork.ts';
import type { Customer } from './sessions.ts';
import { copyText, type Snippet } from './snippets.ts';
import { widgetBody } from './widget-page.ts';

/** What every page of the portal knows. */
export interface PortalView {
  readonly customer: Customer | undefined;
  readonly snippets: readonly Snippet[];
  /** Origin of the gateway: a logout forgets the customer there first. */
  readonly gateway: string;
  /** Where the gateway sends the browser then: the portal's own logout. */
  readonly logoutUrl: string;
  /** Address of the agent desk, for those who look at the demo. */
  readonly desk: string;
}

const ACCOUNTS: readonly (readonly [name: string, number: string, balance: number])[] = [
  ['Brukskonto', '9710 22 14853', 24_518.4],
  ['Sparekonto', '9710 30 77120', 186_240],
  ['Feriekonto', '9710 41 90266', 12_075.5],
];

const KRONER = new Intl.NumberFormat('nb-NO', { style: 'currency', currency: 'NOK' });

function shell(title: string, view: PortalView, body: Html, widget = false): string {
  const scripts = view.snippets.filter(({ script }) => script).map(({ id }) => `/snippets/${id}.mjs`);
  return htmlPage({
    title: `${title} · Fjordbank`,
    brand: 'portal',
    styles: ['/assets/portal.css', ...(widget ? ['/assets/widget.css'] : [])],
    firstScripts: widget ? [`${view.gateway}/secure-chat/client.js`] : [],
    scripts: widget ? ['/assets/widget.mjs'] : ['/assets/portal.mjs', ...scripts],
    body: html`<aside class="demo-note" aria-label="About this demo">
        A demo: the bank, its customers and BankID are made up.
        <a href="${view.desk}" target="_blank">Open the agent desk</a>
      </aside>
      <header class="bank-bar">
        <a class="bank-name" href="/">${LOGO}<span>Fjordbank</span></a>
        ${
          view.customer &&
          html`<a class="bank-link" href="/account">My page</a>
            <form method="post" action="${view.gateway}/secure-chat/logout">
              <input type="hidden" name="returnTo" value="${view.logoutUrl}" />
              <button class="button button-small button-quiet">Log out</button>
            </form>`
        }
        ${!view.customer && html`<a class="button button-small" href="/login">Log in</a>`}
      </header>
      <main class="bank-main">${body}</main>
      <footer class="bank-foot">
        Fjordbank ASA · Strandkaien 2, Bergen · invented for secure-chat-gateway
      </footer>`,
  });
}

function chatCard(snippet: Snippet): Html {
  return html`<article class="chat-card" id="card-${snippet.id}">
    <div class="chat-card-text">
      <h3>${snippet.title}</h3>
      <span class="chip ${snippet.secure ? 'chip-good' : 'chip-warn'}">
        ${snippet.secure ? 'Secure queue' : 'Open queue'}
      </span>
      <p>${snippet.text}</p>
      ${new Html(snippet.html)}
    </div>
    <figure class="snippet">
      <figcaption>
        The code for your own site
        <button class="button button-small button-quiet" data-copy hidden>Copy</button>
      </figcaption>
      <pre tabindex="0"><code>${copyText(snippet)}</code></pre>
    </figure>
  </article>`;
}

function chatCards(view: PortalView, heading: string, text: string): Html {
  return html`<section class="chat-cards" aria-labelledby="chat">
    <h2 id="chat">${heading}</h2>
    <p class="lead">${text}</p>
    ${view.snippets.map(chatCard)}
    <p class="lead">Or <a href="/widget">chat in the bank’s own page</a>, without the gateway’s cookies.</p>
  </section>`;
}

/** The bank's public front page. */
export function frontPage(view: PortalView): string {
  return shell(
    'Welcome',
    view,
    html`<section class="hero">
        <div class="hero-text">
          <p class="hero-eyebrow">Personal banking</p>
          <h1>Talk to a bank that already knows it is you</h1>
          <p class="lead">
            Log in once. When you open the chat, your adviser sees who you are, so there is nothing to prove
            and nothing to repeat.
          </p>
          <a class="button button-large" href="${view.customer ? '/account' : '/login'}">
            ${view.customer ? 'Go to my page' : 'Log in with BankID (simulated)'}
          </a>
        </div>
        ${FJORD}
      </section>
      <ol class="steps">
        <li><strong>Log in</strong> Pick a test person from Norway, Sweden, Denmark or Finland.</li>
        <li><strong>Open the chat</strong> The gateway recognises you silently. No second login.</li>
        <li><strong>See the agent’s side</strong> Verified name, method and time; the national ID masked.</li>
      </ol>
      ${chatCards(
        view,
        'Chat with us',
        view.customer
          ? 'Three ways in. Each button runs the code beside it.'
          : 'Three ways in. You are not logged in, so the secure queue will ask you to.',
      )}`,
  );
}

/** What a logged-in customer sees. */
export function accountPage(view: PortalView, customer: Customer): string {
  return shell(
    'My page',
    view,
    html`<section class="welcome">
        <div>
          <h1>Hei, ${customer.givenName}!</h1>
          <p class="lead">Logged in as ${customer.name}</p>
        </div>
        <a class="button" href="#chat">Chat with us</a>
      </section>
      <section aria-labelledby="accounts">
        <h2 id="accounts" class="visually-hidden">Accounts</h2>
        <ul class="accounts">
          ${ACCOUNTS.map(
            ([name, number, balance]) =>
              html`<li class="account">
                <span class="account-name">${name}</span>
                <span class="fine">${number}</span>
                <strong class="account-sum">${KRONER.format(balance)}</strong>
              </li>`,
          )}
        </ul>
      </section>
      ${chatCards(view, 'Need help?', 'Three ways into the chat. Each button runs the code beside it.')}`,
  );
}

/** The chat in the bank's own page. */
export function widgetPage(view: PortalView): string {
  return shell('Chat', view, widgetBody(), true);
}

/** A login that came to nothing. */
export function failedPage(view: PortalView): string {
  return shell(
    'Not logged in',
    view,
    html`<section class="welcome">
      <div>
        <h1>You are not logged in</h1>
        <p class="lead">The login was cancelled, or it took too long.</p>
      </div>
      <a class="button" href="/login">Try again</a>
    </section>`,
  );
}
