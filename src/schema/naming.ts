/**
 * Names that nobody wrote: of tables and columns from classes and properties, of constraints from what they
 * hold. They do not depend on the database, so one migration file fits all of them; autogenerate asks here
 * whether a name is the one that a structure would have got anyway.
 */

import { canonicalSql } from '../base/sql-tokens.js';
import { byteLength, cutToBytes, hash32, snakeCase } from '../base/text.js';
import type { IndexColumn } from './model.js';

/** Bytes that an identifier may have on every database of ours (PostgreSQL allows the fewest). */
export const MAX_IDENTIFIER_BYTES = 63;

/** Begins a default name: primary key, unique, index, foreign key, check, exclusion. */
export type NameKind = 'pk' | 'uq' | 'ix' | 'fk' | 'ck' | 'ex' | 'enum';

/** How names are made where none is given. All methods are pure; what they return is cut to size by the caller. */
export interface NamingStrategy {
  table(className: string): string;
  /** @param path properties from the entity to the value; more than one inside an embedded object */
  column(path: readonly string[]): string;
  /** @param property the relation's own name; a prefix of embedded objects around it comes before the whole */
  joinColumn(property: string, referencedColumn: string, referencedProperty?: string): string;
  /** A column inside embedded objects, where it is not what they are called, joined by `_`. */
  embedded?(prefixes: readonly string[], name: string): string;
  /** @param property with dots inside embedded objects */
  joinTable(ownerTable: string, property: string, targetTable: string): string;
  /** A column of a join table that refers to one of the two sides. */
  joinTableColumn(entityName: string, referencedColumn: string, table?: string): string;
  /** The same where both sides are one entity, whose columns would be called the same. */
  joinTableTwin?(column: string, place: 1 | 2): string;
  primaryKey(table: string, columns?: readonly string[]): string;
  unique(table: string, columns: readonly string[]): string;
  /** A unique constraint where the database knows unique indexes alone; as `unique` where it is absent. */
  uniqueIndex?(table: string, columns: readonly string[]): string;
  /** The key of a one-to-one relation; as `unique` where it is absent. */
  relationUnique?(table: string, columns: readonly string[]): string;
  /** @param columns names, or one hash where the index holds an expression */
  index(table: string, columns: readonly string[], where?: string): string;
  foreignKey(table: string, columns: readonly string[], refTable: string): string;
  /** @param part the column that the check belongs to, or the hash of its tokens */
  check(table: string, part: string, expression?: string): string;
  exclusion(table: string, hash: string, expression?: string): string;
  enumType(table: string, column: string): string;
  /** An enum where the database has no types of one's own; as `enumType` where it is absent. */
  enumName?(table: string, column: string): string;
  /**
   * The closure table of a tree; what the tree says, else `<table>_closure`, where it is absent.
   *
   * @param given what `closureTableName` says
   */
  closureTable?(table: string, given?: string): string;
  /** A column of a closure table; the column's name and `_ancestor` or `_descendant` where it is absent. */
  closureColumn?(property: string, end: 'ancestor' | 'descendant'): string;
  /** The column of a materialized path; `mpath` where it is absent. */
  treePath?(): string;
  /** What is made without being asked for, where it is not Limbeck's own way. */
  readonly implicit?: ImplicitKeys;
}

/** Keys and indexes that nobody declares. */
export interface ImplicitKeys {
  /** Whether the column of a to-one relation has an index; `index: true` by default. */
  readonly toOneIndexes?: boolean;
  /** When a one-to-one relation makes its column unique; `always` by default. */
  readonly oneToOneUniques?: 'always' | 'with-foreign-key';
  /** Whether the discriminator of a family in one table has an index; not by default. */
  readonly discriminatorIndex?: boolean;
  /** Whether a version column has a default, for rows that others insert; it has one by default. */
  readonly versionDefault?: boolean;
  /** How a materialized path is kept where no property declares it; text without a default by default. */
  readonly treePath?: 'text' | 'varchar';
  /** Whose `onDelete` the key to a side that declares no relation has; the owner's by default. */
  readonly joinTableActions?: 'owner' | 'own-side';
  /** Which sides of a join table have an index beside the primary key; `second` by default. */
  readonly joinTableIndexes?: 'second' | 'both';
  /** What becomes of the rows of a join table when a key changes; `NO ACTION` by default. */
  readonly joinTableOnUpdate?: 'CASCADE' | 'NO ACTION';
}

