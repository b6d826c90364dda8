import { createServer, type AddressInfo, type Socket } from 'node:net';

/** One request as a persona cut it out of the bytes of a connection. */
export interface SeenRequest {
  readonly line: string;
  /** Names as they stood, without blanks; values with folded lines joined. */
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/** How a careless server finds the end of a request; each is known of some real one. */
export interface Persona {
  readonly name: string;
  /** Which wins where both are there. */
  readonly prefers: 'length' | 'chunked';
  /** Of several lengths. */
  readonly takes: 'first' | 'last';
  /** Takes any value that holds "chunked", under any name that folds to Transfer-Encoding; else the exact ones only. */
  readonly anySpelling: boolean;
  /** Lines end at a bare LF, too, and also at a bare CR. */
  readonly looseLines: boolean;
  /** GET, HEAD, DELETE and OPTIONS have no body, whatever they say ("CL.0"). `Connection: close` is still the end. */
  readonly bodilessMethods: boolean;
}

/** Every combination of the five careless habits. */
export const PERSONAS: readonly Persona[] = (['length', 'chunked'] as const).flatMap((prefers) =>
  (['first', 'last'] as const).flatMap((takes) =>
    [false, true].flatMap((anySpelling) =>
      [false, true].flatMap((looseLines) =>
        [false, true].map((bodilessMethods) => ({
          name: JSON.stringify({ prefers, takes, anySpelling, looseLines, bodilessMethods }),
          prefers,
          takes,
          anySpelling,
          looseLines,
          bodilessMethods,
        })),
      ),
    ),
  ),
);

/** The requests that this persona reads out of a connection's bytes (latin1), incomplete ones included. */
export function readAs(persona: Persona, bytes: string): SeenRequest[] {
  const requests: SeenRequest[] = [];
  let rest = bytes.replace(/^[\r\n]+/, '');
  while (rest !== '') {
    const end = (persona.looseLines ? /\r\n\r\n|\n\r?\n|\r\r/ : /\r\n\r\n/).exec(rest);
    const head = end === null ? rest : rest.slice(0, end.index);
    const request = readHead(head, persona.looseLines);
    requests.push(request);
    if (end === null) break;
    const length = bodyLength(persona, request, rest.slice(end.index + end[0].length));
    if (length === undefined || tokens(request, 'connection').includes('close')) break;
    rest = rest.slice(end.index + end[0].length + length).replace(/^[\r\n]+/, '');
  }
  return requests;
}

function readHead(head: string, looseLines: boolean): SeenRequest {
  const lines = head.split(looseLines ? /\r\n|\n|\r/ : /\r\n/);
  const headers: [string, string][] = [];
  for (const line of lines.slice(1)) {
    const last = headers.at(-1);
    if (/^[ \t]/.test(line) && last !== undefined) last[1] += ` ${line.trim()}`;
    else {
      const colon = line.indexOf(':');
      headers.push([
        line.slice(0, colon < 0 ? undefined : colon).trim(),
        colon < 0 ? '' : line.slice(colon + 1).trim(),
      ]);
    }
  }
  return { line: lines[0] ?? '', headers };
}

function tokens({ headers }: SeenRequest, wanted: string): string[] {
  return headers
    .filter(([name]) => name.toLowerCase() === wanted)
    .flatMap(([, value]) => value.toLowerCase().split(','))
    .map((token) => token.trim());
}

/** Characters of the body at the start of `rest`; undefined when it is not complete. */
function bodyLength(persona: Persona, request: SeenRequest, rest: string): number | undefined {
  if (persona.bodilessMethods && /^(?:GET|HEAD|DELETE|OPTIONS) /i.test(request.line)) return 0;
  const fold = (name: string): string => name.toLowerCase().replace(/[^a-z]/g, '-');
  const chunked = request.headers.some(([name, value]) =>
    persona.anySpelling
      ? fold(name) === 'transfer-encoding' && /chunked/i.test(value)
      : name.toLowerCase() === 'transfer-encoding' && value === 'chunked',
  );
  const lengths = request.headers
    .filter(([name]) => (persona.anySpelling ? fold(name) : name.toLowerCase()) === 'content-length')
    .map(([, value]) => parseInt(value, 10))
    .filter((length) => length >= 0);
  const length = lengths.at(persona.takes === 'first' ? 0 : -1);
  if (chunked && (length === undefined || persona.prefers === 'chunked')) return chunkedLength(rest, persona);
  if (length === undefined) return 0;
  return rest.length < length ? undefined : length;
}

function chunkedLength(rest: string, { looseLines }: Persona): number | undefined {
  const lineEnd = looseLines ? /\r?\n/ : /\r\n/;
  let at = 0;
  for (;;) {
    const end = lineEnd.exec(rest.slice(at));
    if (end === null) return undefined;
    const size = parseInt(rest.slice(at, at + end.index), 16);
    at += end.index + end[0].length;
    if (!(size >= 0)) return at;
    if (size === 0) break;
    at += size;
    const after = lineEnd.exec(rest.slice(at));
    if (after === null) return undefined;
    at += after.index + after[0].length;
  }
  for (;;) {
    const end = lineEnd.exec(rest.slice(at));
    if (end === null) return undefined;
    at += end.index + end[0].length;
    if (end.index === 0) return at;
  }
}

/** A TCP server that takes what it should refuse, and keeps every byte of every connection. */
export interface LenientUpstream {
  readonly url: string;
  /** What arrived on each connection since the last `forget`, as latin1 text. */
  readonly received: () => string[];
  /** Ends all connections and starts over. */
  readonly forget: () => void;
  stop(): Promise<void>;
}

const ANSWER = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

/** Answers each request of its own lax parser with 200 and keeps connections; never switches protocols. */
export async function startLenientUpstream(): Promise<LenientUpstream> {
  const answering = PERSONAS.find(
    (one) => one.prefers === 'chunked' && one.looseLines && !one.bodilessMethods,
  );
  if (answering === undefined) throw new TypeError('no persona answers');
  let connections: { socket: Socket; text: string; answered: number }[] = [];
  const server = createServer((socket) => {
    const connection = { socket, text: '', answered: 0 };
    connections.push(connection);
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk: Buffer) => {
      connection.text += chunk.toString('latin1');
      const seen = completeRequests(answering, connection.text);
      for (; connection.answered < seen; connection.answered += 1) socket.write(ANSWER);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endAll = (): void => {
    for (const { socket } of connections) socket.destroy();
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received: () => connections.map(({ text }) => text),
    forget() {
      endAll();
      connections = [];
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        endAll();
      }),
  };
}

function completeRequests(persona: Persona, text: string): number {
  const requests = readAs(persona, text);
  const last = readAs(persona, `${text}\0`).length;
  // a byte more begins a further request only where the last one is complete
  return last > requests.length ? requests.length : requests.length - 1;
}
