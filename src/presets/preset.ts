import type { GatewayConfig, QueueRule } from '../config/gateway-config.ts';
import { PUZZEL_V1_RULES } from './puzzel-v1.ts';

/** Where the protocol of a preset names its queues, beside the configuration's own `queueRules`. */
export function presetRules(preset: GatewayConfig['preset']): readonly QueueRule[] {
  return preset === 'puzzel-v1' ? PUZZEL_V1_RULES : [];
}
