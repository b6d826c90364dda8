import { html } from '../page/html.ts';
import { htmlPage } from '../page/html-page.ts';
import { VERIFIED_ICON } from '../page/verified-icon.ts';
import type { Visitor } from './visitor.ts';

function identityLine(visitor: Visitor) {
  if (!visitor.verified) {
    return html`<p class="identity identity-open" data-identity="unverified">
      You are chatting without logging in. Please share no personal details here.
    </p>`;
  }
  const name =
    visitor.variables.find(({ name }) => name === 'name')?.value ?? visitor.nickName ?? 'a customer';
  return html`<p class="identity identity-verified" data-identity="verified">
    ${VERIFIED_ICON}<span>You are verified as <strong>${name}</strong></span>
  </p>`;
}

/**
 * The visitor's chat window.
 *
 * @param queueKey as in the address, so it is escaped like any other text
 */
export function chatPage(queueKey: string, visitor: Visitor): string {
  return htmlPage({
    title: 'Chat · Fjordbank',
    brand: 'chat',
    styles: ['/assets/chat.css'],
    scripts: ['/assets/chat.mjs'],
    body: html`<main class="chat-window" data-queue="${queueKey}" data-name="${visitor.nickName ?? ''}">
      <header class="chat-head">
        <span class="avatar" aria-hidden="true">FB</span>
        <div>
          <h1>Fjordbank chat</h1>
          <p class="chat-state" data-state role="status">Connecting …</p>
        </div>
        <button class="button button-small button-quiet" data-end hidden>End chat</button>
      </header>
      ${identityLine(visitor)}
      <ol class="messages" data-messages aria-live="polite" aria-label="Messages"></ol>
      <div class="chat-ended" data-ended hidden>
        <p data-ended-text>This chat has ended.</p>
        <a class="button" data-again href="/queues/${encodeURIComponent(queueKey)}">Start a new chat</a>
      </div>
      <form class="composer" data-composer>
        <label class="visually-hidden" for="text">Your message</label>
        <input id="text" name="text" autocomplete="off" maxlength="2000" placeholder="Write a message" />
        <button class="button" aria-label="Send">Send</button>
      </form>
      <noscript><p class="identity identity-open">The chat needs JavaScript.</p></noscript>
    </main>`,
  });
}

/** The chat server's own front page; a visitor never comes here. */
export function chatServerPage(): string {
  return htmlPage({
    title: 'Legacy chat server',
    brand: 'chat',
    styles: ['/assets/chat.css'],
    body: html`<main class="chat-note">
      <h1>Legacy chat server</h1>
      <p>
        It knows nothing of OpenID Connect and believes the <code>X-Secure-Chat-*</code> headers. Visitors
        reach it through the gateway only.
      </p>
    </main>`,
  });
}
