import { connectionId } from './connection-id.ts';
import type { ConnectionOptions } from './connection-options.ts';
import { readAddress, type AddressRules } from './addresses.ts';
import { DEFAULTS } from './defaults.ts';
import type { Connection } from './gateway-config.ts';
import { readDecryptionKeys, readSigningKey } from './jwks.ts';
import { readMapping } from './mapping.ts';
import { listParts } from './option-kinds.ts';
import { formatPath, type Path, type Report } from './problems.ts';
import { readPrompt, readScope } from './request-parameters.ts';
import type { Sifted } from './shape.ts';

const defaults = DEFAULTS.connection;

/** Overriding keys of a connection and the metadata members (OpenID Connect Discovery 1.0 section 3) they replace. */
const OVERRIDES = [
  ['authIssuer', 'issuer'],
  ['authAuthorizationEndpoint', 'authorization_endpoint'],
  ['authTokenEndpoint', 'token_endpoint'],
  ['authUserinfoEndpoint', 'userinfo_endpoint'],
  ['authJwksUri', 'jwks_uri'],
  ['authEndSessionEndpoint', 'end_session_endpoint'],
] as const;

/**
 * One connection, vendor names renamed. `path` is where its keys stand: `customers[i].connections[j]`, or the root in the
 * four-line form. Missing keys are the schema's business; they become empty texts here, which never leave, since a
 * configuration with problems is thrown away.
 */
export function readConnection(
  options: Sifted<ConnectionOptions>,
  customerKey: string,
  path: Path,
  report: Report,
): Connection {
  const name = options.authConnectionName ?? '';
  const maskedClaims = listParts(options.maskedClaims, ';');
  const pseudonymizedClaims = listParts(options.pseudonymizedClaims, ';');
  warnOfGaps(options, path, report);
  const verifier = {
    customerKey,
    name,
    clientId: options.authClientId ?? '',
    endpoint: readEndpoint(options.authEndpoint, [...path, 'authEndpoint'], report),
    overrides: readOverrides(options, path, report),
  };
  return {
    id: connectionId(verifier),
    ...verifier,
    clientSecret: options.authClientSecret,
    scope: readScope(options.authScope ?? defaults.authScope, [...path, 'authScope'], report),
    acrValues: options.authAcrValues?.trim().replace(/\s+/g, ' '),
    tokenAuthMethod: options.authTokenAuthMethod ?? defaults.authTokenAuthMethod,
    prompt: readPrompt(options.authPrompt, [...path, 'authPrompt'], report),
    codeRedemption: options.codeRedemption ?? defaults.codeRedemption,
    mapping: readMapping(
      options.authMapping,
      { maskedClaims, pseudonymizedClaims },
      [...path, 'authMapping'],
      report,
    ),
    maskedClaims,
    pseudonymizedClaims,
    decryptionKeys: readDecryptionKeys(options.authDecryptionKeys, [...path, 'authDecryptionKeys'], report),
    requestSigningKey: readSigningKey(
      options.authRequestSigningKey,
      [...path, 'authRequestSigningKey'],
      report,
    ),
    pushedRequests: options.authPushedRequests ?? defaults.authPushedRequests,
    clockToleranceSeconds: options.clockToleranceSeconds ?? defaults.clockToleranceSeconds,
  };
}

function warnOfGaps(options: Sifted<ConnectionOptions>, path: Path, report: Report): void {
  const place = (key: keyof ConnectionOptions): string => formatPath([...path, key]);
  if (!Object.hasOwn(options, 'authClientSecret')) {
    report.warn(
      `${place('authClientSecret')} is not set: this client must be public at the provider (PKCE alone)`,
    );
  }
  if (!Object.hasOwn(options, 'authMapping')) {
    report.warn(`${place('authMapping')} is not set: the upstream learns no claim of the visitor`);
  }
}

function readEndpoint(value: string | undefined, path: Path, report: Report): string {
  const url = readAddress(value, path, report);
  if (url?.pathname.includes('/.well-known/') === true) {
    report.problem(path, 'the issuer, not its discovery document', 'leave out /.well-known and what follows');
  }
  return url?.href.replace(/\/+$/, '') ?? '';
}

function readOverrides(
  options: Sifted<ConnectionOptions>,
  path: Path,
  report: Report,
): Connection['overrides'] {
  return Object.fromEntries(
    OVERRIDES.flatMap(([key, member]) => {
      const value = options[key];
      const rules: AddressRules = { query: member !== 'issuer' };
      const url = readAddress(value, [...path, key], report, rules);
      if (url === undefined || value === undefined) return [];
      // RFC 8414 section 3.3: issuers are compared as text, so what was written stays.
      return [[member, member === 'issuer' ? value : url.href]];
    }),
  );
}
