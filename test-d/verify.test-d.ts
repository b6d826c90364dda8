import {
  createVerifier,
  decodeIdentityHeaders,
  type RefusalCode,
  type VerifiedIdentity,
  type Verifier,
} from '../src/verify/index.ts';
import type { IncomingMessage } from 'node:http';
import type { Request as ExpressRequest } from 'express';

export const verifier: Verifier = createVerifier({
  issuer: 'https://chat.example.no',
  audience: ['q_bank', 'q_loans'],
  customer: '12345',
});

export async function typed(
  request: IncomingMessage,
  express: ExpressRequest,
  web: Request,
): Promise<unknown> {
  const identity: VerifiedIdentity = await verifier.verifyRequest(request, { audience: 'q_bank' });
  await verifier.verifyRequest(express);
  await verifier.verifyRequest(web);
  await verifier.verifyRequest(request.rawHeaders);
  const nickName: string | undefined = identity.nickName;
  const values: readonly string[] = identity.variables.map(({ value }) => value);
  const authTime: number | undefined = decodeIdentityHeaders(request)?.authTime;
  // @ts-expect-error what is verified is not changed
  identity.sub = 'another';
  // @ts-expect-error a name may be absent
  const name: string = identity.nickName;
  return [nickName, values, authTime, name];
}

// @ts-expect-error the audience is mandatory; null says that each call names its own
createVerifier({ issuer: 'https://chat.example.no' });
createVerifier({ issuer: 'https://chat.example.no', audience: null });

// @ts-expect-error so is the issuer
createVerifier({ audience: 'q_bank' });

// @ts-expect-error an unknown queue must not fall back to the verifier's own
void verifier.verify('', { audience: undefined });

// @ts-expect-error no such code
export const code: RefusalCode = 'assertion_wrong';
