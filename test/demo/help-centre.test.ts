import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { runInNewContext } from 'node:vm';
import { runCheck } from '../../demo/check.ts';
import { escapeHtml } from '../../demo/page/html.ts';
import { CHAT_API } from '../../demo/puzzel-system.ts';
import { type DemoSystem, startSystem } from '../../demo/system.ts';
import { Browser } from '../support/browser.ts';
import { PuzzelClient } from '../support/puzzel-client.ts';
import { naiveGateway } from './naive-gateway.ts';

async function naiveSystem(t: TestContext): Promise<DemoSystem> {
  const system = await startSystem({
    createGateway: naiveGateway({}),
    anyPort: true,
    puzzel: { hasty: true },
  });
  t.after(() => system.close());
  return system;
}

test("the page's script is the one that it shows, and says the vendor's settings and nothing of the gateway", async (t) => {
  const { origins, puzzel } = await naiveSystem(t);
  const browser = new Browser();
  const page = await browser.navigate(`${origins.helpCentre}/`);
  const script = await browser.fetch(`${origins.helpCentre}/chat.mjs`);
  assert.ok(page.body.includes(escapeHtml(script.body)));
  const [, said] = /intelecomChat\('#chat', (\{[^]*\})\);/.exec(script.body) ?? [];
  const settings = JSON.parse(JSON.stringify(runInNewContext(`(${said ?? ''})`))) as object;
  assert.deepEqual(settings, puzzel.settings);
  assert.deepEqual(Object.keys(settings), [
    'customerKey',
    'queueKey',
    'authConnectionName',
    'authClientId',
    'authEndpoint',
    'authMapping',
  ]);
  assert.ok(page.body.includes(`data-api="${origins.puzzelGateway}${CHAT_API}"`));
});

test("nothing of the widget names the gateway's own routes, parameters or cookies", async (t) => {
  const { origins } = await naiveSystem(t);
  for (const part of ['chat', 'api', 'sign-in', 'layer', 'content']) {
    const { status, body } = await new Browser().fetch(`${origins.helpCentre}/assets/intelecom-${part}.mjs`);
    assert.equal(status, 200);
    assert.doesNotMatch(body, /secure-chat|authError|loginUrl|queueKey=|prompt/);
  }
});

test('the page may ask the API and the provider and nobody else', async (t) => {
  const { origins } = await naiveSystem(t);
  const { headers } = await new Browser().navigate(`${origins.helpCentre}/`);
  const policy = headers.get('content-security-policy') ?? '';
  assert.match(policy, new RegExp(`connect-src 'self' ${origins.puzzelGateway} ${origins.provider} ?;`));
});

test("the client signs in and chats by the vendor's protocol, gateway or not", async (t) => {
  const { origins, puzzel } = await naiveSystem(t);
  const visitor = new Browser();
  await visitor.open(`${origins.portal}/login`).then(({ url }) =>
    visitor.open(url, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'person=ase',
    }),
  );
  const {
    customerKey,
    queueKey,
    authConnectionName = '',
    authClientId = '',
    authEndpoint = '',
  } = puzzel.settings;
  const client = new PuzzelClient(
    {
      api: `${origins.puzzelGateway}${CHAT_API}`,
      url: `${origins.helpCentre}/`,
      customerKey,
      queueKey,
      authConnectionName,
      authClientId,
      authEndpoint,
    },
    {},
    visitor,
  );
  const session = await client.start({ nickName: 'Åse' });
  const sent = JSON.parse(puzzel.server.received[0]?.body.toString() ?? '') as Record<string, unknown>;
  assert.deepEqual(Object.keys(sent['auth'] as object), ['code', 'connectionName']);
  assert.equal((await client.messages(session)).at(-1)?.nickName, 'Ingrid');
});

test("the check notices a gateway that passes the vendor's protocol through", async (t) => {
  const lines: string[] = [];
  assert.equal(await runCheck(await naiveSystem(t), (line) => lines.push(line)), false);
  const failures = lines.filter((line) => line.includes('✗')).join('\n');
  assert.match(failures, /the vendor's client gets no chat in the secure queue/);
  assert.match(failures, /`auth` was taken out/);
  assert.match(failures, /nickname and chat id are the verified ones/);
  assert.match(failures, /the national ID arrives masked under its description/);
  assert.match(failures, /the same code opens no second chat/);
  assert.match(failures, /the nickname of each message is the verified one/);
  assert.match(failures, /the chat server's own id opens nobody's chat/);
  assert.doesNotMatch(failures, /a page written for Puzzel: state/);
});
