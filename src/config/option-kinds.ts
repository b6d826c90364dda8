import { z } from 'zod';

/** Text that is not blank. */
export const text = (maxLength = 10_000) =>
  z
    .string()
    .max(maxLength, `text of at most ${maxLength} characters`)
    .regex(/\S/, 'text that is not empty or blank');

/** A whole number between two bounds, both included. */
export const wholeNumber = (min: number, max: number) => z.int().min(min).max(max);

/** True or false. */
export const flag = () => z.boolean();

/** A list, written as an array or as one text with separators. */
export const list = (description: string) =>
  z
    .union([z.string(), z.array(text())], { error: 'a list: an array of texts, or one text with separators' })
    .optional()
    .describe(description);

/** A private JSON Web Key (RFC 7517). Its members are secret; which ones it needs is checked later. */
export const jwk = z
  .looseObject({
    /** Key type. */
    kty: z.enum(['RSA', 'EC', 'OKP', 'oct']).describe('Key type.'),
  })
  .describe('A private JSON Web Key (RFC 7517). Secret.');

/** Several private JSON Web Keys: a list, or a JWK set (RFC 7517 section 5). */
export const jwks = (description: string) =>
  z
    .union([z.array(jwk), z.strictObject({ keys: z.array(jwk).describe('The private JWKs.') })], {
      error: 'a list of JWKs, or { keys: [] }',
    })
    .optional()
    .describe(description);

/** Parts of a list that was written as an array or as one text; blanks around a part and empty parts are dropped. */
export function listParts(
  value: string | readonly (string | undefined)[] | undefined,
  separator: ',' | ';',
): string[] {
  const parts = typeof value === 'string' ? value.split(separator) : (value ?? []);
  return parts.flatMap((part) => (part === undefined || part.trim() === '' ? [] : [part.trim()]));
}
