/** One member of a JSON object, and where it stands in the text. */
export interface TextMember {
  /** Unescaped. */
  readonly name: string;
  /** Of the name's first quote. */
  readonly start: number;
  readonly value: TextSpan;
}

/** A piece of the text. */
export interface TextSpan {
  readonly start: number;
  readonly end: number;
}

/** A part of an object or array: a whole member, or a value. */
export interface TextPart extends TextSpan {
  /** What it says from now on; default what it says. */
  readonly text?: string | undefined;
  /** Taken out. */
  readonly gone?: boolean | undefined;
}

/** One token: a string, a bracket or separator, or a run of number and literal characters. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]:,]|[^\s"{}[\]:,]+/g;

/**
 * The members of the object at `span`, repeated ones included. `text` has to be what `JSON.parse` takes: nothing is
 * validated again. Does not recurse, so no depth of nesting is too much.
 */
export function membersAt(text: string, span: TextSpan): TextMember[] {
  const members: TextMember[] = [];
  for (const { tokens } of partsAt(text, span)) {
    const [name, , first] = tokens;
    const last = tokens.at(-1);
    if (name === undefined || first === undefined || last === undefined) continue;
    members.push({
      name: String(JSON.parse(text.slice(name.start, name.end))),
      start: name.start,
      value: { start: first.start, end: last.end },
    });
  }
  return members;
}

/** The values of the array at `span`. */
export function itemsAt(text: string, span: TextSpan): TextSpan[] {
  return partsAt(text, span).flatMap(({ tokens }) => {
    const [first] = tokens;
    const last = tokens.at(-1);
    return first === undefined || last === undefined ? [] : [{ start: first.start, end: last.end }];
  });
}

/** The value that the text consists of, without the blanks around it. */
export function wholeOf(text: string): TextSpan {
  const start = /^\s*/.exec(text)?.[0].length ?? 0;
  return { start, end: text.trimEnd().length };
}

/**
 * The object or array at `span`, some of its parts replaced, taken out (undefined) or added at the end. Every byte of the
 * parts that stay, and of the blanks before them, is kept.
 */
export function withParts(
  text: string,
  span: TextSpan,
  parts: readonly TextPart[],
  added: readonly string[],
): string {
  const [first] = parts;
  const last = parts.at(-1);
  const opening = text.slice(span.start, first?.start ?? span.start + 1);
  const closing = text.slice(last?.end ?? span.start + 1, span.end);
  let body = '';
  let before: TextSpan | undefined;
  let any = false;
  for (const part of parts) {
    const gap = before === undefined ? '' : text.slice(before.end, part.start);
    before = part;
    if (part.gone === true) continue;
    body += (any ? gap || ',' : '') + (part.text ?? text.slice(part.start, part.end));
    any = true;
  }
  for (const piece of added) {
    body += (any ? ',' : '') + piece;
    any = true;
  }
  return opening + body + closing;
}

interface Part {
  readonly tokens: TextSpan[];
}

/** What stands between the commas of the object or array at `span`. */
function partsAt(text: string, span: TextSpan): Part[] {
  const parts: Part[] = [];
  let depth = 0;
  let tokens: TextSpan[] = [];
  const inner = text.slice(span.start, span.end);
  for (const { 0: word, index } of inner.matchAll(TOKEN)) {
    const opens = word === '{' || word === '[';
    const closes = word === '}' || word === ']';
    if (closes) depth -= 1;
    if (depth === 0 && (opens || closes)) {
      if (closes) parts.push({ tokens });
    } else if (depth === 1 && word === ',') {
      parts.push({ tokens });
      tokens = [];
    } else {
      const start = span.start + index;
      tokens.push({ start, end: start + word.length });
    }
    if (opens) depth += 1;
  }
  return parts;
}
