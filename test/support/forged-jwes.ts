import { generateKeyPairSync } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import { CompactEncrypt, FlattenedEncrypt, importJWK } from 'jose';
import { encryptFor, encryptionPair } from './provider-tokens.ts';

/** Makes of a good token an encrypted one that nobody should open, or believe when it is open. */
export type Rewrite = (token: string) => string | Promise<string>;

/** JWEs that are too large, of other algorithms, for other keys, or not what they seem, by name. */
export async function forgedJwes(): Promise<Record<string, Rewrite>> {
  const { publicKey } = await encryptionPair();
  const strange = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' });
  const strangeKey = await importJWK(strange, 'RSA-OAEP');
  const wrap = (token: string, over: Record<string, unknown> = {}, key: typeof strangeKey = publicKey) =>
    new CompactEncrypt(new TextEncoder().encode(token))
      .setProtectedHeader({ alg: 'RSA-OAEP', enc: 'A256GCM', kid: 'enc-1', cty: 'JWT', ...over })
      .encrypt(key);
  return {
    'a JWE of 10 MB': () => encryptFor('x'.repeat(10_000_000), true),
    'a bomb in zip': async (token) => bomb(await wrap(token)),
    'encrypted to another key': (token) => wrap(token, {}, strangeKey),
    'encrypted to another kid': (token) => wrap(token, { kid: 'enc-2' }),
    'twice encrypted': async (token) => encryptFor(await wrap(token), true),
    'JSON serialization': async (token) => {
      const jwe = new FlattenedEncrypt(new TextEncoder().encode(token));
      jwe.setProtectedHeader({ alg: 'RSA-OAEP', enc: 'A256GCM', kid: 'enc-1' });
      return JSON.stringify(await jwe.encrypt(publicKey));
    },
    'encrypted claims without a signature': (token) =>
      encryptFor(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString(), false),
    'dir without a key': async (token) => relabel(await wrap(token), { alg: 'dir' }),
    'encrypted-idtoken-usingrsa15': async (token) => relabel(await wrap(token), { alg: 'RSA1_5' }),
    'alg none in the outer header': async (token) => relabel(await wrap(token), { alg: 'none' }),
    'critical members that nobody knows': (token) => wrapCritical(token, wrap),
    ...Object.fromEntries(
      [0, 1, 2, 3, 4].map((part): [string, Rewrite] => [
        `a bit of part ${part} flipped`,
        async (token) => flip(await wrap(token), part),
      ]),
    ),
  };
}

async function wrapCritical(token: string, wrap: (token: string) => Promise<string>): Promise<string> {
  return relabel(await wrap(token), { crit: ['made-up'], 'made-up': true });
}

/** The JWE with another protected header, which its tag does not cover. */
function relabel(jwe: string, over: Record<string, unknown>): string {
  const [header = '', ...rest] = jwe.split('.');
  const told = JSON.parse(Buffer.from(header, 'base64url').toString()) as Record<string, unknown>;
  return [Buffer.from(JSON.stringify({ ...told, ...over })).toString('base64url'), ...rest].join('.');
}

/** Says that its content is packed, and packs a great deal. */
function bomb(jwe: string): string {
  const [header = '', key = '', iv = '', , tag = ''] = relabel(jwe, { zip: 'DEF' }).split('.');
  return [header, key, iv, deflateRawSync(Buffer.alloc(20_000_000)).toString('base64url'), tag].join('.');
}

function flip(jwe: string, part: number): string {
  const parts = jwe.split('.');
  const bytes = Buffer.from(parts[part] ?? '', 'base64url');
  bytes[0] = (bytes[0] ?? 0) ^ 1;
  return parts.with(part, bytes.toString('base64url')).join('.');
}
