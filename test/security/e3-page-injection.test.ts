/** What a stranger says (errors, state, addresses, languages, keys, claims) becomes part of a page, a header or a script: it stays text. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import fc from 'fast-check';
import { anyCodePoint } from '../support/any-code-point.ts';
import type { Browser, Visit } from '../support/browser.ts';
import { chromiumMissing, startChromium } from '../support/chromium.ts';
import { faces } from '../support/faces.ts';
import { skeletonOf, tagsOf } from '../support/html-structure.ts';
import { startProvider } from '../support/provider.ts';
import { percent } from '../support/redirect-payloads.ts';
import { rawRequest } from '../support/raw-client.ts';
import { runs } from '../support/runs.ts';
import { connection, inEveryFace, kari, startSystem, type System } from '../support/system.ts';
import { LANGUAGES } from '../../src/pages/language.ts';

const CANARY = 'inj3cted';
const PAYLOADS = [
  `<script>${CANARY}=1</script>`, `"><img src=x onerror=${CANARY}=1>`, `' autofocus onfocus=${CANARY}=1 x='`, `</title><svg onload=${CANARY}=1>`,
  `--><b ${CANARY}>`, `]]><${CANARY}>`, `\r\nX-Injected: ${CANARY}\r\n\r\n<${CANARY}>`, `<%= ${CANARY} %>`, `\${${CANARY}}`, `{{${CANARY}}}`,
  `javascript:${CANARY}`, `&quot;&gt;&lt;${CANARY}&gt;`, `&#34;&#62;<${CANARY}>`, `\u2028${CANARY}\u2029</script><${CANARY}>`, `<\u0000script>${CANARY}`,
  `\ufeff<${CANARY}`, `\u202e<${CANARY}>`, `+ADw-${CANARY}+AD4-`, `\ud800"<${CANARY}>`, `\uff1c${CANARY}\uff1e`, '__proto__', 'constructor',
]; // prettier-ignore

const payload = fc.oneof(
  fc.constantFrom(...PAYLOADS),
  fc
    .array(fc.constantFrom(...PAYLOADS, '<', '>', '"', "'", '&', '`', '=', '/', CANARY), { maxLength: 5 })
    .map((parts) => parts.join('')),
  fc.string({ unit: anyCodePoint }),
);

type Person = (system: System, said: string, visitor: Browser) => Promise<Visit>;

/** Comes back from the provider with these parameters beside the login's own `state`. */
async function comeBack({ url }: System, visitor: Browser, parameters: string, begin = ''): Promise<Visit> {
  const begun = await visitor.navigate(`${url}/secure-chat/login?queueKey=q_bank${begin}`);
  const state = new URL(begun.headers.get('location')!).searchParams.get('state')!;
  return visitor.navigate(`${url}/secure-chat/callback?state=${state}${parameters}`);
}

/** Every page and the place where a stranger's words may reach it. The first call gets ordinary words. */
const PAGES: Record<string, Person> = {
  'the end of a window': ({ url }, said, visitor) =>
    visitor.navigate(`${url}/secure-chat/done?authError=${percent(said)}`),
  'a secure queue that was tried': ({ url }, said, visitor) =>
    visitor.navigate(
      `${url}/queues/q_bank?authError=${percent(said)}&${percent(`x${said}`)}=${percent(said)}`,
    ),
  'an unknown own address': ({ url }, said, visitor) =>
    visitor.navigate(`${url}/secure-chat/x?${percent(said)}`),
  'a callback without a login': ({ url }, said, visitor) =>
    visitor.navigate(
      `${url}/secure-chat/callback?state=${percent(said)}&error=${percent(said)}&error_description=${percent(said)}`,
    ),
  'a login for no queue': ({ url }, said, visitor) =>
    visitor.navigate(`${url}/secure-chat/login?queueKey=none${percent(said)}&customerKey=${percent(said)}`),
  'a refused return': ({ url }, said, visitor) =>
    visitor.navigate(
      `${url}/secure-chat/login?queueKey=q_bank&returnTo=${percent(`https://evil.example/${said}`)}`,
    ),
  'an unknown display': ({ url }, said, visitor) =>
    visitor.navigate(
      `${url}/secure-chat/login?queueKey=q_bank&display=no${percent(said)}&interactive=${percent(said)}`,
    ),
  'a popup that failed': (system, said, visitor) =>
    comeBack(
      system,
      visitor,
      `&error=${percent(`x${said}`)}&error_description=${percent(said)}&error_uri=${percent(said)}&iss=${percent(system.provider.issuer)}`,
      `&display=popup&returnTo=${percent(`/x?${percent(said)}`)}`,
    ),
  'a popup that is verified': (system, said, visitor) =>
    comeBack(
      system,
      visitor,
      `&code=${percent(said) || 'x'}&iss=${percent(system.provider.issuer)}&scope=${percent(said)}`,
      `&display=popup&returnTo=${percent(`https://www.bank.example/x?${percent(said)}#${percent(said)}`)}`,
    ),
  'a foreign issuer': (system, said, visitor) =>
    comeBack(
      system,
      visitor,
      `&code=x&iss=${percent(`https://evil.example/${said}`)}`,
      `&returnTo=${percent(`/x?${percent(said)}`)}`,
    ),
  'a queue whose key is markup': ({ url }, said, visitor) =>
    visitor.navigate(`${url}/?queueKey=${percent(HOSTILE_QUEUE)}&authError=${percent(said)}`),
  'a popup of that queue': async ({ url }, said, visitor) => {
    const begun = await visitor.navigate(
      `${url}/secure-chat/login?display=popup&queueKey=${percent(HOSTILE_QUEUE)}&returnTo=${percent(`/x?${percent(said)}`)}`,
    );
    const back = await visitor.navigate(begun.headers.get('location')!);
    return visitor.navigate(back.headers.get('location')!);
  },
};

