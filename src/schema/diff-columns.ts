/** What changed in the columns of a table: added before altered before dropped, so that a table never stands empty. */

import { mentionedColumns } from '../base/sql-tokens.js';
import { deepEqual } from '../base/structure.js';
import type { Column, Table } from './model.js';
import type { ColumnChange, Operation } from './operations.js';
import { pairByKey } from './pairs.js';

const CHANGEABLE = [
  'type',
  'nullable',
  'default',
  'generated',
  'autoIncrement',
  'collation',
  'comment',
  'options',
] as const;

/** The operations that lead from one table's columns to another's, comments and options of the table included. */
export function diffColumns(from: Table, to: Table): Operation[] {
  const table = to.name;
  const { added, dropped, changed } = pairByKey(from.columns, to.columns, (column) => column.name);
  return [
    // What a column may be can depend on its table's options, as in SQLite's STRICT tables.
    ...(deepEqual(from.options, to.options)
      ? []
      : [{ kind: 'setTableOptions', table, options: to.options ?? {} } as const]),
    ...generatedLast(added).map((column): Operation => ({ kind: 'addColumn', table, column })),
    ...changed.map(
      ([old, now]): Operation => ({
        kind: 'alterColumn',
        table,
        name: now.name,
        change: columnChange(old, now),
      }),
    ),
    // What is generated from other columns goes before them.
    ...generatedLast(dropped)
      .reverse()
      .map(({ name }): Operation => ({ kind: 'dropColumn', table, name })),
    ...(from.comment === to.comment
      ? []
      : [{ kind: 'setTableComment', table, comment: to.comment ?? null } as const]),
  ];
}

/** The parts in which two columns of one name differ; what is gone is `null`. */
export function columnChange(from: Column, to: Column): ColumnChange {
  const change: Record<string, unknown> = {};
  for (const key of CHANGEABLE) {
    if (!deepEqual(from[key], to[key])) change[key] = to[key] ?? null;
  }
  return change as ColumnChange;
}

/** Columns in their order, but each after the columns that its value is generated from. */
function generatedLast(columns: readonly Column[]): Column[] {
  const ordered = columns.filter((column) => !column.generated);
  let waiting = columns.filter((column) => column.generated);
  const names = columns.map((column) => column.name);
  const sources = new Map(
    columns.map((column) => [column, mentionedColumns(column.generated?.sql ?? '', names)]),
  );
  while (waiting.length > 0) {
    const ready = waiting.filter(
      (column) => !waiting.some((other) => other !== column && sources.get(column)?.includes(other.name)),
    );
    // Columns generated from each other are the database's to refuse.
    const next = ready.length > 0 ? ready : waiting;
    ordered.push(...next);
    waiting = waiting.filter((column) => !next.includes(column));
  }
  return ordered;
}
