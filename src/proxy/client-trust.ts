import type { IncomingMessage } from 'node:http';
import { isIP, type Socket } from 'node:net';
import proxyAddr from 'proxy-addr';

/** What the upstream may know of the client's own connection. */
export interface ForwardedFacts {
  /** From the client to the gateway's own peer, addresses only. At least one; `unknown` where a socket has none. */
  readonly for: readonly string[];
  readonly proto: 'http' | 'https';
  /** Host and port that the client asked for, as a `Host` header would write them. */
  readonly host: string | undefined;
  readonly port: number | undefined;
}

/** How much of what proxies in front of the gateway say is believed. */
export interface ClientTrust {
  /** The client's address: of the socket, or what the last trusted proxy says. IPv4 is always written as IPv4. */
  address(req: IncomingMessage): string;
  /** The same for the whole chain. Nothing that the client itself has put into a header is left. */
  forwarded(req: IncomingMessage): ForwardedFacts;
}

type Trusts = (address: string, distance: number) => boolean;

const HOST = /^(?:[a-z\d._-]+|\[[\da-f:.]+\])(?::(\d{1,5}))?$/i;

/**
 * @param trustProxy number of proxies in front of the gateway, or their addresses, subnets and the names `loopback`,
 * `linklocal`, `uniquelocal`, as Express' `trust proxy`; undefined or 0 trusts nobody
 * @throws TypeError on an address that is none
 */
export function createClientTrust(trustProxy: number | readonly string[] | undefined): ClientTrust {
  const trusts = trustFunction(trustProxy);
  return {
    address: (req) => (trusts === undefined ? peerAddress(req) : (chain(req, trusts)[0] ?? peerAddress(req))),
    forwarded: (req) => (trusts === undefined ? socketFacts(req) : proxiedFacts(req, trusts)),
  };
}

function trustFunction(trustProxy: number | readonly string[] | undefined): Trusts | undefined {
  if (trustProxy === undefined || trustProxy === 0) return undefined;
  if (typeof trustProxy === 'number') return (_address, distance) => distance < trustProxy;
  return trustProxy.length === 0 ? undefined : proxyAddr.compile([...trustProxy]);
}

interface SocketFacts {
  readonly asked: string | undefined;
  readonly facts: ForwardedFacts;
}

const bySocket = new WeakMap<Socket, SocketFacts>();
const shared = new WeakSet<ForwardedFacts>();

/** Does the same object stand for many requests? What is made of it may then be kept. */
export function isShared(facts: ForwardedFacts): boolean {
  return shared.has(facts);
}

/** The same for all requests of a connection that ask for the same host. */
function socketFacts(req: IncomingMessage): ForwardedFacts {
  const { socket } = req;
  const asked = req.headers.host;
  const known = bySocket.get(socket);
  if (known !== undefined && known.asked === asked) return known.facts;
  const facts: ForwardedFacts = {
    for: [peerAddress(req)],
    proto: isEncrypted(req) ? 'https' : 'http',
    host: hostOf(asked),
    port: socket.localPort,
  };
  shared.add(facts);
  bySocket.set(socket, { asked, facts });
  return facts;
}

function proxiedFacts(req: IncomingMessage, trusts: Trusts): ForwardedFacts {
  const facts = socketFacts(req);
  const hops = trustedHops(req, trusts);
  if (hops === 0) return facts;
  const said = memberReader(req, hops);
  const proto = said('x-forwarded-proto')?.toLowerCase();
  const host = hostOf(said('x-forwarded-host')) ?? facts.host;
  const known = proto === 'http' || proto === 'https';
  const impliedPort = known ? (portOf(host) ?? (proto === 'https' ? 443 : 80)) : facts.port;
  return {
    for: chain(req, trusts),
    proto: known ? proto : facts.proto,
    host,
    port: validPort(said('x-forwarded-port')) ?? impliedPort,
  };
}

/** The chain in the order of X-Forwarded-For: client first, the gateway's peer last. */
function chain(req: IncomingMessage, trusts: Trusts): string[] {
  const addresses = [peerAddress(req)];
  const claimed = proxyAddr.all(req, trusts);
  for (let i = 1; i < claimed.length; i++) {
    const address = readAddress(claimed[i] ?? '');
    // a trusted proxy writes addresses: anything else was there before it
    if (address === undefined) break;
    addresses.unshift(address);
  }
  return addresses;
}

/** How many proxies, counted from the gateway, are trusted and took part in this request. */
function trustedHops(req: IncomingMessage, trusts: Trusts): number {
  if (!trusts(req.socket.remoteAddress ?? '', 0)) return 0;
  return Math.max(1, proxyAddr.all(req, trusts).length - 1);
}

/** Of a list that every proxy may have added to, the member that the outermost trusted one wrote. */
function memberReader(req: IncomingMessage, hops: number): (name: string) => string | undefined {
  return (name) => {
    const value = req.headers[name];
    if (typeof value !== 'string') return undefined;
    const members = value.split(',');
    return members[Math.max(0, members.length - hops)]?.trim();
  };
}

function peerAddress(req: IncomingMessage): string {
  return readAddress(req.socket.remoteAddress ?? '') ?? 'unknown';
}

/** An address with or without a port or brackets; undefined when it is none. */
function readAddress(text: string): string | undefined {
  if (isIP(text) !== 0) return withoutMapping(text);
  const bare = /^\[([\da-f:.]+)\](?::\d+)?$/i.exec(text)?.[1] ?? /^([\d.]+):\d+$/.exec(text)?.[1];
  return bare !== undefined && isIP(bare) !== 0 ? withoutMapping(bare) : undefined;
}

/** `::ffff:192.0.2.1`, the IPv4 address of a dual-stack socket (RFC 4291, 2.5.5.2), as `192.0.2.1`. */
function withoutMapping(address: string): string {
  if (!address.toLowerCase().startsWith('::ffff:')) return address;
  const ipv4 = address.slice('::ffff:'.length);
  return isIP(ipv4) === 4 ? ipv4 : address;
}

function hostOf(value: string | undefined): string | undefined {
  return value !== undefined && HOST.test(value) ? value : undefined;
}

function portOf(host: string | undefined): number | undefined {
  return validPort(host === undefined ? undefined : HOST.exec(host)?.[1]);
}

function validPort(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{1,5}$/.test(text)) return undefined;
  const port = Number(text);
  return port > 0 && port < 65_536 ? port : undefined;
}

function isEncrypted(req: IncomingMessage): boolean {
  return 'encrypted' in req.socket && req.socket.encrypted === true;
}
