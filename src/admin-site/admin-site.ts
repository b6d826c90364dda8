import { Router, type RequestHandler } from 'express';
import { createAdminTokens } from '../admin/admin-tokens.ts';
import type { Administration } from '../admin/administration.ts';
import { hasAdminSignIn } from '../config/admin-tokens.ts';
import type { Runtime, RuntimeSource } from '../middleware/runtime.ts';
import type { SignIns } from './actor.ts';
import { adminPages } from './admin-pages.ts';
import { adminApi } from './api/api.ts';
import { pageParts } from './page-parts.ts';

/** A gateway that is administered. */
export interface Administered extends RuntimeSource {
  readonly administration: Administration;
}

/** What all of `/admin` works with, whatever the configuration of the moment. */
export interface SiteParts {
  readonly administration: Administration;
  readonly signIns: SignIns;
}

/**
 * Everything below `/admin`, for the runtime of a request. Undefined for a gateway that nobody can sign in to: then there is
 * nothing below it.
 */
export function createAdminSite({
  current,
  administration,
}: Administered): ((runtime: Runtime) => RequestHandler) | undefined {
  const { config, audit } = current;
  if (!hasAdminSignIn(config.admin)) return undefined;
  const tokens = createAdminTokens({ tokens: config.admin.tokens, audit });
  const pages = pageParts(current);
  const parts = { administration, ...pages, signIns: { tokens, sessions: pages.sessions } };
  return (runtime) => {
    const site = Router({ caseSensitive: false });
    site.use('/api', adminApi(runtime, parts));
    site.use(adminPages(runtime, parts));
    return site;
  };
}
