/** One member of a JSON object as it stands in the text. */
export interface JsonMember {
  /** Unescaped. */
  readonly name: string;
  /** The value's own text, e.g. `"a"`, `1.0`, `{...}`. */
  readonly rawValue: string;
}

/** One token: a string, a bracket or separator, or a run of number and literal characters. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]:,]|[^\s"{}[\]:,]+/g;

/**
 * The members of a JSON object, repeated ones included, in the order of the text. `JSON.parse` keeps only the last of
 * equal names, other readers the first (RFC 8259 section 4); this sees both. `text` has to be what `JSON.parse` has
 * taken for an object: nothing is validated again.
 */
export function scanMembers(text: string): JsonMember[] {
  const members: JsonMember[] = [];
  let depth = 0;
  let name: string | undefined;
  let valueStart = -1;
  for (const token of text.matchAll(TOKEN)) {
    const [word] = token;
    if (depth === 1 && name !== undefined && valueStart >= 0 && (word === ',' || word === '}')) {
      members.push({ name, rawValue: text.slice(valueStart, token.index).trim() });
      name = undefined;
      valueStart = -1;
    } else if (depth === 1 && word === ':') {
      valueStart = token.index + 1;
    } else if (name === undefined && word.startsWith('"')) {
      name = String(JSON.parse(word));
    }
    if (word === '{' || word === '[') depth += 1;
    if (word === '}' || word === ']') depth -= 1;
  }
  return members;
}
