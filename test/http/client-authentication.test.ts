import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kari, startSystem } from '../support/system.ts';
import { startProvider } from '../support/provider.ts';

for (const method of ['client_secret_basic', 'client_secret_post'] as const) {
  test(`${method}: any secret arrives as it is, and plain ones without an escape`, async (t) => {
    const clients = {
      'chat-1': { secret: 'a-b_c.d~e', method },
      'chat:2': { secret: 'æ%41b+c:d/e', method },
    };
    const provider = await startProvider({ person: kari, clients });
    t.after(() => provider.stop());
    for (const [authClientId, { secret }] of Object.entries(clients)) {
      const connection = { authClientId, authClientSecret: secret, authTokenAuthMethod: method };
      const { url, browser } = await startSystem(t, { provider, connection });
      assert.equal((await browser().open(`${url}/queues/q_bank`)).status, 200, authClientId);
    }
    const [plain] = provider.requests.filter(({ endpoint }) => endpoint === 'token');
    if (method === 'client_secret_basic') {
      assert.equal(
        plain!.headers.authorization,
        `Basic ${Buffer.from('chat-1:a-b_c.d~e').toString('base64')}`,
      );
      assert.equal(plain!.body.has('client_secret'), false);
    }
  });
}
