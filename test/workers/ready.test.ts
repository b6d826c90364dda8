/** `WEB_CONCURRENCY` with real processes: a worker that is not ready takes nobody's place. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createLive } from '../../src/admin/live.ts';
import { resolveConfig } from '../../src/config/config.ts';
import type { Edit } from '../../src/config/edits.ts';
import { silent } from '../support/faces.ts';
import { codeOf } from '../support/problem-code.ts';
import { Browser } from '../support/browser.ts';
import { redisMissing } from '../support/redis.ts';
import { until } from '../support/until.ts';
import { SECRET, startWorkers } from './rig.ts';

const PLACE = { customerKey: '12345', authConnectionName: 'Signicat' };

/** The customer of the file, whose one connection has this name. */
const customersOf = (authConnectionName: string) => [
  {
    customerKey: PLACE.customerKey,
    connections: [
      {
        authConnectionName,
        authClientId: 'portal',
        authClientSecret: 'portal-secret',
        authEndpoint: 'https://preprod.signicat.com/oidc',
        authMapping: { AuthUserId: { MapType: 'ChatId' as const } },
      },
    ],
    queues: [{ queueKey: 'q_bank', authConnectionName }],
  },
];

test(
  'workers go by what administrators set, and a new one that it does not fit takes no connection until it does',
  { skip: redisMissing },
  async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'scg-'));
    t.after(() => {
      rmSync(folder, { recursive: true });
    });
    const file = join(folder, 'config.json');
    const write = (name: string) => {
      writeFileSync(file, JSON.stringify({ customers: customersOf(name) }));
    };
    write('Signicat');
    const unset = ['CONNECTION_NAME', 'CLIENT_ID', 'CLIENT_SECRET', 'ENDPOINT', 'MAPPING'];
    const system = await startWorkers(t, {
      CONFIG_FILE: file,
      SECURE_QUEUES: '',
      ...Object.fromEntries(unset.map((name) => [`AUTH_${name}`, ''])),
    });
    const { child, said, pids, url, redis, upstream } = system;
    const change = async (name: string, edit: Edit, revision: number) => {
      const config = resolveConfig(
        {
          upstream: upstream.url,
          publicUrl: url,
          sessionSecret: SECRET,
          redisUrl: redis.url,
          customers: customersOf(name),
        },
        { production: false, face: 'gateway' },
      );
      const live = createLive(config, { logger: silent });
      try {
        return await live.administration.change([edit], { revision, actor: 'Kari' });
      } finally {
        await live.close();
      }
    };
    const settings = { authScope: 'openid profile' };
    const { revision } = await change('Signicat', { kind: 'connection', ...PLACE, settings }, 0);

    const inForce = 'the settings of administrators are in force';
    await until('both workers to go by it', () => said(inForce).length === 2, 10_000);

    write('Renamed');
    child.kill('SIGUSR2');
    const misfits = () => said('the settings of administrators do not fit the configuration of this process');
    await until('the complaint of the new worker', () => misfits().length > 0, 20_000);
    assert.ok(!pids().includes(Number(misfits()[0]!['pid'])));
    for (let requests = 0; requests < 10; requests += 1)
      assert.equal(codeOf(await new Browser().fetch(`${url}/queues/q_bank`)), 'login_required');
    assert.deepEqual(said('retiring'), []);

    await change('Renamed', { kind: 'reset.connection', ...PLACE }, revision);
    await until('the end of it', () => said('all workers are replaced').length === 1, 20_000);
    for (const pid of pids().slice(2)) {
      const own = system.lines().filter((line) => line['pid'] === pid);
      const order = own.map(({ msg }) => msg).filter((msg) => msg === inForce || msg === 'listening');
      assert.deepEqual(order, [inForce, 'listening']);
    }
  },
);
