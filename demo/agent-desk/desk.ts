import express, { type Express, type Request, type Response } from 'express';
import { assets } from '../page/assets.ts';
import { eventStream } from '../page/event-stream.ts';
import { pageHeaders } from '../page/html-page.ts';
import { type DeskPageParts, deskPage } from './page.ts';
import type { DeskChats } from './desk-chats.ts';

function answer(response: Response, done: boolean): void {
  response.sendStatus(done ? 204 : 409);
}

/**
 * Only this page's own script may act: a JSON body is something that no foreign page can send without asking first.
 */
function requireJson(request: Request, response: Response, next: () => void): void {
  if (request.is('application/json')) next();
  else response.sendStatus(415);
}

/**
 * The agent's view of all chats, live: who waits, whether and how they are verified, and the conversation.
 *
 * @param chats the chat server's conversations
 * @param parts what the page says beside them
 */
export function createAgentDesk(chats: DeskChats, parts: DeskPageParts): Express {
  const app = express();
  app.disable('x-powered-by');
  app.use(assets(import.meta.dirname));

  app.get('/', pageHeaders(), (_request, response) => {
    response.send(deskPage(parts));
  });
  app.get('/chats', (_request, response) => {
    response.json(chats.list());
  });
  app.get('/events', (_request, response) => {
    const stop = chats.onChange((chat) => {
      send(chat);
    });
    const send = eventStream(response, stop);
    for (const chat of chats.list()) send(chat);
  });

  const actions = express.Router();
  actions.use(requireJson, express.json({ limit: '16kb' }));
  actions.post('/:chatId/take', (request, response) => {
    answer(response, chats.take(request.params.chatId));
  });
  actions.post('/:chatId/messages', (request, response) => {
    const { text } = request.body as { text?: unknown };
    answer(response, chats.say(request.params.chatId, typeof text === 'string' ? text : ''));
  });
  actions.post('/:chatId/end', (request, response) => {
    answer(response, chats.end(request.params.chatId));
  });
  app.use('/chats', actions);
  return app;
}
