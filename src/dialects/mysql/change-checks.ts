/** What must be true of the rows of a table for a change of it, as counts made before the plan's first statement. */

import { deepEqual } from '../../base/structure.js';
import { columnsIn } from '../../schema/column-uses.js';
import type { Check, Column, Index, Table } from '../../schema/model.js';
import { byName } from '../../schema/model.js';
import type { PlanCheck } from '../contract.js';
import type { TableState } from './alter-clauses.js';
import { cast, TEXT } from './casts.js';
import { enclosed } from './ddl.js';
import { quoteIdentifier as quote } from './literals.js';
import { type CheckPlace, conditionCheck, countCheck, uniqueCheck } from './row-checks.js';
import type { TableChange } from './table-change.js';
import type { TableRows } from './table-rows.js';
import { DEFAULT_LENGTH, hasCharacters } from './types.js';

/** The counts for one change. */
export function changeChecks(
  from: TableState,
  to: TableState,
  change: TableChange,
  rows: TableRows,
): PlanCheck[] {
  const counting = new ChangeChecks(from, to, change, rows);
  return [
    ...to.table.columns.flatMap((column) => counting.values(column)),
    ...to.table.columns.flatMap((column) => counting.notNull(column)),
    ...to.table.checks.flatMap((check) => counting.condition(check)),
    ...counting.keys(),
  ];
}

class ChangeChecks {
  readonly #from: TableState;
  readonly #to: TableState;
  readonly #change: TableChange;
  readonly #rows: TableRows;

  constructor(from: TableState, to: TableState, change: TableChange, rows: TableRows) {
    this.#from = from;
    this.#to = to;
    this.#change = change;
    this.#rows = rows;
  }

  #place(rows: string, names: readonly string[], table: Table = this.#to.table): CheckPlace {
    return { rows, table, operation: this.#change.causeOf(names) };
  }

