import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

const path = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';

/** Why browser tests cannot run here: `{ skip: chromiumMissing }`. False where they can. */
export const chromiumMissing: string | false = existsSync(path)
  ? false
  : 'no Chromium on this machine (CHROMIUM_PATH)';

/** A headless Chromium that talks to loopback only. */
export function startChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: path,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
