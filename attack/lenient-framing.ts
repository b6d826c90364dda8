/** One request as a forgiving server makes it out of bytes. */
export interface ReadRequest {
  readonly method: string;
  readonly target: string;
  /** Names without blanks around them; order and duplicates as on the wire. */
  readonly headers: readonly (readonly [string, string])[];
  readonly trailers: readonly (readonly [string, string])[];
  /** Without chunk framing. */
  readonly body: string;
  /** Everything of it, framing included. */
  readonly raw: string;
}

/** Which of two framings a server believes when a request has both. */
export type Preference = 'chunked' | 'length';

/**
 * Reads the first request of a text (latin1). Forgiving wherever servers are: a bare LF or CR ends a line, blanks stand
 * before names and colons, a repeated length's last line holds, and any coding that mentions `chunked` is it.
 * @returns undefined while it is incomplete
 */
export function readRequest(text: string, prefer: Preference): ReadRequest | undefined {
  const start = /^[\r\n]*/.exec(text)?.[0].length ?? 0;
  const end = /\r\n\r\n|\n\r?\n|\r\r/.exec(text.slice(start));
  if (end === null) return undefined;
  const head = text.slice(start, start + end.index);
  const bodyStart = start + end.index + end[0].length;
  const [requestLine = '', ...lines] = head.split(/\r\n|\n|\r/);
  const [method = '', target = ''] = requestLine.trim().split(/[ \t]+/);
  const headers = readFields(lines);
  const read = readBody(text.slice(bodyStart), headers, prefer);
  if (read === undefined) return undefined;
  const raw = text.slice(start, bodyStart + read.length);
  return { method, target, headers, trailers: read.trailers, body: read.body, raw };
}

/** All requests of a text; an unfinished rest is left out, but for its head when it has one. */
export function readRequests(text: string, prefer: Preference): ReadRequest[] {
  const requests: ReadRequest[] = [];
  let rest = text;
  while (/[^\r\n]/.test(rest)) {
    const request = readRequest(rest, prefer) ?? unfinished(rest);
    if (request === undefined) break;
    requests.push(request);
    rest = rest.slice(rest.indexOf(request.raw) + request.raw.length);
  }
  return requests;
}

/** A request whose body never ended was still a request to who answers early. */
function unfinished(text: string): ReadRequest | undefined {
  const end = /\r\n\r\n|\n\r?\n|\r\r/.exec(text);
  if (end === null) return undefined;
  const head = readRequest(
    text.slice(0, end.index).replace(/^(content-length|transfer-encoding)/gim, 'x-$1') + '\r\n\r\n',
    'length',
  );
  return head && { ...head, body: text.slice(end.index + end[0].length), raw: text };
}

function readFields(lines: readonly string[]): [string, string][] {
  const fields: [string, string][] = [];
  for (const line of lines) {
    const at = line.indexOf(':');
    const last = fields.at(-1);
    if (at > 0) fields.push([line.slice(0, at).trim(), line.slice(at + 1).trim()]);
    else if (/^[ \t]/.test(line) && last !== undefined) last[1] += ` ${line.trim()}`;
  }
  return fields;
}

interface Body {
  readonly body: string;
  readonly trailers: [string, string][];
  readonly length: number;
}

function readBody(
  text: string,
  headers: readonly (readonly [string, string])[],
  prefer: Preference,
): Body | undefined {
  const last = (wanted: string) => headers.findLast(([name]) => name.toLowerCase() === wanted)?.[1];
  const coded = headers.some(([name, value]) => /^transfer.encoding$/i.test(name) && /chunked/i.test(value));
  const length = last('content-length');
  if (coded && (prefer === 'chunked' || length === undefined)) return readChunks(text);
  const bytes = Number.parseInt(length ?? '0', 10) || 0;
  if (text.length < bytes) return undefined;
  return { body: text.slice(0, bytes), trailers: [], length: bytes };
}

function readChunks(text: string): Body | undefined {
  let body = '';
  let at = 0;
  for (;;) {
    const line = /^([0-9a-f]*)[^\r\n]*\r?\n/i.exec(text.slice(at));
    if (line === null) return undefined;
    at += line[0].length;
    const size = Number.parseInt(line[1] || '0', 16);
    if (size === 0) break;
    if (text.length < at + size) return undefined;
    body += text.slice(at, at + size);
    at += size;
    at += /^\r?\n/.exec(text.slice(at))?.[0].length ?? 0;
  }
  const end = /^(?:\r?\n|[^]*?\n\r?\n)/.exec(text.slice(at));
  if (end === null) return undefined;
  return { body, trailers: readFields(end[0].split(/\r?\n/)), length: at + end[0].length };
}
