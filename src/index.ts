export { createGateway, type Gateway } from './gateway.ts';
export { secureChat, type SecureChat } from './secure-chat.ts';
export { GatewayError, isGatewayError, PROBLEMS, type ProblemCode } from './errors.ts';
export { ConfigError, type Problem } from './config/problems.ts';
export type { GatewayOptions } from './config/options.ts';
export type { Identity, Variable } from './claims/identity-types.ts';
export type { RuntimeExtras } from './middleware/extras.ts';
export type { SecureChatContext } from './middleware/hand-over.ts';
export type { Logger, LogFields } from './observe/logger.ts';
