import type { TestContext } from 'node:test';
import { hashAdminToken } from '../../src/admin/hash-admin-token.ts';
import { startSystem, type System, type SystemOptions } from '../support/system.ts';

export const ADMIN_TOKEN = 'adm_tests-administrator-0123456789';
export const VIEWER_TOKEN = 'adm_tests-viewer-0123456789-abcdef';

/** The least that the configuration takes: many tests sign in. */
const CHEAP = { ln: 14, r: 8, p: 1 };

/** As `admin.tokenHash`. */
export const TOKEN_HASHES: readonly string[] = [
  `administrator:anna:${await hashAdminToken(ADMIN_TOKEN, CHEAP)}`,
  `viewer:viggo:${await hashAdminToken(VIEWER_TOKEN, CHEAP)}`,
];

/** A system that anna administers and viggo may look at. */
export function startAdministered(t: TestContext, settings: SystemOptions = {}): Promise<System> {
  return startSystem(t, {
    ...settings,
    options: { admin: { tokenHash: [...TOKEN_HASHES] }, ...settings.options },
  });
}
