/** The door of this folder: options in, a frozen `GatewayConfig` out, or a `ConfigError` with every problem. */
export { resolveConfig, type ConfigContext } from './resolve-config.ts';
export { loadConfig, type ConfigSources } from './load-config.ts';
export { isProduction } from './env.ts';
export { ConfigError, type Problem } from './problems.ts';
export type { GatewayOptions } from './options.ts';
