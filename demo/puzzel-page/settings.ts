/** What a page that was written for Puzzel says of its chat. */
export interface PuzzelSettings {
  readonly customerKey: string;
  readonly queueKey: string;
  /** The vendor's four settings for secure chat; a page without them opens an unverified one. */
  readonly authConnectionName?: string;
  readonly authClientId?: string;
  readonly authEndpoint?: string;
  readonly authMapping?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** The page's own script: one call, and nothing in it that a page in front of the vendor's servers would not say. */
export function chatScript(settings: PuzzelSettings): string {
  const quoted = JSON.stringify(settings, undefined, 2)
    .replaceAll(/^(\s*)"(\w+)":/gm, '$1$2:')
    .replaceAll(/"((?:[^"\\']|\\[^"])*)"/g, "'$1'")
    .replaceAll(
      /\{\n\s+MapType: ('\w+')(?:,\n\s+Description: ('[^']*'))?\n\s+\}/g,
      (_all, type: string, text?: string) =>
        text === undefined ? `{ MapType: ${type} }` : `{ MapType: ${type}, Description: ${text} }`,
    );
  return `import { intelecomChat } from '/assets/intelecom-chat.mjs';

intelecomChat('#chat', ${quoted});
`;
}
