import { z } from 'zod';
import { adminOidcSchema } from './admin-oidc-options.ts';
import { list } from './option-kinds.ts';

/** Who may administer, and how they sign in. Without any way to sign in there is no administration. */
export const adminSchema = z.strictObject({
  /** Hashes of administrators' tokens, each `role:name:hash`: an array or a comma list. Default: none, nobody signs in by a token. */
  tokenHash: list(
    "Hashes of administrators' tokens, each `role:name:hash`: an array or a comma list. Default: none, nobody signs in by a token.",
  ),
  /** Sign-in by OpenID Connect. Default: none. */
  oidc: adminOidcSchema.optional().describe('Sign-in by OpenID Connect. Default: none.'),
});

/** What administrators may do: `viewer` reads, `administrator` changes too. */
export const ADMIN_ROLES = ['viewer', 'administrator'] as const;
