/** Locks on rows that are read ("Locking Reads"; MariaDB: "LOCK IN SHARE MODE", "SELECT … NOWAIT/SKIP LOCKED"). */

import { error } from '../../base/error-codes.js';
import type { RowLock } from '../contract.js';
import type { Flavour } from './flavour.js';

/** @throws CAPABILITY_MISSING */
export function rowLock(flavour: Flavour, { strength, onLocked }: RowLock): string {
  if (strength === 'noKeyUpdate' || strength === 'keyShare')
    throw missing(flavour, strength === 'keyShare' ? 'lock FOR KEY SHARE' : 'lock FOR NO KEY UPDATE');
  const share = flavour.mariadb ? 'LOCK IN SHARE MODE' : 'FOR SHARE';
  const text = strength === 'share' ? share : 'FOR UPDATE';
  return ` ${text}${onLocked === undefined ? '' : onLocked === 'nowait' ? ' NOWAIT' : ' SKIP LOCKED'}`;
}

function missing(flavour: Flavour, feature: string): Error {
  const database = flavour.mariadb ? 'MariaDB' : 'MySQL';
  return error('CAPABILITY_MISSING', { database, feature, object: 'lock' });
}
