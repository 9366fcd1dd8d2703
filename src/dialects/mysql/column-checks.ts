/**
 * Checks that belong to a column. MariaDB has such (named as the column, written and lost with its definition); ours
 * say what the column has no other place for:
 *
 * - `c IS NOT NULL` of a generated column, for which MariaDB has no NOT NULL;
 * - `c IS NULL OR 'enum:status' <> ''`, always true, which keeps the name of an enum type that is not the name it
 *   would get from table and column. To add or drop it there is INSTANT. MySQL, where every check is the table's,
 *   holds it at the table.
 */

import { type Token, tokenize, withoutOuterParentheses } from '../../base/sql-tokens.js';
import { hash32 } from '../../base/text.js';
import type { Check, Column, Table } from '../../schema/model.js';
import { byName } from '../../schema/model.js';
import { defaultName } from '../../schema/naming.js';
import type { Flavour } from './flavour.js';

const PREFIX = 'enum:';

/** The expression of a column's check on MariaDB; undefined where it has none. That of JSON comes with the type. */
export function columnCheck(column: Column, table: Table, flavour: Flavour): string | undefined {
  if (!flavour.mariadb) return undefined;
  const foreign = byName(columnChecks(table), column.name);
  if (foreign !== undefined) return foreign.expression;
  const parts = [
    ...(column.generated && !column.nullable ? [notNull(column.name)] : []),
    ...(keepsName(column, table) ? [keptName(column)] : []),
  ];
  if (parts.length === 0) return undefined;
  return parts.length === 1 ? parts[0] : parts.map((part) => `(${part})`).join(' AND ');
}

/** The checks at the table that keep the names of enums, on MySQL. */
export function enumNameChecks(table: Table, flavour: Flavour): Check[] {
  if (flavour.mariadb) return [];
  // Names of checks are unique in the whole database there.
  return table.columns
    .filter((column) => keepsName(column, table))
    .map((column) => ({
      name: `${PREFIX}${hash32(JSON.stringify([table.name, column.name]))}`,
      expression: keptName(column),
    }));
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function notNull(column: string): string {
  return `${quoted(column)} IS NOT NULL`;
}

/** The name that the enum of a column gets where nobody gives it one. */
export function defaultEnumName(table: string, column: string): string {
  return defaultName('enum', table, [column]);
}

function keepsName({ name, type }: Column, table: Table): boolean {
  return type.kind === 'enum' && type.name !== defaultEnumName(table.name, name);
}

function keptName({ name, type }: Column): string {
  const enumName = type.kind === 'enum' ? type.name : '';
  return `${quoted(name)} IS NULL OR '${PREFIX}${enumName.replaceAll("'", "''")}' <> ''`;
}

/** What a check of a column says in words of ours. */
export interface ReadColumnCheck {
  readonly column: string;
  readonly notNull: boolean;
  readonly enumName: string | undefined;
}

/** Reads a check of exactly the forms that are written here; undefined for any other. */
export function readColumnCheck(expression: string): ReadColumnCheck | undefined {
  const tokens = withoutOuterParentheses(tokenize(expression)).filter(
    ({ text }) => text !== '(' && text !== ')',
  );
  const [column] = tokens;
  if (column === undefined || (column.kind !== 'word' && column.kind !== 'quoted')) return undefined;
  const rest = tokens.slice(1).map((token) => (isNameOf(token, column) ? 'c' : wordOf(token)));
  const name = tokens.find(({ kind, value }) => kind === 'string' && value.startsWith(PREFIX))?.value;
  const found = { column: column.value, enumName: name?.slice(PREFIX.length) };
  switch (rest.join(' ')) {
    case 'is not null':
      return { ...found, notNull: true };
    case `is null or enum <> ''`:
      return { ...found, notNull: false };
    case `is not null and c is null or enum <> ''`:
      return { ...found, notNull: true };
    default:
      return undefined;
  }
}

function isNameOf(token: Token, column: Token): boolean {
  // A column may be called `null`; then it is printed in quotes, and the word is not.
  return token.kind === column.kind && token.value === column.value;
}

function wordOf({ kind, text, value }: Token): string {
  return kind === 'string' && value.startsWith(PREFIX) ? 'enum' : text.toLowerCase();
}

/** The checks of a table that stand at its columns, by option `mysql.columnChecks`: others have put them there. */
export function columnChecks(table: Table): Check[] {
  return table.checks.filter((check) => isColumnCheck(check, table));
}

/** Whether a check stands at a column, and so comes and goes with the column's definition. */
export function isColumnCheck(check: Check, table: Table): boolean {
  const names = table.options?.['mysql.columnChecks'];
  return typeof names === 'string' && (JSON.parse(names) as string[]).includes(check.name);
}

/** The option that remembers them. */
export function columnChecksOption(names: readonly string[]): string {
  return JSON.stringify(names);
}
