import type { z } from 'zod';
import { didYouMean } from './did-you-mean.ts';
import { gatewayOptionsSchema, type GatewayOptions } from './options.ts';
import { MISSING, type Path, type Report } from './problems.ts';
import { knownKeys } from './schema-walk.ts';

type Issue = z.core.$ZodIssue;

/**
 * Options after the check of their shape: what is left has the right type. A missing key is absent; a key whose value was
 * wrong is there with undefined, so that `Object.hasOwn` tells the two apart. The checks that follow run on the good parts,
 * and all problems come out at once.
 */
export type Sifted<T> = T extends readonly (infer Element)[]
  ? readonly (Sifted<Element> | undefined)[]
  : T extends object
    ? { readonly [Key in keyof T]?: Sifted<T[Key]> | undefined }
    : T;

/** Checks keys and types against the schema, reports every problem, and gives back a copy of what is usable. */
export function checkShape(options: unknown, report: Report): Sifted<GatewayOptions> {
  const parsed = gatewayOptionsSchema.safeParse(options);
  const broken: Path[] = forbiddenKeys(options, []);
  for (const path of broken) report.problem(path, 'another name; this one is reserved by the language');
  for (const issue of parsed.error?.issues ?? []) broken.push(...translate(issue, [], options, report));
  const sifted = copyWithout(options, new Set(broken.map(pathKey)), []);
  return isRecord(sifted) ? sifted : {};
}

/** Own keys named `__proto__`, at any depth that options can have. */
function forbiddenKeys(value: unknown, path: Path): Path[] {
  if (typeof value !== 'object' || value === null || path.length > 10) return [];
  return Object.entries(value).flatMap(([key, child]) => {
    const at = [...path, Array.isArray(value) ? Number(key) : key];
    return key === '__proto__' ? [at] : forbiddenKeys(child, at);
  });
}

/** Reports one issue of the schema. Returns the places that must not be read any further. */
function translate(issue: Issue, base: Path, options: unknown, report: Report): Path[] {
  const path = [...base, ...issue.path];
  if (issue.code === 'invalid_union') {
    const branch = meantBranch(issue.errors);
    if (branch !== undefined) return branch.flatMap((inner) => translate(inner, path, options, report));
  }
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.filter((key) => key !== '__proto__').map((key) => unknownKey([...path, key], report));
  }
  const value = valueAt(options, path);
  report.problem(path, expectation(issue), value === undefined ? MISSING : enumHint(issue, value));
  return [path];
}

/** The branch of a union that the writer had in mind: the one whose outer type fits. */
function meantBranch(branches: readonly Issue[][]): readonly Issue[] | undefined {
  return branches.find(
    (issues) => !issues.some((issue) => issue.path.length === 0 && issue.code === 'invalid_type'),
  );
}

function unknownKey(path: Path, report: Report): Path {
  const known = knownKeys(gatewayOptionsSchema, path.slice(0, -1));
  report.problem(path, 'a known key', didYouMean(path.at(-1), known) ?? `known are: ${known.join(', ')}`);
  return path;
}

function enumHint(issue: Issue, value: unknown): string | undefined {
  return issue.code === 'invalid_value' ? didYouMean(value, issue.values.map(String)) : undefined;
}

function expectation(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return TYPE_WORDS[issue.expected] ?? issue.expected;
    case 'invalid_value':
      return `one of ${issue.values.map((value) => `"${String(value)}"`).join(', ')}`;
    case 'too_small':
      return issue.origin === 'string' ? issue.message : `a number of at least ${issue.minimum}`;
    case 'too_big':
      return issue.origin === 'string' ? issue.message : `a number of at most ${issue.maximum}`;
    case 'invalid_format':
    case 'invalid_union':
    case 'custom':
      return issue.message;
    case 'not_multiple_of':
    case 'invalid_key':
    case 'invalid_element':
    case 'unrecognized_keys':
      return 'a value of the documented form';
  }
}

const TYPE_WORDS: Readonly<Partial<Record<string, string>>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (current, key) =>
      typeof current === 'object' && current !== null && Object.hasOwn(current, key)
        ? (current as Record<PropertyKey, unknown>)[key]
        : undefined,
    value,
  );
}

/** A copy without the broken places; entries of lists keep their index, so that paths stay true. */
function copyWithout(value: unknown, broken: ReadonlySet<string>, path: Path): unknown {
  if (broken.has(pathKey(path))) return undefined;
  if (Array.isArray(value)) return value.map((child, index) => copyWithout(child, broken, [...path, index]));
  if (!isRecord(value) || path.length > 10) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, child]) => key !== '__proto__' && child !== undefined)
      .map(([key, child]) => [key, copyWithout(child, broken, [...path, key])]),
  );
}

function pathKey(path: Path): string {
  return JSON.stringify(path.map(String));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
