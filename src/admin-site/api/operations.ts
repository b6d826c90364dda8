import { connectionOperations } from './connection-operations.ts';
import type { Operation } from './operation.ts';
import { queueOperations } from './queue-operations.ts';
import { recordOperations } from './record-operations.ts';
import { settingsOperations } from './settings-operations.ts';

/** Every route of the API: what the router serves and what the description says. */
export const OPERATIONS: readonly Operation[] = [
  ...recordOperations,
  ...settingsOperations,
  ...connectionOperations,
  ...queueOperations,
];
