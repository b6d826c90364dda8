import { z } from 'zod';
import { DEFAULTS } from './defaults.ts';
import { flag, wholeNumber } from './option-kinds.ts';

/** Bounds of the audit record, and whether its lines go to stdout. */
export const auditSchema = z.strictObject({
  /** Entries of each of its two parts that are kept; about 500 bytes each. Default: `20000`. */
  maxEntries: wholeNumber(100, 10_000_000)
    .optional()
    .meta({ default: DEFAULTS.audit.maxEntries })
    .describe('Entries of each of its two parts that are kept; about 500 bytes each. Default: `20000`.'),
  /** Days after which an entry is dropped. Default: `90`. */
  maxDays: wholeNumber(1, 3650)
    .optional()
    .meta({ default: DEFAULTS.audit.maxDays })
    .describe('Days after which an entry is dropped. Default: `90`.'),
  /** Whether each entry is also a line of JSON on stdout, for a log drain. Default: `true`. */
  stdout: flag()
    .optional()
    .meta({ default: DEFAULTS.audit.stdout })
    .describe('Whether each entry is also a line of JSON on stdout, for a log drain. Default: `true`.'),
});
