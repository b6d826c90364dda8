import type { IncomingMessage, ServerResponse } from 'node:http';
import { GatewayError } from '../errors.ts';
import { sendContinue } from './expect-continue.ts';
import { announcesBody, assertUnread, discardUpload } from './request-body.ts';

/**
 * Reads a whole body for a rule that looks into it, and keeps its bytes for forwarding (`ForwardPlan.body`).
 * @param limitBytes more than this is `body_too_large`: at once by `Content-Length`, else as soon as it shows
 * @param deadline `performance.now()` by which the last byte must be here
 * @returns the bytes as they came, without transfer coding; empty when the request has no body
 * @throws GatewayError `body_too_large`; `request_malformed` when the client is too slow or leaves
 * @throws TypeError when somebody has read the body before
 */
export async function readBody(
  req: IncomingMessage,
  res: ServerResponse,
  limitBytes: number,
  deadline: number,
): Promise<Buffer> {
  if (!announcesBody(req)) return Buffer.alloc(0);
  assertUnread(req);
  if (Number(req.headers['content-length'] ?? 0) > limitBytes) {
    discardUpload(req);
    throw tooLarge(limitBytes);
  }
  sendContinue(req, res);
  try {
    return await collect(req, limitBytes, deadline);
  } catch (error) {
    discardUpload(req);
    throw error;
  }
}

function collect(req: IncomingMessage, limitBytes: number, deadline: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const stop = (): void => {
      clearTimeout(timer);
      req.off('data', onData).off('end', onEnd).off('close', onClose);
    };
    const fail = (error: GatewayError): void => {
      stop();
      reject(error);
    };
    const onData = (chunk: Buffer): void => {
      length += chunk.length;
      if (length > limitBytes) fail(tooLarge(limitBytes));
      else chunks.push(chunk);
    };
    const onEnd = (): void => {
      stop();
      resolve(Buffer.concat(chunks, length));
    };
    const onClose = (): void => {
      fail(new GatewayError('request_malformed', 'The request ended before its body did.'));
    };
    const onLate = (): void => {
      fail(new GatewayError('request_malformed', 'The body of the request did not arrive in time.'));
    };
    const timer = setTimeout(onLate, Math.max(1, deadline - performance.now()));
    req.on('data', onData).on('end', onEnd).on('close', onClose);
  });
}

function tooLarge(limitBytes: number): GatewayError {
  return new GatewayError('body_too_large', `The body of this request may have ${limitBytes} bytes at most.`);
}
