import { existsSync } from 'node:fs';
import { redisMissing } from '../../test/support/redis.ts';
import { programVersion } from '../peers.ts';
import type { Rig } from '../rig.ts';
import { startConfigured } from './configured.ts';
import { logIn } from './log-in.ts';
import { SECURE_PATH, type Row, type RunningRow } from './row.ts';

const MODULES = '/usr/lib/apache2/modules';

/** Apache with mod_auth_openidc: 8 processes of 16 threads, the cache not encrypted, one identity header, no claim headers. */
export const apacheRows: readonly Row[] = [
  {
    name: 'apache-redis',
    title: 'Apache mod_auth_openidc, sessions in Redis, tuned',
    inNode: false,
    identified: true,
    mayClose: true,
    path: SECURE_PATH,
    missing: () => redisMissing || missing(),
    start: (rig) =>
      start(rig, ['OIDCCacheType redis', `OIDCRedisCacheServer 127.0.0.1:${rig.redis?.port ?? 0}`]),
  },
  {
    name: 'apache-memory',
    title: 'Apache mod_auth_openidc, sessions in shared memory, tuned',
    inNode: false,
    identified: true,
    mayClose: true,
    path: SECURE_PATH,
    missing,
    start: (rig) => start(rig, ['OIDCCacheType shm']),
  },
];

function missing(): string | undefined {
  if (programVersion('apache2', ['-v']) === undefined) return 'no apache2 on this machine';
  return existsSync(`${MODULES}/mod_auth_openidc.so`) ? undefined : 'no mod_auth_openidc on this machine';
}

async function start(rig: Rig, cache: readonly string[]): Promise<RunningRow> {
  const row = await startConfigured({
    command: 'apache2',
    args: (file) => ['-D', 'FOREGROUND', '-f', file],
    configuration: (port, folder) => configuration(rig, port, folder, cache),
  });
  return { ...row, cookie: await logIn(row.child.port, SECURE_PATH) };
}

function configuration(rig: Rig, port: number, folder: string, cache: readonly string[]): string {
  const modules = [
    'mpm_event',
    'authn_core',
    'authz_core',
    'authz_user',
    'proxy',
    'proxy_http',
    'auth_openidc',
  ];
  const loads = modules.map((name) => `LoadModule ${name}_module ${MODULES}/mod_${name}.so`);
  const upstream = `http://127.0.0.1:${rig.upstream.port}/`;
  return `ServerRoot ${folder}
ServerName 127.0.0.1
Listen 127.0.0.1:${port}
PidFile ${folder}/pid
Mutex sem
ErrorLog ${folder}/errors
LogLevel crit
User www-data
Group www-data
${loads.join('\n')}
StartServers 8
ServerLimit 8
ThreadsPerChild 16
MinSpareThreads 128
MaxSpareThreads 128
MaxRequestWorkers 128
KeepAlive On
MaxKeepAliveRequests 0
KeepAliveTimeout 60
OIDCProviderMetadataURL ${rig.provider.issuer}/.well-known/openid-configuration
OIDCClientID portal
OIDCClientSecret portal-secret
OIDCScope "openid profile"
OIDCRedirectURI http://127.0.0.1:${port}/callback
OIDCCryptoPassphrase only-for-a-measurement-on-this-machine
OIDCSessionType server-cache
OIDCSessionInactivityTimeout 3600
OIDCCacheEncrypt Off
${cache.join('\n')}
OIDCPassClaimsAs none
OIDCRemoteUserClaim sub
OIDCAuthNHeader X-Secure-Chat-Id
ProxyPass /callback !
ProxyPass / ${upstream} keepalive=On
<Location />
  AuthType openid-connect
  Require valid-user
</Location>
`;
}
