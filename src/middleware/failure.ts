import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { STATUS_CODES } from 'node:http';
import { GatewayError, isGatewayError } from '../errors.ts';
import { describeBug, describeError } from '../observe/logger.ts';
import { sendPage, sendProblem } from '../pages/answer.ts';
import type { Page } from '../pages/pages.ts';
import { problemDocument, problemHeaders } from '../pages/problem-document.ts';
import { endSocket } from '../proxy/raw-response.ts';
import { isNavigation } from './navigation.ts';
import type { Runtime } from './runtime.ts';
import { silentUrl } from './silent-login.ts';

/** Answers a failure: a page for a person, an RFC 9457 problem for a script; logged by class and code only. */
export function answerFailure(
  runtime: Runtime,
  req: IncomingMessage,
  res: ServerResponse,
  thrown: unknown,
): void {
  const error = report(runtime, req, thrown);
  // a body that stops here must not look complete
  if (res.headersSent || res.writableEnded) {
    res.destroy();
    return;
  }
  const { requestId } = runtime.contextOf(req);
  runtime.securityHeaders(req, res);
  if (!isNavigation(req.method, req.headers)) {
    sendProblem(req, res, error, requestId);
    return;
  }
  sendPage(req, res, failurePage(runtime, req, error, requestId));
}

function failurePage(runtime: Runtime, req: IncomingMessage, error: GatewayError, requestId: string): Page {
  const acceptLanguage = req.headers['accept-language'];
  const { code, loginUrl } = error;
  if (loginUrl !== undefined && (code === 'login_required' || code === 'code_expired')) {
    return runtime.pages.loginRequired({
      acceptLanguage,
      requestId,
      code,
      loginUrl,
      retryUrl: silentUrl(loginUrl),
    });
  }
  // an address of the gateway's own works once or not at all: the way on is the site itself
  const [path = ''] = (req.url ?? '').split('?', 1);
  const backUrl = runtime.isOwnRoute(path) ? `${runtime.config.publicUrl}/` : undefined;
  return runtime.pages.problem({ acceptLanguage, requestId, code, loginUrl, backUrl });
}

/** The same on a socket that asked for an upgrade: one HTTP/1.1 answer, then the end. */
export function refuseUpgrade(runtime: Runtime, req: IncomingMessage, socket: Duplex, thrown: unknown): void {
  const error = report(runtime, req, thrown);
  if (socket.destroyed || !socket.writable) return;
  const body = JSON.stringify(problemDocument(error, runtime.contextOf(req).requestId));
  endSocket(
    socket,
    [
      `HTTP/1.1 ${error.status} ${STATUS_CODES[error.status] ?? ''}`,
      'Content-Type: application/problem+json',
      'Cache-Control: no-store',
      ...Object.entries(problemHeaders(error.code)).map(([name, value]) => `${name}: ${value}`),
      'Connection: close',
      `Content-Length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n'),
  );
}

function report(runtime: Runtime, req: IncomingMessage, thrown: unknown): GatewayError {
  const error = isGatewayError(thrown)
    ? thrown
    : new GatewayError(
        'internal_error',
        'Something went wrong in the gateway. The request id finds it in its log.',
        { cause: thrown },
      );
  const fields = {
    requestId: runtime.contextOf(req).requestId,
    code: error.code,
    status: error.status,
    cause: error.cause === undefined ? undefined : describeError(error.cause),
    bug: error.code === 'internal_error' ? describeBug(error.cause) : undefined,
  };
  runtime.audit.record({ kind: 'request_refused', requestId: fields.requestId, code: error.code });
  if (error.status >= 500) runtime.logger.error(fields, 'request failed');
  else runtime.logger.info(fields, 'request refused');
  return error;
}
