import type { ErrorRequestHandler } from 'express';
import { isGatewayError } from '../errors.ts';
import { isNavigation, isNavigationPost } from '../middleware/navigation.ts';
import type { Runtime } from '../middleware/runtime.ts';
import type { PagesParts } from './page-parts.ts';
import { failedPage } from './pages/failed.ts';
import { sendAdminPage } from './shell.ts';

/** A refusal or failure as a page of the administration, for a person; what is none of the gateway's words goes on. */
export function pageFailures(runtime: Runtime, parts: PagesParts, base: string): ErrorRequestHandler {
  return function pageFailuresMiddleware(error, req, res, next) {
    const isPerson = isNavigation(req.method, req.headers) || isNavigationPost(req.method, req.headers);
    if (!isGatewayError(error) || !isPerson || error.code === 'login_required' || res.headersSent) {
      next(error);
      return;
    }
    const { requestId } = runtime.contextOf(req);
    const { code, status } = error;
    if (status >= 500) runtime.logger.error({ requestId, code, status }, 'request failed');
    else runtime.logger.info({ requestId, code, status }, 'request refused');
    runtime.audit.record({ kind: 'request_refused', requestId, code });
    sendAdminPage(req, res, failedPage(base, error), { runtime, render: parts.render, base });
  };
}
