import type { RequestHandler } from 'express';
import type { Logger } from '../observe/logger.ts';

/** What may be handed in beside the configuration, because it is not data. */
export interface RuntimeExtras {
  /** Default: JSON lines on stdout at `logLevel`. */
  readonly logger?: Logger;
  /** The host's own express-session middleware, for upgrades, which no middleware of the host has seen. */
  readonly session?: RequestHandler;
}
