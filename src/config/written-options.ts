import type { GatewayConfig } from './gateway-config.ts';
import type { GatewayOptions } from './options.ts';
import type { ConfigContext } from './resolve-config.ts';
import type { Sifted } from './shape.ts';

/** What a configuration was resolved from: file and environment merged, or the options of the drop-in. */
export interface WrittenOptions {
  /** A copy of what was written. Holds secrets. */
  readonly options: Sifted<GatewayOptions>;
  readonly context: ConfigContext;
}

const written = new WeakMap<GatewayConfig, WrittenOptions>();

/** Remembers it beside the configuration, which itself stays free of vendor names. */
export function rememberWritten(config: GatewayConfig, from: WrittenOptions): GatewayConfig {
  written.set(config, from);
  return config;
}

/** The same configuration where somebody else has told its warnings already. */
export function withoutWarnings(config: GatewayConfig): GatewayConfig {
  return rememberWritten(Object.freeze({ ...config, warnings: [] }), writtenOf(config));
}

/**
 * What this configuration was resolved from.
 *
 * @throws TypeError for an object that `readOptions` did not make.
 */
export function writtenOf(config: GatewayConfig): WrittenOptions {
  const from = written.get(config);
  if (from === undefined)
    throw new TypeError('a gateway takes the configuration that resolveConfig made, not a copy of it');
  return from;
}
