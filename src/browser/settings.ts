import type { SecureChatSettings } from './types.ts';

/** Settings as the client works with them. */
export interface ReadSettings extends SecureChatSettings {
  /** Origin and prefix, without a trailing slash. */
  readonly gateway: string;
  readonly origin: string;
  readonly customerKey: string | undefined;
}

/**
 * Reads what a page says. What is the vendor's and not ours is left alone.
 *
 * @param script address that this script was loaded from, where that is known
 * @throws TypeError when nothing says where the gateway is
 */
export function readSettings(settings: SecureChatSettings, script: string | undefined): ReadSettings {
  const written = settings.gateway ?? /^(https?:.*)\/client\.m?js(?:[?#]|$)/.exec(script ?? '')?.[1];
  if (!written) throw new TypeError('SecureChat: no gateway');
  const { origin, pathname } = new URL(written);
  return {
    ...settings,
    gateway: origin + pathname.replace(/\/+$/, ''),
    origin,
    customerKey: textOf(settings.customerKey),
  };
}

/** Pages write a customer key as a number too. */
export function textOf(key: string | number | undefined): string | undefined {
  return key === undefined ? undefined : `${key}`;
}
