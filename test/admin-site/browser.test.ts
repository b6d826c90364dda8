import assert from 'node:assert/strict';
import test, { after, type TestContext } from 'node:test';
import type { Browser, BrowserContextOptions, Page as Tab } from 'playwright-core';
import { LOOKS, violatedRules } from '../support/axe.ts';
import { chromiumMissing as skip, startChromium } from '../support/chromium.ts';
import { kari } from '../support/system.ts';
import { ADMIN_TOKEN, startAdministered, VIEWER_TOKEN } from './rig.ts';

let chromium: Promise<Browser> | undefined;
after(async () => (await chromium)?.close());

async function startTab(t: TestContext, options: BrowserContextOptions) {
  const system = await startAdministered(t);
  chromium ??= startChromium();
  const context = await (await chromium).newContext(options);
  t.after(() => context.close());
  const tab = await context.newPage();
  const complaints: string[] = [];
  tab.on('console', (entry) => complaints.push(entry.text()));
  const base = `${system.url}/secure-chat/admin`;
  tab.setDefaultTimeout(15_000);
  const signIn = async (token: string) => {
    await tab.goto(`${base}/sign-in`);
    await tab.fill('#token', token);
    await tab.click('main button');
    await tab.waitForURL(base);
  };
  return { ...system, tab, base, signIn, complaints };
}

const said = (tab: Tab) => tab.innerText('[role=status]');
const PHONE = { width: 390, height: 800 };

test('with scripts off and on a phone’s width every form does its work', { skip }, async (t) => {
  const { tab, base, signIn, provider, complaints, gateway } = await startTab(t, {
    javaScriptEnabled: false,
    viewport: PHONE,
  });
  await signIn(ADMIN_TOKEN);
  await tab.click('text=Add a customer');
  await tab.fill('#customerKey', '777');
  await tab.fill('#returnOrigins', 'https://a.example\nhttps://b.example');
  await tab.click('text=Add the customer');
  assert.match(await said(tab), /Customer 777 was added/);
  await tab.click('text=Add a connection');
  await tab.fill('#authConnectionName', 'Second');
  await tab.fill('#authEndpoint', provider.issuer);
  await tab.fill('#authClientId', 'portal');
  await tab.click('main button');
  assert.match(await said(tab), /The connection was added/);
  await tab.click('.rows >> text=Set… Client secret');
  await tab.fill('#authClientSecret', 'portal-secret');
  await tab.click('text=Set it');
  assert.match(await said(tab), /Client secret set\. The provider knows the client/);
  await tab.click('text=Ask the provider');
  assert.match(await said(tab), /accepts its secret/);
  await tab.selectOption('#codeRedemption', 'callback');
  await tab.click('summary');
  await tab.fill('#clockToleranceSeconds', '30');
  await tab.click('text=Save the settings');
  assert.match(await said(tab), /The settings were saved/);
  await tab.click('text=Edit and try');
  for (const [row, claim] of ['AuthUserId', 'given_name', 'national_id'].entries()) {
    await tab.click('text=Add a row');
    await tab.fill(`[name="claim.${row}"]`, claim);
  }
  await tab.selectOption('[name="type.0"]', 'ChatId');
  await tab.fill('#sample', JSON.stringify(kari));
  // Enter in a field shows, and saves nothing
  await tab.press('[name="description.1"]', 'Enter');
  assert.match(await tab.innerText('.preview'), /X-Secure-Chat-Id\s+kari-sub/);
  assert.match(await tab.innerText('.preview'), /170290\*{5}/);
  await tab.click('[value="down.0"]');
  assert.deepEqual(await tab.inputValue('[name="claim.1"]'), 'AuthUserId');
  assert.deepEqual(await tab.inputValue('[name="type.1"]'), 'ChatId');
  await tab.click('[value="remove.2"]');
  await tab.click('text=Save the mapping');
  assert.match(await said(tab), /The mapping was saved/);
  await tab.click('.crumbs >> text=Customer 777');
  await tab.click('text=Add a queue');
  await tab.fill('#queueKey', 'q_777');
  await tab.click('button >> text=Make it secure');
  assert.match(await said(tab), /The queue q_777 is secure/);
  const { customers } = await gateway.administration!.read();
  assert.deepEqual(
    customers[1]!.queues.map(({ state, authConnectionName }) => [state, authConnectionName]),
    [['secure', 'Second']],
  );
  await tab.click('text=Open it to everybody…');
  await tab.click('text=Yes, open it to everybody');
  assert.match(await said(tab), /open to everybody/);
  await tab.goto(`${base}/customer?customerKey=777`);
  await tab.click('text=Take this customer away…');
  await tab.click('text=Yes, take it away');
  assert.match(await said(tab), /taken away/);
  await tab.click('nav >> text=Audit record');
  await tab.selectOption('#kind', 'administration');
  await tab.click('text=Show');
  assert.match(await tab.innerText('table'), /secret set/);
  await tab.click('text=Check that it is whole');
  assert.match(await said(tab), /The record is whole/);
  await tab.click('nav >> text=Sessions');
  await tab.fill('#subject', 'abcdefghijabcdefghij1234');
  await tab.click('text=Go on…');
  await tab.click('text=Yes, end everything');
  assert.match(await said(tab), /Nothing was kept of this person/);
  await tab.click('text=Sign out');
  await tab.waitForURL(`${base}/sign-in`);
  await tab.goto(base);
  assert.match(await tab.innerText('h1'), /Sign in to the administration/);
  assert.deepEqual(
    complaints.filter((text) => !/status of 401|^\[DOM\]/.test(text)),
    [],
    'nothing that the content policy forbids',
  );
});

