import { baseCustomers, withoutCustomers, type Loose, type LooseCustomer } from './base-customers.ts';
import {
  sameCustomer,
  sameQueue,
  type ConnectionOverlay,
  type CustomerOverlay,
  type Overlay,
  type QueueOverlay,
  type SecretPlace,
} from './overlay.ts';

/** Opens a sealed secret of a connection. */
export type OpenSecret = (place: SecretPlace, sealed: string) => unknown;

/** Options with an overlay over them. */
export interface LaidOptions {
  readonly options: Loose;
  /** The same place as the file numbers it: removed entries count, what administrators have added comes behind them. */
  readonly asInFile: (path: string) => string;
}

/**
 * Lays what administrators have set over written options. Customers come out in the full form; without an overlay the
 * options stay as they are.
 */
export function layOver(options: Loose, overlay: Overlay, open: OpenSecret): LaidOptions {
  if (overlay.customers.length === 0) return { options, asInFile: (path) => path };
  const base = baseCustomers(options);
  const entryOf = ({ customerKey }: LooseCustomer) =>
    overlay.customers.find((entry) => sameCustomer(customerKey, entry.customerKey));
  const added = overlay.customers.filter(
    ({ customerKey }) => !base.some((customer) => sameCustomer(customer.customerKey, customerKey)),
  );
  const laid = [
    ...base.map((customer) => layCustomer(customer, entryOf(customer), open)),
    ...added.map((entry) => layCustomer(emptyCustomer(entry.customerKey), entry, open)),
  ];
  return {
    options: { ...withoutCustomers(options), customers: laid.map(({ customer }) => customer) },
    asInFile: (path) => renumber(path, laid),
  };
}

function emptyCustomer(customerKey: string): LooseCustomer {
  return { customerKey, connections: [], queues: [] };
}

interface LaidCustomer {
  readonly customer: LooseCustomer;
  /** For each entry, where it stands in the file. */
  readonly connections: readonly number[];
  readonly queues: readonly number[];
}

function layCustomer(
  base: LooseCustomer,
  overlay: CustomerOverlay | undefined,
  open: OpenSecret,
): LaidCustomer {
  const connections = layList(base.connections, overlay?.connections ?? [], {
    isSame: (connection, entry) => connection['authConnectionName'] === entry.authConnectionName,
    lay: (connection, entry) => layConnection(connection, entry, base.customerKey, open),
  });
  const queues = layList(base.queues, overlay?.queues ?? [], {
    isSame: (queue, entry) => sameQueue(queue['queueKey'], entry.queueKey),
    lay: layQueue,
  });
  const origins = overlay?.returnOrigins;
  return {
    customer: {
      ...base,
      ...(origins && { returnOrigins: origins.value }),
      connections: connections.map(({ value }) => value),
      queues: queues.map(({ value }) => value),
    },
    connections: connections.map(({ index }) => index),
    queues: queues.map(({ index }) => index),
  };
}

interface Laying<Entry> {
  readonly isSame: (value: Loose, entry: Entry) => boolean;
  /** Undefined where the entry takes the value away. */
  readonly lay: (value: Loose | undefined, entry: Entry) => Loose | undefined;
}

function layList<Entry>(base: readonly Loose[], entries: readonly Entry[], { isSame, lay }: Laying<Entry>) {
  const kept = base.map((value) => {
    const entry = entries.find((one) => isSame(value, one));
    return entry === undefined ? value : lay(value, entry);
  });
  const added = entries
    .filter((entry) => !base.some((value) => isSame(value, entry)))
    .map((entry) => lay(undefined, entry));
  return [...kept, ...added].flatMap((value, index) => (value === undefined ? [] : [{ value, index }]));
}

function layConnection(
  base: Loose | undefined,
  { authConnectionName, removed, settings }: ConnectionOverlay,
  customerKey: string,
  open: OpenSecret,
): Loose | undefined {
  if (removed !== undefined) return undefined;
  const laid = new Map<string, unknown>(Object.entries({ ...base, authConnectionName }));
  for (const setting of settings) {
    const { key } = setting;
    if ('leftOut' in setting) laid.delete(key);
    else if ('sealed' in setting)
      laid.set(key, open({ customerKey, authConnectionName, key }, setting.sealed));
    else laid.set(key, setting.value);
  }
  return Object.fromEntries(laid);
}

function layQueue(base: Loose | undefined, entry: QueueOverlay): Loose | undefined {
  const queueKey = base?.['queueKey'] ?? entry.queueKey;
  if (entry.state === 'secure') {
    const { authConnectionName } = entry;
    const requiredAcrValues = entry.requiredAcrValues ?? base?.['requiredAcrValues'];
    return {
      queueKey,
      authConnectionName,
      ...(requiredAcrValues === undefined ? {} : { requiredAcrValues }),
    };
  }
  // the file has made it secure since: nobody has opened that
  if (base?.['authConnectionName'] !== undefined && entry.overSecure !== true) return base;
  return entry.state === 'open' ? { queueKey } : undefined;
}

const PLACE = /^customers\[(\d+)\]\.(connections|queues)\[(\d+)\]/;

function renumber(path: string, laid: readonly LaidCustomer[]): string {
  return path.replace(PLACE, (place, customer: string, list: 'connections' | 'queues', entry: string) => {
    const index = laid[Number(customer)]?.[list][Number(entry)];
    return index === undefined ? place : `customers[${customer}].${list}[${index}]`;
  });
}
