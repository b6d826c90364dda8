/** How a login has come back to its page. */
export interface Landing {
  readonly authCode?: string;
  readonly authError?: string;
}

/**
 * Takes `authCode` and `authError` out of an address. Every other byte of it stays as it is: parameters, their order and
 * spelling, and the hash. An outcome that stands there twice is none, since only one of them can be the gateway's.
 *
 * @returns `landing` undefined when the address carries neither; its `address` is then the one given
 */
export function takeOutcome(address: string): { address: string; landing: Landing | undefined } {
  const [rest = '', ...hashes] = address.split('#');
  const mark = rest.indexOf('?');
  if (mark === -1) return { address, landing: undefined };
  const found: [string, string][] = [];
  const kept = rest
    .slice(mark + 1)
    .split('&')
    .filter((part) => {
      const [[name, value] = ['', '']] = new URLSearchParams(`&${part}`);
      if (name !== 'authCode' && name !== 'authError') return true;
      found.push([name, value]);
      return false;
    });
  if (found.length === 0) return { address, landing: undefined };
  const query = kept.length === 0 ? '' : `?${kept.join('&')}`;
  return {
    address: [rest.slice(0, mark) + query, ...hashes].join('#'),
    landing: found.length === 1 ? Object.fromEntries(found) : {},
  };
}
