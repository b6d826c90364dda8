import { z } from 'zod';
import { DEFAULTS } from './defaults.ts';
import { flag, jwk, jwks, list, text, wholeNumber } from './option-kinds.ts';

const defaults = DEFAULTS.connection;

const mappingEntrySchema = z.strictObject({
  /** How the claim reaches the agent: `Variable` (a named value), `ChatId` (the visitor's id) or `NickName`. */
  MapType: z
    .enum(['Variable', 'ChatId', 'NickName'])
    .describe(
      "How the claim reaches the agent: `Variable` (a named value), `ChatId` (the visitor's id) or `NickName`.",
    ),
  /** What the agent's screen calls the value. Default: none. */
  Description: z.string().optional().describe("What the agent's screen calls the value. Default: none."),
});

/**
 * Keys of one connection, as they stand in `customers[].connections[]` and, in the four-line form, at the top level.
 * The first four are the vendor's own.
 */
export const connectionShape = {
  /** Name of the connection, which secure queues refer to. Required. */
  authConnectionName: text(200).describe('Name of the connection, which secure queues refer to. Required.'),
  /** Client id that the provider issued. Required. */
  authClientId: text(500).describe('Client id that the provider issued. Required.'),
  /** Issuer: the address whose discovery document is read. https, or http on loopback. Required. */
  authEndpoint: text().describe(
    'Issuer: the address whose discovery document is read. https, or http on loopback. Required.',
  ),
  /** Claims that reach the agent, in order, and how. Default: none. */
  authMapping: z
    .record(z.string(), mappingEntrySchema)
    .optional()
    .describe('Claims that reach the agent, in order, and how. Default: none.'),
  /** Client secret. Secret. Default: none, a public client with PKCE alone. */
  authClientSecret: text()
    .optional()
    .describe('Client secret. Secret. Default: none, a public client with PKCE alone.'),
  /** Scopes, separated by blanks; `openid` is added when it is missing. Default: `openid profile`. */
  authScope: text()
    .optional()
    .meta({ default: defaults.authScope })
    .describe(
      'Scopes, separated by blanks; `openid` is added when it is missing. Default: `openid profile`.',
    ),
  /** Authentication context classes to ask for, separated by blanks. Default: none, the parameter is left out. */
  authAcrValues: text()
    .optional()
    .describe(
      'Authentication context classes to ask for, separated by blanks. Default: none, the parameter is left out.',
    ),
  /** How the client secret is sent to the token endpoint. Default: `client_secret_basic`. */
  authTokenAuthMethod: z
    .enum(['client_secret_basic', 'client_secret_post'])
    .optional()
    .meta({ default: defaults.authTokenAuthMethod })
    .describe('How the client secret is sent to the token endpoint. Default: `client_secret_basic`.'),
  /** The `prompt` of a login that is not interactive; `off`, an empty text, `false` or `null` leaves it out. Default: `none`. */
  authPrompt: z
    .union([z.string(), z.literal(false), z.null()], { error: 'text, false or null' })
    .optional()
    .meta({ default: defaults.authPrompt })
    .describe(
      'The `prompt` of a login that is not interactive; `off`, an empty text, `false` or `null` leaves it out. Default: `none`.',
    ),
  /** When the code is redeemed: by the first secure-queue request, or at once. Default: `queue-entry`. */
  codeRedemption: z
    .enum(['queue-entry', 'callback'])
    .optional()
    .meta({ default: defaults.codeRedemption })
    .describe(
      'When the code is redeemed: by the first secure-queue request, or at once. Default: `queue-entry`.',
    ),
  /** Claims masked beside the national id's own names: a semicolon list or an array. Default: none. */
  maskedClaims: list(
    "Claims masked beside the national id's own names: a semicolon list or an array. Default: none.",
  ),
  /** Claims that become a keyed pseudonym, stable per customer: a semicolon list or an array. Default: none. */
  pseudonymizedClaims: list(
    'Claims that become a keyed pseudonym, stable per customer: a semicolon list or an array. Default: none.',
  ),
  /** Private JWKs that open encrypted ID tokens and userinfo: an array or `{ keys: [] }`. Secret. Default: none. */
  authDecryptionKeys: jwks(
    'Private JWKs that open encrypted ID tokens and userinfo: an array or `{ keys: [] }`. Secret. Default: none.',
  ),
  /** Private JWK that signs authorization requests. Secret. Default: none, requests are not signed. */
  authRequestSigningKey: jwk
    .optional()
    .describe(
      'Private JWK that signs authorization requests. Secret. Default: none, requests are not signed.',
    ),
  /** Pushes authorization requests to the provider (RFC 9126). Default: `false`. */
  authPushedRequests: flag()
    .optional()
    .meta({ default: defaults.authPushedRequests })
    .describe('Pushes authorization requests to the provider (RFC 9126). Default: `false`.'),
  /** Clock difference that ID tokens may show, in seconds. Default: `120`. */
  clockToleranceSeconds: wholeNumber(0, 600)
    .optional()
    .meta({ default: defaults.clockToleranceSeconds })
    .describe('Clock difference that ID tokens may show, in seconds. Default: `120`.'),
  /** Overrides `issuer` of the discovery document. Default: as discovered. */
  authIssuer: text()
    .optional()
    .describe('Overrides `issuer` of the discovery document. Default: as discovered.'),
  /** Overrides `authorization_endpoint`. Default: as discovered. */
  authAuthorizationEndpoint: text()
    .optional()
    .describe('Overrides `authorization_endpoint`. Default: as discovered.'),
  /** Overrides `token_endpoint`. Default: as discovered. */
  authTokenEndpoint: text().optional().describe('Overrides `token_endpoint`. Default: as discovered.'),
  /** Overrides `userinfo_endpoint`. Default: as discovered. */
  authUserinfoEndpoint: text().optional().describe('Overrides `userinfo_endpoint`. Default: as discovered.'),
  /** Overrides `jwks_uri`. Default: as discovered. */
  authJwksUri: text().optional().describe('Overrides `jwks_uri`. Default: as discovered.'),
  /** Overrides `end_session_endpoint`. Default: as discovered. */
  authEndSessionEndpoint: text()
    .optional()
    .describe('Overrides `end_session_endpoint`. Default: as discovered.'),
};

/** One entry of `customers[].connections[]`. */
export const connectionSchema = z.strictObject(connectionShape);

/** A connection as a user may write it. */
export type ConnectionOptions = z.input<typeof connectionSchema>;
