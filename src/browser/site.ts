/** The parts of an address that a site is made of. */
export interface Place {
  readonly protocol: string;
  readonly hostname: string;
}

/**
 * Are both of one site, so that a cookie of one goes with the requests of the other? A script has no list of public
 * suffixes; the browser has, and refuses a cookie for one of them.
 *
 * @param takesCookieFor does this browser take a cookie for the whole of that domain?
 */
export function isSameSite(
  page: Place,
  gateway: Place,
  takesCookieFor: (domain: string) => boolean,
): boolean {
  if (page.protocol !== gateway.protocol) return false;
  if (page.hostname === gateway.hostname) return true;
  let domain = gateway.hostname;
  // the labels at the end that both have in common: bank.no of www.bank.no and chat.bank.no
  while (domain && !`.${page.hostname}`.endsWith(`.${domain}`)) domain = domain.replace(/^[^.]*\.?/, '');
  return /\.\D/.test(domain) && takesCookieFor(domain);
}
