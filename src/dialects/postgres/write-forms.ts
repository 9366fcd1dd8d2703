/** PostgreSQL's words for rows that may be there already, and for exact arithmetic. */

import { onConflict, type WriteForms } from '../shared/write-forms.js';
import { packedRows } from './packed-rows.js';

/** The bytes of 'Limb': advisory locks are known by two numbers, of which the first says whose they are. */
const LOCKS = 0x4c696d62;

export const writeForms: WriteForms = {
  upsertKind: 'on-conflict-do-update',
  upsert: (parts) => onConflict(parts, (a, b) => `${a} IS DISTINCT FROM ${b}`),
  packedRows,
  // A parameter takes the type of the column beside it.
  sum: (column, operator, value) => `${column} ${operator} ${value}`,
  changesByItself: () => false,
  treeLock: {
    // No row would do: one that is deleted meanwhile is waited for, and then not locked.
    sql: (_table, _key, strength) =>
      `SELECT pg_advisory_xact_lock${strength === 'share' ? '_shared' : ''}(${LOCKS}, hashtext($1))`,
    params: (table) => [table],
    fresh: '',
  },
};
