import type { Loose, LooseCustomer } from '../config/base-customers.ts';
import {
  sameCustomer,
  sameQueue,
  SECRET_SETTINGS,
  type ConnectionOverlay,
  type CustomerOverlay,
  type Overlay,
  type QueueOverlay,
  type SetBy,
} from '../config/overlay.ts';

/** Where a value comes from: `file` stands for file and environment, and for the options of the drop-in. */
export type Origin = 'file' | 'administrator';

/** Who has set what an administrator has set; absent for what is the file's. */
export interface ShownSetBy extends Partial<SetBy> {
  readonly origin: Origin;
}

/** A setting that is in force. `value` and `fileValue` are what was written; a secret shows only that there is one. */
export type ShownSetting = ShownSetBy & { readonly key: string } & (
    | { readonly isSet: boolean; readonly value?: unknown; readonly fileValue?: unknown }
    | { readonly secret: true; readonly isSet: boolean; readonly isSetInFile: boolean }
  );

/** A connection of a customer. */
export interface ShownConnection {
  readonly authConnectionName: string;
  /** Who has added it. */
  readonly origin: Origin;
  /** Present when an administrator has taken it away. */
  readonly removed?: SetBy;
  readonly settings: readonly ShownSetting[];
}

/** A queue of a customer. */
export interface ShownQueue extends ShownSetBy {
  readonly queueKey: string;
  readonly state: 'secure' | 'open' | 'removed';
  readonly authConnectionName?: unknown;
  readonly requiredAcrValues?: unknown;
  /** What a reset goes back to; `unlisted` where the file does not know the queue. */
  readonly inFile: 'secure' | 'open' | 'unlisted';
}

/** A customer with what is in force. */
export interface ShownCustomer {
  readonly customerKey: string;
  readonly origin: Origin;
  readonly returnOrigins: ShownSetBy & { readonly value: unknown; readonly fileValue?: unknown };
  readonly connections: readonly ShownConnection[];
  readonly queues: readonly ShownQueue[];
}

/** What is in force, in the words of the configuration, each value with its origin. No secret is opened for it. */
export function viewOf(base: readonly LooseCustomer[], overlay: Overlay): readonly ShownCustomer[] {
  const added = overlay.customers.filter(
    (entry) => !base.some(({ customerKey }) => sameCustomer(customerKey, entry.customerKey)),
  );
  return [
    ...base.map((customer) =>
      customerView(
        customer.customerKey,
        customer,
        overlay.customers.find((entry) => sameCustomer(customer.customerKey, entry.customerKey)),
      ),
    ),
    ...added.map((entry) => customerView(entry.customerKey, undefined, entry)),
  ];
}

function customerView(
  customerKey: string,
  base: LooseCustomer | undefined,
  entry: CustomerOverlay | undefined,
): ShownCustomer {
  const names = [
    ...(base?.connections ?? []).map((connection) => String(connection['authConnectionName'])),
    ...(entry?.connections ?? []).map(({ authConnectionName }) => authConnectionName),
  ];
  const keys = [
    ...(base?.queues ?? []).map((queue) => String(queue['queueKey'])),
    ...(entry?.queues ?? []).map(({ queueKey }) => queueKey),
  ];
  const listed = keys.filter((key, at) => keys.findIndex((other) => sameQueue(other, key)) === at);
  return {
    customerKey,
    origin: originOf(base),
    returnOrigins: returnOriginsView(base, entry),
    connections: [...new Set(names)].map((name) =>
      connectionView(
        name,
        base?.connections.find((one) => one['authConnectionName'] === name),
        entry?.connections.find((one) => one.authConnectionName === name),
      ),
    ),
    queues: listed.map((key) =>
      queueView(
        key,
        base?.queues.find((one) => sameQueue(one['queueKey'], key)),
        entry?.queues.find((one) => sameQueue(one.queueKey, key)),
      ),
    ),
  };
}

function originOf(base: unknown): Origin {
  return base === undefined ? 'administrator' : 'file';
}

function returnOriginsView(
  base: LooseCustomer | undefined,
  entry: CustomerOverlay | undefined,
): ShownCustomer['returnOrigins'] {
  const fileValue = base?.returnOrigins ?? [];
  if (entry?.returnOrigins === undefined) return { origin: 'file', value: fileValue };
  const { value, by, at } = entry.returnOrigins;
  return { origin: 'administrator', value, fileValue, by, at };
}

function connectionView(
  authConnectionName: string,
  base: Loose | undefined,
  entry: ConnectionOverlay | undefined,
): ShownConnection {
  const own = Object.keys(base ?? {}).filter((key) => key !== 'authConnectionName');
  const keys = [...new Set([...own, ...(entry?.settings ?? []).map(({ key }) => key)])];
  return {
    authConnectionName,
    origin: originOf(base),
    ...(entry?.removed && { removed: entry.removed }),
    settings: keys.map((key) => settingView(key, base, entry)),
  };
}

function settingView(
  key: string,
  base: Loose | undefined,
  entry: ConnectionOverlay | undefined,
): ShownSetting {
  const setting = entry?.settings.find((one) => one.key === key);
  const isSetInFile = base !== undefined && Object.hasOwn(base, key);
  const isSet = setting === undefined ? isSetInFile : !('leftOut' in setting);
  const from: ShownSetBy =
    setting === undefined ? { origin: 'file' } : { origin: 'administrator', by: setting.by, at: setting.at };
  if (SECRET_SETTINGS.has(key)) return { key, secret: true, isSet, isSetInFile, ...from };
  const fileValue = base?.[key];
  if (setting === undefined) return { key, isSet, value: fileValue, ...from };
  return {
    key,
    isSet,
    ...('value' in setting ? { value: setting.value } : {}),
    ...(isSetInFile ? { fileValue } : {}),
    ...from,
  };
}

function queueView(queueKey: string, base: Loose | undefined, entry: QueueOverlay | undefined): ShownQueue {
  const fileConnection = base?.['authConnectionName'];
  const inFile = base === undefined ? 'unlisted' : fileConnection === undefined ? 'open' : 'secure';
  const stays = entry?.state !== 'secure' && inFile === 'secure' && entry?.overSecure !== true;
  if (entry === undefined || stays) {
    const state = inFile === 'secure' ? 'secure' : 'open';
    const requiredAcrValues = base?.['requiredAcrValues'];
    return { queueKey, state, inFile, origin: 'file', ...defined(fileConnection, requiredAcrValues) };
  }
  const { state, by, at } = entry;
  const demands = entry.requiredAcrValues ?? base?.['requiredAcrValues'];
  const secure = state === 'secure' ? defined(entry.authConnectionName, demands) : {};
  return { queueKey, state, inFile, origin: 'administrator', by, at, ...secure };
}

function defined(authConnectionName: unknown, requiredAcrValues: unknown) {
  return {
    ...(authConnectionName === undefined ? {} : { authConnectionName }),
    ...(requiredAcrValues === undefined ? {} : { requiredAcrValues }),
  };
}
