import { once } from 'node:events';
import { openRaw, rawRequest } from '../support/raw-client.ts';
import type { Behaviour, Provider } from '../support/provider.ts';
import type { UpstreamHandler } from '../support/upstream.ts';
import { echoing, NATIONAL_ID, Recorder } from './g3-canaries.ts';

/** What every secret that a client sends begins with. */
export const CLIENT_MARK = 'canary-client';

/** A person whose id stands in many of its claims. */
export const person = {
  sub: `no:${NATIONAL_ID}`,
  name: 'Kari 170290 12345',
  given_name: 'Kari 170290-12345',
  email: `${NATIONAL_ID}@bank.example`,
  acr: `urn:nbid:${NATIONAL_ID}`,
  amr: ['nbid', NATIONAL_ID],
  'signicat.national_id': NATIONAL_ID,
};

/** Answers 200 without a word of what it was sent, or fails in one of the ways that a chat server has. */
export const upstream: UpstreamHandler = (req, res) => {
  const path = req.url!;
  if (path.includes('reset')) req.socket.destroy();
  else if (path.includes('garbage')) req.socket.end(`HTTP/9.9 ${JSON.stringify(req.rawHeaders)}\r\n\r\n`);
  else if (path.includes('half')) {
    res.writeHead(200, { 'content-length': 1000 }).write('half');
    setImmediate(() => req.socket.destroy());
  } else if (!path.includes('silent')) req.resume().on('end', () => res.end('ok'));
};

/** Where the flows go. */
export interface Rig {
  readonly url: string;
  readonly provider: Provider;
  /** Called whenever something new may be in the store. */
  readonly checkpoint: () => Promise<void>;
}

/** Every flow, the good ones and all failures; the browsers that took part. */
export async function everyFlow(rig: Rig): Promise<Recorder[]> {
  const browsers: Recorder[] = [];
  const browser = () => {
    const one = new Recorder({ referer: `https://www.bank.example/?authCode=${CLIENT_MARK}-referer` });
    browsers.push(one);
    return one;
  };
  await goodLogin(rig, browser());
  for (const behaviour of failures(rig.provider)) await failedLogin(rig, browser(), behaviour);
  await badCallbacks(rig, browser());
  await badRequests(rig, browser());
  await badBytes(rig);
  return browsers;
}

async function goodLogin({ url, provider, checkpoint }: Rig, visitor: Recorder): Promise<void> {
  provider.behave({});
  provider.setPerson(undefined);
  await visitor.open(`${url}/queues/q_bank`);
  provider.setPerson(person);
  await visitor.open(`${url}/secure-chat/login?queueKey=q_bank&returnTo=/portal`);
  await visitor.fetch(`${url}/secure-chat/session`);
  await checkpoint();
  await visitor.open(`${url}/queues/q_bank`);
  await visitor.fetch(`${url}/secure-chat/session?queueKey=q_bank`);
  await checkpoint();
  for (const path of ['reset', 'garbage', 'half', 'silent'])
    await visitor.fetch(`${url}/queues/q_bank/${path}`).catch(() => undefined);
  const socket = await openRaw(Number(new URL(url).port));
  const head = ['GET /queues/q_bank/ws HTTP/1.1', 'Host: a', 'Connection: Upgrade', 'Upgrade: websocket'];
  const keys = ['Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='];
  socket.write([...head, ...keys, `Cookie: ${visitor.cookies('127.0.0.1')}`, '', ''].join('\r\n'));
  await socket.until('101');
  provider.setPerson({ ...person, sub: 'somebody else' });
  await visitor.open(`${url}/secure-chat/login?queueKey=q_bank&returnTo=/portal`);
  await visitor.fetch(`${url}/queues/q_bank`);
  await checkpoint();
  provider.setPerson(person);
  await visitor.fetch(`${url}/secure-chat/logout?provider=1`, { method: 'POST' });
  if (!socket.socket.destroyed) await once(socket.socket, 'close');
}

/** What goes wrong at the provider, with all that it knows echoed. */
function failures(provider: Provider): Behaviour[] {
  const secret = `portal-secret ${NATIONAL_ID} ${CLIENT_MARK}`;
  const described = { error_description: secret, error_uri: `https://x.example/?${NATIONAL_ID}` };
  return [
    ...['login_required', 'access_denied', 'server_error', `${CLIENT_MARK}-error-${NATIONAL_ID}`].map(
      (authorizeError) => ({ authorizeError, authorizeParams: described }),
    ),
    { authorizeParams: { iss: `https://${CLIENT_MARK}.example` } },
    ...[400, 401, 403, 500].map((status) => ({ token: echoing(provider, status) })),
    { token: echoing(provider, 400, 'error') },
    { token: echoing(provider, 200) },
    { token: { error: 'invalid_grant' } },
    { token: 'drop' },
    { token: 'html' },
    ...[200, 401, 500].map((status) => ({ userinfo: echoing(provider, status) })),
    { userinfoClaims: { sub: NATIONAL_ID } },
    { idToken: { brokenSignature: true } },
    { idToken: { foreignKey: true } },
    { idToken: { claims: { nonce: secret } } },
    { idToken: { claims: { aud: secret } } },
    { idToken: { claims: { iss: `https://${NATIONAL_ID}.example` } } },
    { idToken: { claims: { exp: 1 } } },
    { idToken: { raw: Buffer.from(secret).toString('base64url') } },
    { codeLifetimeMs: -1 },
  ];
}

