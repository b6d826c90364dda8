import { once } from 'node:events';
import { createServer } from 'node:http';
import process from 'node:process';
import { createInterface } from 'node:readline';
import express from 'express';
import openid from 'express-openid-connect';
import { createProxyMiddleware } from 'http-proxy-middleware';

const { auth, requiresAuth } = openid;

const PREFIX = 'x-secure-chat-';
const SECURE = '/queues/q_bank';

const [line] = await once(createInterface(process.stdin), 'line');
const { issuer, upstream } = JSON.parse(line);

const app = express();
const server = createServer(app);
await once(server.listen(0, '127.0.0.1'), 'listening');
const { port } = server.address();

app.use(
  auth({
    authRequired: false,
    issuerBaseURL: issuer,
    baseURL: `http://127.0.0.1:${port}`,
    clientID: 'portal',
    clientSecret: 'portal-secret',
    secret: 'only for an attack on this machine and long enough',
    authorizationParams: { response_type: 'code', scope: 'openid profile' },
  }),
);

// a client's own copies
app.use((req, _res, next) => {
  req.headers = Object.fromEntries(Object.entries(req.headers).filter(([name]) => !name.startsWith(PREFIX)));
  next();
});

const secureProxy = createProxyMiddleware({
  target: `${upstream}${SECURE}`,
  changeOrigin: true,
  on: {
    proxyReq(proxyReq, req) {
      const { sub, name } = req.oidc.user;
      proxyReq.setHeader('X-Secure-Chat-Id', sub);
      if (name !== undefined) proxyReq.setHeader('X-Secure-Chat-Nickname', encodeURIComponent(name));
    },
  },
});

const proxy = createProxyMiddleware({
  target: upstream,
  changeOrigin: true,
  ws: true,
  on: {
    proxyReqWs(proxyReq) {
      for (const name of proxyReq.getHeaderNames()) if (name.startsWith(PREFIX)) proxyReq.removeHeader(name);
    },
  },
});

app.use(SECURE, requiresAuth(), secureProxy);
app.use(proxy);
// the README's "External WebSocket upgrade"
server.on('upgrade', proxy.upgrade);

process.stdin.once('close', () => process.exit(0));
process.stdout.write(`ready ${port}\n`);
