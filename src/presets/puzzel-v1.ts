import type { QueueRule } from '../config/gateway-config.ts';

/**
 * Puzzel's Chat API v1: the bodies that start a chat or send a survey name the queue, at any base path. `altQueueKey`,
 * `timeIdQueueKeyMapping` and the rewriting of bodies are not part of this release.
 */
export const PUZZEL_V1_RULES: readonly QueueRule[] = [
  bodyRule('{/*base}/sessions'),
  bodyRule('{/*base}/sessions/:id/survey'),
];

function bodyRule(path: string): QueueRule {
  return { method: 'POST', path, query: undefined, header: undefined, body: 'queueKey', queueKey: undefined };
}
