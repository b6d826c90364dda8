import type { Connection, Queue } from './gateway-config.ts';

/** Headers whose names do not come from the mapping, without the prefix. */
const FIXED_SUFFIXES = [
  'Customer',
  'Queue',
  'Connection',
  'Id',
  'Nickname',
  'Variables',
  'Acr',
  'Amr',
  'Auth-Time',
  'Assertion',
  'Truncated',
] as const;

/** Bytes of `: ` and the line break. */
const LINE_BYTES = 4;

/** Header, signature, times and names of an assertion's claims, with an address and a `sub` of usual length. */
const ASSERTION_BYTES = 700;

/**
 * Bytes that the identity headers of a connection need before the first character of a claim: names, punctuation, keys,
 * the skeleton of the Variables JSON, and the assertion that holds it once more in base64url. The part that cutting values
 * cannot make smaller.
 */
export function fixedHeaderBytes(
  headerPrefix: string,
  connection: Connection,
  queues: readonly Queue[],
): number {
  const variables = connection.mapping.filter((entry) => entry.mapType === 'Variable');
  const names = [...FIXED_SUFFIXES, ...variables.map((entry) => entry.headerSuffix)];
  const nameBytes = names.reduce((sum, name) => sum + headerPrefix.length + name.length + LINE_BYTES, 0);
  const skeleton = variables.map(({ claim, description }) => ({ name: claim, description, value: '' }));
  const signed = ASSERTION_BYTES + Math.ceil((Buffer.byteLength(JSON.stringify(skeleton)) * 4) / 3);
  return nameBytes + asciiJsonLength(skeleton) + placeBytes(connection, queues) + signed;
}

/** Bytes of the least that a secure queue is told: Customer, Queue, Connection and `Truncated: *`. */
export function bareHeaderBytes(
  headerPrefix: string,
  connection: Connection,
  queues: readonly Queue[],
): number {
  const names = ['Customer', 'Queue', 'Connection', 'Truncated'];
  const nameBytes = names.reduce((sum, name) => sum + headerPrefix.length + name.length + LINE_BYTES, 0);
  return nameBytes + '*'.length + placeBytes(connection, queues);
}

function placeBytes(connection: Connection, queues: readonly Queue[]): number {
  const queueBytes = queues
    .filter((queue) => queue.connection === connection)
    .map((queue) => encodedLength(queue.queueKey));
  return encodedLength(connection.customerKey) + encodedLength(connection.name) + Math.max(0, ...queueBytes);
}

/** Length of the JSON with every character outside ASCII as `\uXXXX`. */
function asciiJsonLength(value: unknown): number {
  return JSON.stringify(value).replace(/[^ -~]/g, '\\uXXXX').length;
}

function encodedLength(value: string): number {
  return encodeURIComponent(value.toWellFormed()).length;
}
