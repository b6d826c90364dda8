import { programVersion } from '../peers.ts';
import { startConfigured } from './configured.ts';
import { OPEN_PATH, type Row } from './row.ts';

/** Proxies without authentication, as the limit of what proxying costs. */
export const plainProxies: readonly Row[] = [
  {
    name: 'nginx',
    title: 'nginx, one worker, no authentication',
    inNode: false,
    identified: false,
    path: OPEN_PATH,
    missing: () => (programVersion('nginx', ['-v']) === undefined ? 'no nginx on this machine' : undefined),
    start: ({ upstream }) =>
      startConfigured({
        command: 'nginx',
        args: (file) => ['-c', file],
        configuration: (port, folder) => nginx(port, folder, upstream.port),
      }),
  },
  {
    name: 'haproxy',
    title: 'HAProxy, one thread, no authentication',
    inNode: false,
    identified: false,
    path: OPEN_PATH,
    missing: () =>
      programVersion('haproxy', ['-v']) === undefined ? 'no haproxy on this machine' : undefined,
    start: ({ upstream }) =>
      startConfigured({
        command: 'haproxy',
        args: (file) => ['-db', '-f', file],
        configuration: (port) => haproxy(port, upstream.port),
      }),
  },
];

function nginx(port: number, folder: string, upstreamPort: number): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${folder}/${name};`)
    .join(' ');
  return `daemon off; worker_processes 1; pid ${folder}/pid; error_log stderr crit;
events { worker_connections 4096; }
http {
  access_log off; keepalive_requests 1000000000; ${temporary}
  upstream chat { server 127.0.0.1:${upstreamPort}; keepalive 256; keepalive_requests 1000000000; }
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location / { proxy_pass http://chat; proxy_http_version 1.1; proxy_set_header Connection ""; }
  }
}
`;
}

function haproxy(port: number, upstreamPort: number): string {
  return `global
  nbthread 1
  maxconn 8192
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  http-reuse always
frontend chat
  bind 127.0.0.1:${port}
  default_backend upstream
backend upstream
  server one 127.0.0.1:${upstreamPort}
`;
}
