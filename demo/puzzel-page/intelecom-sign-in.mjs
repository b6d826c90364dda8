const LEFT = 'intelecomchat_signin';

/** The mapping says which claims are wanted; one of them has a scope of its own. */
function scopeFor({ authMapping = {} }) {
  return 'national_id' in authMapping ? 'openid profile signicat.national_id' : 'openid profile';
}

async function authorizeEndpoint({ authEndpoint }) {
  const response = await fetch(`${authEndpoint}/.well-known/openid-configuration`);
  return (await response.json()).authorization_endpoint;
}

/** Takes the page to the provider, which sends the browser to the API's redirect address, and that back here. */
export async function leaveForSignIn(api, settings) {
  const [endpoint, state] = await Promise.all([authorizeEndpoint(settings), api.authState(settings)]);
  const address = new URL(endpoint);
  address.search = new URLSearchParams({
    response_type: 'code',
    client_id: settings.authClientId,
    redirect_uri: `${api.base}/auth/redirect`,
    scope: scopeFor(settings),
    state,
  });
  sessionStorage.setItem(LEFT, '1');
  location.assign(address);
}

/**
 * What a sign-in has brought, taken out of the address, so that a reload runs no second one.
 *
 * @returns {{authCode: string | undefined} | undefined} undefined when the page was opened in another way
 */
export function returnedFromSignIn() {
  const address = new URL(location.href);
  const authCode = address.searchParams.get('authCode') ?? undefined;
  const left = sessionStorage.getItem(LEFT) !== null;
  sessionStorage.removeItem(LEFT);
  if (authCode === undefined) return left ? { authCode } : undefined;
  address.searchParams.delete('authCode');
  history.replaceState(history.state, '', address);
  return { authCode };
}
