// first of all: takes the outcome out of the page's address
import './landing.ts';
import { createClient } from './secure-chat.ts';
import type { SecureChatSettings } from './types.ts';

// as a module, or behind a loader, there is no current script; the page's own elements still name it
const element = document.currentScript ?? document.querySelector('script[src*="/client.js"]');
const address = element instanceof HTMLScriptElement ? element.src : undefined;

Object.assign(globalThis, {
  SecureChat: {
    createSecureChat: (settings: SecureChatSettings = {}) => createClient(settings, address),
  },
});
