/** An assertion that somebody has copied is worth nothing for another queue, another customer, or a minute later. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeJwt } from 'jose';
import { createVerifier, type VerifierOptions } from '../../src/verify/index.ts';
import { runs } from '../support/runs.ts';
import { connection, identityOf, inEveryFace, startSystem, type System } from '../support/system.ts';
import { startProvider } from '../support/provider.ts';
import { kari } from '../support/system.ts';

const ASSERTION = 'x-secure-chat-assertion';

async function assertionFor(system: System, path = '/queues/q_bank'): Promise<string> {
  const browser = system.browser();
  assert.equal((await browser.open(`${system.url}${path}`)).status, 200);
  return identityOf(system.upstream)[ASSERTION]!;
}

const verifierOf = (system: System, options: Partial<VerifierOptions> = {}) =>
  createVerifier({ issuer: system.url, audience: 'q_bank', ...options });

inEveryFace('it is good for its queue, its customer and now', async (t, face) => {
  const system = await startSystem(t, { face });
  const identity = await verifierOf(system, { customer: '12345' }).verify(await assertionFor(system));
  assert.deepEqual([identity.sub, identity.queue, identity.customer], [kari.sub, 'q_bank', '12345']);
  assert.ok(identity.expiresAt - identity.issuedAt <= 60);
  assert.match(identity.jti, /^[\w-]{22}$/);
});

inEveryFace('it is refused for every other queue', async (t, face) => {
  const system = await startSystem(t, { face });
  const assertion = await assertionFor(system);
  for (const audience of ['q_loan', 'q_open', 'q_ban', 'q_bank2', 'Q_BANK', ' q_bank', 'q_bank,q_loan', '*'])
    await assert.rejects(verifierOf(system, { audience }).verify(assertion), { code: 'assertion_audience' });
  assert.equal(
    (await verifierOf(system, { audience: ['q_loan', 'q_bank'] }).verify(assertion)).queue,
    'q_bank',
  );
});

test('it names its customer, so that one of the same queue key and provider refuses it', async (t) => {
  const provider = await startProvider({ person: kari });
  t.after(() => provider.stop());
  const tenant = (customerKey: string) => ({
    customerKey,
    connections: [connection(provider)],
    queues: [{ queueKey: 'q_bank', authConnectionName: 'Signicat' }],
  });
  const system = await startSystem(t, {
    provider,
    options: {
      customers: [tenant('bank'), tenant('insurer')],
      queueRules: [{ path: '/c/:customerKey/queues/:queueKey{/*rest}' }],
    },
  });
  const assertion = await assertionFor(system, '/c/bank/queues/q_bank');
  assert.equal((await verifierOf(system, { customer: 'bank' }).verify(assertion)).customer, 'bank');
  await assert.rejects(verifierOf(system, { customer: 'insurer' }).verify(assertion), {
    code: 'assertion_claims',
  });
});

test('it is over after a minute, whatever the moment of its use', async (t) => {
  const system = await startSystem(t);
  const assertion = await assertionFor(system);
  const { iat, exp } = decodeJwt(assertion);
  assert.ok(exp! - iat! <= 60 && exp! > iat!);
  let now = iat! * 1000;
  const verifier = verifierOf(system, { clockToleranceSeconds: 0, now: () => now });
  assert.ok(await verifier.verify(assertion));
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 10 * 365 * 86_400 }), async (seconds) => {
      now = (exp! + seconds) * 1000;
      await assert.rejects(verifier.verify(assertion), { code: 'assertion_expired' });
    }),
    { numRuns: runs(100) },
  );
});

inEveryFace('sent back to the gateway it opens nothing', async (t, face) => {
  const system = await startSystem(t, { face });
  const assertion = await assertionFor(system);
  const before = system.upstream.requests.length;
  const carriers: Record<string, string>[] = [
    { [ASSERTION]: assertion },
    { x_secure_chat_assertion: assertion },
    { authorization: `Bearer ${assertion}` },
    { cookie: `secure-chat=${assertion}` },
    { cookie: `X-Secure-Chat-Assertion=${assertion}` },
  ];
  for (const headers of carriers) {
    for (const path of ['/queues/q_bank', `/queues/q_bank?assertion=${assertion}&authCode=${assertion}`]) {
      const answer = await system.browser().fetch(`${system.url}${path}`, { headers });
      assert.deepEqual(
        [answer.status, (JSON.parse(answer.body) as { code: string }).code],
        [401, 'login_required'],
      );
    }
  }
  assert.equal(system.upstream.requests.length, before);
});
