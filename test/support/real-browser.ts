import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** The keys that visitors press, by their code points in WebDriver (W3C WebDriver, section 17.4.2). */
export const KEYS = { tab: '\uE004', enter: '\uE007' } as const;

/** Key strokes as WebDriver and WebDriver BiDi write them. */
export function keyActions(text: string): object[] {
  const actions = Array.from(text).flatMap((value) => [
    { type: 'keyDown', value },
    { type: 'keyUp', value },
  ]);
  return [{ type: 'key', id: 'keyboard', actions }];
}

/** What a driver has to know of one tab or window; all else is `Tab`. */
export interface DriverTab {
  /** Stays the same while the tab is open. */
  readonly id: string;
  /** Resolves when the page is loaded. */
  goto(url: string): Promise<unknown>;
  back(): Promise<unknown>;
  reload(): Promise<unknown>;
  /** A real click, with a pointer, in the middle of the first element that fits. */
  click(selector: string): Promise<unknown>;
  /** Real key strokes; `KEYS` for those without a letter. */
  keys(text: string): Promise<unknown>;
  /** The JSON text of an expression's value, awaited where it is a promise. */
  evaluate(expression: string): Promise<string | undefined>;
  /** PNG at this width and height in CSS pixels, or as near as the browser's window comes. */
  screenshot(width: number, height: number): Promise<Buffer>;
}

/** One visitor: cookies, storage and tabs of their own. */
export interface DriverContext {
  newTab(): Promise<DriverTab>;
  /** Tabs and windows that are open. */
  tabs(): Promise<readonly DriverTab[]>;
  close(): Promise<unknown>;
}

/** A running browser without a screen, which gives third parties no cookies. */
export interface DriverBrowser {
  readonly version: string;
  newContext(): Promise<DriverContext>;
  close(): Promise<void>;
}

/** A browser that this machine may have. */
export interface Driver {
  readonly name: 'chromium' | 'firefox' | 'webkit';
  /** Why it cannot run here; false where it can. */
  readonly missing: string | false;
  start(): Promise<DriverBrowser>;
}

/** The driver itself answers no more: that says nothing of the page. The next context is one of a browser started anew. */
export class DriverHung extends Error {}

const PATIENCE_MS = 15_000;

/** Asks again until `condition` holds; what it throws counts as "not yet", since pages go away in mid-question. */
export async function until<T>(what: string, condition: () => Promise<T | undefined | false>): Promise<T> {
  const deadline = performance.now() + PATIENCE_MS;
  let trouble: unknown;
  do {
    try {
      const value = await condition();
      if (value !== undefined && value !== false) return value;
      trouble = undefined;
    } catch (error) {
      if (error instanceof DriverHung) throw error;
      trouble = error;
    }
    await pause(30);
  } while (performance.now() < deadline);
  throw new Error(`it never came to this: ${what}`, { cause: trouble });
}

/** A tab as a test uses it: every step waits for what it needs. */
export class Tab {
  readonly #tab: DriverTab;

  constructor(tab: DriverTab) {
    this.#tab = tab;
  }

  get id(): string {
    return this.#tab.id;
  }

  open(url: string): Promise<unknown> {
    return this.#tab.goto(url);
  }

  back(): Promise<unknown> {
    return this.#tab.back();
  }

  reload(): Promise<unknown> {
    return this.#tab.reload();
  }

  async click(selector: string): Promise<void> {
    await this.waitFor(selector);
    await this.#tab.click(selector);
  }

  async type(selector: string, text: string): Promise<void> {
    await this.click(selector);
    await this.#tab.keys(text);
  }

  press(key: keyof typeof KEYS): Promise<unknown> {
    return this.#tab.keys(KEYS[key]);
  }

  async evaluate(expression: string): Promise<unknown> {
    const text = await this.#tab.evaluate(`(async () => JSON.stringify(await (${expression})))()`);
    return text === undefined ? undefined : (JSON.parse(text) as unknown);
  }

  async url(): Promise<string> {
    return String(await this.evaluate('location.href'));
  }

  async text(): Promise<string> {
    return String(await this.evaluate('document.body.innerText'));
  }

  /** The document that fits is loaded, its scripts have run. */
  async waitForUrl(start: string): Promise<void> {
    await until(`address ${start}`, async () => {
      const there = await this.evaluate('[location.href, document.readyState]');
      return Array.isArray(there) && String(there[0]).startsWith(start) && there[1] === 'complete';
    });
  }

  async waitFor(selector: string): Promise<void> {
    const query = JSON.stringify(selector);
    await until(`element ${selector}`, () =>
      this.evaluate(
        `document.readyState === 'complete' && (document.querySelector(${query})?.getClientRects().length ?? 0) > 0`,
      ).then((found) => found === true),
    );
  }

  async waitForText(text: string): Promise<void> {
    await until(`text ${text}`, async () => (await this.text()).includes(text));
  }

  /** Goes on by Tab, as somebody without a mouse does, until the element is in focus. */
  async tabTo(selector: string): Promise<void> {
    await this.waitFor(selector);
    for (let step = 0; step < 30; step += 1) {
      await this.press('tab');
      if ((await this.evaluate(`document.activeElement.matches(${JSON.stringify(selector)})`)) === true)
        return;
    }
    throw new Error(`the keyboard does not get to ${selector}`);
  }

  screenshot(width: number, height: number): Promise<Buffer> {
    return this.#tab.screenshot(width, height);
  }
}

/** One visitor, as a test uses them. */
export class Visitor {
  readonly #context: DriverContext;

  constructor(context: DriverContext) {
    this.#context = context;
  }

  async newTab(): Promise<Tab> {
    return new Tab(await this.#context.newTab());
  }

  /** The tab or window that opens because of `act`. */
  async opened(act: () => Promise<unknown>): Promise<Tab> {
    const before = new Set((await this.#context.tabs()).map(({ id }) => id));
    await act();
    const tab = await until('a new window', async () =>
      (await this.#context.tabs()).find(({ id }) => !before.has(id)),
    );
    return new Tab(tab);
  }

  /** How many tabs and windows are open. */
  async count(): Promise<number> {
    return (await this.#context.tabs()).length;
  }

  close(): Promise<unknown> {
    return this.#context.close();
  }
}

/** Path of a program on this machine; undefined where it is not installed. */
export function findProgram(name: string): string | undefined {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return join(folder, name);
    } catch {
      continue;
    }
  }
  return undefined;
}
