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
    throw error('DRIVER_BROKEN', { package: PACKAGE, reason: message.split('\n')[0] ?? message }, { cause });
  }
}
