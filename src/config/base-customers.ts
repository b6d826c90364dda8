import { connectionShape } from './connection-options.ts';
import { DEFAULT_CUSTOMER_KEY } from './defaults.ts';
import { listParts } from './option-kinds.ts';
import { fourLineSchema } from './options.ts';

/** Options as they were written, after the check of their shape. */
export type Loose = Readonly<Record<string, unknown>>;

/** A customer in the full form. */
export interface LooseCustomer {
  readonly customerKey: string;
  readonly returnOrigins?: unknown;
  readonly connections: readonly Loose[];
  readonly queues: readonly Loose[];
}

/** The customers of valid options in the full form, whichever form they were written in. */
export function baseCustomers(options: Loose): readonly LooseCustomer[] {
  if (!Object.hasOwn(options, 'customers')) return [fourLineCustomer(options)];
  return list(options['customers']).map((customer) => ({
    ...customer,
    customerKey: String(customer['customerKey']),
    connections: list(customer['connections']),
    queues: list(customer['queues']),
  }));
}

/** The options without what `baseCustomers` has read. */
export function withoutCustomers(options: Loose): Loose {
  return Object.fromEntries(
    Object.entries(options).filter(
      ([key]) => key !== 'customers' && !Object.hasOwn(fourLineSchema.shape, key),
    ),
  );
}

function fourLineCustomer(options: Loose): LooseCustomer {
  const connection = Object.fromEntries(
    Object.entries(options).filter(([key]) => Object.hasOwn(connectionShape, key)),
  );
  const { authConnectionName } = connection;
  const secure = listParts(options['secureQueues'] as string | readonly string[] | undefined, ',');
  const { returnOrigins } = options;
  return {
    customerKey: DEFAULT_CUSTOMER_KEY,
    ...(returnOrigins === undefined ? {} : { returnOrigins }),
    connections: [connection],
    queues: secure.map((queueKey) => ({ queueKey, authConnectionName })),
  };
}

function list(value: unknown): readonly Loose[] {
  return Array.isArray(value) ? (value as readonly Loose[]) : [];
}
