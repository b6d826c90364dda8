import { GatewayError } from '../errors.ts';
import type { Address } from '../queues/canonical-path.ts';
import { foldLeniently } from '../queues/fold-leniently.ts';
import { membersAt, withParts, wholeOf } from './json-text.ts';
import { asciiJson } from './puzzel-v1-text.ts';

/** What a tail looks like: a mark, so that no id of the chat server is taken for one, and 192 random bits. */
const TAIL = /\.(scg-[\w-]{32})$/;
const TAIL_IN_PATH = /(\/sessions\/[^/]+)\.(scg-[\w-]{32})(?=\/|$)/i;

/**
 * The address without the secret tail of the chat's id, and the tail. The chat server never sees it.
 *
 * @throws GatewayError `path_ambiguous` when the path could name a chat in two places.
 */
export function takeTail(address: Address): Address {
  const { path, decodedPath, target } = address;
  const places = foldLeniently(decodedPath).split('/sessions/').length - 1;
  if (places > 1) throw new GatewayError('path_ambiguous', 'The path names a chat in two places.');
  const tail = TAIL_IN_PATH.exec(path)?.[2];
  if (tail === undefined) return address;
  const without = (text: string) => text.replace(TAIL_IN_PATH, '$1');
  return {
    ...address,
    path: without(path),
    decodedPath: without(decodedPath),
    target: without(path) + target.slice(path.length),
    tail,
  };
}

/** A chat's id without its tail. */
export function withoutTail(id: string): string {
  return id.replace(TAIL, '');
}

/**
 * The answer to a start, its `iqSessionId` with a tail. Every other byte stays.
 *
 * @param body a JSON object in UTF-8 that names the chat
 */
export function withTail(body: Buffer, tail: string): Buffer {
  const text = body.toString('utf8');
  const span = wholeOf(text);
  const parts = membersAt(text, span).map(({ name, start, value }) => {
    const place = { start, end: value.end };
    if (name !== 'iqSessionId') return place;
    const written: unknown =
      text[value.start] === '"' ? JSON.parse(text.slice(value.start, value.end)) : undefined;
    const id = typeof written === 'string' ? written : text.slice(value.start, value.end);
    return { ...place, text: `${text.slice(start, value.start)}${asciiJson(`${id}.${tail}`)}` };
  });
  return Buffer.from(text.slice(0, span.start) + withParts(text, span, parts, []) + text.slice(span.end));
}
