import type { ServerResponse } from 'node:http';
import { Browser, type RequestOptions, type Visit } from '../support/browser.ts';
import { findCanary } from '../support/canary.ts';
import type { Provider, ProviderRequest } from '../support/provider.ts';

/** The national id that nobody may see. */
export const NATIONAL_ID = '17029012345';

/** Secrets by name; a name is all that a failing test prints. */
export type Secrets = Map<string, string>;

/** A browser that keeps every answer it got. */
export class Recorder extends Browser {
  static readonly answers: Visit[] = [];

  override async fetch(url: string, options: RequestOptions = {}): Promise<Visit> {
    const visit = await super.fetch(url, options);
    Recorder.answers.push(visit);
    return visit;
  }
}

/** What the provider and the gateway told one another, and what browsers were given. */
export function collectSecrets(provider: Provider, browsers: readonly Browser[]): Secrets {
  const secrets: Secrets = new Map();
  const add = (name: string, value: string | null | undefined) => {
    if (value && value.length >= 16) secrets.set(`${name} ${secrets.size}`, value);
  };
  for (const { url, body, headers } of provider.requests) {
    for (const name of ['state', 'nonce']) add(name, url.searchParams.get(name));
    for (const name of ['code', 'code_verifier']) add(name, body.get(name));
    add('token', /^Bearer (.+)/.exec(headers.authorization ?? '')?.[1]);
    add('credentials', /^Basic (.+)/.exec(headers.authorization ?? '')?.[1]);
  }
  for (const { jar } of browsers)
    for (const cookies of jar.values()) for (const value of cookies.values()) addCookie(add, value);
  for (const { headers } of Recorder.answers) {
    for (const line of headers.getSetCookie()) addCookie(add, line.split(';')[0]!.replace(/^[^=]*=/, ''));
    add('handle', /[?&]authCode=([\w-]+)/.exec(headers.get('location') ?? '')?.[1]);
  }
  return secrets;
}

function addCookie(add: (name: string, value: string) => void, value: string): void {
  const written = decodeURIComponent(value);
  add('cookie', value);
  // of a signed session id also the id alone
  add('session id', /^s:([\w-]+)\./.exec(written)?.[1] ?? '');
}

/** Names of the secrets that stand in this text: as they are, percent-encoded, in base64 at any offset, in hex. */
export function leaksIn(text: string, secrets: Secrets, apart: RegExp = /^$/): string[] {
  const found = findSpellings(
    text,
    [...secrets].filter(([name]) => !apart.test(name)),
  );
  // what comes again and again is looked through once
  const lines = new Set(text.replaceAll(CHANGING, '').split(/[\r\n]+/));
  const id = findCanary([...lines].join('\n'), NATIONAL_ID);
  return id === undefined ? found : [...found, `national id, ${id}`];
}

/** Request ids, times, random values of the length that the gateway's have. */
const CHANGING =
  /[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}|\d{4}-\d\d-\d\dT[\d:.]+Z|(?<![\w-])[\w-]{43}(?![\w-])/g;

/** What answers give away beyond what they are there to hand over: a cookie, a state, a handle. */
export function leaksInAnswers(answers: readonly Visit[], secrets: Secrets): string[] {
  const texts = { cookies: '', locations: '', rest: '' };
  for (const { headers, body } of answers) {
    texts.rest += `${body}\n`;
    for (const [name, value] of headers) {
      const kind = name === 'set-cookie' ? 'cookies' : name === 'location' ? 'locations' : 'rest';
      texts[kind] += `${name}: ${value}\n`;
    }
  }
  return [
    ...leaksIn(texts.rest, secrets),
    ...leaksIn(texts.cookies, secrets, /^cookie|^session id/),
    ...leaksIn(texts.locations, secrets, /^state|^nonce|^handle/),
  ];
}

/** Letters that a spelling is looked up by; none is shorter. */
const START = 8;

/** One walk through the text for all of them: there are thousands, and the text is long. */
function findSpellings(
  text: string,
  secrets: readonly (readonly [name: string, secret: string])[],
): string[] {
  const byStart = new Map<string, [spelling: string, name: string][]>();
  for (const [name, secret] of secrets)
    for (const spelling of spellings(secret)) {
      if (spelling.length < START) throw new TypeError(`${name} is too short to be looked for`);
      const start = spelling.slice(0, START);
      byStart.set(start, [...(byStart.get(start) ?? []), [spelling, name]]);
    }
  const found = new Set<string>();
  for (let at = 0; at + START <= text.length; at += 1)
    for (const [spelling, name] of byStart.get(text.slice(at, at + START)) ?? [])
      if (text.startsWith(spelling, at)) found.add(name);
  return [...found];
}

const known = new Map<string, string[]>();

function spellings(secret: string): string[] {
  const spelt = known.get(secret) ?? spell(secret);
  known.set(secret, spelt);
  return spelt;
}

function spell(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const shifted = [0, 1, 2].map((by) => {
    const whole = Buffer.concat([Buffer.alloc(by), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    // the characters at both ends depend on what stands beside
    return whole.slice(by === 0 ? 0 : by + 1, -1);
  });
  return [
    secret,
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
    bytes.toString('hex'),
    ...shifted,
    ...shifted.map((text) => text.replaceAll('+', '-').replaceAll('/', '_')),
  ];
}

/** A provider that says back whatever it was told, in all places that an answer has. */
export function echoing(provider: Provider, status: number, member = 'error_description') {
  return (response: ServerResponse): void => {
    const { body, headers, url } = provider.requests.at(-1) as ProviderRequest;
    const told = `${headers.authorization ?? ''} ${body.toString()} ${url.search} ${NATIONAL_ID}`;
    response
      .writeHead(status, {
        'content-type': 'application/json',
        'www-authenticate': `Bearer error="invalid_token", error_description="${told.replaceAll('"', '')}"`,
      })
      .end(
        JSON.stringify({
          error: 'invalid_request',
          sub: told,
          id_token: told,
          access_token: told,
          token_type: 'Bearer',
          [member]: told,
        }),
      );
  };
}
