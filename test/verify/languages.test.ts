import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { asciiJson, encodeHeaderValue } from '../../src/proxy/encode-value.ts';
import { encode, goodClaims, ISSUER, KeyServer, makeSigner, QUEUE, sign, type Signer } from './rig.ts';

const root = new URL('../..', import.meta.url).pathname;
const folder = join(root, 'examples/verify-assertion');

/** How to run one example, or why this machine cannot. */
type Language =
  | { readonly run: readonly [string, ...string[]]; readonly env?: Record<string, string> }
  | { readonly skip: string };

const languages: Record<string, Language> = {
  Node: { run: [process.execPath, '--import', 'tsx', join(folder, 'node/verify-assertion.ts')] },
  Python: python(),
  Java: java(),
  PHP: php(),
  'C#': csharp(),
};

function works(command: string, ...args: string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}

function python(): Language {
  const candidates = [process.env['PYTHON'], 'python3', '/usr/bin/python3', 'python'].filter(
    (name) => name !== undefined,
  );
  const found = candidates.find((name) => works(name, '-c', 'import jwt, cryptography; jwt.PyJWKClient'));
  if (found !== undefined) return { run: [found, join(folder, 'python/verify_assertion.py')] };
  return {
    skip: works('python3', '--version')
      ? 'no PyJWT with cryptography in this Python'
      : 'no Python on this machine',
  };
}

function java(): Language {
  if (!works('javac', '-version')) return { skip: 'no JDK on this machine' };
  const jars = [
    ['org/bitbucket/b_c', 'jose4j'],
    ['org/slf4j', 'slf4j-api'],
    ['com/fasterxml/jackson/core', 'jackson-databind'],
    ['com/fasterxml/jackson/core', 'jackson-core'],
    ['com/fasterxml/jackson/core', 'jackson-annotations'],
  ].map(([group, artifact]) => newestJar(group!, artifact!));
  const classPath =
    process.env['JAVA_CLASS_PATH'] ?? (jars.includes(undefined) ? undefined : jars.join(delimiter));
  if (classPath === undefined)
    return { skip: 'no jose4j and Jackson in ~/.m2 (mvn dependency:resolve fetches them)' };
  return {
    run: ['java', '-XX:TieredStopAtLevel=1', '-cp', classPath, join(folder, 'java/VerifyAssertion.java')],
  };
}

function newestJar(group: string, artifact: string): string | undefined {
  const versions = join(homedir(), '.m2/repository', group, artifact);
  if (!existsSync(versions)) return undefined;
  return readdirSync(versions)
    .sort((a, b) => b.localeCompare(a, 'en', { numeric: true }))
    .map((version) => join(versions, version, `${artifact}-${version}.jar`))
    .find((jar) => existsSync(jar));
}

function php(): Language {
  if (!works('php', '--version')) return { skip: 'no PHP on this machine' };
  const autoload = process.env['PHP_AUTOLOAD'] ?? join(folder, 'php/vendor/autoload.php');
  if (!existsSync(autoload)) return { skip: 'no firebase/php-jwt in examples/verify-assertion/php/vendor' };
  return { run: ['php', join(folder, 'php/verify-assertion.php')], env: { PHP_AUTOLOAD: autoload } };
}

function csharp(): Language {
  if (!works('dotnet', '--version')) return { skip: 'no .NET on this machine' };
  const program = join(folder, 'csharp/bin/Release/net8.0/verify-assertion.dll');
  if (!existsSync(program)) return { skip: 'the C# example is not built (dotnet build -c Release)' };
  return { run: ['dotnet', program] };
}

let server: KeyServer;
let signer: Signer;

before(async () => {
  server = await new KeyServer().start();
  signer = await makeSigner();
  server.publish(signer.jwk);
});
after(() => server.stop());

interface Case {
  readonly name: string;
  readonly assertions: readonly string[];
  /** The refusal where all languages can tell it; any refusal when absent. */
  readonly error?: string;
}

const at = (seconds: number) => Math.floor(Date.now() / 1000) + seconds;