const HOSTILE_QUEUE = `q"><img src=x onerror=${CANARY}>`;

inEveryFace(
  'in every page and language a stranger’s words change no tag, no attribute, no header and no link',
  async (t, face) => {
    const system = await startSystem(t, { face, options: { loginsPerMinute: 1_000_000 } });
    const { url } = system;
    // one visit may end on another page than its neighbour: all ordinary pages together are what may be seen
    const ordinary = new Set<string>();
    const names = Object.keys(PAGES).filter(
      (name) => !name.includes('queue whose') && !name.includes('that queue'),
    );
    // every language in one face, and the one that a stranger's words fall back to in all
    const spoken = LANGUAGES.filter(
      (language, i) => language === 'nb' || i % faces.length === faces.indexOf(face),
    );
    for (const language of spoken) {
      const visitor = () => system.browser({ 'accept-language': language });
      for (const name of names) {
        const { body, headers } = await PAGES[name]!(system, 'word', visitor());
        assert.equal(headers.get('content-language'), language, name);
        for (const tag of skeletonOf(body)) ordinary.add(tag);
      }
      for (const name of names)
        assertSafe(await PAGES[name]!(system, PAYLOADS[1]!, visitor()), ordinary, url);
    }
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...names), payload, payload, async (name, said, language) => {
        const ascii = language.replace(/[^\x20-\x7e]/g, '').trim();
        const visitor = system.browser({
          'accept-language': `${ascii},nb`,
          'x-request-id': ascii,
          'user-agent': ascii,
          referer: ascii,
        });
        assertSafe(await PAGES[name]!(system, said, visitor), ordinary, url);
      }),
      { numRuns: runs(40) },
    );
  },
);

/** A page of the known shape, with the headers that forbid what would not be. */
function assertSafe({ body, headers }: Visit, ordinary: ReadonlySet<string>, url: string): void {
  assert.equal(headers.get('content-type'), 'text/html; charset=utf-8');
  assert.equal(headers.get('x-content-type-options'), 'nosniff');
  assert.equal(headers.get('x-injected'), null);
  const policy = headers.get('content-security-policy') ?? '';
  assert.match(policy, /default-src 'none'.*script-src 'self'/);
  assert.doesNotMatch(policy, /unsafe|\*|data:|https?:|nonce/);
  assert.match(policy, /base-uri 'none'/);
  assert.deepEqual(
    skeletonOf(body).filter((tag) => !ordinary.has(tag)),
    [],
  );
  for (const { name, attributes } of tagsOf(body)) {
    assert.ok(
      Object.keys(attributes).every((attribute) => !/^(?:on|style$|srcdoc$|formaction$)/i.test(attribute)),
      name,
    );
    if (name === 'script')
      assert.match(attributes['src'] ?? '', /^\/secure-chat\/assets\/popup\.[\da-f]{12}\.js$/);
    for (const address of [attributes['href'], attributes['src'], attributes['data-return-to']])
      if (address !== undefined && address !== '') {
        const { protocol, origin } = new URL(address.replaceAll('&amp;', '&'), url);
        assert.ok(protocol === 'http:' || protocol === 'https:', address);
        assert.ok([url, 'https://www.bank.example'].includes(origin), address);
      }
  }
  assert.doesNotMatch(body, new RegExp(`<script[^>]*>[^<]`), 'no inline script');
}

