// first of all: takes the outcome out of the page's address
import './landing.ts';
import { createClient } from './secure-chat.ts';
import type { SecureChat, SecureChatSettings } from './types.ts';

export type { SecureChatError } from './refusal.ts';
export type {
  Display,
  LoginOptions,
  LoginOutcome,
  Queue,
  SecureChat,
  SecureChatEvents,
  SecureChatSettings,
  SessionInfo,
  UnsentRequest,
} from './types.ts';

/**
 * A client of the gateway for this page.
 *
 * @throws TypeError for settings that cannot work; `gateway` is needed wherever this is bundled into another script
 */
export function createSecureChat(settings: SecureChatSettings = {}): SecureChat {
  return createClient(settings, (import.meta as { url?: string }).url);
}