/** The hash that stands for an expression in a name: of its tokens, so blanks and case do not count. */
export function expressionHash(sql: string): string {
  return hash32(canonicalSql(sql));
}

/** Cuts a name that is too long, inside no character, and ends it in `_` and 8 hex digits of the whole. */
export function fitName(name: string, maxBytes: number = MAX_IDENTIFIER_BYTES): string {
  if (byteLength(name) <= maxBytes) return name;
  return `${cutToBytes(name, maxBytes - 9)}_${hash32(name)}`;
}

/**
 * The name that a constraint, index or enum type gets where none is given.
 *
 * @param parts what follows the table: columns, for a foreign key then the table it refers to; a hash for an
 * expression; nothing for a primary key
 * @returns `pk_T`, `uq_T_C`, `ix_T_C`, `fk_T_C_RT`, `ck_T_C`, `ex_T_<hash>`; `T_C_enum` for an enum
 */
export function defaultName(
  kind: NameKind,
  table: string,
  parts: readonly string[] = [],
  maxBytes: number = MAX_IDENTIFIER_BYTES,
): string {
  const words = kind === 'enum' ? [flat(table), ...parts, 'enum'] : [kind, flat(table), ...parts];
  return fitName(words.join('_'), maxBytes);
}

/** The default name of a foreign key. */
export function defaultForeignKeyName(
  table: string,
  columns: readonly string[],
  refTable: string,
  maxBytes?: number,
): string {
  return defaultName('fk', table, [...columns, flat(refTable)], maxBytes);
}

/** What stands for an index's columns in its name: their names, or one hash as soon as one is an expression. */
export function indexNameParts(columns: readonly IndexColumn[]): readonly string[] {
  const names = columns.map((part) => ('column' in part ? part.column : undefined));
  if (names.every((name) => name !== undefined)) return names;
  return [
    expressionHash(columns.map((part) => ('column' in part ? part.column : part.expression)).join(' , ')),
  ];
}

/** The default name of an index over these columns. */
export function defaultIndexName(table: string, columns: readonly IndexColumn[], maxBytes?: number): string {
  return defaultName('ix', table, indexNameParts(columns), maxBytes);
}

/** The default name of a check: of its column where it belongs to one, else of its tokens. */
export function defaultCheckName(
  table: string,
  expression: string,
  column?: string,
  maxBytes?: number,
): string {
  return defaultName('ck', table, [column ?? expressionHash(expression)], maxBytes);
}

/** Whether a check's name is one it would have got without being given one; columns are those of its table. */
export function isDefaultCheckName(
  check: { readonly name: string; readonly expression: string },
  table: string,
  columns: readonly string[],
): boolean {
  if (check.name === defaultCheckName(table, check.expression)) return true;
  return columns.some((column) => check.name === defaultCheckName(table, check.expression, column));
}

/** The schema of a table, `audit.logs`, becomes a word of the name like the others. */
const flat = (table: string): string => table.replaceAll('.', '_');

const join = (...words: readonly string[]): string => words.join('_');

/** Everything in snake case, as its parts are: the default. */
export const snakeCaseNaming: NamingStrategy = {
  table: (className) => snakeCase(className),
  column: (path) => path.map(snakeCase).join('_'),
  joinColumn: (property, referencedColumn) => join(snakeCase(property), referencedColumn),
  joinTable: (ownerTable, property) => join(ownerTable, property.split('.').map(snakeCase).join('_')),
  joinTableColumn: (entityName, referencedColumn) => join(snakeCase(entityName), referencedColumn),
  primaryKey: (table) => join('pk', flat(table)),
  unique: (table, columns) => join('uq', flat(table), ...columns),
  index: (table, columns) => join('ix', flat(table), ...columns),
  foreignKey: (table, columns, refTable) => join('fk', flat(table), ...columns, flat(refTable)),
  check: (table, part) => join('ck', flat(table), part),
  exclusion: (table, hash) => join('ex', flat(table), hash),
  enumType: (table, column) => join(flat(table), column, 'enum'),
};
