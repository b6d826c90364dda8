import { Agent } from 'node:http';
import process from 'node:process';
import { RedisStore } from 'connect-redis';
import express from 'express';
import openid from 'express-openid-connect';
import { createProxyMiddleware } from 'http-proxy-middleware';
import { Redis } from 'ioredis';

/** Express with express-openid-connect, its sessions in Redis, and http-proxy-middleware. */
const { port, upstream, redis, issuer } = JSON.parse(process.env.BENCH_SETTINGS);
// a profile is written at an orderly end only
process.once('SIGTERM', () => process.exit(0));
const PREFIX = 'x-secure-chat-';

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
app.use((req, _res, next) => {
  for (const name in req.headers) if (name.startsWith(PREFIX)) Reflect.deleteProperty(req.headers, name);
  next();
});
app.use(
  createProxyMiddleware({
    target: upstream,
    changeOrigin: true,
    agent: new Agent({ keepAlive: true }),
    on: {
      proxyReq(proxyReq, req) {
        proxyReq.setHeader('X-Secure-Chat-Id', req.oidc.user.sub);
      },
    },
  }),
);
app.listen(port, '127.0.0.1');
