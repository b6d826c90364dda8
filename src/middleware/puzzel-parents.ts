import { takeTail, withoutTail } from '../presets/puzzel-v1-tail.ts';
import { readAddress, type Address } from '../queues/canonical-path.ts';
import type { FoundChat } from './chats.ts';
import type { Runtime } from './runtime.ts';

/**
 * The chats of secure queues that a survey says it goes on from, by their whole ids or by the upstream's part of them. The
 * chat of the address itself is none of them: whether it may be gone on with is decided elsewhere.
 *
 * @param customerKeys Whose chats may be meant.
 * @throws GatewayError `queue_refused` for a chat whose secret tail is missing or wrong.
 */
export async function parentChats(
  runtime: Runtime,
  { decodedPath }: Address,
  ids: readonly string[],
  customerKeys: readonly string[],
): Promise<FoundChat[]> {
  const own = /\/sessions\/([^/]+)/i.exec(decodedPath)?.[1];
  const found: FoundChat[] = [];
  for (const id of ids.flatMap((written) => chatIdsOf(written, own, customerKeys))) {
    const address = takeTail(readAddress(`/sessions/${encodeURIComponent(id)}`));
    const chat = await runtime.chats?.find({ method: 'GET', address, rawHeaders: [] }, undefined);
    if (chat !== undefined) found.push(chat);
  }
  return found;
}

function chatIdsOf(written: string, own: string | undefined, customerKeys: readonly string[]): string[] {
  const id = withoutTail(written);
  const composed = customerKeys.map((key) => `${key}-${id}`);
  if (own === id || (own !== undefined && composed.includes(own))) return [];
  if (id === written) return [id, ...composed];
  // a secret belongs to one chat: it is not looked for under ids that are none
  const whole = customerKeys.some((key) => id.startsWith(`${key}-`));
  return whole ? [written] : customerKeys.map((key) => `${key}-${written}`);
}
