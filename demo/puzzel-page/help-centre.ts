import path from 'node:path';
import express, { type Express } from 'express';
import { assets } from '../page/assets.ts';
import { pageHeaders } from '../page/html-page.ts';
import { helpPage, type HelpPageParts } from './page.ts';
import { chatScript, type PuzzelSettings } from './settings.ts';

/** What the site is told at its start. */
export interface HelpCentreOptions extends Omit<HelpPageParts, 'script'> {
  readonly settings: PuzzelSettings;
}

const PORTAL_ASSETS = path.join(import.meta.dirname, '../portal');

/** The customer's page: made for Puzzel's servers, with the vendor's four settings and a widget that plays the vendor's. */
export function createHelpCentre({ settings, ...parts }: HelpCentreOptions): Express {
  const script = chatScript(settings);
  const { authEndpoint } = settings;
  const asked = [parts.api, ...(authEndpoint === undefined ? [] : [authEndpoint])].map(
    (address) => new URL(address).origin,
  );
  const app = express();
  app.disable('x-powered-by');
  app.use(assets(import.meta.dirname), assets(PORTAL_ASSETS));
  app.get('/', pageHeaders(), (_request, response) => {
    const policy = response.get('Content-Security-Policy') ?? '';
    const askingToo = `connect-src 'self' ${asked.join(' ')}`;
    response.set('Content-Security-Policy', policy.replace("connect-src 'self'", askingToo));
    response.send(helpPage({ ...parts, script }));
  });
  app.get('/chat.mjs', (_request, response) => {
    response.type('text/javascript').send(script);
  });
  return app;
}
