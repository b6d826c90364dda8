import type { Link } from '../templates.ts';
import { hrefOf } from '../visit.ts';

/** The way back to the overview. */
export function overviewLink(base: string): Link {
  return { href: base, label: 'Overview' };
}

/** The way back to a customer. */
export function customerLinks(base: string, customerKey: string): readonly Link[] {
  return [
    overviewLink(base),
    { href: hrefOf(base, '/customer', { customerKey }), label: `Customer ${customerKey}` },
  ];
}

/** The way back to a connection. */
export function connectionLinks(
  base: string,
  customerKey: string,
  authConnectionName: string,
): readonly Link[] {
  const href = hrefOf(base, '/connection', { customerKey, authConnectionName });
  return [...customerLinks(base, customerKey), { href, label: authConnectionName }];
}
