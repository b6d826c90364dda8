/** One answer as the client reads it. */
export interface Answer {
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
  /** The whole of it is here. */
  readonly complete: boolean;
}

/** Answers in a text (latin1), in order; interim ones (1xx but 101) are left out. */
export function readAnswers(text: string, headOnly: boolean, closed: boolean): Answer[] {
  const answers: Answer[] = [];
  let rest = text;
  while (rest !== '') {
    const end = rest.indexOf('\r\n\r\n');
    const status = Number(/^HTTP\/1\.\d (\d{3})/.exec(rest)?.[1]);
    if (end < 0 || Number.isNaN(status)) break;
    const headers = rest
      .slice(0, end)
      .split('\r\n')
      .slice(1)
      .map((line): [string, string] => [
        line.slice(0, line.indexOf(':')),
        line.slice(line.indexOf(':') + 1).trim(),
      ]);
    rest = rest.slice(end + 4);
    if (status < 200 && status !== 101) continue;
    const bodyless = headOnly || status === 204 || status === 304 || status === 101;
    const body = bodyless ? { text: '', length: 0 } : readBody(rest, headers);
    answers.push({ status, headers, body: body?.text ?? rest, complete: body !== undefined || closed });
    rest = body === undefined || status === 101 ? '' : rest.slice(body.length);
  }
  return answers;
}

/** All values of a header of an answer. */
export function valuesOf(answer: Answer, name: string): string[] {
  return answer.headers.filter(([n]) => n.toLowerCase() === name.toLowerCase()).map(([, value]) => value);
}

function readBody(
  rest: string,
  headers: readonly (readonly [string, string])[],
): { text: string; length: number } | undefined {
  const value = (wanted: string) => headers.find(([name]) => name.toLowerCase() === wanted)?.[1];
  if (/chunked/i.test(value('transfer-encoding') ?? '')) {
    const end = /(?:^|\r\n)0\r\n\r\n/.exec(rest);
    return end === null ? undefined : { text: unchunk(rest), length: end.index + end[0].length };
  }
  const length = value('content-length');
  if (length === undefined || rest.length < Number(length)) return undefined;
  return { text: rest.slice(0, Number(length)), length: Number(length) };
}

function unchunk(text: string): string {
  let body = '';
  let at = 0;
  for (;;) {
    const end = text.indexOf('\r\n', at);
    const size = Number.parseInt(text.slice(at, end), 16);
    if (end < 0 || !(size > 0)) return body;
    body += text.slice(end + 2, end + 2 + size);
    at = end + 4 + size;
  }
}
