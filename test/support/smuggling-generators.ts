import fc from 'fast-check';

/** One client's bytes; `id` tells cases apart in every address. */
export type SmugglingCase = (id: string) => string;

/** Where a case is sent: past no rule, through a rule that reads the body, or as an upgrade. */
export type Route = 'plain' | 'body rule' | 'upgrade';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'] as const;

/** `N` is the length of the body as it stands, `S` a shorter one. */
const FRAMINGS = [
  'Content-Length: N',
  'Content-Length: S',
  'Content-Length: 0',
  'Content-Length: +N',
  'Content-Length: -N',
  'Content-Length:  N ',
  'Content-Length: N\r\nContent-Length: N',
  'Content-Length: N\r\nContent-Length: 0',
  'Content-Length: N, 0',
  'Content-Length: N, N',
  'Content-Length: 0xN',
  'Content-Length: N 0',
  'Content-Length : N',
  'Content_Length: N',
  'Content-Length: 99999999999999999999',
  'content-length:N',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: chunked\r\nContent-Length: S',
  'Content-Length: S\r\nTransfer-Encoding: chunked',
  'Content-Length: N\r\nTransfer-Encoding: identity',
  'Transfer-Encoding: Chunked',
  'Transfer-Encoding:\tchunked',
  'Transfer-Encoding: chunked ',
  'Transfer-Encoding: xchunked\r\nContent-Length: N',
  'Transfer-Encoding: "chunked"\r\nContent-Length: N',
  'Transfer-Encoding: chunked, identity',
  'Transfer-Encoding: identity, chunked',
  'Transfer-Encoding: gzip, chunked',
  'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked',
  'Transfer-Encoding: chunked\r\nTransfer-Encoding: x',
  'Transfer-Encoding:\x0bchunked\r\nContent-Length: N',
  'Transfer-Encoding : chunked',
  'Transfer_Encoding: chunked\r\nContent-Length: N',
  'Transfer.Encoding: chunked\r\nContent-Length: N',
  ' Transfer-Encoding: chunked\r\nContent-Length: N',
  'X: y\r\n Transfer-Encoding: chunked\r\nContent-Length: N',
  'X: y\nTransfer-Encoding: chunked\r\nContent-Length: N',
  'X: y\rTransfer-Encoding: chunked\r\nContent-Length: N',
  'X: y\0\r\nContent-Length: N',
  'Transfer-Encoding:\r\n chunked\r\nContent-Length: N',
  'Transfer-Encoding\r\n: chunked\r\nContent-Length: N',
  'TE: chunked\r\nTrailer: X-Secure-Chat-Id\r\nTransfer-Encoding: chunked',
  '',
] as const;

/** What some body of the list fits. */
const HONEST_FRAMINGS = ['Content-Length: N', 'Transfer-Encoding: chunked', ''] as const;

const COMPANIONS = [
  'Connection: keep-alive',
  'Connection: close',
  'Connection: Transfer-Encoding, upgrade\r\nUpgrade: websocket',
  'Connection: Content-Length',
  'Connection: content-length, transfer-encoding, keep-alive',
  'Connection: upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA',
  'Connection: Upgrade\r\nUpgrade: TLS/1.0',
  'Expect: 100-continue',
  'Expect: 200-ok',
  'Keep-Alive: Transfer-Encoding',
  'Proxy-Connection: keep-alive',
  'X-HTTP-Method-Override: POST',
  'Max-Forwards: 0',
  '',
] as const;

const LINE_ENDS = ['\r\n', '\r\n', '\r\n', '\r\n', '\n', '\r', '\r\r\n'] as const;
const VERSIONS = [
  'HTTP/1.1',
  'HTTP/1.1',
  'HTTP/1.1',
  'HTTP/1.0',
  'HTTP/1.1 ',
  'http/1.1',
  'HTTP/2.0',
  'HTTP/0.9',
] as const;

