/**
 * The rebuild of one table: SQLite's documented way (lang_altertable, section 7) to change what ALTER TABLE
 * cannot. A new table is made, the rows are copied, the old one is dropped and the new one takes its name.
 *
 * A `Rebuild` gathers all adjacent changes of one table, so that the rows are copied once. It knows where
 * the value of each new column comes from, and which rows would stand in the way.
 */

import { columnsIn, indexColumns } from '../../schema/column-uses.js';
import type { Check, Column, ColumnDefault, Index, Schema, Table } from '../../schema/model.js';
import { byName } from '../../schema/model.js';
import type { Operation } from '../../schema/operations.js';
import type { PlanCheck, PlanStep } from '../contract.js';
import { cast } from './casts.js';
import { createIndexText, createTableText, defaultText, rowidColumn } from './ddl.js';
import { literalText, quoteIdentifier as quote } from './literals.js';

/** Where the value of a column comes from. */
export type Source =
  /** A column of the old table; its value is converted where the type changes. */
  | { readonly kind: 'column'; readonly name: string }
  /** SQL over the columns of the old table. */
  | { readonly kind: 'sql'; readonly sql: string }
  /** The same value for every row. */
  | { readonly kind: 'value'; readonly value: ColumnDefault }
  /** A new column without a value for rows that are there. */
  | { readonly kind: 'nothing' };

/** Why a check of the data is made: the operation that asks for it, and whether it may lose. */
export interface Demand {
  readonly operation: Operation;
  readonly lossAllowed: boolean;
}

