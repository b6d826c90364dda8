import { Agent } from 'node:http';
import process from 'node:process';
import { RedisStore } from 'connect-redis';
import express from 'express';
import session from 'express-session';
import { createProxyMiddleware } from 'http-proxy-middleware';
import { Redis } from 'ioredis';
import passport from 'passport';

/** The usual stack of Node: Express, express-session on Redis, Passport, http-proxy-middleware. */
const { port, upstream, redis, identity } = JSON.parse(process.env.BENCH_SETTINGS);
// a profile is written at an orderly end only
process.once('SIGTERM', () => process.exit(0));
const PREFIX = 'x-secure-chat-';

passport.serializeUser((user, done) => {
  done(null, user);
});
passport.deserializeUser((user, done) => {
  done(null, user);
});

const app = express().disable('x-powered-by').disable('etag');
app.use(
  session({
    store: new RedisStore({ client: new Redis(redis), prefix: 'passport:' }),
    secret: 'only for a measurement on this machine and long enough',
    resave: false,
    saveUninitialized: false,
  }),
);
app.use(passport.session());
// stands in for the provider: what is measured is the session, not the login
app.get('/bench-login', (req, res, next) => {
  req.login({ sub: identity, name: 'Kari Nordmann' }, (error) => {
    if (error) next(error);
    else res.send('logged in');
  });
});
app.use((req, res, next) => {
  if (!req.isAuthenticated()) {
    res.sendStatus(401);
    return;
  }
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
        proxyReq.setHeader('X-Secure-Chat-Id', req.user.sub);
      },
    },
  }),
);
app.listen(port, '127.0.0.1');
