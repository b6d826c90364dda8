import { performance } from 'node:perf_hooks';
import type { Administrator } from '../admin/administrator.ts';
import type { AdminConfig } from '../config/admin-tokens.ts';
import type { Runtime } from '../middleware/runtime.ts';
import type { SiteParts } from './admin-site.ts';
import { createHealth, type Health } from './health.ts';
import { createOidcSignIn, type OidcSignIn } from './oidc-sign-in.ts';
import { createAdminSessions, type AdminSessions } from './sessions.ts';
import { createAdminRender, type AdminRender } from './templates.ts';

/** What the pages stand on, whatever the configuration of the moment. */
export interface PageParts {
  readonly sessions: AdminSessions;
  /** Undefined where nobody signs in by OpenID Connect. */
  readonly oidc: OidcSignIn | undefined;
  readonly health: Health;
  /** Identities of visitors that are kept now, ten seconds old at most. */
  readonly countVerified: () => Promise<number>;
  readonly render: AdminRender;
}

/** What pages work with. */
export type PagesParts = SiteParts & PageParts;

/** Counting goes through the whole store. */
const COUNTED_MS = 10_000;

/** The parts of one gateway's pages. */
export function pageParts({ config, stores: { state, sealer } }: Runtime): PageParts {
  const { admin, secureCookies, publicUrl, routePrefix, providerTimeoutMs: timeoutMs } = config;
  const redirectUri = new URL(`${publicUrl}${routePrefix}/admin/callback`).href;
  return {
    sessions: createAdminSessions({
      state,
      sealer,
      secureCookies,
      isStill: (administrator) => isStill(admin, administrator),
    }),
    oidc:
      admin.oidc &&
      createOidcSignIn({ oidc: admin.oidc, state, sealer, secureCookies, redirectUri, timeoutMs }),
    health: createHealth({ timeoutMs }),
    countVerified: createCount(() => state.tally('identity')),
    render: createAdminRender(),
  };
}

function createCount(count: () => Promise<number>): () => Promise<number> {
  let last: { readonly at: number; readonly counted: Promise<number> } | undefined;
  return () => {
    if (last === undefined || performance.now() - last.at > COUNTED_MS) {
      const counted = count();
      last = { at: performance.now(), counted };
      counted.catch(() => {
        last = undefined;
      });
    }
    return last.counted;
  };
}

/** A token that is no longer in the configuration, or has another role by now, ends the sessions that it began. */
function isStill({ tokens, oidc }: AdminConfig, { name, role, how }: Administrator): boolean {
  if (how === 'token') return tokens.some((token) => token.name === name && token.role === role);
  return oidc?.requiredClaims.some((claim) => claim.role === role) === true;
}
