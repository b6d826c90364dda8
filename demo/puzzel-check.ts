import type { Print, Walk } from './check.ts';
import { CHAT_API } from './puzzel-system.ts';
import { plainText, readVariables, record } from './puzzel-server/wire.ts';
import type { Person } from './sandbox-provider/people.ts';
import type { DemoSystem } from './system.ts';
import { type Page, VisitorBrowser } from './visitor-browser.ts';

const FORGED = {
  nickName: 'Mallory',
  chatId: 'forged',
  intro: { variables: { Page: '/help', Personnummer: '01019012345' } },
};

/** The vendor's client on the help centre: a script without cookies, in a browser that has some. */
class VendorClient {
  readonly #system: DemoSystem;

  constructor(system: DemoSystem) {
    this.#system = system;
  }

  /** A request of the page's script; the browser says where it comes from. */
  ask(method: string, path: string, json?: object): Promise<Page> {
    const { puzzelGateway, helpCentre } = this.#system.origins;
    return new VisitorBrowser().call(`${puzzelGateway}${CHAT_API}${path}`, {
      method,
      headers: {
        Origin: helpCentre,
        'Sec-Fetch-Site': 'same-site',
        ...(json !== undefined && { 'Content-Type': 'application/json' }),
      },
      ...(json !== undefined && { body: JSON.stringify(json) }),
    });
  }

  /** From the start button to the page with `authCode`. */
  async signIn(visitor: VisitorBrowser): Promise<Page> {
    const { origins, puzzel } = this.#system;
    const { customerKey, authEndpoint = '', authClientId = '' } = puzzel.settings;
    const asked = await this.ask('POST', `/auth/state/${customerKey}`, {
      returnUrl: `${origins.helpCentre}/`,
    });
    const discovery = await visitor.call(`${authEndpoint}/.well-known/openid-configuration`);
    const query = new URLSearchParams({
      response_type: 'code',
      client_id: authClientId,
      redirect_uri: `${origins.puzzelGateway}${CHAT_API}/auth/redirect`,
      scope: 'openid profile signicat.national_id',
      state: plainText(jsonOf(asked)['state']),
    });
    return visitor.open(`${plainText(jsonOf(discovery)['authorization_endpoint'])}?${query.toString()}`);
  }

  open(code?: string): Promise<Page> {
    const { customerKey, queueKey, authConnectionName } = this.#system.puzzel.settings;
    const auth = code === undefined ? {} : { auth: { code, connectionName: authConnectionName } };
    return this.ask('POST', '/sessions', { customerKey, queueKey, ...FORGED, ...auth });
  }

  /** What the fake server got last, as JSON. */
  received(): Readonly<Record<string, unknown>> {
    const body = this.#system.puzzel.server.received.findLast(({ method }) => method === 'POST')?.body;
    return record(JSON.parse(body?.toString() ?? '{}')) ?? {};
  }
}

function jsonOf(page: Page): Readonly<Record<string, unknown>> {
  try {
    return record(JSON.parse(page.text)) ?? {};
  } catch {
    return {};
  }
}

async function asStranger(walk: Walk, system: DemoSystem, client: VendorClient): Promise<void> {
  const refused = await client.open();
  walk.expect(
    "nobody logged in: the vendor's client gets no chat in the secure queue",
    refused.status === 401 && system.puzzel.server.received.length === 0,
    `status ${refused.status}`,
  );
}

function expectBody(walk: Walk, client: VendorClient, person: Person, print: Print): void {
  const body = client.received();
  const variables = readVariables(record(body['intro'])?.['variables']);
  walk.expect('`auth` was taken out on the way', 'queueKey' in body && !('auth' in body));
  walk.expect(
    'nickname and chat id are the verified ones, not those of the client',
    body['nickName'] === person.givenName && body['chatId'] !== 'forged' && plainText(body['chatId']) !== '',
  );
  walk.expect(
    'the national ID arrives masked under its description, and the forged one not at all',
    variables.some(
      ({ name, value }) => name === 'Personnummer' && value === `${person.nationalId.slice(0, -5)}*****`,
    ) && !JSON.stringify(body).includes('01019012345'),
  );
  walk.expect(
    "the client's own variable arrives as it was",
    variables.some(({ name, value }) => name === 'Page' && value === '/help'),
  );
  print('');
  print('  What the fake Puzzel server received with POST /sessions:');
  print(`    nickName  ${plainText(body['nickName'])}`);
  print(`    chatId    ${plainText(body['chatId'])}`);
  for (const { name, value, secret } of variables) print(`    ${name}: ${value}${secret ? ' (secret)' : ''}`);
  print('');
}

