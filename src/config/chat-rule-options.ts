import { z } from 'zod';
import { text } from './option-kinds.ts';

/** One entry of `chatRules`: which requests it reads, and the one place that holds the id of a chat. */
export const chatRuleSchema = z.strictObject({
  /** Only requests with this method. Default: every method. */
  method: text(40).optional().describe('Only requests with this method. Default: every method.'),
  /** Only requests on this path, in Express 5 syntax; `:chatId` in it names the chat. Default: every path. */
  path: text(2000)
    .optional()
    .describe(
      'Only requests on this path, in Express 5 syntax; `:chatId` in it names the chat. Default: every path.',
    ),
  /** Query parameter that names the chat. Default: none. */
  query: text(200).optional().describe('Query parameter that names the chat. Default: none.'),
  /** Request header that names the chat. Default: none. */
  header: text(200).optional().describe('Request header that names the chat. Default: none.'),
  /** Member of a JSON or form body (at most 64 KiB) that names the chat. Default: none. */
  body: text(200)
    .optional()
    .describe('Member of a JSON or form body (at most 64 KiB) that names the chat. Default: none.'),
  /** The request starts a chat: member of its JSON answer (at most 64 KiB) that holds the id, dotted where it lies deeper, or a text with members in braces. Default: none. */
  chatIdFrom: text(200)
    .optional()
    .describe(
      'The request starts a chat: member of its JSON answer (at most 64 KiB) that holds the id, dotted where it lies deeper, or a text with members in braces. Default: none.',
    ),
});

/** A chat rule as a user may write it. */
export type ChatRuleOptions = z.input<typeof chatRuleSchema>;
