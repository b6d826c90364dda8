import type { IncomingMessage, ServerResponse } from 'node:http';
import helmet from 'helmet';

const NONE = ["'none'"];
const SELF = ["'self'"];

/** Browser features that no page of the gateway uses; helmet has no option for this header. */
const PERMISSIONS_POLICY = [
  'accelerometer',
  'browsing-topics',
  'camera',
  'display-capture',
  'geolocation',
  'gyroscope',
  'magnetometer',
  'microphone',
  'midi',
  'payment',
  'usb',
]
  .map((feature) => `${feature}=()`)
  .join(', ');

const common = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: NONE,
      styleSrc: SELF,
      scriptSrc: SELF,
      imgSrc: SELF,
      formAction: SELF,
      baseUri: NONE,
      frameAncestors: NONE,
    },
  },
  // A redirect that carries it cuts `window.opener` as surely as a page does, so it is a page's own: see `Page.headers`.
  crossOriginOpenerPolicy: false,
  crossOriginResourcePolicy: { policy: 'same-origin' },
  // The upstream's pages on this origin do not ask for it, and an origin has to be of one mind.
  originAgentCluster: false,
  referrerPolicy: { policy: 'no-referrer' },
  strictTransportSecurity: false,
  xFrameOptions: { action: 'deny' },
});

const transportSecurity = helmet.strictTransportSecurity({
  maxAge: 365 * 24 * 60 * 60,
  // What lives below the gateway's host is not the gateway's to decide.
  includeSubDomains: false,
});

/**
 * Puts the headers onto one response of the gateway's own, before anything is written; then calls `next`, where there is
 * one, so that it is Express middleware too. Never for proxied answers.
 */
export type SecurityHeaders = (req: IncomingMessage, res: ServerResponse, next?: () => void) => void;

/**
 * The security headers of every answer that the gateway itself gives: page, problem, JSON, redirect, asset; with HSTS
 * when `publicOrigin` is https (RFC 6797, section 7.2), unless the host has set its own.
 */
export function createSecurityHeaders(settings: { readonly publicOrigin: string }): SecurityHeaders {
  const https = settings.publicOrigin.startsWith('https:');
  return function securityHeaders(req, res, next): void {
    protectResponse(req, res);
    if (https && !res.hasHeader('Strict-Transport-Security')) transportSecurity(req, res, done);
    next?.();
  };
}

/**
 * The same without HSTS, so without settings. With the headers goes `Cache-Control: no-store`, which only an asset
 * replaces. A Cross-Origin-Opener-Policy that a host has set is taken off, since a popup login would lose its opener to
 * a redirect that carries one; `sendPage` sets the page's own.
 */
export function protectResponse(req: IncomingMessage, res: ServerResponse): void {
  common(req, res, done);
  res.removeHeader('Cross-Origin-Opener-Policy');
  res.setHeader('Permissions-Policy', PERMISSIONS_POLICY);
  res.setHeader('Cache-Control', 'no-store');
}

/** Helmet's passes run synchronously, one after the other. */
function done(error?: unknown): void {
  if (error !== undefined) throw new TypeError('A security header could not be made', { cause: error });
}