inEveryFace(
  'a queue key and a claim that are markup stay text, in a page, in a header and in JSON',
  async (t, face) => {
    const provider = await hostileProvider(t);
    const system = await startSystem(t, {
      face,
      provider,
      options: {
        customers: [
          {
            customerKey: `c"><script>${CANARY}</script>`,
            returnOrigins: ['https://www.bank.example'],
            connections: [connection(provider)],
            queues: [{ queueKey: HOSTILE_QUEUE, authConnectionName: 'Signicat' }],
          },
        ],
      },
    });
    const visitor = system.browser();
    const honest = await PAGES['a queue whose key is markup']!(system, 'word', visitor);
    assert.equal(honest.status, 401);
    for (const tag of skeletonOf(honest.body)) assert.doesNotMatch(tag, /img|onerror/);
    const popup = await PAGES['a popup of that queue']!(system, PAYLOADS[0]!, visitor);
    const [outcome] = tagsOf(popup.body).filter(({ attributes }) => 'data-message' in attributes);
    assert.ok(outcome !== undefined && skeletonOf(popup.body).every((tag) => !tag.includes('onerror')));
    assert.match(outcome.attributes['data-message']!, /&lt;img/);
    const entered = await visitor.navigate(`${system.url}/?queueKey=${percent(HOSTILE_QUEUE)}`);
    assert.equal(entered.status, 200);
    const info = await visitor.navigate(`${system.url}/secure-chat/session`);
    assert.deepEqual(
      [info.headers.get('content-type'), info.headers.get('x-content-type-options')],
      ['application/json', 'nosniff'],
    );
    assert.equal((JSON.parse(info.body) as { nickName: string }).nickName, PAYLOADS[1]);
  },
);

async function hostileProvider(t: TestContext) {
  const provider = await startProvider({ person: { ...kari, given_name: PAYLOADS[1], name: PAYLOADS[0] } });
  t.after(() => provider.stop());
  return provider;
}

inEveryFace('what a request says of itself stands in no header of the answer', async (t, face) => {
  const { url } = await startSystem(t, { face });
  const { port, host } = new URL(url);
  for (const said of PAYLOADS.map((text) => percent(text))) {
    for (const path of [
      `/secure-chat/login?queueKey=q_bank&returnTo=/x?${said}`,
      `/secure-chat/callback?error=${said}&state=${said}`,
      `/secure-chat/done?authError=${said}`,
      `/secure-chat/${said}`,
      `/queues/q_bank?${said}`,
    ]) {
      const text = await rawRequest(
        Number(port),
        `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nAccept: text/html\r\nAccept-Language: ${said}\r\nX-Request-Id: ${said}\r\nConnection: close\r\n\r\n`,
      );
      const head = text.slice(0, text.indexOf('\r\n\r\n'));
      assert.doesNotMatch(head, new RegExp(`^x-injected|^${CANARY}`, 'im'));
      for (const line of head.split('\r\n').slice(1)) {
        assert.match(line, /^[\w-]+: ?[^\r\n\0]*$/);
        if (!/^(?:location|set-cookie):/i.test(line)) assert.doesNotMatch(line, new RegExp(CANARY), line);
      }
    }
  }
});

test(
  'in a real browser no page runs, loads or draws what a stranger said',
  { skip: chromiumMissing },
  async (t) => {
    const { url } = await startSystem(t);
    const chromium = await startChromium();
    t.after(() => chromium.close());
    const context = await chromium.newContext();
    const alien: string[] = [];
    await context.addInitScript(`window.${CANARY}=0;`);
    const paths = [
      (said: string) => `/secure-chat/done?authError=${said}`,
      (said: string) => `/secure-chat/callback?state=${said}&error=${said}`,
      (said: string) => `/queues/q_bank?authError=${said}`,
    ];
    const visit = async (pathOf: (said: string) => string): Promise<void> => {
      const tab = await context.newPage();
      tab.on('dialog', (dialog) => void (alien.push(`dialog ${dialog.message()}`), dialog.dismiss()));
      tab.on(
        'console',
        (entry) => entry.text().includes('Content Security Policy') && alien.push(entry.text()),
      );
      for (const said of PAYLOADS.slice(0, 14)) {
        const path = pathOf(percent(said));
        await tab.goto(url + path);
        const seen = await tab.evaluate<[unknown, number]>(
          `[window.${CANARY}, document.querySelectorAll('script:not([src]), img, iframe, object, [onerror], [onload], [onfocus], ${CANARY}').length]`,
        );
        assert.deepEqual(seen, [0, 0], `${path} ${said}`);
      }
    };
    await Promise.all(paths.map(visit));
    assert.deepEqual(alien, []);
  },
);
