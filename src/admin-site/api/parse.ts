import type { Request } from 'express';
import { z } from 'zod';
import { formatPath, type Problem } from '../../config/problems.ts';
import { GatewayError } from '../../errors.ts';
import { rawQuery } from '../../middleware/own-query.ts';
import type { Operation } from './operation.ts';
import { ApiError } from './problems.ts';

/**
 * The body as the operation describes it.
 *
 * @throws ApiError `change_refused` with every place that is not so; GatewayError `request_malformed` for what is no JSON.
 */
export function parsedBody(req: Request, { body: schema, bodyOptional }: Operation): unknown {
  const hasBody =
    req.headers['transfer-encoding'] !== undefined || Number(req.headers['content-length'] ?? 0) > 0;
  if (schema === undefined) {
    if (hasBody) throw new GatewayError('request_malformed', 'This address takes no body.');
    return undefined;
  }
  if (!hasBody && bodyOptional) return checked(schema, {}, 'body');
  if (req.is('application/json') !== 'application/json' || req.body === undefined)
    throw new GatewayError(
      'request_malformed',
      'This address takes a body of JSON (Content-Type: application/json).',
    );
  return checked(schema, req.body, 'body');
}

/**
 * The query as the operation describes it; none where it describes none.
 *
 * @throws ApiError `change_refused`; GatewayError `request_malformed` for a parameter that stands there twice.
 */
export function parsedQuery(req: Request, schema: z.ZodType | undefined): unknown {
  const given = [...new URLSearchParams(rawQuery(req.url))];
  if (new Set(given.map(([name]) => name)).size < given.length)
    throw new GatewayError('request_malformed', 'A parameter stands in the address more than once.');
  return checked(schema ?? z.strictObject({}), Object.fromEntries(given), 'query');
}

function checked(schema: z.ZodType, value: unknown, where: string): unknown {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new ApiError(
    'change_refused',
    'The request is not as the description says. The problems say where.',
    parsed.error.issues.map((issue): Problem => ({
      path: formatPath([where, ...issue.path]),
      expected:
        issue.code === 'unrecognized_keys' ? 'only the members that are described' : 'what is described',
    })),
  );
}
