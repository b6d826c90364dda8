import { ConflictError } from '../admin/conflict.ts';
import { ConfigError, type Problem } from '../config/problems.ts';
import { isGatewayError } from '../errors.ts';
import { describeBug } from '../observe/logger.ts';

/** The command was not called as its help says. Exit code 2. Repeats nothing that could be a secret. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The command could not do what it was asked for. Exit code 1. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  /** A word for programs. */
  readonly code: string;
  /** What to do. */
  readonly cure: string | undefined;

  constructor(code: string, message: string, cure?: string) {
    super(message);
    this.code = code;
    this.cure = cure;
  }
}

/** A failure as it is told: to people as lines, to programs as `error` of the document. */
export interface Failure {
  readonly exit: 1 | 2;
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly cure?: string;
    readonly problems?: readonly Problem[];
  };
}

/** Never holds a stack, a value of the configuration, or the message of an error from elsewhere. */
export function failureOf(error: unknown): Failure {
  if (error instanceof UsageError) return { exit: 2, error: { code: 'usage', message: error.message } };
  if (error instanceof CommandError) return failed(error.code, error.message, error.cure);
  if (error instanceof ConfigError) {
    const { message, problems } = error;
    return { exit: 1, error: { code: 'configuration_invalid', message, problems } };
  }
  if (error instanceof ConflictError)
    return failed(
      'conflict',
      'Somebody else has changed the settings in this very moment.',
      'Call it again.',
    );
  if (isGatewayError(error)) return failed(error.code, error.message, CURES[error.code]);
  return failed('internal_error', `A failure that nobody foresaw: ${describeBug(error)}`);
}

const CURES: Readonly<Record<string, string>> = {
  session_store_unavailable: '"secure-chat-gateway check" looks whether Redis and its settings are in order.',
};

function failed(code: string, message: string, cure?: string): Failure {
  return { exit: 1, error: { code, message, ...(cure === undefined ? {} : { cure }) } };
}
