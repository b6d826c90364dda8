import type { LooseCustomer } from './base-customers.ts';
import type { CheckedEdit } from './edits.ts';
import { didYouMean } from './did-you-mean.ts';
import {
  sameCustomer,
  sameQueue,
  SECRET_SETTINGS,
  type ConnectionOverlay,
  type CustomerOverlay,
  type Overlay,
  type QueueOverlay,
  type SecretPlace,
  type SetBy,
  type Setting,
} from './overlay.ts';
import { ConfigError } from './problems.ts';

/** What edits are applied with. */
export interface EditContext {
  /** The customers of file and environment. */
  readonly base: readonly LooseCustomer[];
  readonly setBy: SetBy;
  readonly seal: (place: SecretPlace, value: unknown) => string;
}

/**
 * The overlay after these edits, in their order. Whether the result is a good configuration is for `resolveOver` to say.
 *
 * @throws ConfigError for a customer, connection or queue that is not there to be changed.
 */
export function applyEdits(overlay: Overlay, edits: readonly CheckedEdit[], context: EditContext): Overlay {
  return edits.reduce((current, edit) => applyEdit(current, edit, context), overlay);
}

function applyEdit(overlay: Overlay, edit: CheckedEdit, context: EditContext): Overlay {
  if (edit.kind === 'reset') return { ...overlay, customers: [] };
  const { customerKey } = edit;
  const entry = overlay.customers.find((one) => sameCustomer(customerKey, one.customerKey));
  const base = context.base.find((one) => sameCustomer(one.customerKey, customerKey));
  if (entry === undefined && base === undefined && edit.kind !== 'customer') {
    const keys = [...context.base, ...overlay.customers].map((one) => one.customerKey);
    throw unknown('customers', 'a customer with this customerKey', didYouMean(customerKey, keys));
  }
  const others = overlay.customers.filter((one) => one !== entry);
  const start: CustomerOverlay = entry ?? {
    customerKey: base?.customerKey ?? customerKey.trim(),
    ...(base === undefined ? { added: context.setBy } : {}),
    connections: [],
    queues: [],
  };
  const next = edit.kind === 'reset.customer' ? undefined : applyToCustomer(start, edit, base, context);
  return {
    ...overlay,
    customers: next === undefined || isEmpty(next) ? others : inPlace(overlay, entry, next),
  };
}

/** Entries keep their order, which is the order of the options. */
function inPlace(
  { customers }: Overlay,
  entry: CustomerOverlay | undefined,
  next: CustomerOverlay,
): CustomerOverlay[] {
  return entry === undefined ? [...customers, next] : customers.map((one) => (one === entry ? next : one));
}

function isEmpty({ added, returnOrigins, connections, queues }: CustomerOverlay): boolean {
  return added === undefined && returnOrigins === undefined && connections.length + queues.length === 0;
}

type CustomerEdit = Exclude<CheckedEdit, { kind: 'reset' | 'reset.customer' }>;

function applyToCustomer(
  customer: CustomerOverlay,
  edit: CustomerEdit,
  base: LooseCustomer | undefined,
  context: EditContext,
): CustomerOverlay {
  switch (edit.kind) {
    case 'customer':
      if (edit.returnOrigins === undefined) return customer;
      return { ...customer, returnOrigins: { value: edit.returnOrigins, ...context.setBy } };
    case 'connection':
    case 'connection.remove':
    case 'reset.connection':
      return { ...customer, connections: applyToConnections(customer, edit, base, context) };
    case 'queue.secure':
    case 'queue.open':
    case 'queue.remove':
    case 'reset.queue':
      return { ...customer, queues: applyToQueues(customer, edit, base, context) };
  }
}

type ConnectionEdit = Extract<
  CustomerEdit,
  { kind: 'connection' | 'connection.remove' | 'reset.connection' }
>;