export class Rebuild {
  /** The table as it lies in the file. */
  from: Table;
  /** By column of the new table. */
  readonly sources: Map<string, Source>;
  /** Values of an enum that are called something else in the new table, by column. */
  readonly renamedValues = new Map<string, ReadonlyMap<string, string>>();
  /** What is asked of the rows, in the order of the operations. */
  readonly #demands: {
    readonly demand: Demand;
    readonly make: (to: Table, schema: Schema) => PlanCheck[];
  }[] = [];
  readonly #fromSchema: Schema;

  constructor(from: Table, schema: Schema) {
    this.from = from;
    this.#fromSchema = schema;
    this.sources = new Map(from.columns.map(({ name }) => [name, { kind: 'column', name }]));
  }

  /** A column of the file got another name; everything here follows. */
  renamePhysical(from: string, to: string, table: Table): void {
    this.from = table;
    for (const [column, source] of this.sources) {
      if (source.kind === 'column' && source.name === from)
        this.sources.set(column, { kind: 'column', name: to });
    }
  }

  /** A column of the new table got another name. */
  renameTarget(from: string, to: string): void {
    const source = this.sources.get(from);
    if (source === undefined) return;
    this.sources.delete(from);
    this.sources.set(to, source);
    const values = this.renamedValues.get(from);
    if (values === undefined) return;
    this.renamedValues.delete(from);
    this.renamedValues.set(to, values);
  }

  /** Whether free SQL stands in here that a rename could make untrue. */
  get hasFreeSql(): boolean {
    return [...this.sources.values()].some((source) => source.kind === 'sql') || this.#demands.length > 0;
  }

  /** The values of a column must fit its type. */
  demandCast(name: string, demand: Demand): void {
    this.#demand(demand, (to, schema) => {
      const column = byName(to.columns, name);
      const { offending } = column ? this.#cast(column, schema) : {};
      if (offending === undefined || demand.lossAllowed) return [];
      return [
        this.#count(to, [name], demand, `hold a value in '${to.name}.${name}' that would change`, offending),
      ];
    });
  }

  demandNotNull(names: readonly string[], demand: Demand): void {
    this.#demand(demand, (to, schema) =>
      names.flatMap((name) => {
        const column = byName(to.columns, name);
        if (column === undefined || column.nullable || column.generated) return [];
        const problem =
          this.sources.get(name)?.kind === 'nothing'
            ? `have no value for the new column '${to.name}.${name}', which is NOT NULL`
            : `hold NULL in '${to.name}.${name}'`;
        return [this.#count(to, [name], demand, problem, `${this.value(column, schema)} IS NULL`)];
      }),
    );
  }

  demandUnique(columns: readonly string[], demand: Demand): void {
    const index: Index = { name: '', columns: columns.map((column) => ({ column })), unique: true };
    this.demandUniqueIndex(index, demand);
  }

  demandUniqueIndex(index: Index, demand: Demand): void {
    this.#demand(demand, (to, schema) => {
      const needed = indexColumns(index, to);
      const rows = this.#projection(needed, to, schema);
      return rows === undefined ? [] : [uniqueCheck(index, to.name, rows, demand.operation)];
    });
  }

  demandCheck(check: Check, demand: Demand): void {
    this.#demand(demand, (to, schema) => {
      const rows = this.#projection(columnsIn(check.expression, to), to, schema);
      return rows === undefined ? [] : [conditionCheck(check, to.name, rows, demand.operation)];
    });
  }

  /** The values of a column that becomes generated must be what will be generated. */
  demandEqual(name: string, generated: string, demand: Demand): void {
    this.#demand(demand, (to) => {
      const source = this.from.columns.find((column) => column.name === name);
      if (source === undefined || demand.lossAllowed) return [];
      const untouched = columnsIn(generated, to).every((each) => {
        const from = this.sources.get(each);
        return from?.kind === 'column' && from.name === each;
      });
      const other = untouched ? `IS NOT (${generated})` : 'IS NOT NULL';
      const problem = `hold a value in '${to.name}.${name}' that is not the generated one`;
      return [this.#count(to, [name], demand, problem, `${quote(name)} ${other}`)];
    });
  }

  #demand(demand: Demand, make: (to: Table, schema: Schema) => PlanCheck[]): void {
    this.#demands.push({ demand, make });
  }

  #count(to: Table, columns: readonly string[], demand: Demand, problem: string, where: string): PlanCheck {
    return {
      kind: 'check',
      countSql: `SELECT count(*) FROM ${quote(this.from.name)} WHERE ${where}`,
      table: to.name,
      columns,
      problem,
      remedy: remedyOf(demand.operation),
      operation: demand.operation,
    };
  }

  /** The new value of a column as SQL over the old table. */
  value(column: Column, schema: Schema): string {
    const source = this.sources.get(column.name);
    switch (source?.kind) {
      case 'column':
        return this.#cast(column, schema).expression;
      case 'sql':
        return `(${source.sql})`;
      case 'value':
        return defaultText(source.value);
      default:
        return 'NULL';
    }
  }

  #cast(column: Column, schema: Schema): { readonly expression: string; readonly offending?: string } {
    const source = this.sources.get(column.name);
    const old = source?.kind === 'column' ? byName(this.from.columns, source.name) : undefined;
    if (old === undefined) return { expression: 'NULL' };
    const value = this.#renamed(column.name, quote(old.name));
    const converted = cast(value, old.type, column.type, { from: this.#fromSchema, to: schema });
    const unchanged = JSON.stringify(old.type) === JSON.stringify(column.type) && column.type.kind !== 'enum';
    return unchanged ? { expression: value } : converted;
  }

  #renamed(column: string, value: string): string {
    const names = this.renamedValues.get(column);
    if (names === undefined) return value;
    const cases = [...names].map(([from, to]) => `WHEN ${literalText(from)} THEN ${literalText(to)}`);
    return `CASE ${value} ${cases.join(' ')} ELSE ${value} END`;
  }

  /** Rows of the new table as a subselect over the old one; undefined where a generated column is needed. */
  #projection(names: readonly string[], to: Table, schema: Schema): string | undefined {
    const columns = names.map((name) => byName(to.columns, name));
    if (columns.some((column) => column === undefined || column.generated)) return undefined;
    const list = columns.map((column) => {
      const { name } = column as Column;
      return `${this.value(column as Column, schema)} AS ${quote(name)}`;
    });
    return `(SELECT ${list.join(', ') || '1'} FROM ${quote(this.from.name)})`;
  }

  /**
   * The steps of the rebuild.
   *
   * @param to the table to become
   * @param schema the schema that the new table belongs to
   * @param temporary a name that is free
   */
  steps(to: Table, schema: Schema, temporary: string): PlanStep[] {
    const from = quote(this.from.name);
    const copied = to.columns.filter((column) => !column.generated);
    const rowid = this.#rowidName(to);
    const into = [...(rowid ? [rowid] : []), ...copied.map((column) => quote(column.name))];
    const values = [...(rowid ? [rowid] : []), ...copied.map((column) => this.value(column, schema))];
    const statement = (sql: string): PlanStep => ({ kind: 'statement', sql });
    return [
      ...this.#demands.flatMap(({ make }) => make(to, schema)),
      { kind: 'remember', table: to.name, sql: triggersOf(this.from.name) },
      statement(createTableText(to, schema, temporary)),
      statement(
        `INSERT INTO ${quote(temporary)} (${into.join(', ')})\nSELECT ${values.join(', ')} FROM ${from}`,
      ),
      this.#everyRow(to),
      ...this.#keepSequence(to, temporary).map(statement),
      statement(`DROP TABLE ${from}`),
      // Without it the rename reads every view and trigger, and those that name the dropped table fail it.
      statement('PRAGMA legacy_alter_table = ON'),
      statement(`ALTER TABLE ${quote(temporary)} RENAME TO ${quote(to.name)}`),
      statement('PRAGMA legacy_alter_table = OFF'),
      ...to.indexes.map((index) => statement(createIndexText(index, to.name))),
      { kind: 'replay', table: to.name },
    ];
  }

  /** Rows without a key of their own are told apart by rowid, which other things may have stored. */
  #rowidName(to: Table): string | undefined {
    const plain = (table: Table): boolean =>
      table.options?.['sqlite.withoutRowid'] !== true && rowidColumn(table) === undefined;
    if (!plain(this.from) || !plain(to)) return undefined;
    const taken = new Set([...this.from.columns, ...to.columns].map((column) => column.name.toLowerCase()));
    return ['rowid', '_rowid_', 'oid'].find((name) => !taken.has(name));
  }

  #everyRow(to: Table): PlanCheck {
    return {
      kind: 'check',
      countSql: `SELECT (SELECT count(*) FROM ${quote(this.from.name)}) - changes()`,
      table: to.name,
      columns: [],
      problem: 'were not copied',
      remedy: 'Report this: it must not happen.',
      operation: { kind: 'setTableComment', table: to.name, comment: null },
    };
  }

  /** The highest key ever given must not be forgotten, or keys of deleted rows would be given again. */
  #keepSequence(to: Table, temporary: string): string[] {
    const marked = (table: Table): boolean =>
      table.columns.some((column) => column.autoIncrement === 'increment');
    if (!marked(this.from) || !marked(to)) return [];
    const [old, now] = [literalText(this.from.name), literalText(temporary)];
    return [
      `DELETE FROM sqlite_sequence WHERE name = ${now}`,
      `INSERT INTO sqlite_sequence (name, seq) SELECT ${now}, seq FROM sqlite_sequence WHERE name = ${old}`,
    ];
  }
}

