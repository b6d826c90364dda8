import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import type { GatewayOptions } from '../../src/config/options.ts';
import type { Browser, Visit } from '../support/browser.ts';
import { startSystem, type System, type SystemOptions } from '../support/system.ts';
import type { UpstreamHandler } from '../support/upstream.ts';
import type { TestContext } from 'node:test';

/** Where the chat server of these tests starts chats and where it names them. */
export const CHAT_RULES: NonNullable<GatewayOptions['chatRules']> = [
  { method: 'POST', path: '/queues/:queueKey/chats', chatIdFrom: 'chat.id' },
  { path: '/queues/:queueKey/chats/:chatId{/*rest}' },
  { path: '/chats/:chatId{/*rest}' },
  { path: '/messages', query: 'chat' },
  { path: '/header', header: 'X-Chat' },
  { method: 'POST', path: '/say', body: 'chat' },
];

/** Numbers chats from `c-1`. `?as=` in the address of a start chooses how the answer is sent. */
export function chatServer(): UpstreamHandler {
  let count = 0;
  return (req, res) => {
    const { pathname, searchParams } = new URL(req.url ?? '/', 'http://upstream');
    req.resume();
    if (req.method !== 'POST' || !/\/chats\/?$/.test(pathname)) {
      res.setHeader('Content-Type', 'text/plain').end('said');
      return;
    }
    const id = searchParams.get('id') ?? `c-${String((count += 1))}`;
    answerStart(req, res, id, searchParams.get('as') ?? 'json');
  };
}

const SENDERS: Record<string, (res: ServerResponse, json: string) => void> = {
  json: (res, json) => void res.end(json),
  gzip: (res, json) => void res.setHeader('Content-Encoding', 'gzip').end(gzipSync(json)),
  unknownCoding: (res, json) => void res.setHeader('Content-Encoding', 'rot13').end(json),
  noContent: (res) => void res.writeHead(204).end(),
  text: (res, json) => void res.setHeader('Content-Type', 'text/html').end(json),
  broken: (res, json) => void res.end(json.slice(0, -1)),
  noId: (res) => void res.end('{"chat":{}}'),
  failed: (res, json) => void res.writeHead(500).end(json),
  partial: (res, json) => void res.writeHead(206).end(json),
  long: (res, json) => void res.end(json.replace('}}', `},"rest":"${'x'.repeat(1 << 20)}"}`)),
  longChunked: (res, json) => {
    res.write(json.replace('}}', '},"rest":"'));
    for (let i = 0; i < 16; i += 1) res.write('y'.repeat(1 << 16));
    res.end('"}');
  },
  bytewise: (res, json) => {
    const bytes = Buffer.from(json);
    const next = (at: number): void => {
      if (at === bytes.length) res.end();
      else res.write(bytes.subarray(at, at + 1), () => setImmediate(next, at + 1));
    };
    next(0);
  },
};

function answerStart(_req: IncomingMessage, res: ServerResponse, id: string, as: string): void {
  res.statusCode = 201;
  res.setHeader('Content-Type', 'application/json; charset=utf-8').setHeader('X-Odd', ['a', 'b']);
  SENDERS[as]!(res, JSON.stringify({ greeting: 'Hei, Ødegård', chat: { id } }));
}

/** Everything with chat rules, and a chat server that starts chats. */
export function startChats(t: TestContext, settings: SystemOptions = {}): Promise<System> {
  return startSystem(t, {
    upstream: chatServer(),
    ...settings,
    options: { chatRules: CHAT_RULES, ...settings.options },
  });
}

/** Starts a chat in `q_bank` and tells its id. */
export async function startChat(visitor: Browser, url: string, queueKey = 'q_bank'): Promise<string> {
  const visit = await visitor.fetch(`${url}/queues/${queueKey}/chats`, { method: 'POST' });
  return (JSON.parse(visit.body) as { chat: { id: string } }).chat.id;
}

/** Status, and the code of a problem. */
export function verdict({ status, body }: Visit): string {
  if (status < 400) return String(status);
  return `${status} ${(JSON.parse(body) as { code: string }).code}`;
}