/** Rules violated on the page shown, with the element; and how wide it is. */
async function look(tab: Tab, width: number, rules?: readonly string[]): Promise<string[]> {
  const violations = await violatedRules(tab, rules);
  const wide = await tab.evaluate<number>('document.documentElement.scrollWidth');
  return [...violations, ...(wide === width ? [] : [`${wide} px wide`])];
}

const about = (more: Record<string, string>) =>
  `?${new URLSearchParams({ customerKey: '12345', ...more }).toString()}`;
const CONNECTION = about({ authConnectionName: 'Signicat' });
const QUEUE = about({ queueKey: 'q_bank' });
const PAGES = [
  '',
  '/sign-in',
  `/customer${about({})}`,
  '/customer/new',
  `/connection${CONNECTION}`,
  `/queue${QUEUE}`,
  `/mapping${CONNECTION}`,
  '/audit',
  '/sessions',
  '/nothing',
];
const FORMS = [
  `/connection/new${about({})}`,
  `/queue/new${about({})}`,
  `/secret${CONNECTION}&key=authClientSecret`,
  `/secret${CONNECTION}&key=authRequestSigningKey`,
  `/confirm${QUEUE}&act=queue.remove`,
  `/confirm${CONNECTION}&act=connection.remove`,
];

for (const [colorScheme, width, token, paths, rules] of [
  ['light', 1280, ADMIN_TOKEN, [...PAGES, ...FORMS], undefined],
  ['dark', 390, ADMIN_TOKEN, [...PAGES, ...FORMS], LOOKS],
  ['dark', 1280, VIEWER_TOKEN, PAGES, LOOKS],
  ['light', 320, VIEWER_TOKEN, PAGES, undefined],
] as const) {
  const who = token === ADMIN_TOKEN ? 'administrator' : 'viewer';
  test(
    `axe finds nothing, and nothing is wider than the window: ${who}, ${colorScheme}, ${width}`,
    { skip },
    async (t) => {
      const { tab, base, signIn } = await startTab(t, {
        colorScheme,
        bypassCSP: true,
        viewport: { width, height: 800 },
      });
      await tab.goto(base);
      assert.deepEqual(await look(tab, width, rules), [], 'before the sign-in');
      await signIn(token);
      for (const path of paths) {
        await tab.goto(base + path);
        assert.deepEqual(await look(tab, width, rules), [], path);
        const main = tab.locator('main form[method=post] .button-main').first();
        if ((await main.count()) === 0 || /sessions|mapping|customer\?|queue\?/.test(path)) continue;
        await tab.evaluate(
          `document.querySelectorAll('main [required]').forEach((field) => field.removeAttribute('required'))`,
        );
        await main.click();
        assert.deepEqual(await look(tab, width, rules), [], `${path}, refused`);
        await signIn(token);
      }
    },
  );
}

test('the keyboard gets to the content at once, and shows where it is', { skip }, async (t) => {
  const { tab, signIn } = await startTab(t, {});
  await signIn(ADMIN_TOKEN);
  await tab.keyboard.press('Tab');
  const focused = `(({ outlineStyle, outlineWidth }) => [document.activeElement.textContent, outlineStyle, outlineWidth])(getComputedStyle(document.activeElement))`;
  assert.deepEqual(await tab.evaluate(focused), ['Skip to the content', 'solid', '3px']);
  await tab.keyboard.press('Enter');
  await tab.keyboard.press('Tab');
  assert.equal(await tab.evaluate(`document.activeElement.closest('main') !== null`), true);
});
