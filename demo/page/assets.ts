import path from 'node:path';
import express, { type Router } from 'express';

const SERVED = new Set(['.css', '.mjs']);

/**
 * Serves the style sheets and browser scripts of one part of the demo, and the shared ones, below `/assets`. Sources of
 * the servers, which lie in the same folders, are not served.
 */
export function assets(folder: string): Router {
  const router = express.Router();
  router.use('/assets', (request, response, next) => {
    if (SERVED.has(path.extname(request.path))) next();
    else response.sendStatus(404);
  });
  for (const root of [folder, import.meta.dirname]) {
    router.use('/assets', express.static(root, { index: false, cacheControl: false }));
  }
  return router;
}
