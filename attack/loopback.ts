import { connect, type Socket } from 'node:net';
import { UsageError } from './usage-error.ts';

/** True for `localhost` and the loopback addresses themselves, with or without brackets; no name is looked up. */
export function isLoopback(hostname: string): boolean {
  const host = hostname.toLowerCase().replace(/^\[(.*)\]$/, '$1');
  return host === 'localhost' || isLoopbackAddress(host);
}

/**
 * A connection to this machine. `localhost` is whatever the system says: a socket that came out elsewhere is destroyed
 * with a `UsageError` before anything that was written to it is sent.
 */
export function connectLoopback(port: number, hostname: string): Socket {
  const socket = connect(port, hostname.replace(/^\[(.*)\]$/, '$1'));
  // the first listener: what waits to be written hears of the connection after it
  return socket.once('connect', () => {
    const address = socket.remoteAddress ?? 'nowhere';
    if (!isLoopbackAddress(address))
      socket.destroy(new UsageError(`${hostname} leads to ${address}, which is not on loopback.`));
  });
}

function isLoopbackAddress(address: string): boolean {
  return address === '::1' || /^(?:::ffff:)?127(?:\.\d{1,3}){3}$/.test(address);
}
