import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { CompactSign, exportJWK, generateKeyPair, type CryptoKey, type JWK } from 'jose';
import { after, before } from 'node:test';
import {
  AssertionRefused,
  createVerifier,
  type Verifier,
  type VerifierOptions,
} from '../../src/verify/index.ts';

/** A signing key of the gateway. */
export interface Signer {
  readonly kid: string;
  readonly privateKey: CryptoKey;
  /** As published. */
  readonly jwk: JWK;
}

/** What one assertion says otherwise than a good one; `undefined` takes a member out. */
export interface Deviation {
  readonly claims?: Record<string, unknown>;
  readonly header?: Record<string, unknown>;
}

export const ISSUER = 'https://chat.example.no';
export const QUEUE = 'q_bank';

let serial = 0;

export async function makeSigner(kid = `kid-${(serial += 1)}`): Promise<Signer> {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  return { kid, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg: 'ES256', use: 'sig' } };
}

export function goodClaims(now = Math.floor(Date.now() / 1000)): Record<string, unknown> {
  return {
    iss: ISSUER,
    aud: QUEUE,
    sub: 'rH8fKzq2',
    iat: now,
    exp: now + 60,
    jti: 'b7e0',
    customer: '12345',
    connection: 'Signicat',
    chatId: 'rH8fKzq2',
    nickName: 'Åse Ødegård 🦊',
    variables: [
      { name: 'national_id', description: 'Fødselsnummer', value: '170290*****' },
      { name: 'email', value: 'a+b@example.no' },
    ],
    acr: 'urn:signicat:oidc:method:nbid',
    amr: ['pwd', 'otp'],
    auth_time: 1794830400,
  };
}

export async function sign(signer: Signer, { claims, header }: Deviation = {}): Promise<string> {
  return signText(signer, JSON.stringify({ ...goodClaims(), ...claims }), header);
}

/** Any text as the payload, under a true signature. */
export async function signText(
  { kid, privateKey }: Signer,
  payload: string | Uint8Array,
  header: Record<string, unknown> = {},
): Promise<string> {
  const bytes = typeof payload === 'string' ? new TextEncoder().encode(payload) : payload;
  return new CompactSign(bytes)
    .setProtectedHeader({ alg: 'ES256', typ: 'JWT', kid, ...header })
    .sign(privateKey);
}

export function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** Serves a key set, or anything else, and counts how often it was asked. */
export class KeyServer {
  url = '';
  asked = 0;
  answer: RequestListener = (_req, res) => res.writeHead(503).end();
  readonly #server = createServer((req, res) => {
    this.asked += 1;
    this.answer(req, res);
  });

  async start(): Promise<this> {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening');
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/secure-chat/jwks.json`;
    return this;
  }

  publish(...keys: object[]): void {
    this.answer = (_req, res) =>
      res.writeHead(200, { 'content-type': 'application/jwk-set+json' }).end(JSON.stringify({ keys }));
  }

  async stop(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close().closeAllConnections();
    await closed;
  }
}

/** What the tests of one file share: one key, published, and verifiers that read it. */
export interface PublishedKey {
  readonly server: KeyServer;
  readonly signer: Signer;
  readonly verifierFor: (options?: Partial<VerifierOptions>) => Verifier;
}

/** Publishes a key for the tests of this file; it is there from the first test on. */
export function publishedKey(): PublishedKey {
  const server = new KeyServer();
  let signer: Signer | undefined;
  before(async () => {
    await server.start();
    signer = await makeSigner();
    server.publish(signer.jwk);
  });
  after(() => server.stop());
  return {
    server,
    get signer() {
      assert.ok(signer, 'the key is there from the first test on');
      return signer;
    },
    verifierFor: (options = {}) =>
      createVerifier({ issuer: ISSUER, audience: QUEUE, jwksUri: server.url, ...options }),
  };
}

/** Refused with one of the codes, and without a word of the assertion in anything that might be logged. */
export async function refused(
  outcome: Promise<unknown>,
  codes: string | readonly string[],
  assertion = '',
): Promise<void> {
  await assert.rejects(outcome, (error: unknown) => {
    assert.ok(error instanceof AssertionRefused, inspect(error));
    assert.ok([codes].flat().includes(error.code), `${error.code} instead of ${String(codes)}`);
    const shown = inspect(error, { depth: 9, showHidden: true });
    for (const part of assertion.split('.').filter((text) => text.length > 20))
      assert.ok(!shown.includes(part), 'the assertion is quoted');
    assert.doesNotMatch(shown, /rH8fKzq2|170290|degård/);
    return true;
  });
}
