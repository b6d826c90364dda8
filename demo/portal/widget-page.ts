import { html, type Html } from '../page/html.ts';
import { QUEUES } from './snippets.ts';

const WAYS = [
  ['page', 'In this page', 'goes to the bank’s login and straight back'],
  ['popup', 'With a popup', 'opens for a moment and closes by itself'],
  ['window', 'In its own window', 'the chat lives there, the bank stays here'],
] as const;

/** A chat in the bank's own page, on nothing but the gateway's browser client: all that it does is in `widget.mjs`. */
export function widgetBody(): Html {
  return html`<section class="welcome">
      <div>
        <h1>Chat with us, right here</h1>
        <p class="lead">
          This page is the bank’s own. It knows the gateway by one script and has none of its cookies.
        </p>
      </div>
    </section>
    <section class="widget" data-widget data-queue="${QUEUES.secure}" data-state="start" aria-label="Chat">
      <header class="widget-head">
        <h2>Fjordbank chat</h2>
        <p class="chip chip-quiet" data-who role="status">Not started</p>
        <button class="button button-small button-quiet" data-logout hidden>Log out</button>
      </header>
      <p class="widget-note" data-note role="alert" hidden></p>
      <form class="widget-start" id="prechat">
        <label>
          What is it about?
          <select name="topic">
            <option>Cards and payments</option>
            <option>Loans</option>
            <option>Savings</option>
          </select>
        </label>
        <label>
          Your question
          <textarea
            name="question"
            rows="3"
            maxlength="1000"
            placeholder="Write as much as you like first"
          ></textarea>
        </label>
        <fieldset>
          <legend>How we find out that it is you</legend>
          ${WAYS.map(
            ([display, label, note], index) =>
              html`<label class="widget-way">
                <input type="radio" name="display" value="${display}" ${index === 0 && 'checked'} />
                <span><strong>${label}</strong> <span class="fine">${note}</span></span>
              </label>`,
          )}
        </fieldset>
        <div class="widget-actions">
          <button class="button" id="start">Start the chat</button>
          <button class="button button-quiet" id="login" type="button" hidden>
            Log in with BankID (simulated)
          </button>
        </div>
      </form>
      <ol class="widget-messages" data-messages aria-live="polite" aria-label="Messages" hidden></ol>
      <form class="widget-composer" id="composer" hidden>
        <label class="visually-hidden" for="text">Your message</label>
        <input id="text" name="text" autocomplete="off" maxlength="2000" placeholder="Write a message" />
        <button class="button" id="send">Send</button>
      </form>
    </section>`;
}
