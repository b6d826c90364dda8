import type { AdministrationView } from '../admin/administration.ts';
import type { ShownConnection, ShownCustomer, ShownQueue, ShownSetBy, ShownSetting } from '../admin/view.ts';
import { sameCustomer, sameQueue } from '../config/overlay.ts';
import { placeOf, placesOf } from '../middleware/queue-place.ts';
import { hrefOf, type Visit } from './visit.ts';

/** A word in a coloured pill. */
export interface Chip {
  readonly tone: 'good' | 'care' | 'grave' | 'accent' | 'quiet';
  readonly label: string;
}

/** A moment, for a person and for a machine. */
export interface When {
  readonly iso: string;
  readonly text: string;
}

const FORMAT = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' });

/** Milliseconds since 1970 as they are read. */
export function whenOf(at: number): When {
  const date = new Date(at);
  return { iso: date.toISOString(), text: `${FORMAT.format(date)} UTC` };
}

/** Who has set something, and when. */
export function setByOf({ origin, by, at }: ShownSetBy) {
  return { origin, by, at: at === undefined ? undefined : whenOf(at) };
}

/** The last that was set of these. */
function lastOf(settings: readonly ShownSetBy[]): ReturnType<typeof setByOf> {
  const [last] = settings
    .filter(({ origin }) => origin === 'administrator')
    .sort((a, b) => (b.at ?? 0) - (a.at ?? 0));
  return setByOf(last ?? { origin: 'file' });
}

/** Where something comes from. */
export function originChip(origin: 'file' | 'administrator'): Chip {
  return origin === 'file'
    ? { tone: 'quiet', label: 'from the file' }
    : { tone: 'accent', label: 'added here' };
}

/** How this process stands to the settings. */
export function standingChip(standing: AdministrationView['standing']): Chip {
  if (standing === 'current') return { tone: 'good', label: 'in force' };
  return { tone: 'grave', label: standing === 'behind' ? 'behind: see the log' : 'not known yet' };
}

/** Whether a secret is there. */
export function secretChip(setting: ShownSetting | undefined): Chip {
  return setting?.isSet === true ? { tone: 'good', label: 'set' } : { tone: 'quiet', label: 'not set' };
}

/** State of a queue. */
export function queueChip({ state }: Pick<ShownQueue, 'state'>): Chip {
  if (state === 'secure') return { tone: 'good', label: 'secure' };
  return state === 'open' ? { tone: 'quiet', label: 'open' } : { tone: 'care', label: 'removed' };
}

/** Rows of a customer's connections, each with the health of its provider. */
export function connectionRows(visit: Visit, { customerKey, connections }: ShownCustomer) {
  return Promise.all(
    connections.map(async (connection) => {
      const { authConnectionName, settings, removed } = connection;
      const issuer = settings.find(({ key }) => key === 'authEndpoint');
      return {
        name: authConnectionName,
        href: hrefOf(visit.base, '/connection', { customerKey, authConnectionName }),
        removed: removed !== undefined,
        issuer: issuer !== undefined && 'value' in issuer ? textOf(issuer.value) : '',
        health: await healthChip(visit, customerKey, connection),
        secret: secretChip(settings.find(({ key }) => key === 'authClientSecret')),
        last: lastOf([
          ...settings,
          ...(removed === undefined ? [] : [{ origin: 'administrator' as const, ...removed }]),
        ]),
      };
    }),
  );
}

/** Does its provider answer? */
export async function healthChip(
  { runtime: { config }, health }: Visit,
  customerKey: string,
  { authConnectionName }: ShownConnection,
): Promise<Chip> {
  const connection = config.customers
    .find((one) => sameCustomer(one.customerKey, customerKey))
    ?.connections.find(({ name }) => name === authConnectionName);
  if (connection === undefined) return { tone: 'quiet', label: 'not in force' };
  const answer = await health.of(connection);
  return { tone: answer === 'answers' ? 'good' : 'grave', label: answer };
}

/** Rows of a customer's queues. */
export async function queueRows(visit: Visit, { customerKey, queues }: ShownCustomer) {
  const running = await runningQueues(visit, customerKey);
  return queues.map((queue) => ({
    queueKey: queue.queueKey,
    href: hrefOf(visit.base, '/queue', { customerKey, queueKey: queue.queueKey }),
    state: queueChip(queue),
    connection: textOf(queue.authConnectionName),
    running: running(queue.queueKey),
    last: setByOf(queue),
  }));
}

/** Tells in which queues of a customer chats run. */
export async function runningQueues(
  { runtime: { config, queueUse } }: Visit,
  customerKey: string,
): Promise<(queueKey: string) => boolean> {
  const own = [...placesOf(config).values()].filter((queue) => sameCustomer(queue.customerKey, customerKey));
  const places = own.flatMap((queue) => placeOf(queue) ?? []);
  const marked = new Set(places.length === 0 ? [] : await queueUse.running(places));
  const keys = own.filter((queue) => marked.has(placeOf(queue) ?? '')).map((queue) => queue.queueKey);
  return (queueKey) => keys.some((key) => sameQueue(key, queueKey));
}

/** A text, or nothing of what is none. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
