import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { decodeJwt } from 'jose';
import * as client from 'openid-client';
import { closeServer, reservePort, type Reserved } from '../../demo/ports.ts';
import { PEOPLE } from '../../demo/sandbox-provider/people.ts';
import { createSandboxProvider } from '../../demo/sandbox-provider/provider.ts';
import { VisitorBrowser } from '../../demo/visitor-browser.ts';

const REDIRECT = 'http://localhost:9/callback';
let provider: Reserved;
let portal: client.Configuration;
let chat: client.Configuration;

before(async () => {
  provider = await reservePort({ name: 'provider', port: 0 });
  const clients = ['bank-portal', 'puzzelchatssodev'].map((clientId) => ({
    clientId,
    clientName: clientId,
    clientSecret: `secret-of-${clientId}`,
    redirectUri: REDIRECT,
    postLogoutRedirectUri: REDIRECT,
  }));
  provider.answerWith(await createSandboxProvider({ origin: provider.origin, clients }));
  const discover = (clientId: string) =>
    client.discovery(
      new URL(`${provider.origin}/oidc`),
      clientId,
      undefined,
      client.ClientSecretBasic(`secret-of-${clientId}`),
      // eslint-disable-next-line @typescript-eslint/no-deprecated -- plain http, on loopback
      { execute: [client.allowInsecureRequests, client.enableNonRepudiationChecks] },
    );
  [portal, chat] = await Promise.all([discover('bank-portal'), discover('puzzelchatssodev')]);
});
after(() => closeServer(provider.server));

const verifier = client.randomPKCECodeVerifier();

async function authorize(of: client.Configuration, extra: Record<string, string>): Promise<string> {
  return client.buildAuthorizationUrl(of, {
    redirect_uri: REDIRECT,
    scope: 'openid profile address signicat.national_id nin',
    state: 's',
    nonce: 'n',
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    ...extra,
  }).href;
}

/** Follows redirects until the client's own address, which nobody serves. */
async function walk(browser: VisitorBrowser, url: string): Promise<URL> {
  let next = url;
  for (let step = 0; step < 10 && !next.startsWith(REDIRECT); step += 1) {
    const page = await browser.call(next);
    next = new URL(page.headers.get('location') ?? assert.fail(`${page.status} at ${next}`), next).href;
  }
  return new URL(next);
}

async function logIn(browser: VisitorBrowser, person: string): Promise<URL> {
  const page = await browser.open(await authorize(portal, {}));
  assert.match(page.text, /\(simulated\)/);
  const posted = await browser.call(page.url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    body: `person=${person}`,
  });
  return walk(browser, posted.headers.get('location') ?? '');
}

async function redeem(of: client.Configuration, callback: URL) {
  const tokens = await client.authorizationCodeGrant(of, callback, {
    expectedState: 's',
    expectedNonce: 'n',
    pkceCodeVerifier: verifier,
  });
  const idToken = decodeJwt(tokens.id_token ?? '');
  return {
    tokens,
    idToken,
    userinfo: await client.fetchUserInfo(of, tokens.access_token, idToken.sub ?? ''),
  };
}

test('nobody logged in: prompt=none comes back as login_required', async () => {
  const callback = await walk(new VisitorBrowser(), await authorize(chat, { prompt: 'none' }));
  assert.equal(callback.searchParams.get('error'), 'login_required');
});

test('every test person logs in at the portal, and the chat then needs no login page', async () => {
  for (const person of PEOPLE) {
    const browser = new VisitorBrowser();
    const atPortal = await redeem(portal, await logIn(browser, person.id));
    const atChat = await redeem(chat, await walk(browser, await authorize(chat, { prompt: 'none' })));
    assert.equal(atChat.userinfo.name, `${person.givenName} ${person.familyName}`);
    assert.equal(atChat.userinfo['signicat.national_id'], person.nationalId);
    assert.equal(atChat.userinfo['nin'], person.nationalId);
    assert.equal(atChat.userinfo.birthdate, person.birthdate);
    assert.match(atChat.userinfo.address?.formatted ?? '', new RegExp(`${person.street}\n`));
    assert.match(String(atChat.idToken['acr']), new RegExp(`method:${person.eid}$`));
    assert.notEqual(atPortal.idToken.sub, atChat.idToken.sub, 'sub differs per client');
  }
});

test('personal claims come from userinfo only; acr, amr and auth_time stand in the ID token', async () => {
  const browser = new VisitorBrowser();
  const { idToken } = await redeem(portal, await logIn(browser, 'paivi'));
  assert.deepEqual(idToken['amr'], ['pwd', 'otp']);
  assert.equal(typeof idToken['auth_time'], 'number');
  assert.doesNotMatch(JSON.stringify(idToken), /Päivi|070770/);
});

test('an eID that the client asks for is the only one offered', async () => {
  const open = async (acr: string) =>
    (await new VisitorBrowser().open(await authorize(chat, { acr_values: acr }))).text;
  const asked = await open('urn:signicat:oidc:method:sbid');
  assert.match(asked, /Göran/);
  assert.doesNotMatch(asked, /Choose an eID/);
  assert.match(await open('urn:unknown'), /Choose an eID/);
});

test('a person who cancels comes back with access_denied', async () => {
  const browser = new VisitorBrowser();
  const page = await browser.open(await authorize(chat, {}));
  const cancelled = await browser.call(`${page.url}/cancel`, { method: 'POST' });
  const callback = await walk(browser, cancelled.headers.get('location') ?? '');
  assert.equal(callback.searchParams.get('error'), 'access_denied');
});

test('after the log-out at the provider nobody is logged in any more', async () => {
  const browser = new VisitorBrowser();
  const { tokens } = await redeem(portal, await logIn(browser, 'soren'));
  const page = await browser.open(
    client.buildEndSessionUrl(portal, {
      id_token_hint: tokens.id_token ?? '',
      post_logout_redirect_uri: REDIRECT,
    }).href,
  );
  const [, action = ''] = /action="([^"]+)"/.exec(page.text) ?? [];
  const [, xsrf = ''] = /name="xsrf" value="([^"]+)"/.exec(page.text) ?? [];
  const ended = await browser.call(action, {
    method: 'POST',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ xsrf, logout: 'yes' }).toString(),
  });
  assert.equal(ended.headers.get('location'), REDIRECT);
  const callback = await walk(browser, await authorize(chat, { prompt: 'none' }));
  assert.equal(callback.searchParams.get('error'), 'login_required');
});

test('a login page that is too old, or of another browser, says so', async () => {
  const page = await new VisitorBrowser().open(`${provider.origin}/login/unknown`);
  assert.equal(page.status, 400);
  assert.match(page.text, /too old/);
});
