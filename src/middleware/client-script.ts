import type { RequestHandler } from 'express';
import { createClientScripts, type ClientScriptName } from '../pages/client-scripts.ts';
import { finishResponse } from '../pages/finish-response.ts';

/** Its address carries no hash, so a page gets a new version within this time. */
const MAX_AGE_SECONDS = 300;

/**
 * `GET /client.js` and `GET /client.mjs`: the browser client, the same for everybody. Pages of any site may load it, also
 * with Subresource Integrity, which needs CORS: there is nothing in it that is anybody's.
 */
export function clientScript(name: ClientScriptName): RequestHandler {
  const scripts = createClientScripts();
  return async function clientScriptMiddleware(req, res) {
    const script = await scripts(name);
    const gzip = req.acceptsEncodings(['gzip', 'identity']) === 'gzip';
    const etag = gzip ? script.gzippedEtag : script.etag;
    // what a host allows its own pages must not stand beside the star
    res.removeHeader('Access-Control-Allow-Credentials');
    res.appendHeader('Vary', 'Accept-Encoding');
    const headers = {
      'Access-Control-Allow-Origin': '*',
      'Cross-Origin-Resource-Policy': 'cross-origin',
      'Cache-Control': `public, max-age=${MAX_AGE_SECONDS}`,
      ETag: etag,
    };
    if (isKnown(req.headers['if-none-match'], etag)) {
      res.writeHead(304, headers).end();
      return;
    }
    const coding = gzip ? { 'Content-Encoding': 'gzip' } : {};
    const body = gzip ? script.gzipped : script.plain;
    finishResponse(
      req,
      res,
      200,
      { ...headers, ...coding, 'Content-Type': 'text/javascript; charset=utf-8' },
      body,
    );
  };
}

/** Weak comparison (RFC 9110, section 13.1.2). */
function isKnown(given: string | undefined, etag: string): boolean {
  return (given ?? '').split(',').some((one) => one.trim().replace(/^W\//, '') === etag);
}
