import express from 'express';
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import { secureChat } from '../../src/secure-chat.ts';
import { attachServer } from '../../src/serving.ts';
import { faces, silent, type Face } from './faces.ts';
import { PREFIX, readsAsOurs } from './header-generators.ts';
import { openRaw } from './raw-client.ts';
import { startSystem, type System, type SystemOptions } from './system.ts';
import { echo, type RecordedRequest } from './upstream.ts';

/** One request, byte by byte. `Host` and, unless it is among the headers, `Connection: close` are added. */
export interface Bytes {
  readonly method?: string;
  readonly path: string;
  /** Name, value, name, value. */
  readonly headers?: readonly string[];
  /** Already framed, with its framing headers among `headers`. */
  readonly body?: string;
}

/** What stood on the wire behind the gateway, or what the host's handler found. */
export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly rawHeaders: readonly string[];
  /** Every name under which anything can be read, trailers included. */
  readonly names: readonly string[];
  readonly body: string;
}

export interface Outcome {
  readonly status: number;
  /** Of the answer, latin1. */
  readonly head: string;
  readonly body: string;
  /** What this one request made arrive behind the gateway. */
  readonly seen: readonly Seen[];
}

/** A system with one browser that is verified, and a raw client. */
export interface HeaderRig {
  readonly system: System;
  /** Handlers of the host are behind the gateway, no upstream. */
  readonly hosted: boolean;
  /** `Cookie` of the verified browser. */
  readonly cookie: string;
  send(bytes: Bytes): Promise<Outcome>;
  /** Logs this person in with a new browser; its `Cookie`. */
  verify(person: Record<string, unknown>): Promise<string>;
}

/** Which routes there are to knock at, and whether they need an identity to let anything through. */
export const PLACES = [
  { name: 'secure queue', path: '/queues/q_bank/messages', secure: true },
  { name: 'open queue', path: '/queues/q_open', secure: false },
  { name: 'unknown queue', path: '/queues/q_nowhere', secure: false },
  { name: 'no queue', path: '/plain/page?x=1', secure: false },
] as const;

/** The gateway's own routes: nothing of them ever goes upstream. */
export const OWN_ROUTES = [
  ...['healthz', 'readyz', 'session', 'session?queueKey=q_bank', 'login?queueKey=q_bank', 'callback'],
  ...['logout', 'done', 'client.js', 'jwks.json', 'token', 'admin', 'assets/nothing', 'nothing'],
].map((route) => `/secure-chat/${route}`);

/** Every header of a request that could be an identity header, sent by a client. */
export function spoofs(names: readonly string[], value = 'evil'): string[] {
  return names.flatMap((name) => [name, value]);
}

/** The same test for every face that has an upstream behind it. */
export function beforeEveryUpstream(
  name: string,
  body: (t: TestContext, rig: HeaderRig) => Promise<void>,
  settings: SystemOptions = {},
): void {
  for (const face of faces)
    test(`${name} (${face.name})`, async (t) => {
      await body(t, await startHeaderRig(t, { ...settings, face }));
    });
}

/** The same test for every face, the drop-in without an upstream among them. */
export function behindEveryWall(
  name: string,
  body: (t: TestContext, rig: HeaderRig) => Promise<void>,
  settings: SystemOptions = {},
): void {
  beforeEveryUpstream(name, body, settings);
  test(`${name} (drop-in without upstream)`, async (t) => {
    await body(t, await startHeaderRig(t, { ...settings, face: 'host' }));
  });
}

/** Starts it; it stops with the test. */
export async function startHeaderRig(
  t: TestContext,
  { face, ...settings }: Omit<SystemOptions, 'face'> & { readonly face?: Face | 'host' } = {},
): Promise<HeaderRig> {
  const seen: Seen[] = [];
  const trailers = new WeakMap<RecordedRequest, readonly string[]>();
  const hosted = face === 'host';
  const system = await startSystem(t, {
    upstream: (req, res, recorded) => {
      req.on('end', () => trailers.set(recorded, req.rawTrailers));
      res.setHeader('X-Upstream', 'yes');
      echo(req, res, recorded);
    },
    ...settings,
    ...(hosted ? { face: hostFace(seen) } : face === undefined ? {} : { face }),
  });
  const verify = async (): Promise<string> => {
    const visitor = system.browser();
    const { status, body } = await visitor.open(`${system.url}/queues/q_bank`);
    assert.equal(status, 200, body.slice(0, 200));
    return visitor.cookies('127.0.0.1');
  };
  const arrived = (): readonly Seen[] =>
    hosted ? seen : system.upstream.requests.map((request) => seenOf(request, trailers.get(request) ?? []));
  return {
    system,
    hosted,
    cookie: await verify(),
    verify: (person) => {
      system.provider.setPerson(person);
      return verify();
    },
    async send(bytes) {
      const before = arrived().length;
      const text = await exchange(Number(new URL(system.url).port), bytes);
      const end = text.indexOf('\r\n\r\n');
      return {
        status: Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0),
        head: end === -1 ? text : text.slice(0, end),
        body: end === -1 ? '' : text.slice(end + 4),
        seen: arrived().slice(before),
      };
    },
  };
}

