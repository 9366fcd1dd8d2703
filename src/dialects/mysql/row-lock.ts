/** Locks on rows that are read ("Locking Reads"; MariaDB: "LOCK IN SHARE MODE", "SELECT … NOWAIT/SKIP LOCKED"). */

import { error } from '../../base/error-codes.js';
import type { RowLock } from '../contract.js';
import type { TreeLock } from '../shared/write-forms.js';
import type { Flavour } from './flavour.js';

/** @throws CAPABILITY_MISSING */
export function rowLock(flavour: Flavour, { strength, onLocked }: RowLock): string {
  if (strength === 'noKeyUpdate' || strength === 'keyShare')
    throw missing(flavour, strength === 'keyShare' ? 'lock FOR KEY SHARE' : 'lock FOR NO KEY UPDATE');
  const share = flavour.mariadb ? 'LOCK IN SHARE MODE' : 'FOR SHARE';
  const text = strength === 'share' ? share : 'FOR UPDATE';
  return ` ${text}${onLocked === undefined ? '' : onLocked === 'nowait' ? ' NOWAIT' : ' SKIP LOCKED'}`;
}

/**
 * The first row stands for the tree: whoever waited for one that is deleted meanwhile goes on to the next, and the gap
 * before it is locked as well. (GET_LOCK knows of no transactions.)
 */
export function treeLock(flavour: Flavour): TreeLock {
  return {
    sql: (table, key, strength) =>
      `SELECT ${key.join(', ')} FROM ${table} ORDER BY ${key.join(', ')} LIMIT 1${rowLock(flavour, { strength })}`,
    params: () => [],
    // A read without a lock sees what there was when the transaction first read ("Consistent Nonlocking Reads").
    fresh: rowLock(flavour, { strength: 'share' }),
  };
}

function missing(flavour: Flavour, feature: string): Error {
  const database = flavour.mariadb ? 'MariaDB' : 'MySQL';
  return error('CAPABILITY_MISSING', { database, feature, object: 'lock' });
}