  /** Values that their new type could not hold, or that what is generated is not. */
  values(column: Column): PlanCheck[] {
    const { name } = column;
    const old = byName(this.#from.table.columns, name);
    const kept = this.#change.isKept(name, this.#from.table) && !this.#change.allowsLoss(name);
    if (old === undefined || !kept) return column.generated ? this.#generated(column) : [];
    const place = this.#place(this.#rows.before, [name]);
    if (column.generated) {
      if (old.generated) return this.#generated(column);
      const problem = `hold a value in '${place.table.name}.${name}' that is not the generated one`;
      const sources = columnsIn(column.generated.sql, this.#to.table);
      const isKnown = sources.every(
        (each) => this.#change.isKept(each, this.#from.table) && !this.#rows.isMoved(each),
      );
      const other = isKnown
        ? `NOT (${quote(name)} <=> ${enclosed(column.generated.sql, this.#to.table)})`
        : `${quote(name)} IS NOT NULL`;
      return [countCheck(place, [name], problem, other)];
    }
    const offending = this.#offending(column);
    if (offending === undefined) return [];
    return [
      countCheck(place, [name], `hold a value in '${place.table.name}.${name}' that would change`, offending),
    ];
  }

  /** What is generated must be text, and not too long a one, where the column takes no other. */
  #generated(column: Column): PlanCheck[] {
    const { name, type } = column;
    const { table, context } = this.#to;
    if (!this.#rows.isMoved(name) || !hasCharacters(type, context.flavour)) return [];
    const sources = columnsIn(column.generated?.sql ?? '', table).map(
      (each) => byName(table.columns, each)?.type.kind,
    );
    const length =
      type.kind === 'varchar'
        ? (type.length ?? DEFAULT_LENGTH)
        : type.kind === 'char'
          ? (type.length ?? 1)
          : undefined;
    const value = quote(name);
    const conditions = [
      ...(length === undefined ? [] : [`char_length(CONVERT(${value} USING utf8mb4)) <= ${length}`]),
      ...(sources.includes('blob') || sources.includes('native')
        ? [`CAST(CONVERT(${value} USING utf8mb4) AS BINARY) <=> CAST(${value} AS BINARY)`]
        : []),
    ];
    if (conditions.length === 0) return [];
    const place = this.#place(this.#rows.after([name]), [name]);
    const problem = `generate a value for '${table.name}.${name}' that it cannot hold`;
    return [
      countCheck(
        place,
        [name],
        problem,
        `${value} IS NOT NULL AND (${conditions.join(' AND ')}) IS NOT TRUE`,
      ),
    ];
  }

  #offending(column: Column): string | undefined {
    const using = this.#change.altered.get(column.name)?.using;
    if (using === undefined) return this.#rows.castOf(column)?.offending;
    const { flavour, schema } = this.#to.context;
    const text = `CAST(${enclosed(using, this.#from.table)} AS CHAR)`;
    const made = cast(text, { column: { type: TEXT }, schema }, { column, schema }, flavour);
    return column.type.kind === 'blob' ? undefined : made.offending;
  }

  notNull(column: Column): PlanCheck[] {
    const { name } = column;
    if (column.nullable || column.autoIncrement !== undefined) return [];
    const { table } = this.#to;
    const problem = `hold NULL in '${table.name}.${name}'`;
    const old = byName(this.#from.table.columns, name);
    const kept = this.#change.isKept(name, this.#from.table);
    if (column.generated) {
      if (kept && !old?.nullable && !this.#rows.isMoved(name)) return [];
      return [
        countCheck(this.#place(this.#rows.after([name]), [name]), [name], problem, `${quote(name)} IS NULL`),
      ];
    }
    if (!kept) {
      if (this.#rows.value(name) !== 'NULL') return [];
      const missing = `have no value for the new column '${table.name}.${name}', which is NOT NULL`;
      return [countCheck(this.#place(this.#rows.before, [name]), [name], missing, undefined)];
    }
    const isMade = this.#change.altered.get(name)?.using !== undefined || this.#change.allowsLoss(name);
    if (!old?.nullable && !isMade) return [];
    return [
      countCheck(
        this.#place(this.#rows.before, [name]),
        [name],
        problem,
        `${this.#rows.value(name)} IS NULL`,
      ),
    ];
  }

  condition(check: Check): PlanCheck[] {
    const { table } = this.#to;
    const columns = columnsIn(check.expression, table);
    const old = byName(this.#from.table.checks, check.name);
    if (deepEqual(old, check) && !columns.some((name) => this.#rows.isMoved(name))) return [];
    const place = this.#place(this.#rows.after(columns), [check.name, ...columns]);
    return [conditionCheck(place, check, columns)];
  }

  /** Keys that are new, or whose columns get other values. */
  keys(): PlanCheck[] {
    const { table } = this.#to;
    const from = this.#from.table;
    const plain = (name: string, columns: readonly string[]): Index => ({
      name,
      columns: columns.map((column) => ({ column })),
      unique: true,
    });
    const same = (a: { readonly columns: unknown } | undefined, b: { readonly columns: unknown }): boolean =>
      deepEqual(a?.columns, b.columns);
    const keys = [
      ...(table.primaryKey
        ? [
            {
              index: plain(table.primaryKey.name, table.primaryKey.columns),
              isNew: !same(from.primaryKey, table.primaryKey),
            },
          ]
        : []),
      ...table.uniques.map((unique) => ({
        index: plain(unique.name, unique.columns),
        isNew: !from.uniques.some((each) => same(each, unique)),
      })),
      ...table.indexes
        .filter(({ unique }) => unique)
        .map((index) => ({ index, isNew: !from.indexes.some((each) => each.unique && same(each, index)) })),
    ];
    return keys.flatMap(({ index, isNew }) => this.#unique(index, isNew));
  }

  #unique(index: Index, isNew: boolean): PlanCheck[] {
    const { table } = this.#to;
    const columns = index.columns.flatMap((part) =>
      'column' in part ? [part.column] : columnsIn(part.expression, table),
    );
    const isNumbered = columns.some(
      (name) =>
        !this.#change.isKept(name, this.#from.table) &&
        byName(table.columns, name)?.autoIncrement !== undefined,
    );
    if (isNumbered || (!isNew && !columns.some((name) => this.#rows.isMoved(name)))) return [];
    const parts = index.columns.map((part) => {
      if (!('column' in part)) return enclosed(part.expression, table);
      return part.length === undefined ? quote(part.column) : `left(${quote(part.column)}, ${part.length})`;
    });
    const place = this.#place(this.#rows.after(columns), [index.name, ...columns]);
    return [
      uniqueCheck(place, index.name, parts, index.columns.every((part) => 'column' in part) ? columns : []),
    ];
  }
}
