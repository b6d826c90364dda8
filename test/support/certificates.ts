import { generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';

/** A certificate with its key, both PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** A name and a key that sign others. */
export interface Authority extends Certificate {
  readonly issue: (wish: CertificateWish) => Certificate;
}

export interface CertificateWish {
  /** DNS names, or IPv4 addresses. */
  readonly hosts: readonly string[];
  /** Days from now; default a day ago to a day ahead. */
  readonly validFrom?: number;
  readonly validTo?: number;
}

/** A new authority for one test (X.509 v3, RFC 5280; ECDSA on P-256). */
export function createAuthority(name: string): Authority {
  const own = newKey();
  const issuer = { name, key: own.privateKey };
  return {
    ...certify(issuer, own, name, { hosts: [] }, true),
    issue: (wish) => certify(issuer, newKey(), `${name} server`, wish, false),
  };
}

/** A certificate that vouches for itself. */
export function createSelfSigned(wish: CertificateWish): Certificate {
  const own = newKey();
  return certify({ name: 'self', key: own.privateKey }, own, 'self', wish, false);
}

interface KeyPair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

function newKey(): KeyPair {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' });
}

function certify(
  issuer: { readonly name: string; readonly key: KeyObject },
  own: KeyPair,
  subject: string,
  wish: CertificateWish,
  authority: boolean,
): Certificate {
  const algorithm = sequence(oid('2a8648ce3d040302'));
  const extensions = [
    sequence(
      oid('551d13'),
      der(0x01, Buffer.of(0xff)),
      der(0x04, sequence(...(authority ? [der(0x01, Buffer.of(0xff))] : []))),
    ),
  ];
  if (wish.hosts.length > 0)
    extensions.push(sequence(oid('551d11'), der(0x04, sequence(...wish.hosts.map(alternativeName)))));
  const body = sequence(
    der(0xa0, der(0x02, Buffer.of(2))),
    der(0x02, Buffer.concat([Buffer.of(1), randomBytes(8)])),
    algorithm,
    distinguished(issuer.name),
    sequence(time(wish.validFrom ?? -1), time(wish.validTo ?? 1)),
    distinguished(subject),
    own.publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(...extensions)),
  );
  const signature = der(0x03, Buffer.concat([Buffer.of(0), sign('sha256', body, issuer.key)]));
  const bytes = sequence(body, algorithm, signature);
  const lines = (bytes.toString('base64').match(/.{1,64}/g) ?? []).join('\n');
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
    key: own.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
  };
}

function der(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const head =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...head), content]);
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(0x30, Buffer.concat(parts));
}

function oid(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, 'hex'));
}

function distinguished(commonName: string): Buffer {
  return sequence(der(0x31, sequence(oid('550403'), der(0x0c, Buffer.from(commonName)))));
}

function time(days: number): Buffer {
  const text = new Date(Date.now() + days * 86_400_000).toISOString().replace(/[-:T]|\.\d+/g, '');
  return der(0x18, Buffer.from(text));
}

function alternativeName(host: string): Buffer {
  const isAddress = /^[\d.]+$/.test(host);
  return isAddress ? der(0x87, Buffer.from(host.split('.').map(Number))) : der(0x82, Buffer.from(host));
}
