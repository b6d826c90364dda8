import { z } from 'zod';
import { list, text } from './option-kinds.ts';

const customerKey = text(200);
const authConnectionName = text(200);
const queueKey = text(200);
const aQueue = { customerKey, queueKey };
const aConnection = { customerKey, authConnectionName };

/** One change that an administrator makes, in the words of the configuration. */
export const editSchema = z.discriminatedUnion('kind', [
  /** Adds the customer, or sets where its logins may return to. */
  z.strictObject({ kind: z.literal('customer'), customerKey, returnOrigins: list('As in customers[].') }),
  /** Adds the connection, or sets these settings of it; `leaveOut` names those that shall not be set at all. */
  z.strictObject({
    kind: z.literal('connection'),
    ...aConnection,
    settings: z.record(z.string(), z.unknown()).default({}),
    leaveOut: z.array(z.string()).default([]),
  }),
  z.strictObject({ kind: z.literal('connection.remove'), ...aConnection }),
  /** Lists the queue and lets it demand an identity of this connection. */
  z.strictObject({
    kind: z.literal('queue.secure'),
    ...aQueue,
    authConnectionName,
    requiredAcrValues: list('As in customers[].queues[]. Absent: as the file says.'),
  }),
  /** Lists the queue and lets everybody in. Nothing else opens a secure queue. */
  z.strictObject({ kind: z.literal('queue.open'), ...aQueue }),
  /** Takes the queue out of the list; `unknownQueues` then says what becomes of it. */
  z.strictObject({ kind: z.literal('queue.remove'), ...aQueue }),
  /** Back to what the file says: everything, one customer, one connection or one setting of it, one queue. */
  z.strictObject({ kind: z.literal('reset') }),
  z.strictObject({ kind: z.literal('reset.customer'), customerKey }),
  z.strictObject({ kind: z.literal('reset.connection'), ...aConnection, key: z.string().optional() }),
  z.strictObject({ kind: z.literal('reset.queue'), ...aQueue }),
]);

/** One change, as it is written. */
export type Edit = z.input<typeof editSchema>;

/** One change, after the check of its shape. */
export type CheckedEdit = z.output<typeof editSchema>;
