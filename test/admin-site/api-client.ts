import assert from 'node:assert/strict';
import { z } from 'zod';
import type { AuditEntry } from '../../src/audit/entry.ts';
import { openApiDocument } from '../../src/admin-site/api/openapi.ts';
import { OPERATIONS } from '../../src/admin-site/api/operations.ts';
import { Browser, type Visit } from '../support/browser.ts';
import { codeOf } from '../support/problem-code.ts';
import { ADMIN_TOKEN } from './rig.ts';

export const API = '/secure-chat/admin/api';

/** Members of the documents that tests ask for; which ones are there, the description says. */
export interface ApiDocument {
  readonly revision: number;
  readonly customerKey: string;
  readonly origin: string;
  readonly state: string;
  readonly inFile: string;
  readonly by: string;
  readonly removed: { readonly by: string };
  readonly queues: readonly { readonly state: string }[];
  readonly settings: readonly {
    readonly key: string;
    readonly origin: string;
    readonly by?: string;
    readonly secret?: boolean;
    readonly isSet: boolean;
    readonly isSetInFile?: boolean;
  }[];
  readonly problems?: readonly { readonly path: string; readonly hint?: string }[];
  readonly outcome: string;
  readonly rows: readonly {
    readonly header: string;
    readonly value?: string;
    readonly why: readonly string[];
  }[];
  readonly verified: number;
  readonly sessions: number;
  readonly entries: readonly (AuditEntry & { readonly id: string; readonly part: string })[];
  readonly next?: string;
  readonly ok: boolean;
}

/** An answer of the API, which the description allows. */
export interface ApiAnswer {
  readonly status: number;
  readonly code: string;
  readonly body: string;
  readonly etag: string | undefined;
  readonly headers: Headers;
  readonly json: ApiDocument;
}

type Json = Record<string, Record<string, Record<string, unknown>>>;
const description = openApiDocument() as unknown as {
  paths: Json;
  components: { schemas: Record<string, unknown> };
};
const schemas = new Map(
  Object.entries(description.components.schemas).map(([name, schema]) => [
    name,
    z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]),
  ]),
);

/** Every operation that a test has called, with the statuses that it answered. */
export const called = new Set<string>();

/** Asks as the holder of this token, and holds each answer against the description. */
export function apiOf(url: string, token = ADMIN_TOKEN, headers: Record<string, string> = {}) {
  const browser = new Browser({ authorization: `Bearer ${token}`, ...headers });
  const ask = async (
    method: string,
    path: string,
    { body, ...more }: { body?: unknown; ifMatch?: string } = {},
  ): Promise<ApiAnswer> => {
    const visit = await browser.fetch(`${url}${API}/v1${path}`, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(more.ifMatch === undefined ? {} : { 'if-match': more.ifMatch }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer = answerOf(visit);
    checkAnswer(method, path, answer);
    return answer;
  };
  /** The same on what is there now. */
  const change = (method: string, path: string, body?: unknown) => ask(method, path, { body, ifMatch: '*' });
  return { ask, change, browser };
}

function answerOf({ status, headers, body }: Visit): ApiAnswer {
  const json = (body === '' ? undefined : JSON.parse(body)) as ApiDocument;
  return {
    status,
    code: codeOf({ status, headers, body }),
    body,
    etag: headers.get('etag') ?? undefined,
    headers,
    json,
  };
}

function checkAnswer(method: string, path: string, { status, headers, json }: ApiAnswer): void {
  const place = `${method} ${path}: ${status}`;
  assert.equal(headers.get('cache-control'), 'no-store', place);
  assert.equal(headers.get('access-control-allow-origin'), null, place);
  const [pathname = ''] = path.split('?');
  const operation = OPERATIONS.find(
    (one) =>
      one.method === method.toLowerCase() &&
      new RegExp(`^${one.path.replace(/\{\w+\}/g, '[^/]+')}$`).test(pathname),
  );
  if (operation === undefined) return;
  called.add(operation.id);
  const responses = description.paths[operation.path]![operation.method]!['responses'] as Json;
  const response = responses[String(status)];
  assert.ok(response, `${place} is not described: ${JSON.stringify(json)}`);
  if (status === 204) {
    assert.equal(json, undefined);
    return;
  }
  const [type = ''] = (headers.get('content-type') ?? '').split(';');
  assert.equal(type, status < 400 ? 'application/json' : 'application/problem+json', place);
  const name = status < 400 ? operation.answer!.name : 'Problem';
  assert.deepEqual(
    schemas.get(name)!.safeParse(json).error?.issues,
    undefined,
    `${place} ${JSON.stringify(json)}`,
  );
}
