import type { IncomingMessage, ServerResponse } from 'node:http';
import type { GatewayError } from '../errors.ts';
import { finishResponse } from './finish-response.ts';
import type { Page } from './pages.ts';
import { problemDocument, problemHeaders } from './problem-document.ts';
import { protectResponse } from './security-headers.ts';

/**
 * Answers with an RFC 9457 document and all security headers, also where nobody has set them yet (HSTS alone is left to
 * `createSecurityHeaders`). Needs node:http only. False when it was too late to answer (see `finishResponse`).
 */
export function sendProblem(
  req: IncomingMessage,
  res: ServerResponse,
  error: GatewayError,
  requestId: string,
): boolean {
  if (res.headersSent) return false;
  protectResponse(req, res);
  const document = problemDocument(error, requestId);
  const headers = {
    ...problemHeaders(error.code),
    'Content-Type': 'application/problem+json',
  };
  return finishResponse(req, res, document.status, headers, Buffer.from(JSON.stringify(document)));
}

/**
 * Answers with one of the gateway's pages and all security headers, as `sendProblem`; the page's own headers win. A
 * `Vary` that a host has set is kept beside the page's. False when it was too late to answer.
 */
export function sendPage(req: IncomingMessage, res: ServerResponse, page: Page): boolean {
  if (res.headersSent) return false;
  protectResponse(req, res);
  const { Vary: vary, ...headers } = page.headers;
  if (vary !== undefined) res.appendHeader('Vary', vary);
  return finishResponse(req, res, page.status, headers, Buffer.from(page.html));
}