/**
 * Nothing of the client's is left under a name that reads as ours: what is there are ours, each once, in the spelling of
 * the configuration, none with a value of the client's.
 */
export function assertOursOnly(seen: Seen, expected: 'identity' | 'nobody', prefix = PREFIX): void {
  const ours = seen.names.filter((name) => readsAsOurs(name, prefix));
  if (expected === 'nobody') {
    assert.deepEqual(ours, []);
    return;
  }
  const lines = seen.rawHeaders.filter((name, index) => index % 2 === 0 && readsAsOurs(name, prefix));
  const folded = lines.map((name) => name.toLowerCase());
  assert.equal(new Set(folded).size, folded.length, `each once: ${lines.join(' ')}`);
  assert.deepEqual(
    lines.filter((name) => !name.startsWith(prefix)),
    [],
  );
  const exact = new Set([...lines, ...folded]);
  assert.deepEqual(
    ours.filter((name) => !exact.has(name)),
    [],
  );
  const values = seen.rawHeaders.filter(
    (_, i) => i % 2 === 1 && readsAsOurs(seen.rawHeaders[i - 1]!, prefix),
  );
  assert.ok(!values.some((value) => value.includes('evil')), 'a value of the client');
  assert.ok(folded.includes(`${prefix}Customer`.toLowerCase()), 'an admitted request says whose it is');
}

/** A browser is told nothing under a name that reads as ours. */
export function assertNoEcho({ head }: Outcome): void {
  for (const line of head.split('\r\n').slice(1)) {
    const name = line.slice(0, line.indexOf(':'));
    assert.ok(!readsAsOurs(name), `an answer with ${name}`);
  }
}

/** A handshake for WebSocket, beside whatever else is sent. */
export const HANDSHAKE: readonly string[] = [
  ...['Upgrade', 'websocket', 'Sec-WebSocket-Version', '13'],
  ...['Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ=='],
];

async function exchange(port: number, bytes: Bytes): Promise<string> {
  const { method = 'GET', path, headers = [], body = '' } = bytes;
  const lines = [`${method} ${path} HTTP/1.1`, `Host: 127.0.0.1:${port}`];
  for (let i = 0; i + 1 < headers.length; i += 2) lines.push(`${headers[i]!}: ${headers[i + 1]!}`);
  const named = headers.some((name, i) => i % 2 === 0 && name.toLowerCase() === 'connection');
  if (!named) lines.push('Connection: close');
  const client = await openRaw(port);
  client.write(`${lines.join('\r\n')}\r\n\r\n${body}`);
  if (headers.includes('websocket')) {
    // a tunnel stays open, a refusal does not
    const ended = client.closed.then(({ text }) => text);
    const head = await Promise.race([client.until('\r\n\r\n').catch(() => ended), ended]);
    if (!head.startsWith('HTTP/1.1 101')) return await ended;
    client.destroy();
    return head;
  }
  return (await client.closed).text;
}

function seenOf(request: RecordedRequest, rawTrailers: readonly string[]): Seen {
  const { method, url, rawHeaders, body } = request;
  return {
    method,
    url,
    rawHeaders,
    names: namesOf([...rawHeaders, ...rawTrailers]),
    body: body.toString('latin1'),
  };
}

function namesOf(raw: readonly string[]): string[] {
  return raw.filter((_, index) => index % 2 === 0);
}

/** The drop-in in front of a host's own handler, which notes whatever can be read from its request. */
function hostFace(seen: Seen[]): Face {
  return {
    name: 'drop-in without upstream',
    async start(options, logger = silent) {
      const server = createServer();
      await once(server.listen(0, '127.0.0.1'), 'listening');
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const given = options(url);
      delete given.upstream;
      const chat = secureChat(given, { logger });
      const host = express()
        .use(chat)
        .use((req, res) => {
          const noted = note(req);
          seen.push(noted);
          const answer = () => {
            noted.names.push(...readableNames(req));
            res.setHeader('X-Upstream', 'yes');
            res.end('host');
          };
          // trailers may be here before the body was read, and after
          req.on('data', () => noted.names.push(...readableNames(req)));
          if (req.readableEnded) answer();
          else req.on('end', answer);
        });
      attachServer(server, { listener: host, upgrade: chat.upgrade });
      return {
        server,
        url,
        stop: async () => {
          server.closeAllConnections();
          server.close();
          await chat.close();
        },
      };
    },
  };
}

function note(req: IncomingMessage): Seen & { names: string[] } {
  const { method = '', url = '', rawHeaders } = req;
  return { method, url, rawHeaders, names: readableNames(req), body: '' };
}

function readableNames(req: IncomingMessage): string[] {
  const { rawHeaders, rawTrailers, headers, headersDistinct, trailers, trailersDistinct } = req;
  const raw = namesOf([...rawHeaders, ...rawTrailers]);
  return [headers, headersDistinct, trailers, trailersDistinct].reduce(
    (names, all) => [...names, ...Object.keys(all)],
    raw,
  );
}
