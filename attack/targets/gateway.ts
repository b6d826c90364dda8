import { fileURLToPath } from 'node:url';
import type { TargetKind } from './start-target.ts';

/** This gateway, stand-alone, state in memory. */
export const gateway: TargetKind = {
  name: () => 'secure-chat-gateway',
  command: ['--import', 'tsx', fileURLToPath(new URL('gateway-process.ts', import.meta.url))],
  environment: {},
  facts: {
    expected: [
      ['X-Secure-Chat-Id', 'kari-sub'],
      ['X-Secure-Chat-Nickname', 'Kari'],
    ],
    secureQuery: 'queueKey=q_bank',
    callbackPath: '/secure-chat/callback',
    loginPath: '/secure-chat/login?queueKey=q_bank',
    returnParameter: 'returnTo',
  },
};
