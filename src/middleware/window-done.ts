import type { RequestHandler } from 'express';
import { sendPage } from '../pages/answer.ts';
import { readOwnQuery } from './own-query.ts';
import type { Runtime } from './runtime.ts';

/** `GET /done`: where a login in its own window ends when it was told no page to go to: verified or not, and close. */
export function windowDone(runtime: Runtime): RequestHandler {
  return function windowDoneMiddleware(req, res) {
    const { authError } = readOwnQuery(req.url, ['authError']);
    const { requestId } = runtime.contextOf(req);
    sendPage(
      req,
      res,
      runtime.pages.windowDone({
        acceptLanguage: req.headers['accept-language'],
        outcome: authError ?? 'verified',
        requestId,
      }),
    );
  };
}
