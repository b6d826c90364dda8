import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import { createGateway } from '../../src/gateway.ts';
import { attachServer } from '../../src/serving.ts';
import { Browser } from '../support/browser.ts';
import { silent } from '../support/faces.ts';
import { startProvider } from '../support/provider.ts';
import { connection, kari } from '../support/system.ts';
import { CUSTOMER, PAGE, PuzzelPage } from './puzzel-page.ts';

/** The preset's gateway, and the audit lines that it writes. */
async function recorded(t: TestContext, over: Record<string, unknown> = {}) {
  const provider = await startProvider({ person: kari });
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const lines: Record<string, unknown>[] = [];
  const gateway = createGateway(
    {
      publicUrl: url,
      upstream: 'http://127.0.0.1:9',
      preset: 'puzzel-v1',
      customers: [
        {
          customerKey: CUSTOMER,
          returnOrigins: [PAGE],
          connections: [connection(provider, over)],
          queues: [{ queueKey: 'q_bank', authConnectionName: 'Signicat' }],
        },
      ],
    },
    {
      logger: silent,
      auditLine: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>),
    },
  );
  attachServer(server, gateway);
  t.after(async () => {
    server.close();
    server.closeAllConnections();
    await gateway.close(0);
    await provider.stop();
  });
  // the record says of itself that it began as soon as it is written, sooner or later
  const said = () =>
    lines
      .filter(({ kind }) => kind !== 'record_started')
      .map(({ kind, queue, authError }) => [kind, queue, authError]);
  return { provider, page: new PuzzelPage(url, new Browser()), said };
}

test('a login by the vendor’s protocol is recorded from its beginning, and when it fails', async (t) => {
  const { provider, page, said } = await recorded(t);
  provider.setPerson(undefined);
  assert.equal(await page.login(provider.issuer), '?authError=login_required');
  assert.deepEqual(said(), [
    ['login_begun', 'q_bank', undefined],
    ['silent_login_failed', 'q_bank', 'login_required'],
  ]);
});

test('and so is the one repetition of a login whose code had expired', async (t) => {
  const { provider, page, said } = await recorded(t, { codeRedemption: 'callback' });
  provider.behave({ token: { error: 'invalid_grant', status: 400 } });
  const sent = await page.visitor.navigate(await page.answered(provider.issuer));
  assert.equal(new URL(sent.headers.get('location')!).origin, new URL(provider.issuer).origin);
  assert.deepEqual(
    said().map(([kind]) => kind),
    ['login_begun', 'redemption_failed', 'login_begun'],
  );
});
