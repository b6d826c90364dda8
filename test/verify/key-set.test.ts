import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { exportJWK, generateKeyPair } from 'jose';
import { createVerifier, type VerifierOptions } from '../../src/verify/index.ts';
import { fetchKeySet } from '../../src/verify/fetch-key-set.ts';
import { createRemoteKeys } from '../../src/verify/key-set.ts';
import { ISSUER, KeyServer, makeSigner, QUEUE, refused, sign, type Signer } from './rig.ts';

let server: KeyServer;
let signer: Signer;
let next: Signer;

before(async () => {
  server = await new KeyServer().start();
  signer = await makeSigner();
  next = await makeSigner();
});
beforeEach(() => {
  server.asked = 0;
});
after(() => server.stop());

const verifierFor = (options: Partial<VerifierOptions> = {}) =>
  createVerifier({ issuer: ISSUER, audience: QUEUE, jwksUri: server.url, cooldownMs: 0, ...options });

/** The keys under a clock of the test's own. */
function keysAt(times: { cacheMs: number; cooldownMs: number; staleMs: number }) {
  const clock = { now: 0 };
  const source = { url: new URL(server.url), timeoutMs: 2000, fetch };
  return {
    clock,
    find: createRemoteKeys(
      () => fetchKeySet(source),
      times,
      () => clock.now,
    ),
  };
}

test('the key set is fetched once for all that ask at once, and then kept', async () => {
  server.publish(signer.jwk);
  const verifier = verifierFor({ cooldownMs: 30_000 });
  const assertion = await sign(signer);
  await Promise.all(Array.from({ length: 50 }, () => verifier.verify(assertion)));
  await verifier.verify(assertion);
  assert.equal(server.asked, 1);
});

test('rotation: a new key is found at once, the old one serves as long as it is published', async () => {
  server.publish(signer.jwk);
  const verifier = verifierFor();
  await verifier.verify(await sign(signer));
  server.publish(signer.jwk, next.jwk);
  await verifier.verify(await sign(next));
  await verifier.verify(await sign(signer));
  assert.equal(server.asked, 2);
  server.publish(next.jwk);
  await refused(verifier.verify(await sign(await makeSigner())), 'assertion_signature');
  await refused(verifier.verify(await sign(signer)), 'assertion_signature');
  await verifier.verify(await sign(next));
});

test('a flood of unknown key ids causes one fetch a cooldown', async () => {
  server.publish(signer.jwk);
  const { clock, find } = keysAt({ cacheMs: 600_000, cooldownMs: 30_000, staleMs: 86_400_000 });
  await find(signer.kid);
  const flood = () =>
    Promise.all(Array.from({ length: 100 }, (_, index) => refused(find(`k${index}`), 'assertion_signature')));
  await flood();
  assert.equal(server.asked, 1, 'the set is fresh');
  clock.now = 30_000;
  await flood();
  await flood();
  assert.equal(server.asked, 2);
  clock.now = 59_999;
  await flood();
  assert.equal(server.asked, 2);
  await find(signer.kid);
});

test('known keys serve for a day while the set cannot be read, with one try a cooldown', async () => {
  server.publish(signer.jwk);
  const { clock, find } = keysAt({ cacheMs: 600_000, cooldownMs: 30_000, staleMs: 86_400_000 });
  await find(signer.kid);
  server.answer = (_req, res) => res.writeHead(500).end();
  clock.now = 600_000;
  await Promise.all([find(signer.kid), find(signer.kid)]);
  await find(signer.kid);
  assert.equal(server.asked, 2);
  await refused(find(next.kid), 'assertion_signature');
  assert.equal(server.asked, 2);
  clock.now = 630_000;
  await find(signer.kid);
  assert.equal(server.asked, 3);
  clock.now = 86_400_000;
  await refused(find(signer.kid), 'keys_unavailable');
  clock.now += 1000;
  server.publish(signer.jwk);
  await refused(find(next.kid), 'assertion_signature');
  await find(signer.kid);
});

test('a set that was never read is tried again within a second', async () => {
  server.answer = (_req, res) => res.writeHead(503).end();
  const { clock, find } = keysAt({ cacheMs: 600_000, cooldownMs: 30_000, staleMs: 86_400_000 });
  await refused(find(signer.kid), 'keys_unavailable');
  await refused(find(signer.kid), 'keys_unavailable');
  assert.equal(server.asked, 1);
  server.publish(signer.jwk);
  clock.now = 1000;
  await find(signer.kid);
});

test('a retired key is forgotten when the set has been read again', async () => {
  server.publish(signer.jwk, next.jwk);
  const { clock, find } = keysAt({ cacheMs: 600_000, cooldownMs: 30_000, staleMs: 86_400_000 });
  await find(signer.kid);
  server.publish(next.jwk);
  clock.now = 599_999;
  await find(signer.kid);
  clock.now = 600_000;
  await refused(find(signer.kid), 'assertion_signature');
});

