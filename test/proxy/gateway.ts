import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import type { UpstreamConfig } from '../../src/config/gateway-config.ts';
import { isGatewayError } from '../../src/errors.ts';
import type { Logger } from '../../src/observe/logger.ts';
import { createClientTrust } from '../../src/proxy/client-trust.ts';
import { markExpectsContinue } from '../../src/proxy/expect-continue.ts';
import { createProxy, type ForwardPlan, type Proxy } from '../../src/proxy/proxy.ts';
import { createRawResponse } from '../../src/proxy/raw-response.ts';

export const silentLogger: Logger = { debug: ignore, info: ignore, warn: ignore, error: ignore };

export interface GatewaySettings {
  readonly upstream: string;
  readonly basePath?: string;
  readonly timeoutMs?: number;
  readonly idleTimeoutMs?: number;
  readonly trustProxy?: number | readonly string[];
  readonly plan?: Partial<ForwardPlan>;
  /** Runs before the request is forwarded. */
  readonly before?: (
    req: IncomingMessage,
    res: ServerResponse,
  ) => Partial<ForwardPlan> | Promise<Partial<ForwardPlan>>;
}

/** The engine behind a plain server, without any decision of the gateway. */
export interface TestGateway {
  readonly port: number;
  readonly url: string;
  readonly server: Server;
  readonly proxy: Proxy;
  /** How each exchange ended, in order: undefined when it resolved. */
  readonly outcomes: Promise<unknown>[];
}

/** Starts it; it stops with the test. Failures are answered with their status and code as text. */
export async function startGateway(t: TestContext, settings: GatewaySettings): Promise<TestGateway> {
  const upstream: UpstreamConfig = {
    origin: settings.upstream,
    basePath: settings.basePath ?? '',
    timeoutMs: settings.timeoutMs ?? 5000,
    idleTimeoutMs: settings.idleTimeoutMs ?? 30_000,
  };
  const proxy = createProxy({
    publicUrl: 'https://chat.example',
    upstream,
    wall: { folds },
    ownCookies: (name) => name === 'own',
    trust: createClientTrust(settings.trustProxy),
    logger: silentLogger,
  });
  const outcomes: Promise<unknown>[] = [];
  const planFor = (req: IncomingMessage, more: Partial<ForwardPlan> = {}): ForwardPlan => ({
    target: req.url ?? '/',
    identity: undefined,
    noStore: false,
    body: undefined,
    deadline: performance.now() + upstream.timeoutMs,
    requestId: 'r1',
    ...settings.plan,
    ...more,
  });
  const handle = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    await proxy.forward(req, res, planFor(req, await settings.before?.(req, res)));
  };
  const onRequest = (req: IncomingMessage, res: ServerResponse): void => {
    outcomes.push(
      handle(req, res).catch((error: unknown) => {
        refuse(res, error);
        return error;
      }),
    );
  };
  const server = createServer(onRequest);
  server.on('checkContinue', (req: IncomingMessage, res: ServerResponse) => {
    markExpectsContinue(req);
    onRequest(req, res);
  });
  server.on('upgrade', (req, socket, head) => {
    outcomes.push(
      proxy.upgrade(req, socket, head, planFor(req)).catch((error: unknown) => {
        if (!socket.destroyed) refuse(createRawResponse(req, socket), error);
        return error;
      }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(async () => {
    await proxy.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  return { port, url: `http://127.0.0.1:${port}`, server, proxy, outcomes };
}

function refuse(res: ServerResponse, error: unknown): void {
  const code = isGatewayError(error) ? error.code : String(error);
  res.writeHead(isGatewayError(error) ? error.status : 500, { 'Content-Length': code.length }).end(code);
}

function folds(name: string): boolean {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '-')
    .startsWith('x-secure-chat-');
}

function ignore(): void {
  // nobody reads the log of these tests
}
