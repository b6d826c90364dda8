import { html, type Html } from '../page/html.ts';
import { htmlPage } from '../page/html-page.ts';
import { EIDS, type Eid } from './eids.ts';
import { eidOf, PEOPLE, type Person } from './people.ts';

function page(title: string, body: Html, scripts: readonly string[] = []): string {
  return htmlPage({
    title: `${title} · eID Sandbox`,
    brand: 'provider',
    styles: ['/assets/provider.css'],
    scripts,
    body: html`<header class="provider-bar">
        <span class="provider-mark" aria-hidden="true">eID</span>
        <span>Sandbox provider</span>
        <span class="chip chip-quiet">Simulated</span>
      </header>
      <main class="provider-card">${body}</main>
      <footer class="provider-foot">
        A stand-in for Signicat on your own machine. Nobody here is real, and nothing leaves it.
      </footer>`,
  });
}

function eidTab(eid: Eid, chosen: Eid, uid: string): Html {
  const current = eid === chosen && html` aria-current="true"`;
  return html`<a class="eid-tab" href="/login/${uid}?eid=${eid.id}" ${current}>
    <span class="eid-country">${eid.countryCode}</span>${eid.label}
  </a>`;
}

function personRow(person: Person): Html {
  const initials = person.givenName.charAt(0) + person.familyName.charAt(0);
  return html`<li>
    <button class="person" name="person" value="${person.id}">
      <span class="avatar" aria-hidden="true">${initials}</span>
      <span class="person-text">
        <strong>${person.givenName} ${person.familyName}</strong>
        <small>${eidOf(person).nationalIdName} ${person.nationalId} · ${person.locality}</small>
      </span>
      <span class="person-go" aria-hidden="true">→</span>
    </button>
  </li>`;
}

/** What the login page needs to know. */
export interface LoginPage {
  /** Id of the visit to this page. */
  readonly uid: string;
  /** Whom the person is logging in to. */
  readonly clientName: string;
  readonly eid: Eid;
  /** False when the client asked for one eID: the others are then not offered. */
  readonly mayChoose: boolean;
}

/** Where one picks an eID and a test person: one click is the whole login. */
export function loginPage({ uid, clientName, eid, mayChoose }: LoginPage): string {
  const people = PEOPLE.filter((person) => person.eid === eid.id);
  return page(
    'Log in',
    html`<p class="eyebrow">${clientName} asks you to log in</p>
      <h1>Log in with ${eid.label} <span class="simulated">(simulated)</span></h1>
      ${
        mayChoose &&
        html`<nav class="eid-tabs" aria-label="Choose an eID">
          ${EIDS.map((other) => eidTab(other, eid, uid))}
        </nav>`
      }
      <form method="post" action="/login/${uid}">
        <h2 id="people">Continue as</h2>
        <ul class="people" aria-labelledby="people">
          ${people.map(personRow)}
        </ul>
      </form>
      <form method="post" action="/login/${uid}/cancel">
        <button class="button button-plain">Cancel and go back</button>
      </form>`,
  );
}

/**
 * Ends the provider's own session. The client has asked for it with its ID token, so the page submits itself; the
 * button is for browsers without scripts.
 *
 * @param form oidc-provider's form, whose id is `op.logoutForm`
 */
export function logoutPage(form: Html): string {
  return page(
    'Logging out',
    html`<h1>Logging out …</h1>
      <p>This ends your login at the provider, for every site that shares it.</p>
      ${form}
      <button class="button" form="op.logoutForm" name="logout" value="yes" data-submit>Log out</button>`,
    ['/assets/logout.mjs'],
  );
}

/** The last page of a logout that no client takes over from. */
export function loggedOutPage(): string {
  return page(
    'Logged out',
    html`<h1>You are logged out</h1>
      <p>You can close this page.</p>`,
  );
}

/** A protocol error that must not go back to the client. */
export function errorPage(error: string, description: string | undefined): string {
  return page(
    'Something is wrong',
    html`<h1>This login cannot go on</h1>
      <p>${description ?? 'Go back to where you came from, and try again.'}</p>
      <p class="fine">Code: <code>${error}</code></p>`,
  );
}

/** The provider's front page: what it is, and who can log in. */
export function frontPage(issuer: string): string {
  return page(
    'Test persons',
    html`<p class="eyebrow">OpenID Connect provider</p>
      <h1>Test persons</h1>
      <p>
        Issuer <code>${issuer}</code> ·
        <a href="${issuer}/.well-known/openid-configuration">discovery document</a>
      </p>
      <ul class="people">
        ${PEOPLE.map(
          (person) =>
            html`<li class="person">
              <span class="eid-country">${eidOf(person).countryCode}</span>
              <span class="person-text">
                <strong>${person.givenName} ${person.familyName}</strong>
                <small>${eidOf(person).label} · ${person.nationalId}</small>
              </span>
            </li>`,
        )}
      </ul>`,
  );
}
