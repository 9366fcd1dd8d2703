/** Keys of several columns, of which relations may share some: `tenant_id` in the keys of an author and of an editor. */

import type { KeyLink, MappedColumn } from './entity-map.js';

const NO_LINKS: readonly KeyLink[] = [];

/** The relations whose keys a column is a part of. */
export function linksOf({ relation, others }: MappedColumn): readonly KeyLink[] {
  if (relation === undefined) return NO_LINKS;
  return others === undefined ? [relation] : [relation, ...others];
}

/**
 * The columns of a key that are set to NULL for it to lead nowhere: those that no other relation needs, where there
 * are such. None where NULL is not allowed.
 */
export function nulledColumns(columns: readonly MappedColumn[]): readonly MappedColumn[] {
  const free = columns.filter(({ meta }) => meta.nullable && !meta.primary);
  const own = free.filter(({ others }) => others === undefined);
  if (own.length > 0) return own;
  return free.length === columns.length ? free : [];
}

/** Whether a column stays as it is when the relation is set to null, because the rest of the key tells it. */
export function staysOnNull(column: MappedColumn, { local }: KeyLink['map']): boolean {
  if (local.length === 1) return false;
  const nulled = nulledColumns(local);
  return nulled.length > 0 && !nulled.some(({ index }) => index === column.index);
}

/** The column of a key that tells what becomes of the relation: one that no other relation needs. */
export function tellingColumn(columns: readonly MappedColumn[]): MappedColumn {
  const own = columns.find(({ meta, others }) => others === undefined && meta.role === 'relation');
  return (own ?? columns[0]) as MappedColumn;
}
