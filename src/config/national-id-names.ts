/** Folded claim names that carry a national id at Signicat and its sources, or a source's id that is one. */
const NATIONAL_ID_NAMES: ReadonlySet<string> = new Set([
  'national_id',
  'signicat_national_id',
  'nin',
  'acting_nin',
  'ftn_hetu',
  'hetu',
  'suomifi_hetu',
  'ssn',
  'personnummer',
  'fodselsnummer',
  'f_dselsnummer',
  'cpr',
  'mitid_cpr',
  'idp_id',
  'pid',
]);

/**
 * The form in which claim names are compared: lower case, every run of other characters than letters and digits one
 * `_`. `signicat.national_id` and `Signicat National-ID` are alike.
 */
export function foldClaimName(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]+/g, '_');
}

/**
 * True for a claim that holds a national id under one of its known names. Such a claim is always masked. Facts about a
 * number (`nin_type`, `nin_issuing_country`) are none.
 */
export function isNationalIdName(name: string): boolean {
  const folded = foldClaimName(name);
  return NATIONAL_ID_NAMES.has(folded) || /^idporten_.*(?:pid|national_id)$/.test(folded);
}
