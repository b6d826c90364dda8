import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createVerifier, decodeIdentityHeaders } from '../../src/verify/index.ts';
import { startProvider } from '../support/provider.ts';
import { kari, startSystem } from '../support/system.ts';
import { refused } from './rig.ts';

test('what the gateway sends, the verifier takes, and the plain headers say the same', async (t) => {
  const provider = await startProvider({ person: { ...kari, given_name: 'Åse+Ødegård 🦊' } });
  t.after(() => provider.stop());
  const system = await startSystem(t, { provider });
  const browser = system.browser();
  assert.equal((await browser.open(`${system.url}/queues/q_bank`)).status, 200);
  const request = system.upstream.requests.at(-1)!;

  const verifier = createVerifier({ issuer: system.url, audience: null });
  const { issuer, sub, issuedAt, expiresAt, jti, ...person } = await verifier.verifyRequest(request, {
    audience: 'q_bank',
    customer: '12345',
    connection: 'Signicat',
  });
  assert.deepEqual([issuer, sub, person.nickName], [system.url, kari.sub, 'Åse+Ødegård 🦊']);
  assert.ok(expiresAt - issuedAt <= 60 && jti.length > 20);
  assert.deepEqual(decodeIdentityHeaders(request), person);
  await refused(verifier.verifyRequest(request, { audience: 'q_open' }), 'assertion_audience');

  await browser.open(`${system.url}/queues/q_open`);
  const open = system.upstream.requests.at(-1)!;
  await refused(verifier.verifyRequest(open, { audience: 'q_bank' }), 'assertion_missing');
  assert.equal(decodeIdentityHeaders(open), undefined);
});
