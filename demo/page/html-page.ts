import type { RequestHandler } from 'express';
import { html, type Html } from './html.ts';

/** What a whole page is made of. */
export interface PageParts {
  readonly title: string;
  /** Names the page's brand in the style sheets: `portal`, `provider`, `chat`, `desk`. */
  readonly brand: string;
  /** Addresses of style sheets after the shared one. */
  readonly styles: readonly string[];
  /** Addresses of module scripts; none of the pages needs one to be readable. */
  readonly scripts?: readonly string[];
  /** Addresses of classic scripts, which run before the page is read. */
  readonly firstScripts?: readonly string[];
  readonly body: Html;
}

/** A complete HTML document in the design that all parts of the demo share. */
export function htmlPage(parts: PageParts): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light" />
        <title>${parts.title}</title>
        ${(parts.firstScripts ?? []).map((src) => html`<script src="${src}"></script>`)}
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href="/assets/base.css" />
        ${parts.styles.map((href) => html`<link rel="stylesheet" href="${href}" />`)}
        ${(parts.scripts ?? []).map((src) => html`<script type="module" src="${src}"></script>`)}
      </head>
      <body class="${parts.brand}">
        ${parts.body}
      </body>
    </html>`.text;
}

/**
 * Security headers of every page: no inline script or style, no frame, and nothing from elsewhere.
 *
 * @param gateway origin whose browser client the pages load, and which it talks to
 */
export function pageHeaders(gateway = ''): RequestHandler {
  const policy = [
    "default-src 'none'",
    `script-src 'self' ${gateway}`,
    "style-src 'self'",
    "img-src 'self' data:",
    `connect-src 'self' ${gateway}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
  return function pageHeadersMiddleware(_request, response, next) {
    response.set({
      'Content-Security-Policy': policy,
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'strict-origin',
      'Cache-Control': 'no-store',
    });
    next();
  };
}