/** Messages, the agent's answer, a thief with the upstream's id, the end. */
async function talk(walk: Walk, system: DemoSystem, client: VendorClient, person: Person, opened: Page) {
  const { customerKey } = system.puzzel.settings;
  const { iqSessionId, requestId } = jsonOf(opened);
  const place = `/sessions/${customerKey}-${plainText(iqSessionId)}`;
  await client.ask('POST', `${place}/messages`, { nickName: 'Mallory', type: 'Message', content: 'Hei!' });
  walk.expect(
    'the nickname of each message is the verified one',
    client.received()['nickName'] === person.givenName && client.received()['content'] === 'Hei!',
  );
  const polled = await client.ask('GET', `${place}/messages/0`);
  walk.expect(
    'the agent joins and answers, and the poll brings it',
    polled.status === 200 && polled.text.includes('USER_CONNECTED') && polled.text.includes('Let me look'),
    `status ${polled.status}`,
  );
  const known = system.puzzel.server.chats.list().at(-1)?.id ?? '';
  const stolen = await client.ask('GET', `/sessions/${known}/messages/0`);
  walk.expect(
    "the chat server's own id opens nobody's chat",
    stolen.status === 403 || stolen.status === 401,
    `status ${stolen.status}`,
  );
  const ended = await client.ask('DELETE', `${place}/${plainText(requestId)}`);
  const over = await client.ask('GET', `${place}/messages/0`);
  walk.expect('the visitor ends the chat, and polling is 404', ended.status < 300 && over.status === 404);
}

/** One sign-in and one chat by the vendor's protocol; `visitor` is logged in at the bank. */
async function walkThrough(
  walk: Walk,
  system: DemoSystem,
  visitor: VisitorBrowser,
  person: Person,
  print: Print,
) {
  const client = new VendorClient(system);
  await asStranger(walk, system, client);
  const landed = await client.signIn(visitor);
  const authCode = new URL(landed.url).searchParams.get('authCode') ?? undefined;
  walk.expect(
    'a page written for Puzzel: state, provider, back with authCode, no login page',
    landed.url.startsWith(`${system.origins.helpCentre}/`) &&
      authCode !== undefined &&
      !landed.passed.some((url) => new URL(url).pathname.startsWith('/login/')),
    `status ${landed.status}`,
  );
  const opened = await client.open(authCode);
  walk.expect(
    'POST /sessions with auth.code opens the chat',
    opened.status === 200,
    `status ${opened.status}`,
  );
  expectBody(walk, client, person, print);
  const again = await client.open(authCode);
  walk.expect('the same code opens no second chat', again.status === 401, `status ${again.status}`);
  await talk(walk, system, client, person, opened);
  const everything = system.puzzel.server.received
    .map(({ target, rawHeaders, body }) => target + rawHeaders.join() + body.toString())
    .join();
  walk.expect(
    'the unmasked national ID reached the fake server nowhere',
    !everything.includes(person.nationalId),
  );
}

/** Drives the vendor's own protocol through the gateway with `preset: "puzzel-v1"`, as the help centre's page does. */
export async function checkPuzzel(
  walk: Walk,
  system: DemoSystem,
  visitor: VisitorBrowser,
  person: Person,
  print: Print,
): Promise<void> {
  try {
    await walkThrough(walk, system, visitor, person, print);
  } catch (error) {
    walk.expect(
      "the vendor's protocol answers",
      false,
      error instanceof Error ? error.message : String(error),
    );
  }
}
