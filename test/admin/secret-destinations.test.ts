import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GatewayOptions } from '../../src/config/options.ts';
import { ConfigError } from '../../src/config/problems.ts';
import { createMemoryState } from '../../src/session/memory.ts';
import { OPTIONS, signicat, startDesk, type Desk } from './rig.ts';

const ELSEWHERE = { authEndpoint: 'https://elsewhere.example' };
const [customer] = OPTIONS.customers!;
const withFileSecret: GatewayOptions = {
  ...OPTIONS,
  customers: [
    {
      ...customer!,
      connections: customer!.connections.map((connection) => ({
        ...connection,
        authClientSecret: 'planted-file-secret',
      })),
    },
  ],
};

const desk = (options = withFileSecret) => startDesk(createMemoryState(), { options });
const set = (settings: Record<string, unknown>) => ({ kind: 'connection', ...signicat, settings }) as const;
const reset = (key?: string) =>
  ({ kind: 'reset.connection', ...signicat, ...(key === undefined ? {} : { key }) }) as const;
const inForce = ({ follower }: Desk) => {
  const connection = follower.inForce.config.customers[0]!.connections[0]!;
  return [connection.clientSecret, connection.endpoint];
};

async function assertRefused(at: Desk, ...edits: Parameters<Desk['change']>): Promise<void> {
  const before = inForce(at);
  await assert.rejects(at.change(...edits), (error: unknown) => {
    assert.ok(error instanceof ConfigError);
    assert.match(error.message, /authClientSecret: .*Signicat.* in the same change/s);
    assert.doesNotMatch(error.message, /planted/);
    return true;
  });
  assert.deepEqual(inForce(at), before);
}

test('the secret of the file goes nowhere but where the file says', async () => {
  const at = desk();
  await assertRefused(at, set(ELSEWHERE));
  await assertRefused(at, set({ authTokenEndpoint: 'https://elsewhere.example/token' }));
  await assertRefused(at, { kind: 'connection.remove', ...signicat }, set(ELSEWHERE));
});

test('a secret that was set goes nowhere but where it was set for', async () => {
  const at = desk(OPTIONS);
  await at.change(set({ authClientSecret: 'planted-one' }));
  await assertRefused(at, set(ELSEWHERE));
  await at.change(set({ ...ELSEWHERE, authClientSecret: 'planted-two' }));
  assert.deepEqual(inForce(at), ['planted-two', ELSEWHERE.authEndpoint]);
  await assertRefused(at, reset('authEndpoint'));
});

test('taking a set secret back does not send the one of the file elsewhere', async () => {
  const at = desk();
  await at.change(set({ ...ELSEWHERE, authClientSecret: 'planted-two' }));
  await assertRefused(at, reset('authClientSecret'));
  await at.change(reset());
  assert.deepEqual(inForce(at), ['planted-file-secret', 'https://one.example']);
});

test('without a secret an address may change, and with one everything else', async () => {
  const open = desk(OPTIONS);
  await open.change(set(ELSEWHERE));
  assert.deepEqual(inForce(open), [undefined, ELSEWHERE.authEndpoint]);
  const at = desk();
  await at.change(set({ authScope: 'openid profile' }));
  await at.change(set({ authClientSecret: 'planted-new' }));
  await at.change(set({ authEndpoint: 'https://one.example/' }));
  assert.deepEqual(inForce(at), ['planted-new', 'https://one.example']);
});
