/**
 * The indexes that InnoDB wants for foreign keys ("FOREIGN KEY Constraints"): the columns of each must come first in
 * some index, in their order. Where no index of the model does that, one of the key's name is there; it belongs to the
 * key and is no part of the schema.
 *
 * InnoDB makes such an index by itself, drops it by itself when another one will do, and leaves it behind when the
 * key goes. So that it is there exactly when this file says so, it is made and dropped in plain words.
 */

import type { ForeignKey, Index, Table } from '../../schema/model.js';
import { compareNames } from '../../schema/normalize.js';

/** The index of a foreign key's own. */
export function ownIndex(key: ForeignKey): Index {
  return { name: key.name, columns: key.columns.map((column) => ({ column })), unique: false };
}

/** The indexes of a table's foreign keys' own, those that another key's own will do for left out. */
export function keyIndexes(table: Table): Index[] {
  const own: Index[] = [];
  // In one order, whatever order they came in: the first of several over the same columns has the index.
  for (const key of [...table.foreignKeys].sort((a, b) => compareNames(a.name, b.name))) {
    const covered = isCovered(key, table) || own.some((index) => begins(columnsOf(index), key.columns));
    if (!covered) own.push(ownIndex(key));
  }
  return own;
}

/** Whether a key of the table or an index of the model will do for a foreign key. */
export function isCovered(key: ForeignKey, table: Table): boolean {
  return isTreeOver(table, key.columns);
}

/** Whether a key or an index of a table begins with some columns, so that keys may refer to them. */
export function isTreeOver(table: Table, columns: readonly string[]): boolean {
  return keyColumns(table).some((each) => begins(each, columns));
}

/** The columns of everything that may serve a foreign key, in order; an expression or a prefix serves none. */
function keyColumns(table: Table): (readonly (string | undefined)[])[] {
  return [
    ...(table.primaryKey ? [table.primaryKey.columns] : []),
    ...table.uniques.map(({ columns }) => columns),
    ...table.indexes.filter(isTree).map(columnsOf),
  ];
}

function isTree({ method = 'btree', options }: Index): boolean {
  return !/^(?:fulltext|spatial|rtree)$/i.test(method) && options?.['mysql.invisible'] !== true;
}

function columnsOf({ columns }: Index): (string | undefined)[] {
  return columns.map((part) => ('column' in part && part.length === undefined ? part.column : undefined));
}

function begins(columns: readonly (string | undefined)[], first: readonly string[]): boolean {
  return first.every((name, i) => columns[i]?.toLowerCase() === name.toLowerCase());
}
