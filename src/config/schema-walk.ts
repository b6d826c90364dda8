import { z } from 'zod';
import type { Path } from './problems.ts';

/** One key of the schema: where it stands, what it says of itself, what holds without it. */
export interface DocumentedKey {
  /** `customers[].connections[].authScope`; entries of a record are `*`. */
  readonly path: string;
  readonly description: string | undefined;
  /** Undefined when the key has no fixed default. */
  readonly default: unknown;
  readonly required: boolean;
}

/** The keys that the object at `path` may have; empty when no object stands there. */
export function knownKeys(schema: z.core.$ZodType, path: Path): string[] {
  const steps = path.reduce<z.core.$ZodType[]>(
    (at, key) => at.flatMap((one) => step(one, key)),
    alternatives(schema),
  );
  return steps.flatMap((one) => (one instanceof z.ZodObject ? Object.keys(one.shape) : []));
}

/** Every key of the schema, depth first, in the order in which it is written. For documents and their tests. */
export function documentedKeys(schema: z.core.$ZodType, prefix = ''): DocumentedKey[] {
  return alternatives(schema).flatMap((one) => {
    if (one instanceof z.ZodArray) return documentedKeys(one.element, `${prefix}[]`);
    if (one instanceof z.ZodRecord) return documentedKeys(one.valueType, `${prefix}.*`);
    if (!(one instanceof z.ZodObject)) return [];
    return Object.entries(one.shape).flatMap(([key, child]: [string, z.core.$ZodType]) => {
      const path = prefix === '' ? key : `${prefix}.${key}`;
      const meta = ownMeta(child);
      return [
        {
          path,
          description: meta?.description,
          default: meta?.['default'],
          required: !(child instanceof z.ZodOptional),
        },
        ...documentedKeys(child, path),
      ];
    });
  });
}

/** What a key says of itself, also below wrappers that say nothing. */
function ownMeta(schema: z.core.$ZodType): z.core.GlobalMeta | undefined {
  const meta = schema instanceof z.ZodType ? schema.meta() : undefined;
  if (meta?.description !== undefined || !(schema instanceof z.ZodOptional)) return meta;
  return ownMeta(schema.unwrap());
}

function step(schema: z.core.$ZodType, key: PropertyKey): z.core.$ZodType[] {
  if (schema instanceof z.ZodArray) return alternatives(schema.element);
  if (schema instanceof z.ZodRecord) return alternatives(schema.valueType);
  if (!(schema instanceof z.ZodObject)) return [];
  const shape: Readonly<Record<PropertyKey, z.core.$ZodType>> = schema.shape;
  const child = Object.hasOwn(shape, key) ? shape[key] : undefined;
  return child === undefined ? [] : alternatives(child);
}

function alternatives(schema: z.core.$ZodType): z.core.$ZodType[] {
  if (schema instanceof z.ZodOptional) return alternatives(schema.unwrap());
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(alternatives);
  return [schema];
}
