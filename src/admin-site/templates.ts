import { readFileSync } from 'node:fs';
import ejs from 'ejs';
import type { AdminSession, Flash } from './sessions.ts';

/** The pages; each is a template of `views/admin`. */
const VIEWS = [
  'sign-in',
  'message',
  'overview',
  'customer',
  'connection',
  'queue',
  'mapping',
  'secret',
  'confirm',
  'audit',
  'sessions',
] as const;

/** What pages are made of. */
const PARTS = [
  'layout',
  'chip',
  'set-by',
  'refusal',
  'field',
  'hidden',
  'connections',
  'queues',
  'dangers',
  'force',
] as const;

/** Name of a page's template. */
export type AdminView = (typeof VIEWS)[number];

/** What every page shows. */
export interface AdminShell {
  readonly title: string;
  /** Path of the administration, `/secure-chat/admin`. */
  readonly base: string;
  readonly stylesheet: string;
  readonly icon: string;
  /** One column in the middle. */
  readonly narrow: boolean;
  /** Absent before the sign-in. */
  readonly session?: AdminSession | undefined;
  readonly menu: readonly {
    readonly href: string;
    readonly label: string;
    readonly isCurrent: boolean;
    readonly isPage: boolean;
  }[];
  readonly crumbs: readonly Link[];
  readonly flash?: Flash | undefined;
  /** Where the browser goes by itself, as a request of this site. */
  readonly goTo?: string | undefined;
  /** Shown small, for whoever looks into the log. */
  readonly requestId?: string | undefined;
}

/** A link of the administration's own. */
export interface Link {
  readonly href: string;
  readonly label: string;
}

/** Renders a page inside its shell. Every value is escaped for element content and quoted attributes alike. */
export type AdminRender = (name: AdminView, shell: AdminShell, model: object) => string;

/** As far from `src/admin-site` as from `dist/admin-site`. */
const FOLDER = new URL('../../views/admin/', import.meta.url);

/** Reads and compiles the templates of `views/admin` once. Throws when one is missing or does not compile. */
export function createAdminRender(): AdminRender {
  const compiled = new Map(
    [...VIEWS, ...PARTS].map((name): [string, ejs.TemplateFunction] => [name, compile(name)]),
  );
  const part = (name: string, model: object): string => {
    const template = compiled.get(name);
    if (template === undefined) throw new TypeError(`there is no template ${name}`);
    return template({ ...model, part });
  };
  return (name, shell, model) => part('layout', { ...shell, body: part(name, { ...shell, ...model }) });
}

/** Without `with` and without includes: a template sees its `page` and nothing else. */
function compile(name: string): ejs.TemplateFunction {
  const source = readFileSync(new URL(`${name}.ejs`, FOLDER), 'utf8');
  return ejs.compile(source, { strict: true, localsName: 'page', compileDebug: false });
}
