/** The index rows of one table as its primary key, its unique constraints and its indexes. */

import type { Index, IndexColumn, PrimaryKey, Table, Unique } from '../../schema/model.js';
import type { CatalogIndexPart } from './catalog.js';
import { IMPLIED_PREFIX } from './ddl.js';
import { unescapeQuotes } from './defaults.js';
import type { DescribedColumn } from './describe-column.js';
import { toPortable } from './expressions.js';
import type { Flavour } from './flavour.js';
import { isNotedIndex, looksLikeUnique, notedParser, primaryKeyName } from './index-notes.js';
import { isUnbounded } from './types.js';

export type DescribedIndexes = Pick<Table, 'uniques' | 'indexes'> & { readonly primaryKey?: PrimaryKey };

export function describeIndexes(
  parts: readonly CatalogIndexPart[],
  table: string,
  columns: readonly DescribedColumn[],
  flavour: Flavour,
): DescribedIndexes {
  const byIndex = new Map<string, CatalogIndexPart[]>();
  for (const part of parts) byIndex.set(part.index, [...(byIndex.get(part.index) ?? []), part]);
  let primaryKey: PrimaryKey | undefined;
  const uniques: Unique[] = [];
  const indexes: Index[] = [];
  for (const [name, list] of byIndex) {
    const ordered = [...list].sort((a, b) => a.position - b.position);
    const [first] = ordered;
    if (first === undefined) continue;
    const names = ordered.map(({ column }) => column ?? '');
    if (name === 'PRIMARY') {
      primaryKey = { name: primaryKeyName(first.comment, table), columns: names };
      continue;
    }
    const index = describeIndex(name, ordered, first, columns, flavour);
    if (looksLikeUnique(index) && !isNotedIndex(first.comment)) uniques.push({ name, columns: names });
    else indexes.push(index);
  }
  return { uniques, indexes, ...(primaryKey && { primaryKey }) };
}

const METHODS: Readonly<Record<string, string>> = {
  FULLTEXT: 'fulltext',
  SPATIAL: 'spatial',
  RTREE: 'spatial',
};

function describeIndex(
  name: string,
  parts: readonly CatalogIndexPart[],
  first: CatalogIndexPart,
  columns: readonly DescribedColumn[],
  flavour: Flavour,
): Index {
  const method = METHODS[first.type];
  const parser = notedParser(first.comment);
  const options = {
    ...(parser !== undefined && { 'mysql.parser': parser }),
    ...(first.invisible && { 'mysql.invisible': true }),
  };
  return {
    name,
    columns: parts.map((part) => describePart(part, method, columns, flavour)),
    unique: first.unique,
    ...(method !== undefined && { method }),
    ...(Object.keys(options).length > 0 && { options }),
  };
}

function describePart(
  part: CatalogIndexPart,
  method: string | undefined,
  columns: readonly DescribedColumn[],
  flavour: Flavour,
): IndexColumn {
  const order = part.descending ? ({ order: 'desc' } as const) : {};
  if (part.column === null)
    return { expression: toPortable(unescapeQuotes(part.expression ?? '')), ...order };
  const type = columns.find(({ column }) => column.name === part.column)?.column.type;
  // SPATIAL tells a length that nobody gave.
  const isImplied =
    method !== undefined ||
    (part.length === IMPLIED_PREFIX && type !== undefined && isUnbounded(type, flavour));
  return {
    column: part.column,
    ...(part.length !== undefined && !isImplied && { length: part.length }),
    ...order,
  };
}
