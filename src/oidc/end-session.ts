import { buildEndSessionUrl } from 'openid-client';
import type { Client } from './client.ts';

/**
 * The address that ends the person's login at the provider, and with it their other logins there (OpenID Connect
 * RP-Initiated Logout 1.0). Undefined when the provider has none.
 *
 * @param returnTo Checked address to which the provider sends the browser afterwards; it has to be registered there.
 * @throws GatewayError `provider_unavailable`, `provider_error`.
 */
export async function endSessionUrl(client: Client, returnTo: string): Promise<string | undefined> {
  const { end_session_endpoint } = await client.metadata();
  if (end_session_endpoint === undefined) return undefined;
  const configuration = await client.configure();
  return buildEndSessionUrl(configuration, { post_logout_redirect_uri: returnTo }).href;
}
