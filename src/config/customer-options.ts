import { z } from 'zod';
import { connectionSchema } from './connection-options.ts';
import { list, text } from './option-kinds.ts';

const queueSchema = z.strictObject({
  /** Key of the queue, compared without regard to case and outer blanks. Required. */
  queueKey: text(200).describe(
    'Key of the queue, compared without regard to case and outer blanks. Required.',
  ),
  /** Connection of the same customer whose Identity the queue demands. Default: none, the queue is open. */
  authConnectionName: text(200)
    .optional()
    .describe(
      'Connection of the same customer whose Identity the queue demands. Default: none, the queue is open.',
    ),
  /** Authentication context classes that the queue takes, asked for in place of `authAcrValues`: an array or a list separated by blanks. Default: none, every one is taken. */
  requiredAcrValues: list(
    'Authentication context classes that the queue takes, asked for in place of `authAcrValues`: an array or a list separated by blanks. Default: none, every one is taken.',
  ),
});

/** One entry of `customers`. */
export const customerSchema = z.strictObject({
  /** Key of the customer at the chat server. Required. */
  customerKey: text(200).describe('Key of the customer at the chat server. Required.'),
  /** Whole https origins that a login may return to: an array or a comma list. Default: none beside that of `publicUrl`. */
  returnOrigins: list(
    'Whole https origins that a login may return to: an array or a comma list. Default: none beside that of `publicUrl`.',
  ),
  /** Connections of this customer. Required. */
  connections: z.array(connectionSchema).describe('Connections of this customer. Required.'),
  /** Queues of this customer. Default: none. */
  queues: z.array(queueSchema).optional().describe('Queues of this customer. Default: none.'),
});

/** A customer as a user may write it. */
export type CustomerOptions = z.input<typeof customerSchema>;
