/** A signature that verifies is not enough: it has to be this gateway's, by the keys that this gateway publishes. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { base64url, CompactSign, decodeJwt, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { createVerifier } from '../../src/verify/index.ts';
import { identityOf, inEveryFace, startSystem, type System } from '../support/system.ts';

const ASSERTION = 'x-secure-chat-assertion';

async function assertionFor(system: System): Promise<string> {
  assert.equal((await system.browser().open(`${system.url}/queues/q_bank`)).status, 200);
  return identityOf(system.upstream)[ASSERTION]!;
}

const verifierOf = ({ url }: System) => createVerifier({ issuer: url, audience: 'q_bank' });

async function publishedKeys({ url }: System): Promise<{ kid: string }[]> {
  const response = await fetch(`${url}/secure-chat/jwks.json`);
  return ((await response.json()) as { keys: { kid: string }[] }).keys;
}

inEveryFace("another gateway's assertion is refused, though its signature is good there", async (t, face) => {
  const [mine, other] = [await startSystem(t, { face }), await startSystem(t, { face })];
  const assertion = await assertionFor(other);
  assert.ok(await verifierOf(other).verify(assertion));
  await assert.rejects(verifierOf(mine).verify(assertion), { code: 'assertion_signature' });
  assert.ok(await verifierOf(mine).verify(await assertionFor(mine)));
});

test('with the keys of both, the issuer decides', async (t) => {
  const [mine, other] = [await startSystem(t), await startSystem(t)];
  const keys = [...(await publishedKeys(mine)), ...(await publishedKeys(other))];
  const verifier = createVerifier({ issuer: mine.url, audience: 'q_bank', jwks: { keys } });
  await assert.rejects(verifier.verify(await assertionFor(other)), { code: 'assertion_issuer' });
  assert.ok(await verifier.verify(await assertionFor(mine)));
});

test('a key of the attacker verifies nothing, whatever name it goes by and wherever it is offered', async (t) => {
  const system = await startSystem(t);
  const claims = decodeJwt(await assertionFor(system));
  const [{ kid } = { kid: '' }] = await publishedKeys(system);
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid: 'mine', alg: 'ES256', use: 'sig' };
  let asked = 0;
  const trap = createServer((_req, res) => {
    asked += 1;
    res.end(JSON.stringify({ keys: [jwk] }));
  }).listen(0, '127.0.0.1');
  t.after(() => trap.close());
  await once(trap, 'listening');
  const jku = `http://127.0.0.1:${(trap.address() as AddressInfo).port}/jwks.json`;
  const headers = [
    { kid },
    { kid: 'mine', jku },
    { kid, jku },
    { kid, jwk },
    { kid: 'mine', jwk },
    { kid, x5u: jku, x5c: ['AAAA'] },
    { kid: jku },
  ];
  for (const header of headers) {
    const forged = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'ES256', typ: 'JWT', ...header })
      .sign(privateKey);
    await assert.rejects(
      verifierOf(system).verify(forged),
      { code: 'assertion_signature' },
      JSON.stringify(header),
    );
  }
  assert.equal(asked, 0);
});

test('the public key is no password, and no signature is no signature', async (t) => {
  const system = await startSystem(t);
  const assertion = await assertionFor(system);
  const payload = base64url.decode(assertion.split('.')[1]!);
  const [jwk] = await publishedKeys(system);
  const mac = await new CompactSign(payload)
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT', kid: jwk!.kid })
    .sign(new TextEncoder().encode(JSON.stringify(jwk)));
  const none = `${base64url.encode(JSON.stringify({ alg: 'none', typ: 'JWT', kid: jwk!.kid }))}.${assertion.split('.')[1]!}.`;
  for (const forged of [mac, none, assertion.replace(/\.[^.]+$/, '.')])
    await assert.rejects(verifierOf(system).verify(forged), { name: 'AssertionRefused' });
});

inEveryFace('what is published cannot sign', async (t, face) => {
  const system = await startSystem(t, { face });
  await assertionFor(system);
  const text = JSON.stringify(await publishedKeys(system));
  assert.doesNotMatch(text, /"(?:d|p|q|dp|dq|qi|k|oth)"/);
});
