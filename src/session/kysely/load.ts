/** Loads Kysely when it is first asked for: its import costs more than our own whole start may. */

import type * as Package from 'kysely';
import { error } from '../../base/error-codes.js';

/** What `require('kysely')` gives. */
export type KyselyPackage = typeof Package;

const PACKAGE = 'kysely';

/** @throws DRIVER_MISSING with the install line · DRIVER_BROKEN where it is there and does not load */
export function loadKysely(): KyselyPackage {
  try {
    return require(PACKAGE) as KyselyPackage;
  } catch (cause) {
    const { code, message = String(cause) } = cause as { code?: string; message?: string };
    if (code === 'MODULE_NOT_FOUND' && message.includes(`'${PACKAGE}'`)) {
      throw error('DRIVER_MISSING', { package: PACKAGE, purpose: 'kysely()' }, { cause });
    }
    const reason = isModuleRefused(cause)
      ? 'it is an ES module (0.29), which cannot be required here; 0.28 can'
      : (message.split('\n')[0] ?? message);
    throw error('DRIVER_BROKEN', { package: PACKAGE, reason }, { cause });
  }
}

/** In jest, and before Node 20.19, `require` takes no ES module. */
function isModuleRefused(cause: unknown): boolean {
  const { code, name } = cause as { code?: string; name?: string };
  return code === 'ERR_REQUIRE_ESM' || name === 'SyntaxError';
}
