import { openRaw } from './raw-client.ts';
import type { System } from './system.ts';
import type { RecordedRequest } from './upstream.ts';

/** One WebSocket handshake, byte for byte: the status of its answer, and what of it the chat server got. */
export async function shakeHands(
  { url, upstream }: Pick<System, 'url' | 'upstream'>,
  target: string,
  lines: readonly string[],
  version = '1.1',
): Promise<{ status: number; arrived: readonly RecordedRequest[] }> {
  const { host, port } = new URL(url);
  const head = [
    `GET ${target} HTTP/${version}`,
    `Host: ${host}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  ];
  const before = upstream.requests.length;
  const client = await openRaw(Number(port));
  client.write([...head, ...lines, '', ''].join('\r\n'));
  const status = Number((await client.until('\r\n\r\n')).slice(9, 12));
  client.destroy();
  return { status, arrived: upstream.requests.slice(before) };
}
