/** SQLite's words for rows that may be there already, and for exact arithmetic. */

import { onConflict, type WriteForms } from '../shared/write-forms.js';

export const writeForms: WriteForms = {
  upsertKind: 'on-conflict-do-update',
  upsert: (parts) => onConflict(parts, (a, b) => `${a} IS NOT ${b}`),
  sum(column, operator, value, type) {
    // The driver binds numbers as REAL, beside which an integer would become one.
    const isWhole = type.kind === 'smallint' || type.kind === 'integer' || type.kind === 'bigint';
    if (isWhole) return `${column} ${operator} CAST(${value} AS INTEGER)`;
    // Decimals are REAL here: rounded to their scale, 0.1 + 0.2 is 0.3 again.
    if (type.kind === 'decimal') return `ROUND(${column} ${operator} ${value}, ${type.scale ?? 0})`;
    return `${column} ${operator} ${value}`;
  },
  changesByItself: () => false,
};
