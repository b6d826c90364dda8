import { STATUS_CODES, type ServerResponse } from 'node:http';
import type { RawHeaders } from './forward-headers.ts';

/**
 * Writes the head of an upstream's answer: names, order and duplicates as they are. What a host's handlers have set
 * before stays, unless the upstream says it too; cookies and `Vary` of both are kept.
 */
export function writeResponseHead(
  res: ServerResponse,
  status: number,
  statusText: string,
  headers: RawHeaders,
): void {
  const reason = reasonPhrase(status, statusText);
  // with headers set before, or writeHead wrapped by express-session, an array would lose its duplicates
  if (Object.hasOwn(res, 'writeHead') || res.getHeaderNames().length > 0) {
    mergeHeaders(res, headers);
    res.writeHead(status, reason);
    return;
  }
  res.writeHead(status, reason, headers);
}

function mergeHeaders(res: ServerResponse, headers: RawHeaders): void {
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] ?? '';
    if (!/^(?:set-cookie|vary)$/i.test(name)) res.removeHeader(name);
  }
  for (let i = 0; i + 1 < headers.length; i += 2) res.appendHeader(headers[i] ?? '', headers[i + 1] ?? '');
}

function reasonPhrase(status: number, text: string): string {
  const usual = STATUS_CODES[status] ?? '';
  return text === usual || /^[\t\x20-\x7e]+$/.test(text) ? text : usual;
}

/**
 * Ends an answer so that nobody takes it for complete: no last chunk, fewer bytes than promised. Where the end of the
 * connection is the end of the body (HTTP/1.0), only a reset can say so.
 */
export function breakOff(res: ServerResponse): void {
  const { socket } = res;
  const framed = res.chunkedEncoding || /\r\ncontent-length:/i.test(headOf(res));
  // only a plain TCP socket can be reset; TLS shows a cut by its missing close_notify
  if (!framed && socket?.remoteFamily !== undefined && !('encrypted' in socket)) socket.resetAndDestroy();
  res.destroy();
}

function headOf(res: ServerResponse): string {
  return '_header' in res && typeof res._header === 'string' ? res._header : '';
}
