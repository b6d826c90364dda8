import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { GatewayError } from '../errors.ts';
import { finishResponse } from './finish-response.ts';
import { protectResponse } from './security-headers.ts';

/** Where the pages and their assets live on the outside. */
export interface PageSettings {
  /** Prefix of the gateway's own routes, `/secure-chat`. */
  readonly routePrefix: string;
  /** Path of `publicUrl` without a trailing slash; empty at the root. Comes before the prefix in links. */
  readonly publicPath: string;
}

/** The static files of the pages. */
export interface Assets {
  /** Addresses for links: `publicPath`, prefix, name with the hash of the content. */
  readonly urls: {
    readonly stylesheet: string;
    readonly adminStylesheet: string;
    readonly popupScript: string;
    readonly icon: string;
  };
  /**
   * Answers when `path` (below `publicPath`, without query: `/secure-chat/assets/page.0123456789ab.css`) is exactly one
   * of the files; false otherwise, with nothing done. Throws `GatewayError('method_not_allowed')`, with `Allow` set, for
   * anything but GET and HEAD.
   */
  serve(path: string, req: IncomingMessage, res: ServerResponse): boolean;
  /** The same, mounted at `routePrefix + '/assets'`, where `req.url` is what comes after that. */
  readonly handler: (req: IncomingMessage, res: ServerResponse, next: () => void) => void;
}

interface Asset {
  /** Name with the hash of the content. */
  readonly file: string;
  readonly contentType: string;
  readonly content: Buffer;
}

/** As far from `src/pages` as from `dist/pages`. */
const PUBLIC = new URL('../../public/', import.meta.url);

/** Reads the files of `public/` once. Throws the file system's error when the package is incomplete. */
export function createAssets({ routePrefix, publicPath }: PageSettings): Assets {
  const stylesheet = readAsset('page', 'css', 'text/css; charset=utf-8');
  const adminStylesheet = readAsset('admin', 'css', 'text/css; charset=utf-8');
  const popupScript = readAsset('popup', 'js', 'text/javascript; charset=utf-8');
  const icon = readAsset('icon', 'svg', 'image/svg+xml');
  const folder = `${routePrefix}/assets`;
  const all = [stylesheet, adminStylesheet, popupScript, icon];
  const byPath = new Map(all.map((asset) => [`${folder}/${asset.file}`, asset]));
  const url = ({ file }: Asset): string => `${publicPath}${folder}/${file}`;

  const serve = (path: string, req: IncomingMessage, res: ServerResponse): boolean => {
    const asset = byPath.get(path);
    return asset !== undefined && sendAsset(req, res, asset);
  };
  return {
    urls: {
      stylesheet: url(stylesheet),
      adminStylesheet: url(adminStylesheet),
      popupScript: url(popupScript),
      icon: url(icon),
    },
    serve,
    handler: (req, res, next) => {
      if (!serve(`${folder}${req.url?.split('?', 1)[0] ?? ''}`, req, res)) next();
    },
  };
}

function readAsset(name: string, extension: string, contentType: string): Asset {
  const content = readFileSync(new URL(`${name}.${extension}`, PUBLIC));
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 12);
  return { file: `${name}.${hash}.${extension}`, contentType, content };
}

function sendAsset(req: IncomingMessage, res: ServerResponse, asset: Asset): boolean {
  if (req.method !== 'GET' && req.method !== 'HEAD') {
    res.setHeader('Allow', 'GET, HEAD');
    throw new GatewayError('method_not_allowed', 'This address takes GET and HEAD only.');
  }
  protectResponse(req, res);
  // The name changes with the content.
  const headers = {
    'Content-Type': asset.contentType,
    'Cache-Control': 'public, max-age=31536000, immutable',
  };
  return finishResponse(req, res, 200, headers, asset.content);
}
