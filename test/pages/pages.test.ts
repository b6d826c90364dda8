import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { PROBLEMS, type ProblemCode } from '../../src/errors.ts';
import { LANGUAGES } from '../../src/pages/language.ts';
import { CATALOGUES } from '../../src/pages/locales/catalogues.ts';
import { createPages, type Page } from '../../src/pages/pages.ts';
import { everyPage, ORDINARY } from './every-page.ts';

const pages = createPages({ routePrefix: '/secure-chat', publicPath: '/base' });
const visitor = { acceptLanguage: 'en', requestId: 'r1' };

/** `[tag, attribute names]` of every start tag: values hold no `>`, since all are escaped. */
function startTags(html: string): [string, string[]][] {
  return [...html.matchAll(/<([a-z][a-z0-9]*)((?:[^>"]|"[^"]*")*)>/gi)].map(([, tag, rest]) => [
    tag!,
    [...rest!.matchAll(/([^\s=/"]+)(?:="[^"]*")?/g)].map(([, name]) => name!),
  ]);
}

const TAGS = new Set(
  'html head meta title link script body header main footer div p span svg path circle rect h1 a code'.split(
    ' ',
  ),
);

const hrefs = ({ html }: Page): string[] =>
  [...html.matchAll(/<a [^>]*href="([^"]*)"/g)].map(([, href]) => href!);

for (const language of LANGUAGES) {
  test(`${language}: every page renders, in that language, with one h1 and its landmarks`, () => {
    const texts = CATALOGUES[language];
    for (const [name, { html, headers }] of everyPage(pages, language)) {
      assert.equal(headers['Content-Language'], language, name);
      assert.equal(headers['Vary'], 'Accept-Language', name);
      assert.match(html, new RegExp(`<html lang="${language}">`), name);
      for (const tag of ['h1', 'header', 'main', 'footer', 'title']) {
        assert.equal(html.split(`<${tag}>`).length, 2, `${name}: one ${tag}`);
      }
      assert.ok(html.includes(texts.service) && html.includes(ORDINARY.requestId), name);
      assert.doesNotMatch(html, /undefined|\[object|<(h1|p|a [^>]*|title)>\s*<\//, name);
    }
  });
}

for (const code of Object.keys(PROBLEMS) as ProblemCode[]) {
  test(`${code}: the page has the code's status, and its heading, cause and cure`, () => {
    const page = pages.problem({ ...visitor, code });
    const { title, lead, cure } = CATALOGUES.en.problems[code];
    assert.equal(page.status, PROBLEMS[code].status);
    for (const text of [title, lead, cure]) assert.ok(page.html.includes(text), text);
    assert.equal('WWW-Authenticate' in page.headers, page.status === 401);
    assert.equal('Retry-After' in page.headers, page.status === 429 || page.status === 503);
  });
}

const MARKUP = [
  '"><script>alert(1)</script>',
  `'><img src=x onerror=alert(1)>`,
  '</p></main><style>*{display:none}</style>',
  '<!--',
  '&lt;script&gt; &#x22;',
  '%22%3E<svg/onload=alert(1)>',
  '\u2028</script>\u0000\u202e',
];

for (const markup of MARKUP) {
  test(`${JSON.stringify(markup)} stays text wherever it comes in`, () => {
    const inputs = {
      requestId: markup,
      queueKey: markup,
      customerKey: markup,
      url: `https://www.bank.example/${markup}?${markup}#${markup}`,
      word: markup,
    };
    const clean = everyPage(pages, 'en');
    for (const [name, page] of everyPage(pages, 'en', inputs)) {
      const tags = startTags(page.html);
      assert.deepEqual(
        tags.map(([tag]) => tag).filter((tag) => !TAGS.has(tag)),
        [],
        name,
      );
      assert.equal(
        tags.filter(([tag]) => tag === 'script').length,
        startTags(clean.get(name)!.html).filter(([tag]) => tag === 'script').length,
        name,
      );
      assert.ok(!tags.some(([, attributes]) => attributes.some((each) => /^on/i.test(each))), name);
      assert.doesNotMatch(page.html, /<!--|<style|<img/i, name);
    }
  });
}

test('no page needs an inline style or script', () => {
  for (const [name, { html }] of everyPage(pages, 'en')) {
    for (const [tag, attributes] of startTags(html)) {
      assert.deepEqual(
        attributes.filter((attribute) => /^(on|style$|nonce$)/i.test(attribute)),
        [],
        `${name}: ${tag}`,
      );
      assert.ok(tag !== 'script' || attributes.includes('src'), name);
    }
    assert.doesNotMatch(html, /<script[^>]*>[^<]/, name);
  }
});

test('links to the assets carry publicPath and prefix', () => {
  const { html } = pages.windowDone({ ...visitor, outcome: 'verified' });
  assert.match(html, /<link rel="stylesheet" href="\/base\/secure-chat\/assets\/page\.[0-9a-f]{12}\.css">/);
});

test('only the popup page gives up its opener policy, and only it has a script', () => {
  for (const [name, { headers, html }] of everyPage(pages, 'en')) {
    const popup = name.startsWith('popup');
    assert.equal(headers['Cross-Origin-Opener-Policy'], popup ? 'unsafe-none' : 'same-origin', name);
    assert.equal(html.includes('<script'), popup, name);
  }
});

test('login required offers the interactive login first, then the silent one', () => {
  const page = pages.loginRequired({
    ...visitor,
    code: 'login_required',
    loginUrl: '/l?a=1&b=2',
    retryUrl: '/r',
  });
  assert.equal(page.status, 401);
  assert.deepEqual(hrefs(page), ['/l?a=1&amp;b=2', '/r']);
  assert.ok(page.html.includes(CATALOGUES.en.alreadyLoggedInHint));
});

test('login required without a silent way does not speak of one', () => {
  const page = pages.loginRequired({ ...visitor, code: 'code_expired', loginUrl: '/l' });
  assert.deepEqual(hrefs(page), ['/l']);
  assert.ok(!page.html.includes(CATALOGUES.en.alreadyLoggedInHint));
});

test('login required says why the last attempt failed, and echoes no unknown word', () => {
  const input = { ...visitor, code: 'login_required', loginUrl: '/l' } as const;
  const known = pages.loginRequired({ ...input, authError: 'access_denied' });
  assert.ok(known.html.includes(CATALOGUES.en.authErrors.access_denied));
  for (const word of ['login_required', 'server_error', 'constructor', 'Call 555-0100']) {
    const { html } = pages.loginRequired({ ...input, authError: word });
    assert.ok(!html.includes('class="reason"') && !html.includes('555'), word);
  }
});

test('an address that must not be followed leaves the page without that button', () => {
  const page = pages.problem({
    ...visitor,
    code: 'state_mismatch',
    loginUrl: 'javascript:alert(1)',
    backUrl: '//evil',
  });
  assert.deepEqual(hrefs(page), []);
});

test('a problem that passes offers the same address again, one that does not pass does not', () => {
  assert.deepEqual(hrefs(pages.problem({ ...visitor, code: 'upstream_timeout' })), ['']);
  assert.deepEqual(hrefs(pages.problem({ ...visitor, code: 'upstream_timeout', loginUrl: '/l' })), ['/l']);
  assert.deepEqual(hrefs(pages.problem({ ...visitor, code: 'request_malformed', backUrl: '/b' })), ['/b']);
});

test('what is not a plain id is not shown as a reference', () => {
  const page = pages.loginRequired({
    ...visitor,
    requestId: 'Your account is locked, call 555-0100',
    queueKey: 'x'.repeat(65),
    code: 'login_required',
    loginUrl: '/l',
  });
  assert.doesNotMatch(page.html, /555|x{65}|<footer/);
});

test('a window that ended with an unknown word did not verify anybody', () => {
  for (const outcome of ['', 'Verified', 'toString', 'server_error']) {
    const { html } = pages.windowDone({ ...visitor, outcome });
    assert.ok(html.includes(CATALOGUES.en.notVerified.title), outcome);
    assert.ok(html.includes(CATALOGUES.en.authErrors.provider_error), outcome);
  }
});

for (const targetOrigin of [
  '*',
  '',
  'null',
  '/',
  'https://a.example/',
  'https://a.example/x',
  'https://u@a.example',
  'HTTPS://a.example',
  'https://a.example:443',
  'file://',
  'javascript:1',
]) {
  test(`a popup never posts to ${JSON.stringify(targetOrigin)}`, () => {
    const message = { type: 'secure-chat', queueKey: 'q', customerKey: 'c' } as const;
    assert.throws(() => pages.popupDone({ ...visitor, targetOrigin, message, returnTo: '/' }), TypeError);
  });
}

test('the templates of these pages print nothing unescaped but one another', () => {
  const views = new URL('../../views/', import.meta.url);
  for (const name of ['layout', 'actions', 'login-required', 'error', 'window-done', 'popup-done']) {
    const raw = [...readFileSync(new URL(`${name}.ejs`, views), 'utf8').matchAll(/<%-\s*(.*?)\s*-?%>/g)];
    for (const [, expression] of raw) assert.match(expression!, /^page\.(body|buttons)$/, name);
  }
});
