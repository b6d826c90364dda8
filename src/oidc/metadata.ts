import type { ServerMetadata } from 'openid-client';
import { isLoopbackHost } from '../config/addresses.ts';
import type { Connection } from '../config/gateway-config.ts';
import { providerError } from './provider-failure.ts';

/** What the gateway needs to know of a provider: checked, overridden, and nothing else of its document. */
export type ProviderMetadata = ServerMetadata & {
  readonly authorization_endpoint: string;
  readonly token_endpoint: string;
  readonly jwks_uri: string;
};

/** Signature algorithms taken for ID tokens and userinfo: those whose verification key is public. Never none, never HS. */
const SIGNATURE_ALGORITHMS: readonly string[] = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];

const REQUIRED = ['authorization_endpoint', 'token_endpoint', 'jwks_uri'] as const;
const OPTIONAL = [
  'userinfo_endpoint',
  'end_session_endpoint',
  'pushed_authorization_request_endpoint',
] as const;

/** True when the configuration alone says where everything is, so that no document is needed. */
export function isCompletelyOverridden({ overrides }: Connection): boolean {
  return REQUIRED.every((name) => overrides[name] !== undefined);
}

/**
 * The provider's metadata from its discovery document (OpenID Connect Discovery 1.0, section 4) and the connection's
 * overrides. The document's issuer has to be the connection's; addresses are https, or http on a loopback provider.
 *
 * @param document The parsed document; undefined when there is none and the overrides suffice.
 * @throws GatewayError `provider_error`.
 */
export function readMetadata(document: unknown, connection: Connection): ProviderMetadata {
  const told = document === undefined ? {} : membersOf(document);
  const members: Record<string, unknown> = { ...told, ...connection.overrides };
  const issuer = issuerOf(document === undefined ? connection.endpoint : told.issuer, connection);
  const [authorization_endpoint, token_endpoint, jwks_uri] = REQUIRED.map((name) => {
    const address = addressOf(name, members[name], connection);
    if (address === undefined) throw providerError(`The discovery document does not say the ${name}.`);
    return address;
  }) as [string, string, string];
  const optional = OPTIONAL.map((name) => [name, addressOf(name, members[name], connection)] as const);
  return {
    issuer,
    authorization_endpoint,
    token_endpoint,
    jwks_uri,
    ...Object.fromEntries(optional.filter(([, address]) => address !== undefined)),
    id_token_signing_alg_values_supported: algorithms(members.id_token_signing_alg_values_supported),
    userinfo_signing_alg_values_supported: algorithms(members.userinfo_signing_alg_values_supported),
    authorization_response_iss_parameter_supported:
      members.authorization_response_iss_parameter_supported === true,
  };
}

/** True for the http addresses of this machine. */
export function isLoopbackHttp(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, hostname } = new URL(address);
  return protocol === 'http:' && isLoopbackHost(hostname);
}

function membersOf(document: unknown): Record<string, unknown> {
  if (typeof document === 'object' && document !== null && !Array.isArray(document)) return { ...document };
  throw providerError('The discovery document is not a JSON object.');
}

function issuerOf(told: unknown, { endpoint, overrides }: Connection): string {
  const accepted = [endpoint, ...(overrides.issuer === undefined ? [] : [overrides.issuer])];
  if (typeof told !== 'string' || !accepted.some((issuer) => bare(issuer) === bare(told))) {
    throw providerError('The discovery document names another issuer than the configuration.');
  }
  const { issuer } = overrides;
  // a slash at the end is the only liberty: the provider's own spelling is what its tokens carry
  return issuer === undefined || bare(issuer) === bare(told) ? told : issuer;
}

function bare(issuer: string): string {
  return issuer.endsWith('/') ? issuer.slice(0, -1) : issuer;
}

function addressOf(name: string, value: unknown, connection: Connection): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string' || !URL.canParse(value))
    throw providerError(`The provider's ${name} is no address.`);
  const secure = new URL(value).protocol === 'https:';
  // only a provider on this machine may send calls to this machine in clear
  if (!secure && !(isLoopbackHttp(value) && isLoopbackHttp(connection.endpoint))) {
    throw providerError(`The provider's ${name} is not https.`);
  }
  return value;
}

function algorithms(told: unknown): string[] {
  if (!Array.isArray(told)) return [...SIGNATURE_ALGORITHMS];
  return SIGNATURE_ALGORITHMS.filter((name) => told.includes(name));
}
