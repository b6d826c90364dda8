import { baseCustomers } from '../config/base-customers.ts';
import type { GatewayConfig } from '../config/gateway-config.ts';
import { sameCustomer, sameQueue, type Overlay } from '../config/overlay.ts';
import type { Path } from '../config/problems.ts';
import { writtenOf } from '../config/written-options.ts';

/** Where things stand in the file, or where they would be appended there. */
export interface FilePaths {
  customer(customerKey: string): Path;
  connection(customerKey: string, authConnectionName: string): Path;
  queue(customerKey: string, queueKey: string): Path;
}

/**
 * Places of what file and environment have, and behind it of what these overlays add, in their order. What is in none of
 * them has the index -1.
 */
export function createFilePaths(base: GatewayConfig, ...overlays: readonly Overlay[]): FilePaths {
  const inFile = baseCustomers(writtenOf(base).options);
  const added = overlays.flatMap(({ customers }) => customers);
  const keys = distinct(
    [...inFile, ...added].map(({ customerKey }) => customerKey.trim()),
    (a, b) => a === b,
  );
  const customer = (customerKey: string): Path => ['customers', keys.indexOf(customerKey.trim())];
  const of = <T extends { readonly customerKey: string }>(list: readonly T[], customerKey: string) =>
    list.filter((one) => sameCustomer(one.customerKey, customerKey));
  return {
    customer,
    connection(customerKey, authConnectionName) {
      const names = [
        ...of(inFile, customerKey).flatMap(({ connections }) =>
          connections.map(textAt('authConnectionName')),
        ),
        ...of(added, customerKey).flatMap(({ connections }) =>
          connections.map((one) => one.authConnectionName),
        ),
      ];
      const index = distinct(names, (a, b) => a === b).indexOf(authConnectionName);
      return [...customer(customerKey), 'connections', index];
    },
    queue(customerKey, queueKey) {
      const listed = [
        ...of(inFile, customerKey).flatMap(({ queues }) => queues.map(textAt('queueKey'))),
        ...of(added, customerKey).flatMap(({ queues }) => queues.map((one) => one.queueKey)),
      ];
      const index = distinct(listed, sameQueue).findIndex((key) => sameQueue(key, queueKey));
      return [...customer(customerKey), 'queues', index];
    },
  };
}

const textAt = (key: string) => (written: Readonly<Record<string, unknown>>) => String(written[key]);

function distinct(texts: readonly string[], same: (a: string, b: string) => boolean): string[] {
  return texts.filter((text, at) => texts.findIndex((other) => same(other, text)) === at);
}
