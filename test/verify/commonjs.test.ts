import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ISSUER, makeSigner, QUEUE, sign } from './rig.ts';

const root = new URL('../..', import.meta.url).pathname;
const tsc = join(root, 'node_modules/typescript/bin/tsc');

test('the built verifier can be required by a CommonJS server, and needs no package but jose', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'verify-'));
  t.after(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const settings = {
    extends: join(root, 'tsconfig.build.json'),
    compilerOptions: {
      rootDir: join(root, 'src/verify'),
      outDir: join(folder, 'dist'),
      typeRoots: [join(root, 'node_modules/@types')],
    },
    include: [join(root, 'src/verify')],
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(settings));
  execFileSync(process.execPath, [tsc, '-p', folder]);
  writeFileSync(join(folder, 'dist/package.json'), '{"type":"module"}');
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(join(root, 'node_modules/jose'), join(folder, 'node_modules/jose'));
  writeFileSync(
    join(folder, 'server.cjs'),
    `const { createVerifier } = require('./dist/index.js');
     const { issuer, audience, jwks, assertion } = JSON.parse(process.argv[2]);
     createVerifier({ issuer, audience, jwks })
       .verifyRequest({ 'x-secure-chat-assertion': assertion })
       .then(({ nickName }) => console.log(nickName));`,
  );
  const signer = await makeSigner();
  const input = {
    issuer: ISSUER,
    audience: QUEUE,
    jwks: { keys: [signer.jwk] },
    assertion: await sign(signer),
  };
  const output = execFileSync(process.execPath, [join(folder, 'server.cjs'), JSON.stringify(input)], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  assert.equal(output, 'Åse Ødegård 🦊\n');
});
