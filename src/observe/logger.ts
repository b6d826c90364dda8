import process from 'node:process';
import { pino } from 'pino';
import { MisuseError } from '../errors.ts';

/**
 * Where the gateway writes what happens: one structured record a call. A host's pino, bunyan or winston-like logger
 * fits. Records hold request ids, codes, connection names and pseudonymous subjects, never a claim, code, token, handle,
 * cookie or secret.
 */
export interface Logger {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
}

/** Flat and harmless by construction: no objects, so nothing rides along unseen. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/**
 * JSON lines on stdout, as a log drain expects them. When nobody reads stdout any more the lines are lost and the
 * gateway goes on; pino's own destination would then keep the process from exiting. `base` is in every line.
 */
export function createLogger(level: string, base?: { readonly pid: number }): Logger {
  if (!process.stdout.listeners('error').includes(ignoreBrokenPipe))
    process.stdout.on('error', ignoreBrokenPipe);
  return pino(
    {
      level,
      base: base ?? null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    process.stdout,
  );
}

/** A line on stdout beside the log's; lost when nobody reads stdout any more. */
export function writeStdoutLine(line: string): void {
  process.stdout.write(`${line}\n`);
}

function ignoreBrokenPipe(): void {
  // an error event without a listener would end the process
}

/**
 * Where a failure that nobody foresaw came from: class and first place in the stack. Its message stays out, since the
 * runtime quotes values in it; only a `MisuseError` says what to do.
 */
export function describeBug(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  if (error instanceof MisuseError) return error.message;
  // the message comes first in the stack, and could hold a line that looks like a place
  const { name, message, stack = '' } = error;
  const end = message === '' ? stack.indexOf('\n') : stack.indexOf(message) + message.length;
  const frames = end > 0 && stack.includes(message) ? stack.slice(end) : '';
  const place = /^\s+at (\S.*(?::\d+:\d+\)?|\((?:native|<anonymous>)\)))$/m.exec(frames);
  return `${name} at ${place?.[1] ?? 'no place'}`;
}

/**
 * What may be said of a failure: its class and its code, following `cause`. Messages of libraries stay out, since they
 * quote what they were given (addresses with credentials, token answers, claims).
 */
export function describeError(error: unknown): string {
  const parts: string[] = [];
  for (let current = error; current instanceof Error && parts.length < 5; current = current.cause) {
    const code = 'code' in current && typeof current.code === 'string' ? current.code : undefined;
    parts.push(
      code === undefined || !/^[\w.-]{1,64}$/.test(code) ? current.name : `${current.name}(${code})`,
    );
  }
  return parts.join(' < ') || typeof error;
}
