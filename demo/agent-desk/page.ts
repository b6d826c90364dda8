import { html } from '../page/html.ts';
import { htmlPage } from '../page/html-page.ts';
import { VERIFIED_ICON } from '../page/verified-icon.ts';

/** What the desk says beside its chats. */
export interface DeskPageParts {
  readonly title: string;
  /** Where a chat is started, for those who wonder how one gets here: origin, and what to call the site. */
  readonly site: string;
  readonly siteName: string;
}

/** The desk; everything in it comes alive through `/events`. */
export function deskPage({ title, site, siteName }: DeskPageParts): string {
  return htmlPage({
    title,
    brand: 'desk',
    styles: ['/assets/desk.css', '/assets/conversation.css'],
    scripts: ['/assets/desk.mjs'],
    body: html`<header class="desk-bar">
        <span class="desk-mark" aria-hidden="true"></span>
        <h1>${title}</h1>
        <span class="chip" data-live role="status">Connecting …</span>
        <span class="desk-agent"
          ><span class="avatar" aria-hidden="true">IN</span><span>Ingrid Nes</span></span
        >
      </header>
      <main class="desk" data-desk>
        <section class="inbox" aria-label="Chats">
          <h2>Chats <span class="count" data-count>0 waiting</span></h2>
          <ul data-list></ul>
          <p class="inbox-empty" data-empty>
            Nobody is waiting.<br />
            <a href="${site}" target="_blank">Open ${siteName}</a> and start a chat.
          </p>
        </section>
        <section class="talk" aria-label="Conversation">
          <div class="talk-empty" data-nothing>
            <div>
              ${VERIFIED_ICON}
              <p>Pick a chat to see who you are talking to.</p>
            </div>
          </div>
          <section class="talk-open" data-open hidden>
            <header class="talk-head">
              <button class="button button-small button-quiet talk-back" data-back>← Chats</button>
              <div>
                <h2 data-title></h2>
                <p data-subtitle></p>
              </div>
              <button class="button button-small" data-take>Take chat</button>
              <button class="button button-small button-quiet" data-end>End</button>
            </header>
            <ol class="log" data-log aria-live="polite" aria-label="Messages"></ol>
            <form class="answer" data-answer>
              <label class="visually-hidden" for="text">Your answer</label>
              <input
                id="text"
                name="text"
                autocomplete="off"
                maxlength="2000"
                placeholder="Write an answer"
              />
              <button class="button">Send</button>
            </form>
          </section>
        </section>
        <section class="who" aria-label="Who this is" tabindex="0" data-who hidden></section>
      </main>`,
  });
}
