/**
 * What a foreign key demands of the two sides ("FOREIGN KEY Constraints"): columns of the same type, and a key or index
 * that begins with the columns referred to. InnoDB says no more than that the key is "incorrectly formed", and only when
 * other statements of a plan are done already; so it is asked before.
 */

import type { Column, ForeignKey, Table } from '../../schema/model.js';
import { byName } from '../../schema/model.js';
import type { TableState } from './alter-clauses.js';
import { columnTypeText } from './ddl.js';
import { isTreeOver } from './key-indexes.js';
import { unsupported } from './types.js';

/**
 * Refuses a key that InnoDB would not take.
 *
 * @param holder the table with the key, as it is to be
 * @param target the table that it refers to, as it will be by then
 * @throws CAPABILITY_MISSING naming the key and what is wrong
 */
export function refuseUnfit(key: ForeignKey, holder: TableState, target: TableState): void {
  const { flavour } = holder.context;
  const object = `'${key.name}' on '${holder.table.name}'`;
  if (!isTreeOver(target.table, key.refColumns)) {
    const columns = key.refColumns.map((name) => `'${target.table.name}.${name}'`).join(', ');
    throw unsupported(flavour, `foreign keys to columns without a key (${columns})`, object);
  }
  key.columns.forEach((name, i) => {
    const refName = key.refColumns[i] ?? '';
    const [own, other] = [byName(holder.table.columns, name), byName(target.table.columns, refName)];
    if (own === undefined || other === undefined) return;
    const [type, refType] = [comparable(own, holder), comparable(other, target)];
    if (type === refType) return;
    const feature = `foreign keys between different types ('${holder.table.name}.${name}' is ${type}, '${target.table.name}.${refName}' ${refType})`;
    throw unsupported(flavour, feature, object);
  });
}

/** A type in the words in which InnoDB compares it: of texts and bytes no length, of enums no values. */
function comparable(column: Column, { table, context }: TableState): string {
  const own = columnTypeText(column, table, context);
  const text = own.replace(/^(?:var)?char\(\d+\)/, 'char').replace(/^(?:var)?binary\(\d+\)/, 'binary');
  const letters = letterText(table, column);
  return `${text.replace(/^enum\([\s\S]*\)(?= CHARACTER|$)/, 'enum')}${/^char\b(?!.*(?:CHARACTER SET|COLLATE))/.test(text) ? letters : ''}`;
}

/** The character set and collation that a text has from its table. */
function letterText(table: Table, { type }: Column): string {
  if (type.kind === 'uuid' || type.kind === 'native') return '';
  const { 'mysql.charset': charset, 'mysql.collation': collation } = table.options ?? {};
  return `${charset === undefined ? '' : ` CHARACTER SET ${charset}`}${collation === undefined ? '' : ` COLLATE ${collation}`}`;
}
