export { createVerifier, type Verifier } from './verifier.ts';
export { decodeIdentityHeaders } from './decode-identity-headers.ts';
export { AssertionRefused, type RefusalCode } from './assertion-refused.ts';
export type { Expectations, VerifierOptions } from './verifier-options.ts';
export type { HeaderRecord, HeaderSource, RequestWithHeaders } from './request-headers.ts';
export type { PersonFacts, VerifiedIdentity, VerifiedVariable } from './verified-identity.ts';