/** Selects the texts of the triggers on a table. */
export function triggersOf(table: string): string {
  return `SELECT sql FROM sqlite_schema WHERE type = 'trigger' AND lower(tbl_name) = lower(${literalText(table)}) ORDER BY rowid`;
}

/** Counts rows that share the values of a unique key; NULL is never equal to NULL. */
export function uniqueCheck(index: Index, table: string, rows: string, operation: Operation): PlanCheck {
  const parts = index.columns.map((part) => {
    const subject = 'column' in part ? quote(part.column) : `(${part.expression})`;
    return part.collation === undefined ? subject : `${subject} COLLATE ${quote(part.collation)}`;
  });
  const present = parts.map((part) => `${part} IS NOT NULL`);
  const where = [...present, ...(index.where === undefined ? [] : [`(${index.where})`])].join(' AND ');
  const columns = index.columns.flatMap((part) => ('column' in part ? [part.column] : []));
  return {
    kind: 'check',
    countSql: `SELECT coalesce(sum(n), 0) FROM (SELECT count(*) AS n FROM ${rows} WHERE ${where} GROUP BY ${parts.join(', ')} HAVING count(*) > 1)`,
    table,
    columns,
    problem: `share their value of ${columns.length > 0 ? columns.map((name) => `'${table}.${name}'`).join(', ') : `index '${index.name}'`}, which is to be unique`,
    remedy: remedyOf(operation),
    operation,
  };
}

function conditionCheck(check: Check, table: string, rows: string, operation: Operation): PlanCheck {
  return {
    kind: 'check',
    countSql: `SELECT count(*) FROM ${rows} WHERE NOT (${check.expression})`,
    table,
    columns: [],
    problem: `do not meet check '${check.name}' of '${table}'`,
    remedy: remedyOf(operation),
    operation,
  };
}

/** What a person can do about rows that stand in the way. */
export function remedyOf(operation: Operation): string {
  switch (operation.kind) {
    case 'addColumn':
      return 'Give the column a default, or give `fill` the value for rows that are there.';
    case 'alterColumn':
      return "Change those rows in a data step before it, give `using` an expression that makes the new value, or say allowLoss: 'why'.";
    default:
      return 'Change those rows in a data step before it.';
  }
}
