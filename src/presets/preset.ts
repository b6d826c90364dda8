import type { ChatRule, GatewayConfig, QueueRule } from '../config/gateway-config.ts';
import type { QueueResolver } from '../queues/resolve.ts';
import { createPuzzelResolver } from './puzzel-v1-queues.ts';
import { PUZZEL_V1_CHAT_RULES, PUZZEL_V1_RULES } from './puzzel-v1.ts';

/** Where the protocol of a preset names its queues, beside the configuration's own `queueRules`. */
export function presetRules(preset: GatewayConfig['preset']): readonly QueueRule[] {
  return preset === 'puzzel-v1' ? PUZZEL_V1_RULES : [];
}

/** Which of its answers start a chat and where it names them, beside the configuration's own `chatRules`. */
export function presetChatRules(preset: GatewayConfig['preset']): readonly ChatRule[] {
  return preset === 'puzzel-v1' ? PUZZEL_V1_CHAT_RULES : [];
}

/** The resolver, with what the protocol of a preset names its queues by beside one key. */
export function presetResolver(preset: GatewayConfig['preset'], base: QueueResolver): QueueResolver {
  return preset === 'puzzel-v1' ? createPuzzelResolver(base) : base;
}
