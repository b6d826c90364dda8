import { readFileSync } from 'node:fs';
import ejs from 'ejs';
import type { Language } from './language.ts';

/** A link in the shape of a button. */
export interface Action {
  /** Checked by `safeHref`; empty for this very page once more. */
  readonly href: string;
  readonly label: string;
}

/** What every page shows. */
export interface Shell {
  readonly language: Language;
  readonly service: string;
  readonly title: string;
  readonly mark: 'lock' | 'clock' | 'alert' | 'check';
  readonly stylesheet: string;
  readonly icon: string;
  /** Address of the page's script, where it has one. */
  readonly script?: string;
  readonly support: string;
  /** Request id, and the queue where it is known: what support asks for. */
  readonly references: readonly string[];
}

/** Template -> what it shows beside the shell; the order of the members is that on the page. */
export interface Views {
  'login-required': {
    reason: string | undefined;
    lead: string;
    cure: string;
    actions: readonly Action[];
    hint: string | undefined;
  };
  error: { lead: string; cure: string; actions: readonly Action[] };
  'window-done': { reason: string | undefined; lead: string };
  'popup-done': {
    reason: string | undefined;
    closesItself: string;
    targetOrigin: string;
    /** JSON. */
    message: string;
    returnTo: string | undefined;
    actions: readonly Action[];
  };
}

/** Renders one view inside the shell. Every value is escaped for element content and quoted attributes alike. */
export type Render = <Name extends keyof Views>(name: Name, shell: Shell, view: Views[Name]) => string;

/** As far from `src/pages` as from `dist/pages`. */
const VIEWS = new URL('../../views/', import.meta.url);

/** Reads and compiles the templates of `views/` once. Throws when one is missing or does not compile. */
export function createRender(): Render {
  const layout = compile('layout');
  const actions = compile('actions');
  const views = {
    'login-required': compile('login-required'),
    error: compile('error'),
    'window-done': compile('window-done'),
    'popup-done': compile('popup-done'),
  } satisfies Record<keyof Views, ejs.TemplateFunction>;

  return (name, shell, view) => {
    const buttons = 'actions' in view ? actions({ actions: view.actions }) : '';
    return layout({ ...shell, body: views[name]({ ...view, title: shell.title, buttons }) });
  };
}

/** Without `with` and without includes: a template sees its `page` and nothing else. */
function compile(name: string): ejs.TemplateFunction {
  const source = readFileSync(new URL(`${name}.ejs`, VIEWS), 'utf8');
  return ejs.compile(source, { strict: true, localsName: 'page', compileDebug: false });
}
