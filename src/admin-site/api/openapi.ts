import { z } from 'zod';
import { PROBLEMS } from '../../errors.ts';
import type { Operation } from './operation.ts';
import { OPERATIONS } from './operations.ts';
import { API_PROBLEMS } from './problems.ts';
import { SHAPES } from './shapes.ts';

type Json = Readonly<Record<string, unknown>>;

/**
 * The OpenAPI 3.1 description of the API, from the table that the router is made of.
 *
 * @param server Path of `/admin/api/v1` as browsers see it.
 */
export function openApiDocument(server = '/secure-chat/admin/api/v1'): Json {
  return {
    openapi: '3.1.0',
    info: {
      title: 'secure-chat-gateway administration',
      version: '1',
      description:
        'Customers, connections and queues on top of the file, the audit record, and sessions. Times are UTC. Secrets can be set and never read.',
    },
    servers: [{ url: server }],
    security: [{ token: [] }, { session: [], csrf: [] }],
    paths: Object.fromEntries(
      [...new Set(OPERATIONS.map(({ path }) => path))].map((path) => [
        path,
        Object.fromEntries(
          OPERATIONS.filter((one) => one.path === path).map((one) => [one.method, describe(one)]),
        ),
      ]),
    ),
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'The token of an administrator.' },
        session: { type: 'apiKey', in: 'cookie', name: 'secure-chat-admin' },
        csrf: {
          type: 'apiKey',
          in: 'header',
          name: 'X-CSRF-Token',
          description: 'Beside the cookie, for changes.',
        },
      },
      schemas: Object.fromEntries(
        Object.values(SHAPES).map(({ name, schema }) => [name, jsonSchema(schema, 'output')]),
      ),
      responses: {
        Problem: { description: 'RFC 9457', content: contentOf('Problem', 'application/problem+json') },
      },
    },
  };
}

function describe(operation: Operation): Json {
  const { id, summary, role, body, bodyOptional, answer, changesSettings } = operation;
  const etag = changesSettings || answer === SHAPES.settings ? { headers: { ETag: ETAG } } : {};
  const done =
    answer === undefined
      ? { 204: { description: 'Done', ...etag } }
      : { 200: { description: answer.name, ...etag, content: contentOf(answer.name) } };
  return {
    operationId: id,
    summary,
    description: `Role: ${role}.`,
    parameters: parametersOf(operation),
    ...(body && {
      requestBody: {
        required: !bodyOptional,
        content: { 'application/json': { schema: jsonSchema(body, 'input') } },
      },
    }),
    responses: {
      ...done,
      ...Object.fromEntries(
        statusesOf(operation).map((status) => [status, { $ref: '#/components/responses/Problem' }]),
      ),
    },
  };
}

const ETAG = { description: 'The revision, for If-Match.', schema: { type: 'string' } };

function parametersOf({ path, query, changesSettings }: Operation): readonly Json[] {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const { properties = {} } = query === undefined ? {} : jsonSchema(query, 'input');
  const inQuery = Object.entries(properties as Record<string, Json>).map(
    ([name, { description, ...schema }]) => ({ name, in: 'query', required: false, description, schema }),
  );
  const ifMatch = {
    name: 'If-Match',
    in: 'header',
    required: true,
    description:
      'The ETag that was read, so that no change of somebody else is lost; `*` for whatever is there.',
    schema: { type: 'string' },
  };
  return [...inPath, ...inQuery, ...(changesSettings ? [ifMatch] : [])];
}

/** What may go wrong, by status. */
function statusesOf({ id, method, path, changesSettings }: Operation): readonly number[] {
  const { change_refused, revision_changed, revision_required, still_in_file } = API_PROBLEMS;
  const own = [
    change_refused.status,
    ...(changesSettings ? [revision_changed.status, revision_required.status] : []),
    ...(id === 'removeCustomer' ? [still_in_file.status] : []),
  ];
  const codes = [
    'request_malformed',
    'login_required',
    'forbidden',
    'rate_limited',
    'session_store_unavailable',
  ] as const;
  const statuses = codes.map((code) => PROBLEMS[code].status);
  const notFound = path.includes('{') || path.includes('revocations') ? [404] : [];
  const tooLarge = method === 'get' ? [] : [413];
  return [...new Set([...statuses, ...own, ...notFound, ...tooLarge])].sort((a, b) => a - b);
}

function contentOf(name: string, type = 'application/json'): Json {
  return { [type]: { schema: { $ref: `#/components/schemas/${name}` } } };
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): Json {
  const written = Object.entries(z.toJSONSchema(schema, { io }));
  return Object.fromEntries(written.filter(([key]) => key !== '$schema' && key !== '~standard'));
}
