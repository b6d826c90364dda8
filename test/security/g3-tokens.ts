import { randomBytes } from 'node:crypto';
import { CookielessPage, PAGE, challengeOf, type LandedLogin } from '../support/cookieless-page.ts';
import { postFromPortal } from '../support/portal-logout.ts';
import { rawRequest } from '../support/raw-client.ts';
import type { System } from '../support/system.ts';
import { shakeHands } from '../support/handshake.ts';
import { Recorder, type Secrets } from './g3-canaries.ts';

/** Begins with this, so that no other text holds it. */
export const CHAT_ID = `chat-${randomBytes(12).toString('hex')}`;

/** What one walk through all flows of pages without cookies has told whom. */
export interface TokenWalk {
  /** Everything that nobody else may learn. */
  readonly secrets: Secrets;
  /** Refusals; no secret of any kind belongs into one. */
  readonly refusals: readonly string[];
}

/** Every flow with tickets, handles, tokens and chat ids, the good ones and their failures. */
export async function everyTokenFlow(system: System, checkpoint: () => Promise<void>): Promise<TokenWalk> {
  const { url } = system;
  const page = new CookielessPage(url);
  const secrets: Secrets = new Map();
  const keep = (name: string, secret: string) => void secrets.set(`${name} ${secrets.size}`, secret);
  const visitor = new Recorder();
  const begun = await page.begin(challengeOf(randomBytes(32).toString('base64url')));
  keep('ticket', begun.body.split('ticket=')[1]!.slice(0, 43));
  const login = await page.login(visitor);
  keep('handle', login.authCode);
  keep('verifier', login.verifier);
  keep('challenge', challengeOf(login.verifier));
  await checkpoint();
  const refusals = await badClaims(page, login);
  const { token } = JSON.parse((await page.claim(login)).body) as { token: string };
  keep('token', token.slice(4));
  await checkpoint();
  const started = await page.ask('/queues/q_bank/chats', { method: 'POST', token });
  if (!started.body.includes(CHAT_ID)) throw new Error(`no chat was started: ${started.body}`);
  keep('chat id', CHAT_ID);
  await page.ask(`/queues/q_bank/chats/${CHAT_ID}`, { token });
  const renewed = await page.ask('/secure-chat/token', { method: 'POST', token });
  const next = (JSON.parse(renewed.body) as { token: string }).token;
  keep('token', next.slice(4));
  await checkpoint();
  const offer = `Sec-WebSocket-Protocol: secure-chat, secure-chat.bearer.${next}`;
  await shakeHands(system, `/queues/q_bank/chats/${CHAT_ID}/ws`, [`Origin: ${PAGE}`, offer]);
  refusals.push(...(await badRequests(system, page, next)));
  const portal = await postFromPortal(visitor, url);
  keep('log-out ticket', portal.headers.get('location')!.split('ticket=')[1]!);
  keep('log-out cookie', /=([^;]+)/.exec(portal.headers.getSetCookie()[0]!)![1]!);
  await checkpoint();
  refusals.push((await new Recorder().navigate(portal.headers.get('location')!)).body);
  await visitor.navigate(portal.headers.get('location')!);
  await page.ask('/secure-chat/logout', { method: 'POST', token: next });
  refusals.push((await page.ask('/queues/q_bank', { token: next })).body);
  await checkpoint();
  return { secrets, refusals };
}

async function badClaims(page: CookielessPage, login: LandedLogin): Promise<string[]> {
  const { authCode, verifier } = login;
  const json = JSON.stringify({ authCode, verifier, queueKey: 'q_bank' });
  const post = (body: string, type = 'application/json') =>
    page.ask('/secure-chat/token', { method: 'POST', body, headers: { 'content-type': type } });
  const visits = [
    await page.claim({ authCode, verifier: `${verifier.slice(0, -1)}!` }),
    await page.claim({ authCode: `${authCode}x`, verifier }),
    await page.claim(login, { queueKey: `q_${verifier}` }),
    await page.claim(login, { queueKey: 'q_loan' }),
    await page.claim(login, {}, { origin: 'https://evil.example' }),
    // what a parser of JSON quotes when it gives up
    await post(json.slice(0, -1)),
    await post(json.replace('"verifier":', 'verifier:')),
    await post(authCode),
    await post(verifier),
    await post(json, 'application/json; charset=x-odd'),
    await post(json.padEnd(9000, ' ')),
    await post(json, 'text/plain'),
  ];
  return visits.map(({ body }) => body);
}

async function badRequests({ url }: System, page: CookielessPage, token: string): Promise<string[]> {
  const port = Number(new URL(url).port);
  const lines = [
    [`Authorization: Bearer ${token}`, `Authorization: Bearer ${token}`],
    [`Authorization: Bearer ${token}x`],
    [`Authorization: Token ${token}`],
    [`Authorization: Bearer\r\n ${token}`],
    [`Authorization: Bearer ${token}`, 'Host: two'],
  ];
  const answers: string[] = [];
  for (const odd of lines) {
    const head = ['GET /queues/q_bank HTTP/1.1', 'Host: a', ...odd, 'Connection: close', '', ''];
    answers.push(await rawRequest(port, head.join('\r\n')));
  }
  for (const path of [
    '/queues/q_loan',
    '/secure-chat/nothing',
    '/queues/q_bank//x',
    `/chats/${CHAT_ID}.json`,
  ])
    answers.push((await page.ask(path, { token })).body);
  answers.push((await page.ask(`/queues/q_bank/chats/${CHAT_ID}`)).body.replaceAll(CHAT_ID, ''));
  return answers;
}
