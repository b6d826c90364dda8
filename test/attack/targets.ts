import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { main } from '../../attack/main.ts';
import type { ClassResult } from '../../attack/suite.ts';

/** How the program ended, and what it printed. */
export interface Outcome {
  readonly code: number;
  readonly text: string;
}

/** Runs the program. */
export async function attack(...args: readonly string[]): Promise<Outcome> {
  const lines: string[] = [];
  const code = await main(args, (line) => void lines.push(line));
  return { code, text: lines.join('\n') };
}

/** Its results, class by class, of a run with `--json`. */
export function classesOf({ text }: Outcome): ClassResult[] {
  return (JSON.parse(text) as { classes: ClassResult[] }).classes;
}

/**
 * Forwards whatever comes, goes wherever it is told, and tells whatever went wrong.
 * @param before true when it has done with the request
 */
export async function startForwarder(
  t: TestContext,
  upstreamPort: number,
  before: (req: IncomingMessage, res: ServerResponse) => boolean = () => false,
): Promise<string> {
  const server = createServer((req, res) => {
    if (before(req, res)) return;
    const back = new URLSearchParams(req.url?.split('?')[1]).get('returnTo');
    if (back !== null && /^[ -~]*$/.test(back)) {
      res.writeHead(302, { location: back }).end();
      return;
    }
    const onward = request(
      { host: '127.0.0.1', port: upstreamPort, method: req.method, path: req.url, headers: req.headers },
      (answer) => {
        res.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(res);
      },
    );
    onward.on('upgrade', () => res.destroy());
    onward.on('error', (error) => void res.writeHead(502).end(error.stack));
    req.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
