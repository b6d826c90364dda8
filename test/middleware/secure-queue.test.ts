import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { test } from 'node:test';
import type { Runtime } from '../../src/middleware/runtime.ts';
import { admit, type SecureQueue } from '../../src/middleware/secure-queue.ts';

const queue = {
  customerKey: '1',
  queueKey: 'q_bank',
  connection: { id: 'c', name: 'Signicat', maskedClaims: [], pseudonymizedClaims: [] },
  requiredAcrValues: [],
} as object as SecureQueue;

/** A browser whose identity is there at the first look; what happens meanwhile is the test's. */
function runtime(meanwhile: { superseded: boolean; identity: boolean }): {
  runtime: Runtime;
  entered: string[];
} {
  const entered: string[] = [];
  const record = {
    identity: { subject: 'kari' },
    connectionId: 'c',
    verifiedAt: 0,
    expiresAt: Infinity,
    masking: '[[],[]]',
    queues: [],
  };
  let looks = 0;
  const parts = {
    cookieless: { carries: () => false },
    sessions: { idOf: () => 's' },
    records: {
      known: () => undefined,
      identity: () =>
        Promise.resolve(looks++ === 0 || meanwhile.identity ? { record, token: 't' } : undefined),
      replaceIdentity: () => Promise.resolve(true),
      touch: () => Promise.resolve(),
    },
    chatOwners: {
      enter: ({ queueKey }: { queueKey: string }) => Promise.resolve(void entered.push(queueKey)),
    },
    superseded: { has: () => Promise.resolve(meanwhile.superseded) },
    contextOf: () => ({ requestId: 'r', deadline: 0 }),
    queueUse: { note: () => undefined },
    logger: { info: () => undefined },
    audit: { record: () => undefined },
  };
  return { runtime: parts as unknown as Runtime, entered };
}

const req = { method: 'GET', headers: {} } as unknown as IncomingMessage;

test('the first request of an identity in a queue enters it', async () => {
  const { runtime: parts, entered } = runtime({ superseded: false, identity: true });
  assert.equal((await admit(parts, req, queue, 0))?.sessionId, 's');
  assert.deepEqual(entered, ['q_bank']);
});

test('a session that another tab’s login replaces in the midst of a first entry is not admitted', async () => {
  assert.equal(await admit(runtime({ superseded: true, identity: true }).runtime, req, queue, 0), undefined);
});

test('an identity that a log-out takes away in the midst of a first entry is not admitted', async () => {
  assert.equal(
    await admit(runtime({ superseded: false, identity: false }).runtime, req, queue, 0),
    undefined,
  );
});
