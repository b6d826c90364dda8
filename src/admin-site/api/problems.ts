import type { IncomingMessage, ServerResponse } from 'node:http';
import { ConflictError } from '../../admin/conflict.ts';
import { ConfigError, type Problem } from '../../config/problems.ts';
import { clientFault } from '../../middleware/client-fault.ts';
import { reportFailure } from '../../middleware/failure.ts';
import type { Runtime } from '../../middleware/runtime.ts';
import { finishResponse } from '../../pages/finish-response.ts';
import { problemDocument, problemHeaders } from '../../pages/problem-document.ts';

/** What only the administration's API says, beside the gateway's own codes. */
export const API_PROBLEMS = {
  change_refused: { status: 422, title: 'The change was refused' },
  still_in_file: { status: 409, title: 'The file has it' },
  revision_changed: { status: 412, title: 'Somebody else was faster' },
  revision_required: { status: 428, title: 'Say which revision you have read' },
} as const satisfies Record<string, { status: number; title: string }>;

/** A failure that only the API knows. Its message is the public `detail`. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: keyof typeof API_PROBLEMS;
  /** What is wrong, place by place; never a value. */
  readonly problems: readonly Problem[];

  constructor(code: keyof typeof API_PROBLEMS, detail: string, problems: readonly Problem[] = []) {
    super(detail);
    this.code = code;
    this.problems = problems;
  }
}

/** Answers a failure of the API with an RFC 9457 document, whoever asks. */
export function answerApiProblem(
  runtime: Runtime,
  req: IncomingMessage,
  res: ServerResponse,
  thrown: unknown,
): void {
  const { status, headers, document } = documentOf(runtime, req, thrown);
  // a body that stops here must not look complete
  if (res.headersSent || res.writableEnded) {
    res.destroy();
    return;
  }
  runtime.securityHeaders(req, res);
  const all = { ...headers, 'Content-Type': 'application/problem+json', 'Cache-Control': 'no-store' };
  finishResponse(req, res, status, all, Buffer.from(JSON.stringify(document)));
}

function documentOf(runtime: Runtime, req: IncomingMessage, thrown: unknown) {
  const error = told(thrown);
  const { requestId } = runtime.contextOf(req);
  if (!(error instanceof ApiError)) {
    const reported = reportFailure(runtime, req, error);
    const { code } = reported;
    const headers: Record<string, string> =
      code === 'login_required'
        ? { 'WWW-Authenticate': 'Bearer realm="secure-chat-admin"' }
        : problemHeaders(code);
    return { status: reported.status, headers, document: problemDocument(reported, requestId) };
  }
  const { code, message: detail, problems } = error;
  const { status, title } = API_PROBLEMS[code];
  runtime.logger.info({ requestId, code, status }, 'request refused');
  const type = `urn:secure-chat:problem:${code}`;
  const document = { type, title, status, detail, code, requestId, ...(problems.length > 0 && { problems }) };
  return { status, headers: {}, document };
}

function told(thrown: unknown): unknown {
  if (thrown instanceof ConfigError)
    return new ApiError('change_refused', 'Nothing was changed. The problems say why.', thrown.problems);
  if (thrown instanceof ConflictError) return new ApiError('revision_changed', thrown.message);
  return clientFault(thrown) ?? thrown;
}
