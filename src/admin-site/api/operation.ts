import type { Request } from 'express';
import type { z } from 'zod';
import type { Administration } from '../../admin/administration.ts';
import type { Administrator } from '../../admin/administrator.ts';
import type { AdminRole } from '../../config/admin-tokens.ts';
import type { Runtime } from '../../middleware/runtime.ts';

/** What an answer looks like, under its name in the OpenAPI description. */
export interface Shape {
  readonly name: string;
  readonly schema: z.ZodType;
}

/** One request of the API, after all checks. */
export interface Call<Body = unknown, Query = unknown> {
  readonly runtime: Runtime;
  readonly administration: Administration;
  readonly administrator: Administrator;
  /** Decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: Query;
  readonly body: Body;
  /** What `If-Match` names; undefined for `*`, and for what changes no settings. */
  readonly revision: number | undefined;
  readonly requestId: string;
}

/** What an operation answers: a document, or nothing; with the revision for the `ETag`. */
export interface Answer {
  readonly document?: object;
  readonly revision?: number;
}

/** One route of the API: what the router does and what the description says. */
export interface Operation {
  readonly id: string;
  readonly method: 'get' | 'put' | 'post' | 'patch' | 'delete';
  /** Below `/v1`, as OpenAPI writes it: `/customers/{customerKey}`. */
  readonly path: string;
  readonly summary: string;
  /** The least that the actor has to be. */
  readonly role: AdminRole;
  /** It changes settings, so it needs `If-Match`, and takes `force`. */
  readonly changesSettings: boolean;
  readonly query: z.ZodType | undefined;
  readonly body: z.ZodType | undefined;
  /** A request without a body is as good as an empty one. */
  readonly bodyOptional: boolean;
  /** Undefined: 204. */
  readonly answer: Shape | undefined;
  readonly run: (call: Call) => Promise<Answer>;
}

interface Written<Body extends z.ZodType, Query extends z.ZodType>
  extends
    Pick<Operation, 'id' | 'method' | 'path' | 'summary'>,
    Partial<Pick<Operation, 'role' | 'changesSettings' | 'bodyOptional' | 'answer'>> {
  readonly query?: Query;
  readonly body?: Body;
  readonly run: (call: Call<z.output<Body>, z.output<Query>>) => Promise<Answer>;
}

/** An operation with its body and query of the types that its schemas say. Default role: whoever may change, but for GET. */
export function operation<Body extends z.ZodType, Query extends z.ZodType>(
  written: Written<Body, Query>,
): Operation {
  const { run, ...said } = written;
  return {
    role: said.method === 'get' ? 'viewer' : 'administrator',
    changesSettings: false,
    query: undefined,
    body: undefined,
    bodyOptional: false,
    answer: undefined,
    ...said,
    // the router has parsed body and query by these very schemas
    run: (call) => run(call as Call<z.output<Body>, z.output<Query>>),
  };
}

/** The same path as Express writes it. */
export function expressPath(path: string): string {
  return path.replace(/\{(\w+)\}/g, ':$1');
}

/** Parameters of the address, texts all of them. */
export function paramsOf(req: Request): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(req.params).map(([name, value]) => [name, Array.isArray(value) ? value.join('/') : value]),
  );
}
