/** Keeps clients from writing identity headers themselves. */
export interface HeaderWall {
  /** True when an upstream could read the name as one of ours. */
  folds(name: string): boolean;
  /** A copy of `rawHeaders` (name, value, name, value ...) without the headers whose names fold to the prefix. */
  strip(rawHeaders: readonly string[]): string[];
}

const DASH = 45;
const FOLDED_ASCII = Uint8Array.from({ length: 128 }, (_, code) => {
  const char = String.fromCharCode(code).toLowerCase();
  return /[a-z0-9]/.test(char) ? char.charCodeAt(0) : DASH;
});

/**
 * The wall for one prefix. A name folds to the prefix when it starts with it after folding: lower case, and every
 * character outside `A-Z a-z 0-9` made `-`, one for one as CGI, WSGI and Rack map them. So `X_Secure.Chat-Id` is caught;
 * `X-Secure-Chat` (shorter) and `X--Secure-Chat-Id` (no reader makes two characters one) are other names and pass.
 *
 * @throws TypeError for an empty prefix, which would catch every header.
 */
export function createHeaderWall(prefix: string): HeaderWall {
  if (prefix === '') throw new TypeError('The prefix of identity headers must not be empty.');
  const wanted = Uint8Array.from({ length: prefix.length }, (_, index) => foldedAt(prefix, index));

  function folds(name: string): boolean {
    if (name.length < wanted.length) return false;
    for (let index = 0; index < wanted.length; index += 1) {
      if (foldedAt(name, index) !== wanted[index]) return false;
    }
    return true;
  }

  function strip(rawHeaders: readonly string[]): string[] {
    const passed: string[] = [];
    for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
      const name = rawHeaders[index] ?? '';
      if (!folds(name)) passed.push(name, rawHeaders[index + 1] ?? '');
    }
    return passed;
  }

  return { folds, strip };
}

function foldedAt(name: string, index: number): number {
  return FOLDED_ASCII[name.charCodeAt(index)] ?? DASH;
}