const unusable: readonly [name: string, answer: KeyServer['answer']][] = [
  ['HTML', (_req, res) => res.writeHead(200, { 'content-type': 'text/html' }).end('<html>Sign in</html>')],
  ['an empty body', (_req, res) => res.writeHead(200).end()],
  ['JSON null', (_req, res) => res.writeHead(200).end('null')],
  ['a list', (_req, res) => res.writeHead(200).end('[]')],
  ['keys as an object', (_req, res) => res.writeHead(200).end('{"keys":{"length":1}}')],
  [
    'status 404 with good keys',
    (_req, res) => res.writeHead(404).end(JSON.stringify({ keys: [signer.jwk] })),
  ],
  ['a dropped connection', (_req, res) => res.destroy()],
  [
    'half a body',
    (_req, res) => res.writeHead(200, { 'content-length': '999' }).write('{', () => res.destroy()),
  ],
  ['silence', () => undefined],
  [
    'silence after the head',
    (_req, res) => {
      res.writeHead(200).flushHeaders();
    },
  ],
];
for (const [name, answer] of unusable) {
  test(`key set: ${name}: keys_unavailable, in time`, async () => {
    server.answer = answer;
    await refused(verifierFor({ timeoutMs: 300 }).verify(await sign(signer)), 'keys_unavailable');
  });
}

test('a redirect is not followed, wherever it leads', async () => {
  for (const status of [301, 302, 303, 307, 308]) {
    server.answer = (req, res) => {
      if (req.url === '/elsewhere') res.writeHead(200).end(JSON.stringify({ keys: [signer.jwk] }));
      else res.writeHead(status, { location: '/elsewhere' }).end();
    };
    await refused(verifierFor().verify(await sign(signer)), 'keys_unavailable');
  }
  assert.equal(server.asked, 5);
  const followed = Object.defineProperty(Response.json({ keys: [signer.jwk] }), 'redirected', {
    value: true,
  });
  const verifier = verifierFor({ fetch: () => Promise.resolve(followed) });
  await refused(verifier.verify(await sign(signer)), 'keys_unavailable');
});

test('ten megabytes are not read to the end', async () => {
  let sent = 0;
  server.answer = (_req, res) => {
    res.writeHead(200);
    res.write(`{"keys":[${JSON.stringify(signer.jwk)}],"padding":"`);
    const more = (): void => {
      if (res.destroyed || sent >= 10_485_760) return;
      sent += 65_536;
      res.write('x'.repeat(65_536), more);
    };
    more();
  };
  await refused(verifierFor().verify(await sign(signer)), 'keys_unavailable');
  assert.ok(sent < 10_485_760, `${sent} bytes were sent`);
});

test('a good answer after a bad one serves, and a bad one after a good one takes nothing away', async () => {
  const verifier = verifierFor({ cacheMs: 0 });
  server.answer = unusable[0]![1];
  await refused(verifier.verify(await sign(signer)), 'keys_unavailable');
  server.publish(signer.jwk);
  await verifier.verify(await sign(signer));
  for (const [, answer] of unusable.slice(0, 8)) {
    server.answer = answer;
    await verifier.verify(await sign(signer));
  }
});

test('keys of another kind are passed over, and do not disturb the good one', async () => {
  const rsa = await exportJWK((await generateKeyPair('RS256')).publicKey);
  const p384 = await exportJWK((await generateKeyPair('ES384')).publicKey);
  const { x, y } = signer.jwk;
  const odd: readonly object[] = [
    { kty: 'oct', k: 'c2VjcmV0', kid: signer.kid, alg: 'HS256' },
    { kty: 'oct', k: 'c2VjcmV0', kid: signer.kid, alg: 'ES256' },
    { ...rsa, kid: signer.kid, alg: 'RS256', use: 'sig' },
    { ...rsa, kid: signer.kid, alg: 'ES256', use: 'sig' },
    { ...p384, kid: signer.kid, alg: 'ES384' },
    { ...p384, kid: signer.kid, alg: 'ES256' },
    { ...signer.jwk, use: 'enc' },
    { ...signer.jwk, alg: 'ES384' },
    { ...signer.jwk, key_ops: ['sign'] },
    { ...signer.jwk, kid: undefined },
    { ...signer.jwk, kid: 7 },
    { ...signer.jwk, kty: 'OKP' },
    { ...signer.jwk, x: '' },
    { ...signer.jwk, x: { length: 43 } },
    { ...(await exportJWK(signer.privateKey)), kid: signer.kid, alg: 'ES256' },
    [signer.jwk],
    { toString: 'x' },
  ];
  const broken: readonly object[] = [
    { ...signer.jwk, x: y, y: x },
    { ...p384, kid: signer.kid, alg: 'ES256', crv: 'P-256' },
  ];
  for (const key of [...odd, ...broken]) {
    server.publish(key);
    await refused(verifierFor().verify(await sign(signer)), 'assertion_signature');
  }
  server.publish(...odd, null as unknown as object, signer.jwk);
  await verifierFor().verify(await sign(signer));
});

test('a kid that names two keys names none; the others serve', async () => {
  const twin = await makeSigner(signer.kid);
  server.publish(signer.jwk, twin.jwk, next.jwk);
  await refused(verifierFor().verify(await sign(signer)), 'assertion_signature');
  await refused(verifierFor().verify(await sign(twin)), 'assertion_signature');
  await verifierFor().verify(await sign(next));
});

test('a given key set is not fetched; one that is none is unavailable', async () => {
  const verifier = createVerifier({ issuer: ISSUER, audience: QUEUE, jwks: { keys: [signer.jwk] } });
  await verifier.verify(await sign(signer));
  await refused(verifier.verify(await sign(next)), 'assertion_signature');
  assert.equal(server.asked, 0);
  const broken = createVerifier({ issuer: ISSUER, audience: QUEUE, jwks: {} as { keys: [] } });
  await refused(broken.verify(await sign(signer)), 'keys_unavailable');
});
