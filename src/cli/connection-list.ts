import type { ShownConnection, ShownCustomer } from '../admin/view.ts';
import { textOf, type Command } from './command.ts';
import { customersOf } from './places.ts';
import { table } from './terminal.ts';
import { withLive } from './with-live.ts';

/** `connection list`: of a secret it says whether it is set. */
export const connectionList: Command = {
  name: 'connection list',
  summary:
    'Lists the connections: client, provider, whether the secret is set, how many queues are secure by it.',
  options: { customer: { value: 'KEY', about: 'this customer only' } },
  run: (call) =>
    withLive(call, async ({ administration }) => {
      const { revision, customers } = await administration.read();
      const shown = customersOf(customers, textOf(call, 'customer'));
      const connections = shown.flatMap((customer) =>
        customer.connections.map((connection) => ({
          customerKey: customer.customerKey,
          ...connection,
          secureQueues: secureQueues(customer, connection),
        })),
      );
      const rows = connections.map((connection) => [
        connection.customerKey,
        connection.authConnectionName,
        settingText(connection, 'authClientId'),
        settingText(connection, 'authEndpoint'),
        isSecretSet(connection) ? 'set' : 'not set',
        String(connection.secureQueues.length),
        connection.removed === undefined ? connection.origin : `taken away by ${connection.removed.by}`,
      ]);
      const head = ['CUSTOMER', 'CONNECTION', 'CLIENT ID', 'PROVIDER', 'SECRET', 'QUEUES', 'ADDED BY'];
      return { ok: true, data: { revision, connections }, text: table(head, rows) };
    }),
};

function secureQueues({ queues }: ShownCustomer, { authConnectionName }: ShownConnection): string[] {
  return queues
    .filter((queue) => queue.state === 'secure' && queue.authConnectionName === authConnectionName)
    .map(({ queueKey }) => queueKey);
}

function settingText({ settings }: ShownConnection, key: string): string {
  const setting = settings.find((one) => one.key === key);
  return setting !== undefined && 'value' in setting && typeof setting.value === 'string'
    ? setting.value
    : '-';
}

function isSecretSet({ settings }: ShownConnection): boolean {
  return settings.some(({ key, isSet }) => key === 'authClientSecret' && isSet);
}
