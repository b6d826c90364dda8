import Negotiator from 'negotiator';

/** Languages of the gateway's own pages, as BCP 47 tags; the first one is for everybody else. */
export const LANGUAGES = ['en', 'nb', 'sv', 'da', 'fi'] as const;

/** A language that every text exists in. */
export type Language = (typeof LANGUAGES)[number];

/** Primary subtag of what a browser asks for -> what it gets. `no` is the macrolanguage of `nb` and `nn`. */
const LANGUAGE_OF: ReadonlyMap<string, Language> = new Map<string, Language>([
  ...LANGUAGES.map((language) => [language, language] as const),
  ['no', 'nb'],
  ['nn', 'nb'],
]);

/** Characters of the header that are read: browsers send under a hundred, and parsing costs time per entry. */
const HEADER_LIMIT = 512;

/**
 * The language for an `Accept-Language` header: the first one asked for, by quality and then by order, that exists here
 * (lookup of RFC 4647, section 3.4, on the primary subtag). English when none does or the header is absent or unreadable.
 */
export function chooseLanguage(acceptLanguage: string | undefined): Language {
  const header = (acceptLanguage ?? '').slice(0, HEADER_LIMIT);
  for (const range of new Negotiator({ headers: { 'accept-language': header } }).languages()) {
    const language = LANGUAGE_OF.get(range.toLowerCase().split('-', 1)[0] ?? '');
    if (language !== undefined) return language;
  }
  return 'en';
}
