/** PostgreSQL's words for rows that may be there already, and for exact arithmetic. */

import { onConflict, type WriteForms } from '../shared/write-forms.js';

export const writeForms: WriteForms = {
  upsertKind: 'on-conflict-do-update',
  upsert: (parts) => onConflict(parts, (a, b) => `${a} IS DISTINCT FROM ${b}`),
  // A parameter takes the type of the column beside it.
  sum: (column, operator, value) => `${column} ${operator} ${value}`,
  changesByItself: () => false,
};
