import { startProgram } from './program.ts';
import {
  DriverHung,
  findProgram,
  keyActions,
  until,
  type Driver,
  type DriverContext,
  type DriverTab,
} from './real-browser.ts';
import { closedPort } from './upstream.ts';

const path = process.env['WEBKIT_DRIVER_PATH'] ?? findProgram('WebKitWebDriver');
const display = findProgram('Xvfb');

/** The key under which WebDriver names an element (W3C WebDriver, section 12). */
const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf';
// intelligent tracking prevention is what takes the cookies from third parties, as in Safari
const OPTIONS = { args: ['--automation', '--enable-itp'] };

/** Whoever takes longer for a command has hung: the driver's own limits below should have ended it. */
const COMMAND_MS = 20_000;
/** On a busy machine the driver misses the end of a page's loading now and then, and would wait five minutes for it. */
const TIMEOUTS = { pageLoad: 8000, script: 10_000 };

type Call = (method: 'GET' | 'POST' | 'DELETE', path: string, body?: object) => Promise<unknown>;

/** WebKitGTK's MiniBrowser, the engine of Safari, over WebDriver, on a display of its own. */
export const webkitDriver: Driver = {
  name: 'webkit',
  missing:
    path === undefined || display === undefined
      ? 'no WebKitGTK on this machine (webkit2gtk-driver and xvfb, or WEBKIT_DRIVER_PATH)'
      : false,
  async start() {
    const screen = await startProgram(
      display ?? '',
      ['-displayfd', '1', '-screen', '0', '1600x1200x24', '-nolisten', 'tcp'],
      // behind what it has to say of displays that are taken
      { ready: /^(\d+)\n/m },
    );
    let driver = await startDriver(screen.said);
    const openAnew = async () => {
      await driver.stop();
      driver = await startDriver(screen.said);
      return await openSession(driver.call);
    };
    let waiting: Session | undefined = await openSession(driver.call).catch(openAnew);
    return {
      version: `WebKitGTK ${waiting.capabilities.browserVersion}`,
      newContext: async () => {
        const session = driver.hung() ? await openAnew() : (waiting ?? (await openSession(driver.call)));
        waiting = undefined;
        return await createContext(driver, `/session/${session.sessionId}`);
      },
      async close() {
        await driver.stop();
        await screen.stop();
      },
    };
  },
};

interface RunningDriver {
  readonly call: Call;
  /** A command has had no answer; none will have one. */
  hung(): boolean;
  stop(): Promise<void>;
}

async function startDriver(screen: string): Promise<RunningDriver> {
  const port = await closedPort();
  const program = await startProgram(path ?? '', [`--port=${port}`], {
    env: {
      DISPLAY: `:${screen}`,
      NO_AT_BRIDGE: '1',
      LIBGL_ALWAYS_SOFTWARE: '1',
      GDK_BACKEND: 'x11',
    },
  });
  let hung = false;
  const call: Call = async (method, rest, body) => {
    if (hung) throw new DriverHung(`no answer to an earlier command: ${method} ${rest}`);
    const response = await fetch(`http://127.0.0.1:${port}${rest}`, {
      method,
      signal: AbortSignal.timeout(COMMAND_MS),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }).catch((cause: unknown) => {
      hung = cause instanceof Error && cause.name === 'TimeoutError';
      const Failure = hung ? DriverHung : Error;
      throw new Failure(`no answer: ${method} ${rest}`, { cause });
    });
    const { value } = (await response.json()) as { value: unknown };
    if (!response.ok) {
      const { error, message } = value as { error: string; message: string };
      throw new Error(`${error}: ${message}`);
    }
    return value;
  };
  await until('the driver answers', () => call('GET', '/status'));
  return { call, hung: () => hung, stop: () => program.stop() };
}

interface Session {
  readonly sessionId: string;
  readonly capabilities: { readonly browserVersion: string };
}

/** Starts the browser anew, with no cookies; WebKitWebDriver serves one session at a time. */
async function openSession(call: Call): Promise<Session> {
  const capabilities = { alwaysMatch: { timeouts: TIMEOUTS, 'webkitgtk:browserOptions': OPTIONS } };
  return (await call('POST', '/session', { capabilities })) as Session;
}

async function createContext(driver: RunningDriver, session: string): Promise<DriverContext> {
  const { call } = driver;
  // which window is meant is a state of the session, so tabs take turns
  let line: Promise<unknown> = Promise.resolve();
  const inWindow =
    (handle: string) =>
    <T>(task: () => Promise<T>): Promise<T> => {
      const turn = line.then(async () => {
        await call('POST', `${session}/window`, { handle });
        return await task();
      });
      line = turn.catch(() => undefined);
      return turn;
    };
  const tabOf = (handle: string) => createTab(call, session, handle, inWindow(handle));
  const handles = async () => (await call('GET', `${session}/window/handles`)) as string[];
  // a session begins with a window, which is the first tab
  let fresh: string[] = await handles();
  return {
    async newTab() {
      const first = fresh.shift();
      if (first !== undefined) return tabOf(first);
      const { handle } = (await call('POST', `${session}/window/new`, { type: 'tab' })) as { handle: string };
      return tabOf(handle);
    },
    tabs: async () => (await handles()).map(tabOf),
    async close() {
      fresh = [];
      if (!driver.hung()) await call('DELETE', session);
    },
  };
}

/** Whether the page is there, what comes next looks for itself. */
async function going(navigation: Promise<unknown>): Promise<void> {
  await navigation.catch((error: unknown) => {
    if (!(error instanceof Error) || !/^timeout:/.test(error.message)) throw error;
  });
}

type InWindow = <T>(task: () => Promise<T>) => Promise<T>;

/** The argument of an asynchronous script that takes its outcome: text, or what went wrong. */
const ASYNC = (expression: string) =>
  `const done = arguments[arguments.length - 1];
   Promise.resolve(${expression}).then((value) => done({ value }), (error) => done({ error: String(error) }));`;

function createTab(call: Call, session: string, id: string, inWindow: InWindow): DriverTab {
  const find = async (selector: string) => {
    const element = await call('POST', `${session}/element`, { using: 'css selector', value: selector });
    return (element as Record<string, string>)[ELEMENT] ?? '';
  };
  const post = (path: string, body: object = {}) => inWindow(() => call('POST', `${session}${path}`, body));
  return {
    id,
    goto: (url) => going(post('/url', { url })),
    back: () => going(post('/back')),
    reload: () => going(post('/refresh')),
    click: (selector) =>
      inWindow(async () => {
        await going(call('POST', `${session}/element/${await find(selector)}/click`, {}));
      }),
    keys: (text) => post('/actions', { actions: keyActions(text) }),
    async evaluate(expression) {
      const outcome = await post('/execute/async', { script: ASYNC(expression), args: [] });
      const { value, error } = outcome as { value?: string; error?: string };
      if (error !== undefined) throw new Error(error);
      return value;
    },
    screenshot: (width, height) =>
      inWindow(async () => {
        await call('POST', `${session}/window/rect`, { width, height });
        return Buffer.from(String(await call('GET', `${session}/screenshot`)), 'base64');
      }),
  };
}
