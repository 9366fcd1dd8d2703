/**
 * The `sql` tag: SQL text with values that stay values.
 *
 * A fragment is recognised by a `Symbol.for` key, which JSON cannot carry: nothing from a request body ever
 * becomes SQL. Lives this low so that decorators, migrations and queries share one.
 */

import { error } from '../base/error-codes.js';

const BRAND = Symbol.for('limbeck.sql');

/** SQL text in pieces, with a value, an identifier or another fragment between each two. */
export interface SqlFragment {
  readonly strings: readonly string[];
  readonly values: readonly unknown[];
}

/** Marks a value inside a fragment as the name of a table or column. */
export interface SqlIdentifier {
  readonly path: readonly string[];
}

/** Marks a value inside a fragment as one parameter, whatever it is. */
export interface SqlParameter {
  readonly value: unknown;
}

const IDENTIFIER = Symbol.for('limbeck.sql.identifier');
const PARAMETER = Symbol.for('limbeck.sql.parameter');

/** Whether a value is a fragment of the `sql` tag, also of another copy of the package. */
export function isSqlFragment(value: unknown): value is SqlFragment {
  return typeof value === 'object' && value !== null && (value as Record<symbol, unknown>)[BRAND] === true;
}

export function isSqlIdentifier(value: unknown): value is SqlIdentifier {
  return (
    typeof value === 'object' && value !== null && (value as Record<symbol, unknown>)[IDENTIFIER] === true
  );
}

export function isSqlParameter(value: unknown): value is SqlParameter {
  return (
    typeof value === 'object' && value !== null && (value as Record<symbol, unknown>)[PARAMETER] === true
  );
}

function fragment(strings: readonly string[], values: readonly unknown[]): SqlFragment {
  return Object.freeze(Object.defineProperty({ strings, values }, BRAND, { value: true }));
}

const COMMA = fragment([', '], []);

/**
 * SQL with parameters: ``sql`update books set genre = ${genre}` ``.
 *
 * `sql.id('books', 'genre')` quotes a name; `sql.raw(text)` is text as it stands and must never hold user data;
 * `sql.join(parts, separator)` puts values and fragments in a row; an array is a list of parameters, as `IN (${ids})`
 * wants it, and `sql.val(ids)` is one, as PostgreSQL's `= ANY(${sql.val(ids)})` does.
 *
 * ```ts
 * const conditions = [sql`genre = ${genre}`, sql`pages > ${100}`];
 * await db.sql`SELECT * FROM ${sql.id('books')} WHERE ${sql.join(conditions, sql` AND `)}`;
 * // SELECT * FROM "books" WHERE genre = ? AND pages > ?
 * ```
 */
export function sql(strings: TemplateStringsArray, ...values: readonly unknown[]): SqlFragment {
  return fragment([...strings], values);
}

sql.raw = (text: string): SqlFragment => fragment([text], []);
/** Values and fragments in a row, with a comma between each two unless another fragment is given. */
sql.join = (parts: readonly unknown[], separator: SqlFragment = COMMA): SqlFragment => {
  if (!isSqlFragment(separator)) {
    throw error('OPTION_INVALID', { option: 'sql.join', problem: 'the separator is a fragment: sql` AND `' });
  }
  const values = parts.flatMap((part, i) => (i === 0 ? [part] : [separator, part]));
  return fragment(new Array<string>(values.length + 1).fill(''), values);
};
sql.val = (value: unknown): SqlParameter =>
  Object.freeze(Object.defineProperty({ value }, PARAMETER, { value: true }));
sql.id = (...path: readonly string[]): SqlIdentifier =>
  Object.freeze(Object.defineProperty({ path }, IDENTIFIER, { value: true }));

/** How a fragment is written for one database. */
export interface SqlWriter {
  identifier(name: string): string;
  /** Text for the value at an index from 0: a placeholder, or a literal where nothing can be bound. */
  value(value: unknown, index: number): string;
  /** The same for a value that is one parameter whatever it is; `value` when absent. */
  parameter?(value: unknown, index: number): string;
}

/** A fragment as text, and the values that its placeholders stand for. */
export interface WrittenSql {
  readonly text: string;
  readonly params: readonly unknown[];
}

/** Writes a fragment; nested fragments are written in place. */
export function writeSql(root: SqlFragment, writer: SqlWriter): WrittenSql {
  const params: unknown[] = [];
  const write = (part: SqlFragment): string => {
    let text = part.strings[0] ?? '';
    part.values.forEach((value, i) => {
      if (isSqlFragment(value)) text += write(value);
      else if (isSqlIdentifier(value)) text += value.path.map(writer.identifier).join('.');
      else if (isSqlParameter(value)) {
        text += (writer.parameter ?? writer.value)(value.value, params.length);
        params.push(value.value);
      } else {
        text += writer.value(value, params.length);
        params.push(value);
      }
      text += part.strings[i + 1] ?? '';
    });
    return text;
  };
  return { text: write(root), params };
}
