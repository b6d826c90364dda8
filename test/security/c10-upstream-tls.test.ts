/** A wrong certificate means somebody in between: upstream and provider are then never spoken to, and no switch of the process changes that. */
import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { after, test, type TestContext } from 'node:test';
import tls from 'node:tls';
import { createAuthority, createSelfSigned, type Certificate } from '../support/certificates.ts';
import { openRaw } from '../support/raw-client.ts';
import { connection, startSystem } from '../support/system.ts';
import { startProvider } from '../support/provider.ts';
import { standAlone } from '../support/faces.ts';

const authority = createAuthority('the one that is trusted');
const stranger = createAuthority('the one that is trusted');
const hosts = ['localhost', '127.0.0.1'];

/** Certificates that must not be taken, and one that must. */
const WRONG: Readonly<Record<string, Certificate>> = {
  'self-signed': createSelfSigned({ hosts }),
  'of another authority of the same name': stranger.issue({ hosts }),
  expired: authority.issue({ hosts, validFrom: -3, validTo: -1 }),
  'not valid yet': authority.issue({ hosts, validFrom: 1, validTo: 3 }),
  'for another host': authority.issue({ hosts: ['chat.bank.example', '127.0.0.2'] }),
  'for a part of the host': authority.issue({ hosts: ['local', '*.localhost', 'xlocalhost'] }),
};
const RIGHT = authority.issue({ hosts });

// what NODE_EXTRA_CA_CERTS does at start, for this process: every client of it trusts the test's authority as well
const { createSecureContext } = tls;
tls.createSecureContext = (options) =>
  createSecureContext({ ...options, ca: options?.ca ?? [...tls.rootCertificates, authority.cert] });
after(() => {
  tls.createSecureContext = createSecureContext;
});

interface TlsServer {
  readonly url: string;
  readonly asked: string[];
}

async function startTls(
  t: TestContext,
  certificate: Certificate,
  answer: (req: IncomingMessage, res: ServerResponse, url: string) => void,
): Promise<TlsServer> {
  const asked: string[] = [];
  const server = createServer({ cert: certificate.cert, key: certificate.key }, (req, res) => {
    asked.push(req.url ?? '');
    answer(req, res, url);
  });
  server.on('upgrade', (req, socket) => {
    asked.push(req.url ?? '');
    socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
  });
  server.on('tlsClientError', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `https://localhost:${(server.address() as AddressInfo).port}`;
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url, asked };
}

/** With and without the variable that makes Node trust everybody. */
async function withEveryTrust(body: () => Promise<void>): Promise<void> {
  await body();
  process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
  try {
    await body();
  } finally {
    delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
  }
}

const UPGRADE =
  'GET /socket HTTP/1.1\r\nHost: g\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';

async function askThrough(t: TestContext, certificate: Certificate) {
  const upstream = await startTls(t, certificate, (_req, res) => res.end('from the upstream'));
  const system = await startSystem(t, { face: standAlone, options: { upstream: upstream.url } });
  return {
    asked: upstream.asked,
    fetch: () => system.browser().fetch(`${system.url}/queues/q_open`),
    upgrade: async () => {
      const client = await openRaw(Number(new URL(system.url).port));
      client.write(UPGRADE);
      return (await client.closed).text;
    },
  };
}

for (const [what, certificate] of Object.entries(WRONG)) {
  test(`an upstream whose certificate is ${what} is 502 upstream_unreachable and hears nothing`, async (t) => {
    const { asked, fetch, upgrade } = await askThrough(t, certificate);
    await withEveryTrust(async () => {
      const { status, body } = await fetch();
      assert.deepEqual([status, (JSON.parse(body) as { code: string }).code], [502, 'upstream_unreachable']);
      assert.match(await upgrade(), /^HTTP\/1\.1 502 [^]*"upstream_unreachable"/);
    });
    assert.deepEqual(asked, []);
  });

  test(`a provider whose certificate is ${what} is 503 provider_unavailable and hears nothing`, async (t) => {
    const { asked, login } = await logInAt(t, certificate);
    const { status, body } = await login();
    assert.deepEqual([status, (JSON.parse(body) as { code: string }).code], [503, 'provider_unavailable']);
    assert.deepEqual(asked, []);
  });
}

async function logInAt(t: TestContext, certificate: Certificate) {
  const provider = await startTls(t, certificate, (_req, res, issuer) => {
    res.setHeader('content-type', 'application/json');
    const endpoint = (path: string): string => `${issuer}/${path}`;
    res.end(
      JSON.stringify({
        issuer,
        authorization_endpoint: endpoint('authorize'),
        token_endpoint: endpoint('token'),
        userinfo_endpoint: endpoint('userinfo'),
        jwks_uri: endpoint('jwks'),
        response_types_supported: ['code'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['RS256'],
      }),
    );
  });
  const plain = await startProvider();
  t.after(() => plain.stop());
  const system = await startSystem(t, {
    face: standAlone,
    provider: plain,
    connection: { ...connection(plain), authEndpoint: provider.url },
  });
  return {
    asked: provider.asked,
    url: provider.url,
    login: () => system.browser().fetch(`${system.url}/secure-chat/login?queueKey=q_bank&returnTo=/x`),
  };
}

test('the right certificate is taken, by requests, upgrades and logins', async (t) => {
  const { asked, fetch, upgrade } = await askThrough(t, RIGHT);
  assert.equal((await fetch()).body, 'from the upstream');
  assert.match(await upgrade(), /^HTTP\/1\.1 200 /);
  assert.deepEqual(asked, ['/queues/q_open', '/socket']);
  const provider = await logInAt(t, RIGHT);
  const { status, headers } = await provider.login();
  assert.equal(status, 302);
  assert.ok(headers.get('location')?.startsWith(`${provider.url}/authorize?`));
});
