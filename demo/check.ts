import { createVerifier } from '../src/verify/index.ts';
import type { DemoSystem } from './system.ts';
import { QUEUES } from './portal/snippets.ts';
import { PEOPLE, type Person } from './sandbox-provider/people.ts';
import { identityHeaders } from './chat-server/visitor.ts';
import { checkPuzzel } from './puzzel-check.ts';
import { type Page, VisitorBrowser } from './visitor-browser.ts';

/** Writes one line. */
export type Print = (line: string) => void;

/** What a person on the way through the demo would find out, one line each. */
interface Finding {
  readonly label: string;
  readonly passed: boolean;
  /** What was seen instead. */
  readonly seen?: string | undefined;
}

const FORGED = { 'X-Secure-Chat-Id': 'forged', x_secure_chat_nickname: 'Mallory' };

/** One run through the demo. Each step says what it found; nothing is taken on trust from the gateway's own answers. */
export class Walk {
  readonly findings: Finding[] = [];
  readonly #system: DemoSystem;
  readonly #print: Print;

  constructor(system: DemoSystem, print: Print) {
    this.#system = system;
    this.#print = print;
  }

  expect(label: string, passed: boolean, seen?: string): void {
    this.findings.push({ label, passed, seen });
    this.#print(`  ${passed ? '✓' : '✗'} ${label}${passed || seen === undefined ? '' : `: ${seen}`}`);
  }

  queue(queueKey: string, rest = ''): string {
    return `${this.#system.origins.gateway}/queues/${queueKey}${rest}`;
  }

  /** The identity headers of the newest request that reached the chat server. */
  received(): (readonly [string, string])[] {
    return identityHeaders(this.#system.chatServer.seen.at(-1)?.rawHeaders ?? []);
  }
}

function jsonOf(page: Page): Record<string, unknown> {
  try {
    return JSON.parse(page.text) as Record<string, unknown>;
  } catch {
    return {};
  }
}

function postJson(body: unknown, headers: Readonly<Record<string, string>> = {}) {
  return {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(body),
  };
}

/** A stranger gets nowhere near the secure queue, and the open queue tells the chat server nothing. */
async function asNobody(walk: Walk, system: DemoSystem): Promise<void> {
  const stranger = new VisitorBrowser();
  const page = await stranger.open(walk.queue(QUEUES.secure));
  const refused = page.passed.some((url) => new URL(url).searchParams.get('error') === 'login_required');
  walk.expect(
    'nobody logged in: the silent login ends with login_required and a 401 page',
    page.status === 401 && refused,
    `status ${page.status} after ${page.passed.join(' > ')}`,
  );
  const call = await stranger.call(walk.queue(QUEUES.secure, '/chats'), postJson({}));
  walk.expect(
    "nobody logged in: a script's request is 401 login_required",
    call.status === 401 && jsonOf(call)['code'] === 'login_required',
    `status ${call.status}`,
  );
  walk.expect('nothing of that reached the chat server', system.chatServer.seen.length === 0);

  const open = await stranger.call(walk.queue(QUEUES.open, '/chats'), postJson({}, FORGED));
  walk.expect('the open queue takes anybody', open.status === 201, `status ${open.status}`);
  walk.expect(
    'the open queue gets no identity headers, forged ones neither',
    system.chatServer.seen.length === 1 && walk.received().length === 0,
  );
}

/** Logs in at the portal as `person`, through the provider's login page. */
async function logInAtPortal(walk: Walk, system: DemoSystem, browser: VisitorBrowser, person: Person) {
  const login = await browser.open(`${system.origins.portal}/login`);
  const page = await browser.open(login.url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ person: person.id }).toString(),
  });
  walk.expect(
    `${person.givenName} ${person.familyName} logs in at the portal`,
    page.status === 200 &&
      page.url === `${system.origins.portal}/account` &&
      page.text.includes(person.givenName),
    `status ${page.status}`,
  );
}

/** From the portal's button to the chat page, without meeting a login page. */
async function enterChat(walk: Walk, system: DemoSystem, browser: VisitorBrowser, person: Person) {
  const query = new URLSearchParams({ queueKey: QUEUES.secure, returnTo: `/queues/${QUEUES.secure}` });
  const page = await browser.open(`${system.origins.gateway}/secure-chat/login?${query.toString()}`);
  const silent = page.passed.some((url) => new URL(url).searchParams.get('prompt') === 'none');
  const interaction = page.passed.some((url) => new URL(url).pathname.startsWith('/login/'));
  walk.expect(
    'the chat button logs in silently: prompt=none, no login page, straight to the chat',
    page.status === 200 && silent && !interaction && page.url.startsWith(walk.queue(QUEUES.secure)),
    `status ${page.status}`,
  );
  walk.expect(
    'the chat page greets the visitor by the verified name',
    page.text.includes(`verified as`) && page.text.includes(person.familyName),
  );
}

function valueOf(headers: readonly (readonly [string, string])[], name: string): string | undefined {
  const found = headers.filter(([other]) => other.toLowerCase() === name);
  return found.length === 1 ? found[0]?.[1] : undefined;
}

