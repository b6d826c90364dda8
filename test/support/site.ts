import type { TestContext } from 'node:test';
import { startProvider, type Provider } from './provider.ts';
import { connection, kari, startSystem, type System, type SystemOptions } from './system.ts';

/** The customer of `startSite`: secure queues `q_bank`, `q_vip` and `7`, open ones `q_open` and `q_other`. */
export function siteCustomers(provider: Provider) {
  return [
    {
      customerKey: '12345',
      returnOrigins: ['https://www.bank.example'],
      connections: [connection(provider)],
      queues: [
        ...['q_bank', 'q_vip', '7'].map((queueKey) => ({ queueKey, authConnectionName: 'Signicat' })),
        { queueKey: 'q_open' },
        { queueKey: 'q_other' },
      ],
    },
  ];
}

/** A system with the queues that the generated addresses, bodies and keys are about. */
export async function startSite(t: TestContext, settings: SystemOptions = {}): Promise<System> {
  const provider = await startProvider({ person: kari });
  t.after(() => provider.stop());
  return await startSystem(t, {
    ...settings,
    provider,
    options: { customers: siteCustomers(provider), ...settings.options },
  });
}
