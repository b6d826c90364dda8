import {
  buildAuthorizationUrl,
  buildAuthorizationUrlWithJAR,
  buildAuthorizationUrlWithPAR,
  type Configuration,
} from 'openid-client';
import type { Client } from './client.ts';
import { importSigningKey } from './keys.ts';
import { providerFailure } from './provider-failure.ts';

/**
 * The address to which the browser is sent with an authorization request: its parameters in the query, in a signed
 * request object (RFC 9101), pushed beforehand (RFC 9126), or both of these, as the connection says.
 *
 * @throws GatewayError `provider_unavailable`, `provider_error`.
 */
export async function authorizationUrl(client: Client, parameters: URLSearchParams): Promise<URL> {
  const { requestSigningKey, pushedRequests } = client.connection;
  const configuration = await client.configure();
  try {
    const signed =
      requestSigningKey === undefined
        ? parameters
        : await requestObject(configuration, parameters, await importSigningKey(requestSigningKey));
    if (pushedRequests) return await buildAuthorizationUrlWithPAR(configuration, signed);
    return buildAuthorizationUrl(configuration, signed);
  } catch (error) {
    throw providerFailure(error, 'The authorization request was not accepted by the provider.');
  }
}

async function requestObject(
  configuration: Configuration,
  parameters: URLSearchParams,
  key: Awaited<ReturnType<typeof importSigningKey>>,
): Promise<URLSearchParams> {
  const { searchParams } = await buildAuthorizationUrlWithJAR(configuration, parameters, key);
  const request = searchParams.get('request') ?? '';
  return new URLSearchParams({ client_id: configuration.clientMetadata().client_id, request });
}
