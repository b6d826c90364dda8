import type { ServerResponse } from 'node:http';

/** 200 with a JSON document that nobody keeps. */
export function sendJson(res: ServerResponse, document: object): void {
  const body = JSON.stringify(document);
  res.writeHead(200, {
    'Content-Type': 'application/json',
    'Cache-Control': 'no-store',
    'Content-Length': Buffer.byteLength(body),
  });
  res.end(body);
}
