import { randomBytes } from 'node:crypto';
import type { Command } from './command.ts';

/** `keys generate`: nothing is read or kept. */
export const keysGenerate: Command = {
  name: 'keys generate',
  summary: 'Prints a new SESSION_SECRET, SEAL_KEY and PSEUDONYM_KEY; keeps them nowhere.',
  about: [
    'For a new gateway, as lines of an environment file:\n  secure-chat-gateway keys generate >> gateway.env',
    'To rotate, put one in front of the old one (SEAL_KEY=new,old), start every process anew, and call keys rotate.\nPSEUDONYM_KEY is set once and stays: with another one everybody gets another pseudonym.',
  ],
  options: {},
  run() {
    const keys = {
      SESSION_SECRET: randomBytes(48).toString('base64'),
      SEAL_KEY: randomBytes(32).toString('base64'),
      PSEUDONYM_KEY: randomBytes(32).toString('base64'),
    };
    const lines = Object.entries(keys).map(([name, value]) => `${name}=${value}`);
    return Promise.resolve({ ok: true, data: { keys }, text: lines.join('\n') });
  },
};