function applyToConnections(
  { customerKey, connections }: CustomerOverlay,
  edit: ConnectionEdit,
  base: LooseCustomer | undefined,
  { setBy, seal }: EditContext,
): ConnectionOverlay[] {
  const { authConnectionName } = edit;
  const inFile = base?.connections.some((one) => one['authConnectionName'] === authConnectionName) === true;
  const entry = connections.find((one) => one.authConnectionName === authConnectionName);
  if (!inFile && entry === undefined && edit.kind !== 'connection')
    throw unknown('connections', 'the name of a connection of this customer');
  const settings = (entry?.settings ?? []).filter(({ key }) => !isSetBy(edit, key));
  const put = (next: ConnectionOverlay | undefined): ConnectionOverlay[] => {
    const kept = connections.map((one) => (one === entry ? next : one)).filter((one) => one !== undefined);
    return entry === undefined && next !== undefined ? [...kept, next] : kept;
  };
  if (edit.kind === 'connection.remove')
    return put(inFile ? { authConnectionName, removed: setBy, settings: [] } : undefined);
  if (edit.kind === 'reset.connection')
    return put(
      edit.key === undefined || settings.length === 0 ? undefined : { authConnectionName, settings },
    );
  const set = Object.entries(edit.settings).map(([key, value]): Setting => {
    if (!SECRET_SETTINGS.has(key)) return { key, value, ...setBy };
    return { key, sealed: seal({ customerKey, authConnectionName, key }, value), ...setBy };
  });
  const leftOut = edit.leaveOut.map((key): Setting => ({ key, leftOut: true, ...setBy }));
  return put({ authConnectionName, settings: [...settings, ...set, ...leftOut] });
}

/** Does the edit decide about this setting, so that what was set before goes? */
function isSetBy(edit: ConnectionEdit, key: string): boolean {
  if (edit.kind === 'reset.connection') return edit.key === key;
  return edit.kind === 'connection' && (Object.hasOwn(edit.settings, key) || edit.leaveOut.includes(key));
}

type QueueEdit = Extract<CustomerEdit, { queueKey: string }>;

function applyToQueues(
  { queues }: CustomerOverlay,
  edit: QueueEdit,
  base: LooseCustomer | undefined,
  { setBy }: EditContext,
): QueueOverlay[] {
  const inFile = base?.queues.find(({ queueKey }) => sameQueue(queueKey, edit.queueKey));
  const entry = queues.find(({ queueKey }) => sameQueue(queueKey, edit.queueKey));
  const isKnown = inFile !== undefined || entry !== undefined;
  if (!isKnown && (edit.kind === 'queue.remove' || edit.kind === 'reset.queue'))
    throw unknown('queues', 'the key of a queue of this customer');
  const next = queueEntry(edit, inFile?.['authConnectionName'] !== undefined, setBy);
  const wanted = edit.kind === 'queue.remove' && inFile === undefined ? undefined : next;
  const kept = queues.map((one) => (one === entry ? wanted : one)).filter((one) => one !== undefined);
  return entry === undefined && wanted !== undefined ? [...kept, wanted] : kept;
}

function queueEntry(edit: QueueEdit, overSecure: boolean, setBy: SetBy): QueueOverlay | undefined {
  const { queueKey } = edit;
  switch (edit.kind) {
    case 'queue.secure': {
      const { authConnectionName, requiredAcrValues } = edit;
      const demands = requiredAcrValues === undefined ? {} : { requiredAcrValues };
      return { queueKey, state: 'secure', authConnectionName, ...demands, ...setBy };
    }
    case 'queue.open':
      return { queueKey, state: 'open', overSecure, ...setBy };
    case 'queue.remove':
      return { queueKey, state: 'removed', overSecure, ...setBy };
    case 'reset.queue':
      return undefined;
  }
}

function unknown(path: string, expected: string, hint?: string): ConfigError {
  return new ConfigError([{ path, expected, ...(hint === undefined ? {} : { hint }) }]);
}
