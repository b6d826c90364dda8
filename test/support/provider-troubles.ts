import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import type { Trouble } from './provider.ts';

/** Sends the browser, or whoever follows it, to another place. */
export function redirectTo(location: string, status: number): Trouble {
  return (response) => void response.writeHead(status, { location }).end();
}

/** Promises more than it sends, then cuts the connection in the middle of the JSON. */
export const closesMidBody: Trouble = (response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': 1000 });
  response.write('{"sub":"kari-sub","access_token":"');
  response.flushHeaders();
  setImmediate(() => response.socket?.destroy());
};

/** Sends half of a chunked body and then nothing more. */
export const stallsMidBody: Trouble = (response) => {
  response.writeHead(200, { 'content-type': 'application/json' }).write('{"sub":"kari-sub",');
};

/** A few kB on the wire that are 30 MB when they are unpacked. */
export const gzipBomb: Trouble = (response) => {
  sendPacked(response, (packed ??= gzipSync(Buffer.alloc(30_000_000, 0x20))));
};
let packed: Buffer | undefined;

/** JSON that is really packed: what an honest provider may do when it is asked for it. */
export function gzipped(body: unknown): Trouble {
  return (response) => {
    sendPacked(response, gzipSync(JSON.stringify(body)));
  };
}

/** Any body with any type. */
export function says(body: string | Buffer, type = 'application/json', status = 200): Trouble {
  return (response) => void response.writeHead(status, { 'content-type': type }).end(body);
}

function sendPacked(response: ServerResponse, body: Buffer): void {
  response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(body);
}
