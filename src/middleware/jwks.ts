import type { RequestHandler } from 'express';
import type { Runtime } from './runtime.ts';

/** `GET /jwks.json`: the public keys of the signed assertion, a JWK set (RFC 7517 section 5). */
export function jwks({ assertionKeys }: Pick<Runtime, 'assertionKeys'>): RequestHandler {
  return async function jwksMiddleware(req, res) {
    const body = JSON.stringify(await assertionKeys.published());
    res.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) });
    res.end(req.method === 'HEAD' ? undefined : body);
  };
}
