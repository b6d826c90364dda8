import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import process from 'node:process';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { runCheck } from '../../demo/check.ts';
import { copyText, chatSnippets } from '../../demo/portal/snippets.ts';
import { escapeHtml } from '../../demo/page/html.ts';
import { type DemoSystem, startSystem } from '../../demo/system.ts';
import { VisitorBrowser } from '../../demo/visitor-browser.ts';
import { type Inject, naiveGateway } from './naive-gateway.ts';
import { programOf } from '../support/program-of.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');

async function naiveSystem(context: TestContext, inject: Inject): Promise<DemoSystem> {
  const system = await startSystem({ createGateway: naiveGateway(inject), anyPort: true });
  context.after(() => system.close());
  return system;
}

async function failuresOf(system: DemoSystem): Promise<string> {
  const lines: string[] = [];
  assert.equal(await runCheck(system, (line) => lines.push(line)), false);
  return lines.filter((line) => line.includes('✗')).join('\n');
}

test('`npm run demo -- --check` prints the masked headers and exits 0', async () => {
  const child = spawn(process.execPath, [...programOf('demo/run.ts'), '--check'], {
    cwd: ROOT,
    env: { ...process.env, REDIS_URL: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [output, errors, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit') as Promise<[number]>,
  ]);
  assert.equal(code, 0, output + errors);
  assert.match(output, /X-Secure-Chat-Variable-national-id +170290\*{5}\n/);
  assert.doesNotMatch(output, /17029012345|✗/);
  assert.equal(errors, '');
});

test('the check fails on a gateway that passes everything through', async (t) => {
  const failures = await failuresOf(await naiveSystem(t, {}));
  assert.match(failures, /nobody logged in: the silent login/);
  assert.match(failures, /nobody logged in: a script's request/);
  assert.match(failures, /the open queue gets no identity headers/);
  assert.match(failures, /the chat button logs in silently/);
  assert.match(failures, /a forged X-Secure-Chat-Id never arrives/);
  assert.match(failures, /after the log-out/);
});

test('the check fails on a gateway that forgets to mask', async (t) => {
  const failures = await failuresOf(
    await naiveSystem(t, {
      'X-Secure-Chat-Connection': 'Signicat',
      'X-Secure-Chat-Id': 'someone',
      'X-Secure-Chat-Variable-national-id': '17029012345',
    }),
  );
  assert.match(failures, /the national ID arrives masked/);
  assert.match(failures, /the unmasked national ID reached the chat server nowhere/);
});

test('the portal runs exactly the code that it shows', async (t) => {
  const { origins } = await naiveSystem(t, {});
  const browser = new VisitorBrowser();
  const page = await browser.open(origins.portal);
  const ids = [...page.text.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
  assert.equal(new Set(ids).size, ids.length, `an id stands twice: ${ids.join(' ')}`);
  for (const snippet of chatSnippets(origins.gateway)) {
    assert.ok(page.text.includes(snippet.html), `${snippet.id} is on the page`);
    assert.ok(page.text.includes(escapeHtml(copyText(snippet))), `${snippet.id} is shown`);
    if (snippet.script === undefined) continue;
    assert.ok(page.text.includes(`src="/snippets/${snippet.id}.mjs"`));
    assert.equal((await browser.call(`${origins.portal}/snippets/${snippet.id}.mjs`)).text, snippet.script);
  }
});

test('the portal has nothing to show to strangers, and logs nobody out on a foreign page', async (t) => {
  const { origins } = await naiveSystem(t, {});
  const browser = new VisitorBrowser();
  const stranger = await browser.open(`${origins.portal}/account`);
  assert.ok(stranger.url.startsWith(`${origins.provider}/login/`));
  const account = await browser.open(stranger.url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    body: 'person=hakon',
  });
  assert.match(account.text, /Hei, Håkon/);
  await browser.open(`${origins.portal}/logout?token=guessed`);
  assert.match((await browser.open(`${origins.portal}/account`)).text, /Hei, Håkon/);
});

test("the parts' sources are not served, their style sheets and scripts are", async (t) => {
  const { origins } = await naiveSystem(t, {});
  const status = async (url: string) => (await new VisitorBrowser().call(url)).status;
  for (const [origin, name] of [
    [origins.portal, 'portal'],
    [origins.provider, 'provider'],
    [origins.chatServer, 'chat'],
    [origins.desk, 'desk'],
  ] as const) {
    assert.equal(await status(`${origin}/assets/${name}.css`), 200);
    assert.equal(await status(`${origin}/assets/base.css`), 200);
  }
  assert.equal(await status(`${origins.desk}/assets/desk.ts`), 404);
  assert.equal(await status(`${origins.portal}/assets/..%2Frun.ts`), 404);
});

test('the desk takes orders from its own page only', async (t) => {
  const { origins, chatServer } = await naiveSystem(t, {});
  await fetch(`${origins.chatServer}/queues/q_open/chats`, { method: 'POST' });
  const [chat] = chatServer.chats.list();
  const take = (headers: Record<string, string>) =>
    fetch(`${origins.desk}/chats/${chat?.id ?? ''}/take`, { method: 'POST', headers, body: '{}' });
  assert.equal((await take({ 'Content-Type': 'text/plain' })).status, 415);
  assert.equal((await take({ 'Content-Type': 'application/json' })).status, 204);
  assert.equal((await take({ 'Content-Type': 'application/json' })).status, 409);
});
