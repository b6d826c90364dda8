import { request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect as connectTcp, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { connect as connectTls } from 'node:tls';
import type { UpstreamConfig } from '../config/gateway-config.ts';
import { GatewayError } from '../errors.ts';
import { describeError, type Logger } from '../observe/logger.ts';
import { responseHeaders, type HeaderRules, type RawHeaders } from './forward-headers.ts';
import { createRawResponse } from './raw-response.ts';
import { writeResponseHead } from './response-head.ts';
import { joinSockets } from './tunnel.ts';
import { upstreamError } from './upstream.ts';
import { watchClient } from './waiting-client.ts';

/** One client's request for WebSocket, ready to be sent. */
export interface UpgradeSettings {
  readonly req: IncomingMessage;
  readonly socket: Duplex;
  /** What the client has sent behind its request. */
  readonly head: Buffer;
  readonly upstream: UpstreamConfig;
  /** Base path included. */
  readonly path: string;
  /** Without `Connection` and `Upgrade`. */
  readonly headers: RawHeaders;
  readonly rules: HeaderRules;
  readonly noStore: boolean;
  /** `performance.now()` by which the upstream must have answered. */
  readonly deadline: number;
  readonly requestId: string;
  /** What the client is told when the upstream chooses no subprotocol (RFC 6455, section 4.2.2). */
  readonly subprotocol: string | undefined;
  readonly logger: Logger;
}

type Answer =
  | {
      readonly kind: 'switched';
      readonly response: IncomingMessage;
      readonly socket: Duplex;
      readonly head: Buffer;
      /** What the client has sent behind its request. */
      readonly early: Buffer;
    }
  | { readonly kind: 'refused'; readonly response: IncomingMessage }
  | { readonly kind: 'client gone' };

/**
 * True for a request that may become a tunnel: a WebSocket handshake (RFC 6455, 4.1). Whatever runs in a tunnel is past
 * the wall around identity headers, so nothing that could carry another request gets one (`h2c`, `TLS/1.0`, `HTTP/2.0`).
 */
export function asksForWebSocket(req: IncomingMessage): boolean {
  return req.method === 'GET' && namesWebSocket(req.headers.upgrade);
}

/**
 * Asks the upstream to switch to WebSocket and joins both sockets; any other answer is relayed, and ends the connection.
 * Resolves at the switch, so that an open tunnel keeps nothing of its request alive; else when the answer is over.
 * @throws GatewayError while nothing was sent to the client
 */
export async function relayUpgrade(settings: UpgradeSettings): Promise<void> {
  const answer = await ask(settings);
  if (answer.kind === 'switched') relaySwitch(settings, answer);
  else if (answer.kind === 'refused') await relayRefusal(settings, answer.response);
  // ended from the other side only: nobody else would close it
  else settings.socket.destroy();
}

function ask(settings: UpgradeSettings): Promise<Answer> {
  const { socket, head, deadline } = settings;
  return new Promise((resolve, reject) => {
    const request = send(settings);
    const client = watchClient(socket, head, () => {
      clearTimeout(timer);
      request.destroy();
      resolve({ kind: 'client gone' });
    });
    const timer = setTimeout(
      () => request.destroy(new GatewayError('upstream_timeout', 'The chat server did not answer in time.')),
      Math.max(1, deadline - performance.now()),
    );
    const settle = (): Buffer => {
      clearTimeout(timer);
      return client.stop();
    };
    request.on('error', (error) => {
      settle();
      reject(upstreamError(error));
    });
    request.once('response', (response) => {
      settle();
      resolve({ kind: 'refused', response });
    });
    request.once('upgrade', (response, upstreamSocket, upstreamHead) => {
      const early = settle();
      if (namesWebSocket(response.headers.upgrade)) {
        resolve({ kind: 'switched', response, socket: upstreamSocket, head: upstreamHead, early });
        return;
      }
      upstreamSocket.destroy();
      reject(new GatewayError('upstream_unreachable', 'The chat server switched to another protocol.'));
    });
  });
}

function send({ req, upstream, path, headers }: UpgradeSettings): ClientRequest {
  const secure = upstream.origin.startsWith('https:');
  const request = (secure ? httpsRequest : httpRequest)({
    createConnection: () => connectUpstream(upstream.origin),
    method: req.method,
    path,
    headers: [...headers, 'Connection', 'Upgrade', 'Upgrade', 'websocket'],
  });
  request.end();
  return request;
}

/** A connection of its own, on which either side may end first. */
function connectUpstream(origin: string): Socket {
  const { protocol, hostname, port } = new URL(origin);
  const host = hostname.replace(/^\[|\]$/g, '');
  const options = { host, port: Number(port) || (protocol === 'https:' ? 443 : 80), allowHalfOpen: true };
  if (protocol === 'http:') return connectTcp(options);
  return connectTls({
    ...options,
    servername: /^[\d.]+$|:/.test(host) ? '' : host,
    ALPNProtocols: ['http/1.1'],
    // also where NODE_TLS_REJECT_UNAUTHORIZED is 0
    rejectUnauthorized: true,
  });
}

function relaySwitch(settings: UpgradeSettings, answer: Extract<Answer, { kind: 'switched' }>): void {
  const { socket, rules, subprotocol } = settings;
  const headers = responseHeaders(rules, answer.response.rawHeaders, 101, false);
  if (subprotocol !== undefined && answer.response.headers['sec-websocket-protocol'] === undefined)
    headers.push('Sec-WebSocket-Protocol', subprotocol);
  headers.push('Connection', 'Upgrade', 'Upgrade', 'websocket');
  joinSockets(socket, answer.socket);
  socket.write(switchingHead(headers), 'latin1');
  if (answer.head.length > 0) socket.write(answer.head);
  if (answer.early.length > 0) answer.socket.write(answer.early);
}

function switchingHead(headers: RawHeaders): string {
  let text = 'HTTP/1.1 101 Switching Protocols\r\n';
  for (let i = 0; i + 1 < headers.length; i += 2) text += `${headers[i] ?? ''}: ${headers[i + 1] ?? ''}\r\n`;
  return `${text}\r\n`;
}

async function relayRefusal(settings: UpgradeSettings, response: IncomingMessage): Promise<void> {
  const { req, socket, rules, noStore, upstream, logger, requestId } = settings;
  const status = response.statusCode ?? 502;
  const res = createRawResponse(req, socket);
  response.setTimeout(upstream.idleTimeoutMs, () => response.destroy());
  try {
    const headers = responseHeaders(rules, response.rawHeaders, status, noStore);
    writeResponseHead(res, status, response.statusMessage ?? '', headers);
    await pipeline(response, res);
  } catch (error) {
    logger.warn({ requestId, error: describeError(error) }, 'the answer of the upstream broke off');
    response.destroy();
    socket.destroy();
  }
}

function namesWebSocket(upgrade: string | undefined): boolean {
  return (
    upgrade !== undefined && upgrade.split(',').some((token) => token.trim().toLowerCase() === 'websocket')
  );
}
