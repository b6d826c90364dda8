import type { RequestHandler } from 'express';
import type { Logger } from '../observe/logger.ts';

/** What may be handed in beside the configuration, because it is not data. */
export interface RuntimeExtras {
  /** Default: JSON lines on stdout at `logLevel`. */
  readonly logger?: Logger;
  /**
   * Gets each entry of the audit record as one line of JSON. Default: stdout, where the log goes there too; nobody, where
   * `logger` is given.
   */
  readonly auditLine?: (line: string) => void;
  /** The host's own express-session middleware, for upgrades, which no middleware of the host has seen. */
  readonly session?: RequestHandler;
}
