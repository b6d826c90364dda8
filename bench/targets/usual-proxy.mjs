import { Agent } from 'node:http';
import { createProxyMiddleware } from 'http-proxy-middleware';

const PREFIX = 'x-secure-chat-';

/**
 * http-proxy-middleware on connections that are kept: without a client's own copies of the identity headers, and with the
 * `sub` that is found in the request in one of them.
 */
export function usualProxy(upstream, subjectOf) {
  const proxy = createProxyMiddleware({
    target: upstream,
    changeOrigin: true,
    agent: new Agent({ keepAlive: true }),
    on: {
      proxyReq(proxyReq, req) {
        proxyReq.setHeader('X-Secure-Chat-Id', subjectOf(req));
      },
    },
  });
  // one layer for both: a peer is not to pay for how this file is cut
  return (req, res, next) => {
    for (const name in req.headers) if (name.startsWith(PREFIX)) Reflect.deleteProperty(req.headers, name);
    void proxy(req, res, next);
  };
}