async function badCases(): Promise<readonly Case[]> {
  const good = await sign(signer);
  const header = { alg: 'none', typ: 'JWT', kid: signer.kid };
  const [, payload = '', signature = ''] = good.split('.');
  const hs256 = `${encode({ ...header, alg: 'HS256' })}.${payload}`;
  const mac = createHmac('sha256', JSON.stringify(signer.jwk)).update(hs256).digest('base64url');
  const foreign = await makeSigner(signer.kid);
  const unknown = await makeSigner();
  const one = async (name: string, deviation: Parameters<typeof sign>[1], error?: string): Promise<Case> => ({
    name,
    assertions: [await sign(signer, deviation)],
    ...(error === undefined ? {} : { error }),
  });
  return [
    await one('expired', { claims: { iat: at(-90), exp: at(-30) } }, 'assertion_expired'),
    await one('another queue', { claims: { aud: 'q_loans' } }, 'assertion_audience'),
    await one('another gateway', { claims: { iss: 'https://chat.evil.example' } }, 'assertion_issuer'),
    await one('an hour of life', { claims: { exp: at(3600) } }),
    await one('from the future', { claims: { iat: at(120), exp: at(180) } }),
    ...(await Promise.all(
      ['iss', 'aud', 'sub', 'iat', 'exp', 'jti', 'customer', 'connection'].map((name) =>
        one(`without ${name}`, { claims: { [name]: undefined } }),
      ),
    )),
    await one('another type', { header: { typ: 'at+jwt' } }),
    { name: 'alg none', assertions: [`${encode(header)}.${payload}.`] },
    { name: 'alg none with a signature', assertions: [`${encode(header)}.${payload}.${signature}`] },
    { name: 'HS256 with the public key', assertions: [`${hs256}.${mac}`] },
    { name: 'a foreign key under our kid', assertions: [await sign(foreign)] },
    {
      name: 'a key that brings itself',
      assertions: [await sign(unknown, { header: { jwk: unknown.jwk, jku: server.url } })],
    },
    {
      name: 'a changed payload',
      assertions: [`${good.split('.')[0]}.${encode({ ...goodClaims(), sub: 'mallory' })}.${signature}`],
    },
    { name: 'no JWT', assertions: ['nonsense'] },
    { name: 'none at all', assertions: [], error: 'assertion_missing' },
    { name: 'two', assertions: [good, good] },
  ];
}

const people = [
  'Kari',
  'Åse Ødegård',
  'Łukasz 🦊 Ødegård',
  '李小龍',
  'a+b c',
  '100 % "quoted" \\ back',
  '%41',
  'e\u0301 combining',
  'x'.repeat(300),
];
const variables = people.map((value, index) => ({
  name: `v_${index}`,
  description: 'Fødsels+nummer %2B',
  value,
}));

async function answers(language: Extract<Language, { run: unknown }>, requests: readonly object[]) {
  const [command, ...args] = language.run;
  const { PATH, HOME, TSX_TSCONFIG_PATH } = process.env;
  const child = spawn(command, args, {
    cwd: root,
    env: { PATH, HOME, TSX_TSCONFIG_PATH, ...language.env, JWKS_URL: server.url, ISSUER, AUDIENCE: QUEUE },
  });
  child.stdin.end(requests.map((request) => `${JSON.stringify(request)}\n`).join(''));
  const [output, complaints] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const lines = output.trim().split('\n');
  assert.equal(lines.length, requests.length, complaints);
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

for (const [name, language] of Object.entries(languages)) {
  const skip = 'skip' in language ? language.skip : false;
  test(`${name}: good assertions and plain headers are read, forged ones refused`, { skip }, async () => {
    if ('skip' in language) return;
    const cases = await badCases();
    const good = await Promise.all(
      people.map(async (nickName) => ({
        'X-Secure-Chat-Assertion': [await sign(signer, { claims: { nickName, variables } })],
        'X-Secure-Chat-Customer': ['12345'],
        'X-Secure-Chat-Queue': [QUEUE],
        'X-Secure-Chat-Connection': ['Signicat'],
        'X-Secure-Chat-Nickname': [encodeHeaderValue(nickName)],
        'X-Secure-Chat-Variables': [asciiJson(variables)],
      })),
    );
    const bad = cases.map(({ assertions }) =>
      assertions.length > 0 ? { 'X-Secure-Chat-Assertion': assertions } : {},
    );
    const outcomes = await answers(language, [...good, ...bad]);
    for (const [index, nickName] of people.entries())
      assert.deepEqual(outcomes[index], {
        ok: true,
        sub: 'rH8fKzq2',
        nickName,
        variables,
        plain: { nickName, variables },
      });
    for (const [index, { name: what, error }] of cases.entries()) {
      const outcome = outcomes[people.length + index]!;
      assert.equal(outcome['ok'], false, what);
      assert.match(
        String(outcome['error']),
        error === undefined ? /^assertion_[a-z]+$/ : new RegExp(`^${error}$`),
        what,
      );
    }
  });
}
