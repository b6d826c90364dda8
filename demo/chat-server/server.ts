import express, { type Express, type Request, type Response, type Router } from 'express';
import { assets } from '../page/assets.ts';
import { eventStream } from '../page/event-stream.ts';
import { pageHeaders } from '../page/html-page.ts';
import { type Chat, Chats } from './chats.ts';
import { chatPage, chatServerPage } from './pages.ts';
import { type RawHeaders, readVisitor, type Visitor } from './visitor.ts';

/** A request as it came in, for those who want to see what the gateway sends. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly rawHeaders: RawHeaders;
}

/** The chat server: its HTTP side for visitors, its conversations for the agents, and what it has been sent. */
export interface ChatServer {
  readonly app: Express;
  readonly chats: Chats;
  /** The last 100 requests to a queue, oldest first. */
  readonly seen: readonly SeenRequest[];
}

const LONG_POLL_MS = 20_000;
const SEEN = 100;

/** A chat belongs to its queue, and in a secure queue to the person who opened it. */
function belongsTo(chat: Chat, queueKey: unknown, visitor: Visitor): boolean {
  return (
    chat.queueKey === queueKey &&
    chat.visitor.verified === visitor.verified &&
    chat.visitor.chatId === visitor.chatId
  );
}

function findChat(chats: Chats, request: Request, response: Response): Chat | undefined {
  const chat = chats.get(String(request.params['chatId']));
  if (chat !== undefined && belongsTo(chat, request.params['queueKey'], readVisitor(request.rawHeaders))) {
    return chat;
  }
  response.status(404).json({ error: 'no such chat' });
  return undefined;
}

function textOf(request: Request): string {
  const { text } = (request.body ?? {}) as { text?: unknown };
  return typeof text === 'string' ? text : '';
}

/** What a visitor may know of a chat. */
function view(chat: Chat, after: number) {
  const messages = chat.messages.filter(({ id }) => id > after);
  return { id: chat.id, state: chat.state, messages };
}

/** Long polling: answers at once when there is news, else with the next change or after 20 s. */
async function longPoll(chats: Chats, chat: Chat, after: number, response: Response) {
  const gone = new AbortController();
  response.on('close', () => {
    gone.abort();
  });
  const signal = AbortSignal.any([gone.signal, AbortSignal.timeout(LONG_POLL_MS)]);
  let now = chats.get(chat.id) ?? chat;
  while (view(now, after).messages.length === 0 && now.state !== 'ended' && !signal.aborted) {
    await chats.nextChange(signal);
    now = chats.get(chat.id) ?? chat;
  }
  if (!gone.signal.aborted) response.json(view(now, after));
}

function chatRoutes(chats: Chats): Router {
  const router = express.Router({ mergeParams: true });
  router.use(express.json({ limit: '16kb' }));

  router.post('/', (request, response) => {
    const { queueKey } = request.params as { queueKey: string };
    const chat = chats.open(queueKey, readVisitor(request.rawHeaders));
    response.status(201).json(view(chat, 0));
  });
  router.get('/:chatId/messages', async (request, response) => {
    const chat = findChat(chats, request, response);
    if (chat) await longPoll(chats, chat, Number(request.query['after'] ?? 0) || 0, response);
  });
  router.post('/:chatId/messages', (request, response) => {
    const chat = findChat(chats, request, response);
    if (!chat) return;
    const said = chats.say(chat.id, 'visitor', textOf(request));
    response.sendStatus(said ? 204 : 409);
  });
  router.post('/:chatId/end', (request, response) => {
    const chat = findChat(chats, request, response);
    if (!chat) return;
    chats.end(chat.id, 'The visitor has ended the chat.');
    response.sendStatus(204);
  });
  router.get('/:chatId/events', (request, response) => {
    const chat = findChat(chats, request, response);
    if (!chat) return;
    const stop = chats.onChange((changed) => {
      if (changed.id === chat.id) send(view(changed, 0));
    });
    const send = eventStream(response, stop);
    send(view(chat, 0));
  });
  return router;
}

/**
 * A chat server from before single sign-on: queues, conversations, live messages. Whether a queue is secure is not its
 * business; it shows what the headers say.
 */
export function createChatServer(): ChatServer {
  const chats = new Chats();
  const seen: SeenRequest[] = [];
  const app = express();
  app.disable('x-powered-by');
  app.use(assets(import.meta.dirname));
  app.get('/', pageHeaders(), (_request, response) => {
    response.send(chatServerPage());
  });
  app.use('/queues/:queueKey', (request, _response, next) => {
    seen.push({ method: request.method, path: request.originalUrl, rawHeaders: request.rawHeaders });
    if (seen.length > SEEN) seen.shift();
    next();
  });
  app.get('/queues/:queueKey', pageHeaders(), (request, response) => {
    response.send(chatPage(String(request.params.queueKey), readVisitor(request.rawHeaders)));
  });
  app.use('/queues/:queueKey/chats', chatRoutes(chats));
  return { app, chats, seen };
}
