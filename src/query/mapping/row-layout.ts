/** Where the columns of an entity stand: in a row, and in SQL. */

import type { EntityMap, MappedColumn, RowLayout } from './entity-map.js';

/** What stands for a column in SQL that knows its table by an alias. */
export function columnAt(column: MappedColumn, alias: string): string {
  return column.expression === undefined ? `${alias}.${column.sql}` : column.expression(alias);
}

/** The position of a column in a row, -1 where it is not there. */
export function placeIn(layout: RowLayout, column: MappedColumn): number {
  return layout.positions[column.index] ?? layout.virtuals?.get(column) ?? -1;
}

/** The layout of some columns of an entity. */
export function layoutOfColumns(map: EntityMap, columns: readonly MappedColumn[]): RowLayout {
  const positions = map.columns.map(() => -1);
  const virtuals = new Map<MappedColumn, number>();
  columns.forEach((column, i) => {
    // What no table holds has no place among the columns of a row that is written.
    if (column.index >= 0) positions[column.index] = i;
    else virtuals.set(column, i);
  });
  return { map, columns, positions, ...(virtuals.size === 0 ? {} : { virtuals }) };
}