async function failedLogin({ url, provider, checkpoint }: Rig, visitor: Recorder, behaviour: Behaviour) {
  provider.behave(behaviour);
  provider.setPerson(person);
  await visitor.open(`${url}/secure-chat/login?queueKey=q_bank&returnTo=/portal`);
  await visitor.fetch(`${url}/queues/q_bank`);
  await visitor.open(`${url}/queues/q_bank`);
  provider.behave({});
  await checkpoint();
}

async function badCallbacks({ url, provider }: Rig, visitor: Recorder): Promise<void> {
  const begin = async () => {
    const { headers } = await visitor.navigate(`${url}/secure-chat/login?queueKey=q_bank`);
    return (await visitor.navigate(headers.get('location')!)).headers.get('location')!;
  };
  provider.behave({});
  const good = await begin();
  for (const spoilt of [
    `${good}&code=${CLIENT_MARK}`,
    `${good}&error=${CLIENT_MARK}`,
    good.replace(/state=./, 'state=_'),
    good.replace(/iss=[^&]*/, `iss=${CLIENT_MARK}`),
    `${url}/secure-chat/callback?code=${CLIENT_MARK}&state=${CLIENT_MARK}`,
  ])
    await visitor.navigate(spoilt);
  await new Recorder().navigate(await begin());
  const used = await begin();
  await visitor.navigate(used);
  await visitor.navigate(used);
  await visitor.fetch(used);
}

async function badRequests({ url }: Rig, visitor: Recorder): Promise<void> {
  const own = `${url}/secure-chat`;
  for (const address of [
    `${own}/login?queueKey=${CLIENT_MARK}`,
    `${own}/login?queueKey=q_bank&returnTo=https://${CLIENT_MARK}.example/`,
    `${own}/login?queueKey=q_bank&display=${CLIENT_MARK}`,
    `${own}/${CLIENT_MARK}`,
    `${own}/session?queueKey=a&queueKey=${CLIENT_MARK}`,
    `${url}/queues/q_bank?queueKey=${CLIENT_MARK}`,
    `${url}//${CLIENT_MARK}/${NATIONAL_ID}`,
    `${url}/%zz${CLIENT_MARK}`,
    `${url}/reset/${CLIENT_MARK}/${NATIONAL_ID}?n=${NATIONAL_ID}`,
  ]) {
    const headers = { authorization: `Bearer ${CLIENT_MARK}`, 'x-request-id': `${CLIENT_MARK}-id` };
    await visitor.fetch(address, { headers });
    await visitor.fetch(address, {
      headers,
      method: 'POST',
      body: `{"id":"${NATIONAL_ID}","t":"${CLIENT_MARK}"}`,
    });
  }
  const headers = { 'content-type': 'application/json' };
  for (const body of [
    `{"queueKey":"${CLIENT_MARK}`,
    `{"queueKey":["${NATIONAL_ID}"]}`,
    `"${CLIENT_MARK.repeat(9000)}"`,
  ])
    await visitor.fetch(`${url}/sessions`, { method: 'POST', headers, body });
}

/** Bytes that no HTTP library sends; what comes back is checked here. */
async function badBytes({ url }: Rig): Promise<void> {
  const port = Number(new URL(url).port);
  for (const head of [
    `GET /${CLIENT_MARK} HTTP/1.1\r\nHost: a\r\nHost: ${CLIENT_MARK}`,
    `GET /x HTTP/1.1\r\nHost: ${CLIENT_MARK}@b`,
    `TRACE /${NATIONAL_ID} HTTP/1.1\r\nHost: a\r\nCookie: ${CLIENT_MARK}`,
    `GET /x HTTP/1.1\r\nHost: a\r\n${CLIENT_MARK} no colon`,
    `GET /x HTTP/1.1\r\nHost: a\r\nX-Long: ${CLIENT_MARK.repeat(3000)}`,
    `${CLIENT_MARK} ${NATIONAL_ID}`,
  ]) {
    const body = await rawRequest(port, `${head}\r\nConnection: close\r\n\r\n`);
    Recorder.answers.push({ url, status: 0, headers: new Headers(), body });
  }
}
