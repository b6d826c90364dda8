import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Runtime } from '../middleware/runtime.ts';
import { sendPage } from '../pages/answer.ts';
import type { AdminSession, Flash } from './sessions.ts';
import type { AdminRender } from './templates.ts';
import type { ShownPage } from './visit.ts';

/** What a page is shown with. */
export interface ShownWith {
  readonly runtime: Runtime;
  readonly render: AdminRender;
  /** Path of the administration. */
  readonly base: string;
  readonly session?: AdminSession | undefined;
  readonly flash?: Flash | undefined;
  /** Where the browser goes by itself. */
  readonly goTo?: string | undefined;
}

const MENU = [
  { path: '', label: 'Overview' },
  { path: '/audit', label: 'Audit record' },
  { path: '/sessions', label: 'Sessions' },
] as const;

/** Sends a page of the administration, in English: its words are those of the configuration and the documents. */
export function sendAdminPage(
  req: IncomingMessage,
  res: ServerResponse,
  page: ShownPage,
  shown: ShownWith,
): void {
  const { runtime, render, base, session, flash, goTo } = shown;
  const { urls } = runtime.assets;
  const { status = 200 } = page;
  const isError = status >= 400 && ![401, 409, 422].includes(status);
  const shell = {
    title: page.title,
    base,
    stylesheet: urls.adminStylesheet,
    icon: urls.icon,
    narrow: page.narrow === true,
    session,
    menu: session === undefined ? [] : menuOf(base, page),
    crumbs: page.crumbs ?? [],
    flash,
    goTo,
    requestId: isError ? runtime.contextOf(req).requestId : undefined,
  };
  sendPage(req, res, {
    status,
    headers: {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Language': 'en',
      'Cross-Origin-Opener-Policy': 'same-origin',
    },
    html: render(page.view, shell, page.model),
  });
}

function menuOf(base: string, { view }: ShownPage) {
  const current = view === 'audit' ? '/audit' : view === 'sessions' ? '/sessions' : '';
  return MENU.map((item) => ({
    href: base + item.path,
    label: item.label,
    isCurrent: item.path === current && view !== 'message',
    isPage: view === 'overview' || item.path !== '',
  }));
}