/** What a chat server does that trusts signatures rather than the network. */
async function expectAssertion(walk: Walk, system: DemoSystem, person: Person): Promise<void> {
  const verifier = createVerifier({ issuer: system.origins.gateway, audience: QUEUES.secure });
  const identity = await verifier
    .verifyRequest({ headers: Object.fromEntries(walk.received()) })
    .catch((error: unknown) => String(error));
  walk.expect(
    'the signed assertion verifies with the published keys, and says the same',
    typeof identity !== 'string' && identity.nickName === person.givenName,
    typeof identity === 'string' ? identity : undefined,
  );
}

function expectHeaders(walk: Walk, system: DemoSystem, person: Person): void {
  const headers = walk.received();
  const masked = `${person.nationalId.slice(0, -5)}*****`;
  walk.expect(
    'the chat server got who it is, mapped',
    valueOf(headers, 'x-secure-chat-connection') === 'Signicat',
  );
  walk.expect(
    'the nickname arrives exactly, Å, Ø and Ä included',
    decodeURIComponent(valueOf(headers, 'x-secure-chat-nickname') ?? '') === person.givenName,
  );
  walk.expect(
    'the national ID arrives masked',
    valueOf(headers, 'x-secure-chat-variable-national-id') === masked,
  );
  const chatId = valueOf(headers, 'x-secure-chat-id');
  walk.expect('a forged X-Secure-Chat-Id never arrives', chatId !== undefined && chatId !== 'forged');
  const everything = JSON.stringify(system.chatServer.seen);
  walk.expect(
    'the unmasked national ID reached the chat server nowhere',
    !everything.includes(person.nationalId),
  );
}

/** Opens a chat with forged headers, and lets the agent answer it. */
async function chatWithAgent(walk: Walk, system: DemoSystem, browser: VisitorBrowser, person: Person) {
  const opened = await browser.call(walk.queue(QUEUES.secure, '/chats'), postJson({}, FORGED));
  const headers = walk.received();
  walk.expect('the secure queue opens a chat', opened.status === 201, `status ${opened.status}`);
  expectHeaders(walk, system, person);
  await expectAssertion(walk, system, person);

  const id = String(jsonOf(opened)['id']);
  const listed = await new VisitorBrowser().call(`${system.origins.desk}/chats`);
  const chats = JSON.parse(listed.text) as { id: string; verified: boolean; title: string }[];
  const chat = chats.find((other) => other.id === id);
  walk.expect(
    "the agent's desk shows the visitor as verified",
    chat?.verified === true && chat.title === `${person.givenName} ${person.familyName}`,
  );
  const desk = new VisitorBrowser();
  await desk.call(`${system.origins.desk}/chats/${id}/take`, postJson({}));
  const waiting = browser.call(walk.queue(QUEUES.secure, `/chats/${id}/messages?after=2`));
  await desk.call(`${system.origins.desk}/chats/${id}/messages`, postJson({ text: 'Hei! Så hyggelig.' }));
  walk.expect('the agent answers and the visitor reads it', (await waiting).text.includes('Så hyggelig'));
  return headers;
}

/** Logs out at the portal, gateway and provider included. */
async function logOut(walk: Walk, system: DemoSystem, browser: VisitorBrowser) {
  const account = await browser.open(`${system.origins.portal}/account`);
  const returnTo = /name="returnTo" value="([^"]+)"/.exec(account.text)?.[1] ?? '';
  await browser.open(`${system.origins.gateway}/secure-chat/logout`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded', Origin: system.origins.portal },
    body: new URLSearchParams({ returnTo }).toString(),
  });
  const before = system.chatServer.seen.length;
  const call = await browser.call(walk.queue(QUEUES.secure, '/chats'), postJson({}));
  walk.expect(
    'after the log-out the secure queue is closed again',
    call.status === 401 && system.chatServer.seen.length === before,
    `status ${call.status}`,
  );
}

function printHeaders(headers: readonly (readonly [string, string])[], print: Print): void {
  print('');
  print('  What the chat server received (values as on the wire):');
  const width = Math.max(0, ...headers.map(([name]) => name.length));
  for (const [name, value] of headers) print(`    ${name.padEnd(width)}  ${value}`);
  print('');
}

/**
 * Drives one silent login and one secure chat through the running demo, with what must not work beside it.
 *
 * @returns true when everything was as it should be
 */
export async function runCheck(system: DemoSystem, print: Print): Promise<boolean> {
  const walk = new Walk(system, print);
  const person = PEOPLE[0]!;
  const browser = new VisitorBrowser();
  try {
    await asNobody(walk, system);
    await logInAtPortal(walk, system, browser, person);
    await enterChat(walk, system, browser, person);
    printHeaders(await chatWithAgent(walk, system, browser, person), print);
    await checkPuzzel(walk, system, browser, person, print);
    await logOut(walk, system, browser);
  } catch (error) {
    walk.expect('the demo answers', false, error instanceof Error ? error.message : String(error));
  }
  return walk.findings.every(({ passed }) => passed);
}
