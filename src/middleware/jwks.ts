import type { RequestHandler } from 'express';
import type { Runtime } from './runtime.ts';
import { sendJson } from './send-json.ts';

/** `GET /jwks.json`: the public keys of the signed assertion, a JWK set (RFC 7517 section 5). */
export function jwks({ assertionKeys }: Pick<Runtime, 'assertionKeys'>): RequestHandler {
  return async function jwksMiddleware(_req, res) {
    sendJson(res, await assertionKeys.published());
  };
}
