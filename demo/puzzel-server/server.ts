import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { CannedAgent, type AgentPace } from './canned-agent.ts';
import { PuzzelChats } from './chats.ts';
import { matchCall, type Reply } from './calls.ts';

/** A request as it came in, byte for byte. */
export interface Received {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  /** Names and values in the order of the wire. */
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
}

/** The fake server: its HTTP side, its chats, and what it has been sent. */
export interface PuzzelServer {
  readonly listener: RequestListener;
  readonly chats: PuzzelChats;
  readonly agent: CannedAgent;
  /** The last 500 requests to the API, oldest first; preflights are left out. */
  readonly received: readonly Received[];
}

const MAX_BODY_BYTES = 64 * 1024;
const KEPT = 500;

class TooLarge extends Error {}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new TooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Pages of all customers call the API from where they are. */
function share(request: IncomingMessage, response: ServerResponse): void {
  const { origin } = request.headers;
  response.setHeader('Vary', 'Origin');
  if (origin === undefined) return;
  response.setHeader('Access-Control-Allow-Origin', origin);
  response.setHeader('Access-Control-Allow-Credentials', 'true');
}

function preflight(request: IncomingMessage, response: ServerResponse): void {
  const headers = request.headers['access-control-request-headers'];
  response.setHeader('Access-Control-Allow-Methods', 'GET, POST, DELETE');
  if (headers !== undefined) response.setHeader('Access-Control-Allow-Headers', headers);
  response.writeHead(204).end();
}

function send(response: ServerResponse, { status, json }: Reply): void {
  if (json === undefined) {
    response.writeHead(status, { 'Content-Length': 0 }).end();
    return;
  }
  const body = Buffer.from(JSON.stringify(json));
  response
    .writeHead(status, {
      'Content-Type': 'application/json; charset=utf-8',
      'Content-Length': body.length,
      'Cache-Control': 'no-store',
    })
    .end(body);
}

function parse(body: Buffer): unknown {
  return body.length === 0 ? undefined : (JSON.parse(body.toString('utf8')) as unknown);
}

function failure(error: unknown): Reply {
  if (error instanceof SyntaxError) return { status: 400, json: { message: 'The body is no JSON.' } };
  if (error instanceof TooLarge) return { status: 413, json: { message: 'The body is too large.' } };
  return { status: 500, json: { message: 'Something is wrong with the fake server.' } };
}

/**
 * A chat server that speaks Puzzel's Chat API v1 below `/chat/v1`, in memory, without dependencies. It believes every word
 * of a request, as the vendor's does: whose chat it is and who the visitor is are for whoever stands in front of it.
 */
export function createPuzzelServer(pace: AgentPace): PuzzelServer {
  const chats = new PuzzelChats();
  const agent = new CannedAgent(chats, pace);
  const received: Received[] = [];

  async function answer(request: IncomingMessage): Promise<Reply> {
    const body = await readAll(request);
    const { method = 'GET', url = '/', rawHeaders } = request;
    received.push({ method, target: url, rawHeaders, body });
    if (received.length > KEPT) received.shift();
    const call = matchCall(method, url);
    return call === undefined
      ? { status: 404, json: { message: 'There is no such call.' } }
      : call({ chats, agent }, parse(body));
  }

  return {
    chats,
    agent,
    received,
    listener(request, response) {
      share(request, response);
      if (request.method === 'OPTIONS') {
        preflight(request, response);
        return;
      }
      answer(request)
        .catch(failure)
        .then((reply) => {
          send(response, reply);
        })
        .catch(() => response.destroy());
    },
  };
}
