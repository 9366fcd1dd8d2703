/** Names of tables that say their schema, `audit.logs`, for databases that have such. */

import type { Schema } from './model.js';

/** The schema that a table's name says, and the name in it. The first dot that has something on both sides counts. */
export function splitTableName(name: string): { readonly schema?: string; readonly name: string } {
  const dot = name.indexOf('.', 1);
  if (dot < 0 || dot === name.length - 1) return { name };
  return { schema: name.slice(0, dot), name: name.slice(dot + 1) };
}

/** The schemas that tables say, those of the tables they refer to included; sorted. */
export function schemasIn({ tables }: Pick<Schema, 'tables'>): string[] {
  const names = tables.flatMap(({ name, foreignKeys }) => [name, ...foreignKeys.map((key) => key.refTable)]);
  return [...new Set(names.flatMap((name) => splitTableName(name).schema ?? []))].sort();
}
