/** Codes of the schema algebra: a wrong operation names what is missing. */

import { SchemaError } from '../errors.js';

export const SCHEMA_CODES = {
  SCHEMA_OBJECT_MISSING: {
    type: SchemaError,
    message: (c: { operation: string; object: string; name: string; table?: string | undefined }) =>
      `${c.operation}: there is no ${c.object} '${c.name}'${c.table === undefined ? '' : ` on table '${c.table}'`}.`,
    hint: 'The schema at this point of the history does not hold it: check the name and the order of the steps.',
  },
  SCHEMA_OBJECT_EXISTS: {
    type: SchemaError,
    message: (c: { operation: string; object: string; name: string; table?: string | undefined }) =>
      `${c.operation}: ${c.object} '${c.name}' exists already${c.table === undefined ? '' : ` on table '${c.table}'`}.`,
    hint: 'Drop or rename the present one first, or give the new one another name.',
  },
  SCHEMA_OBJECT_IN_USE: {
    type: SchemaError,
    message: (c: { operation: string; object: string; name: string; usedBy: readonly string[] }) =>
      `${c.operation}: ${c.object} '${c.name}' is still used by ${c.usedBy.join(', ')}.`,
    hint: 'Drop what uses it first.',
  },
  SCHEMA_DUPLICATE: {
    type: SchemaError,
    message: (c: { object: string; name: string; table?: string | undefined }) =>
      `The schema holds ${c.object} '${c.name}' twice${c.table === undefined ? '' : ` on table '${c.table}'`}.`,
    hint: 'Give one of the two another name.',
  },
  SCHEMA_INVALID: {
    type: SchemaError,
    message: (c: { object: string; name: string; problem: string }) =>
      `${c.object} '${c.name}': ${c.problem}.`,
  },
};
