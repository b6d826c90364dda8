/** The server as one file, as `npm run build` leaves it: it has to find what stands beside the code. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { startProgram } from './support/program.ts';

const ROOT = new URL('../', import.meta.url);

const ENVIRONMENT = {
  PORT: '0',
  HOST: '127.0.0.1',
  PUBLIC_URL: 'http://127.0.0.1:3000',
  UPSTREAM_URL: 'http://127.0.0.1:9',
  AUTH_CONNECTION_NAME: 'Signicat',
  AUTH_CLIENT_ID: 'portal',
  AUTH_ENDPOINT: 'http://127.0.0.1:9',
  AUTH_MAPPING: '{}',
  SECURE_QUEUES: 'q_bank',
};

test('the server in one file serves its routes, pages and files', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'scg-bundle-'));
  t.after(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  for (const name of ['node_modules', 'package.json', 'views', 'public'])
    symlinkSync(new URL(name, ROOT), join(folder, name));
  mkdirSync(join(folder, 'dist/browser'), { recursive: true });
  writeFileSync(join(folder, 'dist/browser/client.js'), 'the client');
  const bundler = (await import(new URL('scripts/bundle-server.mjs', ROOT).href)) as {
    bundleServer(dist: URL): Promise<void>;
  };
  await bundler.bundleServer(pathToFileURL(join(folder, 'dist/')));
  const server = await startProgram(process.execPath, [join(folder, 'dist/server.js')], {
    env: ENVIRONMENT,
    ready: /"port":(\d+)/,
  });
  t.after(() => server.stop());
  const ask = async (path: string) => {
    const answer = await fetch(`http://127.0.0.1:${server.said}${path}`, {
      headers: { accept: 'text/html' },
    });
    return { status: answer.status, text: await answer.text() };
  };
  assert.equal((await ask('/secure-chat/readyz')).status, 200);
  assert.deepEqual(await ask('/secure-chat/client.js'), { status: 200, text: 'the client' });
  const page = await ask('/secure-chat/login?queueKey=q_none');
  assert.match(page.text, /<html/);
  const style = /href="([^"]+\.css)"/.exec(page.text)?.[1];
  assert.equal((await ask(style!)).status, 200);
  // without identity, and without anybody behind
  assert.equal((await ask('/queues/q_open')).status, 502);
});
