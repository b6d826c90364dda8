import assert from 'node:assert/strict';
import type { Browser, Visit } from '../support/browser.ts';
import { ADMIN_TOKEN } from './rig.ts';

/** An administrator's browser: opens pages and sends their forms, without scripts. */
export class Desk {
  readonly base: string;
  readonly browser: Browser;

  constructor(url: string, browser: Browser) {
    this.base = `${url}/secure-chat/admin`;
    this.browser = browser;
  }

  /** Somebody who opens a page of the administration from another one of it. */
  open(path: string, headers: Record<string, string> = {}): Promise<Visit> {
    return this.browser.navigate(this.base + path, {
      headers: { 'sec-fetch-site': 'same-origin', ...headers },
    });
  }

  /** Sends a form as a browser does. */
  post(path: string, fields: Record<string, string>, headers: Record<string, string> = {}): Promise<Visit> {
    return this.browser.navigate(this.base + path, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'sec-fetch-site': 'same-origin',
        origin: 'null',
        ...headers,
      },
      body: new URLSearchParams(fields).toString(),
    });
  }

  /** Signs in by a token, and gives back the page that comes then. */
  async signIn(token = ADMIN_TOKEN): Promise<Visit> {
    const answer = await this.post('/sign-in', { token });
    assert.equal(answer.status, 303, answer.body);
    return this.open('');
  }

  /** Opens a page, fills in its form and sends it to where the page has it from. */
  async fill(path: string, fields: Record<string, string>): Promise<Visit> {
    const page = await this.open(path);
    assert.equal(page.status, 200, page.body);
    return this.post(path, { ...hiddenOf(page.body), ...fields });
  }
}

/** The hidden fields of the page's own form, which come behind that of the sign-out. */
export function hiddenOf(html: string): Record<string, string> {
  const inputs = html.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g);
  return Object.fromEntries([...inputs].map(([, name, value]) => [name!, textOf(value!)]));
}

/** What stands in a field of the page. */
export function valueOf(html: string, name: string): string | undefined {
  const [input] = new RegExp(`<input id="${name.replaceAll('.', '\\.')}"[^>]*>`).exec(html) ?? [];
  const value = input === undefined ? undefined : /value="([^"]*)"/.exec(input)?.[1];
  return value === undefined ? undefined : textOf(value);
}

/** The text of a page, without its tags. */
export function shownOf(html: string): string {
  return textOf(html.replaceAll(/<[^>]*>/g, ' ')).replaceAll(/\s+/g, ' ');
}

function textOf(html: string): string {
  return html
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&#34;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
}
