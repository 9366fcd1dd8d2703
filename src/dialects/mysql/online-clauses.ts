/**
 * The ALGORITHM and LOCK that an ALTER TABLE asks for: the strongest that the server grants, so that it refuses where
 * it would copy a table that was not expected to be copied. Where it has to copy, or nobody has measured, nothing is
 * asked for.
 *
 * Measured on MariaDB 10.11 (test/dialects/mysql/online-clauses.test.ts); for MySQL 8 as its manual has it ("Online
 * DDL Operations").
 */

import { deepEqual } from '../../base/structure.js';
import type { Column, Table } from '../../schema/model.js';
import { byName } from '../../schema/model.js';
import { columnTypeText, type DdlContext } from './ddl.js';
import { literalOf, momentOf } from './defaults.js';
import { type Flavour, isAtLeast } from './flavour.js';

/**
 * What a clause costs: a change of the catalog alone, a column that comes or goes, a virtual one, an index, an index that
 * keeps writers out, a new table built in place, or a copy.
 */
export type Work =
  | 'catalog'
  | 'addColumn'
  | 'dropColumn'
  | 'virtual'
  | 'index'
  | 'lockedIndex'
  | 'rebuild'
  | 'copy';

/** What adding a column costs. */
export function additionWork(column: Column): Work {
  if (column.generated) return column.generated.stored ? 'copy' : 'virtual';
  if (column.autoIncrement !== undefined) return 'copy';
  // Where each row would get a value of its own, the rows are written.
  return column.default === undefined || isConstant(column.default) ? 'addColumn' : 'copy';
}

function isConstant(value: NonNullable<Column['default']>): boolean {
  if (literalOf(value) !== undefined) return true;
  return value.kind === 'expression' && momentOf(value.sql) === 'current_timestamp';
}

/** A column in its table. */
interface ColumnState {
  readonly column: Column;
  readonly table: Table;
  readonly context: DdlContext;
}

/** What changing a column costs. */
export function modificationWork(from: ColumnState, to: ColumnState): Work {
  const [old, now] = [from.column, to.column];
  // Of a virtual column too, where a check or an index is over it.
  if (!deepEqual(old.generated, now.generated)) return 'copy';
  if (old.autoIncrement !== now.autoIncrement) return 'copy';
  if (now.generated && old.nullable !== now.nullable) return 'copy';
  const types = [from, to].map(({ column, table, context }) => columnTypeText(column, table, context));
  if (types[0] !== types[1] && !isWidened(from, to)) return 'copy';
  return old.nullable === now.nullable ? 'catalog' : 'rebuild';
}

/** A longer VARCHAR, or values added at the end of an enum that fits one byte as before. */
function isWidened(from: ColumnState, to: ColumnState): boolean {
  const [old, now] = [from.column, to.column];
  const sameLetters =
    old.collation === now.collation && old.options?.['mysql.charset'] === now.options?.['mysql.charset'];
  if (!sameLetters) return false;
  if (old.type.kind === 'varchar' && now.type.kind === 'varchar') {
    const [before, after] = [old.type.length ?? 255, now.type.length ?? 255];
    // MySQL grows a VARCHAR in place as long as its length takes as many bytes as before.
    const sameClass = to.context.flavour.mariadb || (before <= 63 ? after <= 63 : before >= 64);
    return after >= before && sameClass;
  }
  if (old.type.kind !== 'enum' || now.type.kind !== 'enum') return false;
  const before = byName(from.context.schema.enums, old.type.name)?.values ?? [];
  const after = byName(to.context.schema.enums, now.type.name)?.values ?? [];
  return before.every((value, i) => after[i] === value) && after.length < 256;
}

/** What follows the clauses of an ALTER TABLE, comma included; '' where nothing can be asked for. */
export function onlineSuffix(works: readonly Work[], from: Table, flavour: Flavour): string {
  const has = (work: Work): boolean => works.includes(work);
  // "INPLACE ADD or DROP of virtual columns cannot be combined with other ALTER TABLE actions"; where a table has
  // virtual columns, any column that comes or goes counts as one.
  const isVirtual = has('virtual') || from.columns.some(({ generated }) => generated?.stored === false);
  const moves = has('virtual') || has('addColumn') || has('dropColumn');
  if (isVirtual && moves && works.length > 1) return '';
  if (works.length === 0 || has('copy') || from.options?.['mysql.engine'] !== undefined) return '';
  return flavour.mariadb ? mariadbSuffix(has, from, flavour) : mysqlSuffix(has, from, flavour);
}

function mariadbSuffix(has: (work: Work) => boolean, from: Table, flavour: Flavour): string {
  if (!isAtLeast(flavour, 10, 6)) return '';
  const columns = has('addColumn') || has('dropColumn') || has('virtual');
  if (has('lockedIndex')) {
    return has('index') || has('rebuild') || columns ? '' : ', ALGORITHM=INPLACE, LOCK=SHARED';
  }
  if (has('rebuild') || (columns && has('index'))) {
    // Without a primary key the rows may lie in the order of a unique one, which NULL would end.
    const isKeyed = !has('rebuild') || from.primaryKey !== undefined;
    return isPlain(from) && isKeyed && !has('dropColumn') ? ', ALGORITHM=INPLACE, LOCK=NONE' : '';
  }
  if (columns) {
    if (!takesInstantColumns(from) || (has('addColumn') && has('dropColumn'))) return '';
    return ', ALGORITHM=INSTANT, LOCK=NONE';
  }
  return `, ALGORITHM=${has('index') ? 'NOCOPY' : 'INSTANT'}, LOCK=NONE`;
}

function mysqlSuffix(has: (work: Work) => boolean, from: Table, flavour: Flavour): string {
  if (!isAtLeast(flavour, 8, 0, 16)) return '';
  const columns = has('addColumn') || has('dropColumn') || has('virtual');
  if (has('lockedIndex')) return has('rebuild') || columns ? '' : ', ALGORITHM=INPLACE, LOCK=SHARED';
  if (has('rebuild') || has('index')) {
    return isPlain(from) && from.primaryKey !== undefined ? ', ALGORITHM=INPLACE, LOCK=NONE' : '';
  }
  if (has('dropColumn') && !isAtLeast(flavour, 8, 0, 29)) return '';
  // LOCK=NONE is not taken beside INSTANT. A change of comment or check is not in the manual's tables.
  if (columns && !has('catalog') && takesInstantColumns(from)) return ', ALGORITHM=INSTANT';
  return '';
}

/** Nothing that a table built in place would have trouble with. */
function isPlain(table: Table): boolean {
  return takesInstantColumns(table) && table.columns.every((column) => !column.generated);
}

/** "online rebuild with indexed virtual columns", "Fulltext index creation requires a lock", COMPRESSED: all refused. */
function takesInstantColumns(table: Table): boolean {
  const virtual = new Set(
    table.columns.filter(({ generated }) => generated?.stored === false).map(({ name }) => name),
  );
  const isIndexed = [
    ...table.uniques.flatMap(({ columns }) => columns),
    ...table.indexes.flatMap(({ columns }) => columns.map((part) => ('column' in part ? part.column : ''))),
    ...table.foreignKeys.flatMap(({ columns }) => columns),
  ].some((name) => virtual.has(name));
  const isTree = table.indexes.every(({ method = 'btree' }) => /^(?:btree|hash)$/i.test(method));
  return !isIndexed && isTree && table.options?.['mysql.rowFormat'] === undefined;
}