const smuggled = (id: string): string =>
  `GET /${id}/smuggled HTTP/1.1\r\nHost: u\r\nX-Secure-Chat-Id: forged\r\n\r\n`;

type Body = (id: string) => string;

/** Bodies that hold a second request, in each coding and in bad ones. */
const BODIES: readonly Body[] = [
  smuggled,
  (id) => chunk(smuggled(id)) + LAST,
  (id) => chunk('{}') + LAST + smuggled(id),
  (id) => `0\r\n\r\n${smuggled(id)}`,
  (id) => chunk(smuggled(id), ';a=b') + LAST,
  (id) => chunk('{}', ';\n') + LAST + smuggled(id),
  (id) => chunk('{}', `;a="\r\n${smuggled(id)}"`) + LAST,
  (id) => `${chunk(smuggled(id))}0\r\nX-Secure-Chat-Id: forged\r\n\r\n`,
  (id) => `${chunk('{}')}0\r\nX: y\r\n${smuggled(id)}`,
  (id) => chunk(smuggled(id)).replaceAll('\r\n', '\n') + LAST,
  (id) => `0x2\r\n{}\r\n${LAST}${smuggled(id)}`,
  (id) => `+2\r\n{}\r\n${LAST}${smuggled(id)}`,
  (id) => `100000000000000002\r\n{}\r\n${LAST}${smuggled(id)}`,
  (id) => `2\r\n{}XX0\r\n\r\n${smuggled(id)}`,
  (id) => `2 \r\n{}\r\n${LAST}${smuggled(id)}`,
  () => '{}',
  () => '',
];

const LAST = '0\r\n\r\n';

function chunk(data: string, extension = ''): string {
  return `${data.length.toString(16)}${extension}\r\n${data}\r\n`;
}

interface Parts {
  readonly method: string;
  readonly version: string;
  readonly framing: string;
  readonly companion: string;
  readonly body: Body;
  readonly lineEnd: string;
  readonly pipelined: boolean;
}

const mostly = (usual: string, rare: readonly string[]): fc.Arbitrary<string> =>
  fc.oneof({ weight: 8, arbitrary: fc.constant(usual) }, { weight: 2, arbitrary: fc.constantFrom(...rare) });

/** A request of every method, framing and body, with `/next` of the same client behind it now and then. */
export function smugglingCases(route: Route): fc.Arbitrary<SmugglingCase> {
  return fc
    .record<Parts>({
      method:
        route === 'upgrade' ? fc.constantFrom('GET', 'GET', 'GET', ...METHODS) : fc.constantFrom(...METHODS),
      version: mostly('HTTP/1.1', VERSIONS),
      framing: fc.oneof(fc.constantFrom(...HONEST_FRAMINGS), fc.constantFrom(...FRAMINGS)),
      companion: mostly('Connection: keep-alive', COMPANIONS),
      body: fc.constantFrom(...BODIES),
      lineEnd: mostly('\r\n', LINE_ENDS),
      pipelined: fc.boolean(),
    })
    .map((parts) => (id: string) => render(route, parts, id));
}

function render(route: Route, parts: Parts, id: string): string {
  const body = parts.body(id);
  const framing = parts.framing
    .replace(/(?<![A-Za-z])N|(?<=0x)N/g, String(body.length))
    .replace(/(?<= )S\b/, String(Math.min(5, body.length)));
  const upgrade = route === 'upgrade' ? UPGRADE : undefined;
  const lines = [
    `${parts.method} ${route === 'body rule' ? '/sessions' : ''}/${id}/first ${parts.version}`,
    'Host: gateway.example',
    'Content-Type: application/json',
    upgrade ?? parts.companion,
    framing,
  ].filter((line) => line !== '');
  const head = lines.join('\r\n').replaceAll('\r\n', parts.lineEnd) + parts.lineEnd.repeat(2);
  const next = parts.pipelined ? `GET /${id}/pipelined HTTP/1.1\r\nHost: gateway.example\r\n\r\n` : '';
  return head + body + next;
}

const UPGRADE =
  'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==';
