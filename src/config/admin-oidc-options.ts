import { z } from 'zod';
import { connectionShape } from './connection-options.ts';
import { list, text } from './option-kinds.ts';

const requiredClaim = (role: string) =>
  z
    .strictObject({
      /** Name of the claim, dotted where it lies inside another one. Required. */
      name: text(200).describe('Name of the claim, dotted where it lies inside another one. Required.'),
      /** Values of which one suffices: an array or a comma list. Required. */
      values: list('Values of which one suffices: an array or a comma list. Required.'),
    })
    .optional()
    .describe(`What makes somebody ${role}. Default: nothing does.`);

const { authClientId, authEndpoint, authClientSecret, authScope, authAcrValues, authTokenAuthMethod } =
  connectionShape;

/** How administrators sign in by OpenID Connect; keys named alike mean the same as in a connection. */
export const adminOidcSchema = z.strictObject({
  /** Client id that the provider issued. Required. */
  authClientId,
  /** Issuer: the address whose discovery document is read. https, or http on loopback. Required. */
  authEndpoint,
  /** Client secret. Secret. Default: none, a public client with PKCE alone. */
  authClientSecret,
  /** Scopes, separated by blanks; `openid` is added when it is missing. Default: `openid profile`. */
  authScope,
  /** Authentication context classes to ask for, separated by blanks. Default: none, the parameter is left out. */
  authAcrValues,
  /** How the client secret is sent to the token endpoint. Default: `client_secret_basic`. */
  authTokenAuthMethod,
  /** Claim by which settings and audit record name the administrator; `sub` where it is absent. Default: `preferred_username`. */
  nameClaim: text(200)
    .optional()
    .meta({ default: 'preferred_username' })
    .describe(
      'Claim by which settings and audit record name the administrator; `sub` where it is absent. Default: `preferred_username`.',
    ),
  /** What a person needs to have to be let in, by role; at least one of the two. Required. */
  requiredClaims: z
    .strictObject({
      /** What makes somebody an administrator. Default: nothing does. */
      administrator: requiredClaim('an administrator'),
      /** What makes somebody a viewer. Default: nothing does. */
      viewer: requiredClaim('a viewer'),
    })
    .describe('What a person needs to have to be let in, by role; at least one of the two. Required.'),
});
