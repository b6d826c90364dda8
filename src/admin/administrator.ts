import type { AdminRole } from '../config/admin-tokens.ts';

/** Somebody who has signed in to the administration. */
export interface Administrator {
  /** As settings and audit record name them. */
  readonly name: string;
  /** `viewer` reads, `administrator` changes too. */
  readonly role: AdminRole;
  readonly how: 'token' | 'oidc';
}
