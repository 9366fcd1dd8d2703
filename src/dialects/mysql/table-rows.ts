/**
 * The rows of a table as they will be, as SQL over the tables as they lay when the plan began: all counting is done
 * before the first statement, for no statement can be undone.
 */

import { columnsIn } from '../../schema/column-uses.js';
import type { Column } from '../../schema/model.js';
import { byName } from '../../schema/model.js';
import type { TableState } from './alter-clauses.js';
import { cast, differsInType, lossyText } from './casts.js';
import { columnNames, enclosed } from './ddl.js';
import { defaultText } from './defaults.js';
import { literalText, quoteIdentifier as quote } from './literals.js';
import { aliased } from './row-checks.js';
import type { TableChange } from './table-change.js';
import { hasCharacters } from './types.js';

/** The values of the rows of one table after a change. */
export class TableRows {
  readonly #source: string;
  readonly #from: TableState;
  readonly #to: TableState;
  readonly #change: TableChange;
  readonly #values = new Map<string, string>();

  /** @param source the rows before the change, as a FROM item without an alias */
  constructor(source: string, from: TableState, to: TableState, change: TableChange) {
    this.#source = source;
    this.#from = from;
    this.#to = to;
    this.#change = change;
    for (const column of to.table.columns) this.#values.set(column.name, this.#valueOf(column));
  }

  /** The rows before. */
  get before(): string {
    return this.#source;
  }

  /** Whether a column holds other values than before, or may. */
  isMoved(name: string): boolean {
    return this.#isMoved(name, new Set());
  }

  #isMoved(name: string, seen: Set<string>): boolean {
    if (seen.has(name)) return false;
    seen.add(name);
    const { table } = this.#to;
    const column = byName(table.columns, name);
    const old = byName(this.#from.table.columns, name);
    if (column === undefined || old === undefined || !this.#change.isKept(name, this.#from.table))
      return true;
    if (!column.generated) return this.#values.get(name) !== quote(name);
    if (old.generated?.sql !== column.generated.sql || this.#differs(old, column)) return true;
    return columnsIn(column.generated.sql, table).some((source) => this.#isMoved(source, seen));
  }

  /** The new value of a column that is not generated, over the rows before. */
  value(name: string): string {
    return this.#values.get(name) ?? 'NULL';
  }

  /** The conversion of a column that is kept; undefined where its values stay as they are. */
  castOf(column: Column): ReturnType<typeof cast> | undefined {
    const old = byName(this.#from.table.columns, column.name);
    if (old === undefined || !this.#differs(old, column)) return undefined;
    return cast(
      this.#renamed(column.name),
      this.#side(old, this.#from),
      this.#side(column, this.#to),
      this.#flavour,
    );
  }

  get #flavour() {
    return this.#to.context.flavour;
  }

  #side(column: Column, { context }: TableState) {
    return { column, schema: context.schema };
  }

  #differs(old: Column, column: Column): boolean {
    return differsInType(this.#side(old, this.#from), this.#side(column, this.#to), this.#flavour);
  }

  #valueOf(column: Column): string {
    const { name } = column;
    const { table } = this.#to;
    if (!this.#change.isKept(name, this.#from.table)) {
      const value = this.#change.added.get(name)?.fill ?? column.default;
      if (value === undefined) return 'NULL';
      return defaultText({ ...column, default: value }, columnNames(table), this.#flavour) ?? 'NULL';
    }
    const old = byName(this.#from.table.columns, name) as Column;
    const using = this.#change.altered.get(name)?.using;
    if (using !== undefined) return this.#collated(enclosed(using, this.#from.table), column);
    const converted = this.castOf(column);
    if (converted !== undefined) {
      const isLossy = this.#change.allowsLoss(name) && converted.offending !== undefined;
      const value = isLossy
        ? lossyText(
            this.#renamed(name),
            this.#side(old, this.#from),
            this.#side(column, this.#to),
            this.#flavour,
          )
        : converted.expression;
      return this.#collated(value, column);
    }
    const value = this.#renamed(name);
    const same = collationOf(old, this.#from) === collationOf(column, this.#to);
    return same && value === quote(name) ? value : this.#collated(value, column);
  }

  /** A text that compares as it will in its column, and so can be compared with texts of other columns. */
  #collated(value: string, column: Column): string {
    const collation = hasCharacters(column.type, this.#flavour) ? collationOf(column, this.#to) : undefined;
    if (collation === undefined) return value;
    return `CONVERT(${value} USING ${quote(collation.split('_')[0] ?? 'utf8mb4')}) COLLATE ${quote(collation)}`;
  }

  /** A value of an enum under its new name. */
  #renamed(name: string): string {
    const names = this.#change.renamedValues.get(name);
    if (names === undefined) return quote(name);
    const cases = [...names].map(([from, to]) => `WHEN ${literalText(from)} THEN ${literalText(to)}`);
    return `CASE CAST(${quote(name)} AS BINARY) ${cases.join(' ')} ELSE ${quote(name)} END`;
  }

  /** The rows after, with some columns at least, as a FROM item without an alias. */
  after(names: readonly string[] = columnNames(this.#to.table)): string {
    const { table } = this.#to;
    if (names.every((name) => !this.isMoved(name))) return this.#source;
    const needed = new Set<string>();
    const generated: Column[] = [];
    const need = (name: string): void => {
      const column = byName(table.columns, name);
      if (column === undefined || needed.has(name)) return;
      needed.add(name);
      if (!column.generated || !this.isMoved(name)) return;
      for (const each of columnsIn(column.generated.sql, table)) need(each);
      generated.push(column);
    };
    for (const name of names) need(name);
    const plain = table.columns.filter((column) => needed.has(column.name) && !generated.includes(column));
    const values = plain.map(({ name }) => (this.isMoved(name) ? this.value(name) : quote(name)));
    let rows = selected(
      values,
      plain.map(({ name }) => name),
      aliased(this.#source, this.#from.table.name),
    );
    for (const column of generated) {
      const value = enclosed(column.generated?.sql ?? '', table);
      const before = [...plain, ...generated.slice(0, generated.indexOf(column))].map(({ name }) => name);
      rows = selected(
        [...before.map(quote), value],
        [...before, column.name],
        `${rows} AS ${quote(table.name)}`,
      );
    }
    return rows;
  }
}

/** The collation of a column, as far as it is known. */
function collationOf(
  { type, collation, options }: Column,
  { table, context }: TableState,
): string | undefined {
  if (collation !== undefined) return collation;
  if (options?.['mysql.charset'] !== undefined) return undefined;
  if (type.kind === 'enum') return 'utf8mb4_bin';
  const { 'mysql.charset': charset, 'mysql.collation': own } = table.options ?? {};
  if (own !== undefined || charset !== undefined) return own === undefined ? undefined : String(own);
  return context.flavour.databaseCollation;
}

/**
 * A FROM item without an alias whose columns have names. An alias would lose blanks at its beginning ("Leading spaces
 * are removed from name"), the column list of a common table expression keeps them.
 */
export function selected(values: readonly string[], names: readonly string[], from: string): string {
  if (names.length === 0) return `(SELECT 1 FROM ${from})`;
  if (!names.some((name) => /^\s/.test(name))) {
    return `(SELECT ${values.map((value, i) => `${value} AS ${quote(names[i] ?? '')}`).join(', ')} FROM ${from})`;
  }
  const list = names.map(quote).join(', ');
  return `(WITH \`rows of\` (${list}) AS (SELECT ${values.join(', ')} FROM ${from}) SELECT * FROM \`rows of\`)`;
}
