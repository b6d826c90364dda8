import type { GatewayConfig, Queue } from '../config/gateway-config.ts';
import { GatewayError } from '../errors.ts';
import { puzzelCall } from '../presets/puzzel-v1.ts';
import type { Chats, FoundChat } from './chats.ts';

/**
 * Chats of a preset. A survey names a queue beside its chat, which may be any of those that the chat was started with: it
 * is refused only where that queue is of another connection than the chat's.
 */
export function presetChats(preset: GatewayConfig['preset'], chats: Chats | undefined): Chats | undefined {
  if (preset === undefined || chats === undefined) return chats;
  return {
    ...chats,
    async find(request, named) {
      if (named === undefined || puzzelCall(request.method, request.address) !== 'survey')
        return await chats.find(request, named);
      const chat = await chats.find(request, undefined);
      return chat === undefined ? await chats.find(request, named) : checked(chat, named);
    },
  };
}

function checked(chat: FoundChat, named: Queue): FoundChat {
  if (named.connection === undefined || named.connection.id === chat.queue.connection.id) return chat;
  throw new GatewayError('queue_ambiguous', 'The survey is for a queue of another connection than its chat.');
}
