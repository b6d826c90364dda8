import { z } from 'zod';
import { text } from './option-kinds.ts';

/** One entry of `queueRules`: which requests it reads, and the one place in them that names the queue. */
export const queueRuleSchema = z.strictObject({
  /** Only requests with this method. Default: every method. */
  method: text(40).optional().describe('Only requests with this method. Default: every method.'),
  /** Only requests on this path, in Express 5 syntax; `:queueKey` in it names the queue. Default: every path. */
  path: text(2000)
    .optional()
    .describe(
      'Only requests on this path, in Express 5 syntax; `:queueKey` in it names the queue. Default: every path.',
    ),
  /** Query parameter that names the queue. Default: none. */
  query: text(200).optional().describe('Query parameter that names the queue. Default: none.'),
  /** Request header that names the queue. Default: none. */
  header: text(200).optional().describe('Request header that names the queue. Default: none.'),
  /** Member of a JSON or form body (at most 64 KiB) that names the queue. Default: none. */
  body: text(200)
    .optional()
    .describe('Member of a JSON or form body (at most 64 KiB) that names the queue. Default: none.'),
  /** Fixed queue of every request that the rule reads. Default: none. */
  queueKey: text(200).optional().describe('Fixed queue of every request that the rule reads. Default: none.'),
});

/** A queue rule as a user may write it. */
export type QueueRuleOptions = z.input<typeof queueRuleSchema>;
