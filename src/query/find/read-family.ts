/**
 * Rows of a family of classes → entities of the right class. What is read are the columns of all classes; for
 * each class one reader is made, which shows its own columns only, and the discriminator chooses it.
 */

import { error } from '../../base/error-codes.js';
import type { SqlValue } from '../../dialects/contract.js';
import type { EntityMap, MappedColumn, RowLayout } from '../mapping/entity-map.js';
import { CLASS_COLUMN } from '../mapping/joined-tables.js';
import { columnAt } from '../mapping/row-layout.js';
import { makeReader, type ReadEntity } from './read-entity.js';
import { withoutInitials } from './without-initials.js';

/** What is read of a family: for its first class, as its statements see it, and how. */
export interface FamilySelection {
  readonly layout: RowLayout;
  readonly read: ReadEntity;
}

/** Which columns of one class are read, and which of them become properties. */
export interface MemberColumns {
  readonly map: EntityMap;
  readonly kept: readonly MappedColumn[];
  readonly shown: ReadonlySet<MappedColumn>;
}

/**
 * The layout of the columns of all classes, each once, and the reader of such rows.
 *
 * @throws DISCRIMINATOR_UNKNOWN when a row says that it is of no class of the family (by the reader)
 */
export function selectFamily(first: EntityMap, members: readonly MemberColumns[]): FamilySelection {
  const columns = new Map<string, MappedColumn>();
  for (const { map, kept } of members) {
    for (const own of kept) {
      const column = columnOf(first, map, own);
      if (!columns.has(textOf(column))) columns.set(textOf(column), column);
    }
  }
  const chooser = first.discriminator?.column ?? classColumn(first);
  if (!columns.has(textOf(chooser))) columns.set(textOf(chooser), chooser);
  const places = new Map([...columns.keys()].map((sql, i) => [sql, i]));
  const placeOf = (map: EntityMap, column: MappedColumn): number =>
    places.get(textOf(columnOf(first, map, column))) ?? -1;
  const layoutOf = (map: EntityMap): RowLayout => ({
    map,
    columns: [...columns.values()],
    positions: map.columns.map((column) => placeOf(map, column)),
    virtuals: new Map(map.virtuals.map((column) => [column, placeOf(map, column)])),
  });
  const readers = new Map<string, ReadEntity>();
  members.forEach(({ map, shown }, i) => {
    const all = [...map.columns, ...map.virtuals];
    const own = { ...layoutOf(map), columns: all.filter((column) => placeOf(map, column) >= 0) };
    const read = withoutInitials(map, shown, makeReader(own, shown));
    readers.set(String(map.discriminator?.value ?? i), read);
  });
  const place = places.get(textOf(chooser)) as number;
  return { layout: layoutOf(first), read: chooseReader(first, chooser, place, readers) };
}

/** What a column is read by: two classes that compute the same read it once. */
const textOf = (column: MappedColumn): string => columnAt(column, '');

function columnOf(first: EntityMap, map: EntityMap, column: MappedColumn): MappedColumn {
  return column.expression === undefined ? first.columnBelow(map, column) : column;
}

/** What says the class of a row where no column of a table does: the place of the class in the family. */
function classColumn({ key, dialect }: EntityMap): MappedColumn {
  const sql = dialect.quoteIdentifier(CLASS_COLUMN);
  return { ...(key[0] as MappedColumn), sql, needsBigints: false, decode: (value) => value };
}

function chooseReader(
  first: EntityMap,
  discriminator: MappedColumn,
  place: number,
  readers: ReadonlyMap<string, ReadEntity>,
): ReadEntity {
  /** By the value as the database stores it, which is decoded once. */
  const known = new Map<SqlValue, ReadEntity>();
  const find = (stored: SqlValue): ReadEntity => {
    const value = discriminator.decode(stored);
    const reader = readers.get(String(value));
    if (reader === undefined) {
      const column = discriminator.meta.name;
      throw error('DISCRIMINATOR_UNKNOWN', {
        entity: first.meta.name,
        column,
        value,
        known: [...readers.keys()],
      });
    }
    known.set(stored, reader);
    return reader;
  };
  return (row) => {
    const stored = row[place] as SqlValue;
    return (known.get(stored) ?? find(stored))(row);
  };
}
