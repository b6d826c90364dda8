import type { Rig, Step } from './rig.ts';
import { isLoopback } from './loopback.ts';

/** Where a browser was sent, hop by hop. */
export interface Trail {
  readonly steps: readonly Step[];
  /** Cookies at the end, by host name. */
  readonly cookies: ReadonlyMap<string, string>;
}

/**
 * Opens an address as a browser does and follows redirects on loopback only.
 * @param keepCookies false for a browser that takes none
 * @param hops at most; default 12
 */
export async function follow(
  rig: Pick<Rig, 'step'>,
  start: URL,
  keepCookies: boolean,
  hops = 12,
): Promise<Trail> {
  const jars = new Map<string, Map<string, string>>();
  const steps: Step[] = [];
  let at: URL | undefined = start;
  // a loopback address by https is as far as this browser goes
  while (at?.protocol === 'http:' && isLoopback(at.hostname) && steps.length < hops) {
    const { hostname } = at;
    const jar = jars.get(hostname) ?? new Map<string, string>();
    jars.set(hostname, jar);
    const step = await rig.step(at, headerOf(jar));
    if (keepCookies) for (const line of step.setCookies) keep(jar, line);
    steps.push(step);
    at = step.status >= 300 && step.status < 400 ? step.location : undefined;
  }
  return { steps, cookies: new Map([...jars].map(([hostname, jar]) => [hostname, headerOf(jar)])) };
}

function headerOf(jar: ReadonlyMap<string, string>): string {
  return [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
}

function keep(jar: Map<string, string>, line: string): void {
  const [pair = ''] = line.split(';');
  const at = pair.indexOf('=');
  const over =
    /;\s*max-age=(?:0|-\d+)\s*(?:;|$)/i.test(line) ||
    Date.parse(/;\s*expires=([^;]*)/i.exec(line)?.[1] ?? '') < Date.now();
  if (over) jar.delete(pair.slice(0, at));
  else jar.set(pair.slice(0, at), pair.slice(at + 1));
}
