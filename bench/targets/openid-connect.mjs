import process from 'node:process';
import { RedisStore } from 'connect-redis';
import express from 'express';
import openid from 'express-openid-connect';
import { Redis } from 'ioredis';
import { usualProxy } from './usual-proxy.mjs';

/** Express with express-openid-connect, its sessions in Redis, and http-proxy-middleware. */
const { port, upstream, redis, issuer } = JSON.parse(process.env.BENCH_SETTINGS);
// a profile is written at an orderly end only
process.once('SIGTERM', () => process.exit(0));

const app = express().disable('x-powered-by').disable('etag');
app.use(
  openid.auth({
    authRequired: true,
    issuerBaseURL: issuer,
    baseURL: `http://127.0.0.1:${port}`,
    clientID: 'portal',
    clientSecret: 'portal-secret',
    secret: 'only for a measurement on this machine and long enough',
    authorizationParams: { response_type: 'code', scope: 'openid profile' },
    session: { store: new RedisStore({ client: new Redis(redis), prefix: 'eoc:' }) },
  }),
);
app.use(usualProxy(upstream, (req) => req.oidc.user.sub));
app.listen(port, '127.0.0.1');
