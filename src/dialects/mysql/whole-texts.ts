/**
 * information_schema holds three-byte UTF-8: a character beyond U+FFFF comes out of it as `?`, or as one for each of its
 * bytes. Where a text has one, what it really is is asked in other ways: expressions of SHOW CREATE, which tells them
 * whole; values of enums and literal defaults, which nothing prints, of a temporary table of the same columns.
 *
 * Without such texts nothing is asked.
 */

import { isLimbeckError } from '../../base/errors.js';
import type { Connection } from '../contract.js';
import type { Catalog, CatalogCheck, CatalogColumn, CatalogTrigger, CatalogView } from './catalog.js';
import { literalText, quoteIdentifier as quote } from './literals.js';
import { defaultOf, insideOf, lineOf } from './printed-table.js';
import { parseType } from './types.js';

/** The catalog with texts as they are. */
export async function withWholeTexts(connection: Connection, catalog: Catalog): Promise<Catalog> {
  const base = new Set(catalog.tables.filter(({ type }) => type === 'BASE TABLE').map(({ name }) => name));
  const columns = catalog.columns.filter((column) => base.has(column.table) && isTorn(column));
  const checks = catalog.checks.filter(({ clause }) => clause.includes('?'));
  const views = catalog.views.filter(({ query }) => query.includes('?'));
  const triggers = catalog.triggers.filter(({ statement }) => statement.includes('?'));
  if (columns.length + checks.length + views.length + triggers.length === 0) return catalog;
  const mended = new Map<unknown, unknown>();
  for (const table of new Set([...columns, ...checks].map((each) => each.table))) {
    const own = <T extends { readonly table: string }>(list: readonly T[]): T[] =>
      list.filter((each) => each.table === table);
    await mendTable(connection, table, own(columns), own(checks), mended);
  }
  for (const view of views) mended.set(view, await wholeView(connection, view));
  for (const trigger of triggers) mended.set(trigger, await wholeTrigger(connection, trigger));
  const whole = <T>(list: readonly T[]): T[] =>
    list.map((each) => (mended.get(each) as T | undefined) ?? each);
  return {
    ...catalog,
    columns: whole(catalog.columns),
    checks: whole(catalog.checks),
    views: whole(catalog.views),
    triggers: whole(catalog.triggers),
  };
}

function isTorn({ type, default: value, generated }: CatalogColumn): boolean {
  return type.includes('?') || value?.includes('?') === true || generated.includes('?');
}

async function mendTable(
  connection: Connection,
  table: string,
  columns: readonly CatalogColumn[],
  checks: readonly CatalogCheck[],
  mended: Map<unknown, unknown>,
): Promise<void> {
  const [row] = await connection.queryArrays(`SHOW CREATE TABLE ${quote(table)}`);
  const printed = String(row?.[1] ?? '');
  for (const check of checks) {
    const clause = checkIn(printed, check);
    if (clause !== undefined) mended.set(check, { ...check, clause });
  }
  for (const column of columns) {
    const line = lineOf(printed, `${quote(column.name)} `) ?? '';
    const generated = insideOf(line, 'GENERATED ALWAYS AS');
    const expression = defaultOf(line);
    const isLiteral = column.generated === '' && isString(column.default);
    mended.set(column, {
      ...column,
      ...(column.type.includes('?') && { type: await wholeType(connection, column) }),
      ...(column.generated.includes('?') && generated !== undefined && { generated }),
      ...(column.default?.includes('?') && {
        default: isLiteral
          ? await wholeDefault(connection, column, expression)
          : (expression ?? column.default),
      }),
    });
  }
}

/** The expression of a check; one at a column may go by the name that the column had once. */
function checkIn(printed: string, { name, atColumn, clause }: CatalogCheck): string | undefined {
  const inside = (start: string): string | undefined => {
    const line = lineOf(printed, start);
    return line === undefined ? undefined : insideOf(line, 'CHECK');
  };
  if (!atColumn) return inside(`CONSTRAINT ${quote(name)} `);
  const mentioned = /`(?:[^`]|``)+`/.exec(clause)?.[0];
  return inside(`${quote(name)} `) ?? (mentioned && inside(`${mentioned} `));
}

/** Whether MariaDB tells a default as a string, or MySQL as a bare value. */
function isString(text: string | null): boolean {
  return text !== null && (text.startsWith("'") || !text.includes("'"));
}

const SCRATCH = 'limbeck_read';

/** Works on an empty temporary table of one column of a table; undefined where there may be none. */
async function withColumn<T>(
  connection: Connection,
  { table, name }: CatalogColumn,
  work: (scratch: string) => Promise<T>,
): Promise<T | undefined> {
  const scratch = quote(SCRATCH);
  try {
    await connection.run(
      `CREATE TEMPORARY TABLE ${scratch} SELECT ${quote(name)} FROM ${quote(table)} LIMIT 0`,
    );
  } catch (cause) {
    if (isLimbeckError(cause) && cause.code !== 'CONNECTION_LOST') return undefined;
    throw cause;
  }
  try {
    return await work(scratch);
  } finally {
    await connection.run(`DROP TEMPORARY TABLE ${scratch}`);
  }
}

/** An enum given numbers stores the values of those numbers. */
async function wholeType(connection: Connection, column: CatalogColumn): Promise<string> {
  const { values } = parseType({ text: column.type, charset: column.charset, isJson: false }, '');
  if (values === undefined) return column.type;
  const list = await withColumn(connection, column, async (scratch) => {
    const numbers = values.map((_, i) => `(${i + 1})`);
    await connection.run(`INSERT INTO ${scratch} VALUES ${numbers.join(', ')}`);
    const name = quote(column.name);
    return connection.queryArrays(`SELECT CAST(${name} AS CHAR) FROM ${scratch} ORDER BY ${name} + 0`);
  });
  if (list === undefined || list.length !== values.length) return column.type;
  return `enum(${list.map(([value]) => literalText(String(value))).join(',')})`;
}

async function wholeDefault(
  connection: Connection,
  column: CatalogColumn,
  printed: string | undefined,
): Promise<string | null> {
  // What is kept as an expression is printed whole.
  if (printed !== undefined && !printed.includes('?')) return printed;
  const rows = await withColumn(connection, column, async (scratch) => {
    await connection.run(`INSERT INTO ${scratch} () VALUES ()`);
    return connection.queryArrays(`SELECT CAST(${quote(column.name)} AS CHAR) FROM ${scratch}`);
  });
  const value = rows?.[0]?.[0];
  if (typeof value !== 'string') return column.default;
  return column.default?.startsWith("'") ? literalText(value) : value;
}

async function wholeView(connection: Connection, view: CatalogView): Promise<CatalogView> {
  const [row] = await connection.queryArrays(`SHOW CREATE VIEW ${quote(view.name)}`);
  const query = / VIEW `(?:[^`]|``)*`(?: \([^)]*\))? AS ([\s\S]*)$/.exec(String(row?.[1] ?? ''))?.[1];
  return query === undefined ? view : { ...view, query };
}

async function wholeTrigger(connection: Connection, trigger: CatalogTrigger): Promise<CatalogTrigger> {
  const [row] = await connection.queryArrays(`SHOW CREATE TRIGGER ${quote(trigger.name)}`);
  const statement = /\bfor\s+each\s+row\s+([\s\S]*)$/i.exec(String(row?.[2] ?? ''))?.[1];
  return statement === undefined ? trigger : { ...trigger, statement };
}
