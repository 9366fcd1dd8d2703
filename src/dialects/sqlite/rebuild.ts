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
import { distinctChecks, remedyOf } from '../shared/plan-checks.js';
import { affinityOf, collated, constantWithAffinity, withAffinity } from './affinity.js';
import { cast } from './casts.js';
import { createTableText, defaultText, enclosed, enumChecks, quoteList, rowidColumn } from './ddl.js';
import { literalText, quoteIdentifier as quote } from './literals.js';
import { conditionCheck, createIndexStep, indexOver, STRICT_MISFITS, uniqueCheck } from './row-checks.js';
import { strictTypeText } from './types.js';

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

/** When rows are counted: before anything is done, or when SQLite has refused them and nobody knows why. */
type Asked = 'before' | 'onFailure';

export class Rebuild {
  /** The table as it lies in the file. */
  from: Table;
  /** By column of the new table. */
  readonly sources: Map<string, Source>;
  /** Values of an enum that are called something else in the new table, by column. */
  readonly renamedValues = new Map<string, ReadonlyMap<string, string>>();
  /** What is asked of the rows, in the order of the operations. */
  readonly #demands: {
    readonly asked: Asked;
    readonly make: (to: Table, schema: Schema) => PlanCheck[];
  }[] = [];
  readonly #fromSchema: Schema;
  /** A new column that numbers the rows, and so is never NULL. */
  #numbered: string | undefined;
  /** What the rebuild is for, in the order of the operations. */
  readonly operations: Operation[] = [];

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
    this.#demand('before', (to, schema) => {
      const column = byName(to.columns, name);
      // What is generated is made anew.
      const { offending } = column && !column.generated ? this.#cast(column, schema) : {};
      if (offending === undefined || demand.lossAllowed) return [];
      return [
        this.#count(to, [name], demand, `hold a value in '${to.name}.${name}' that would change`, offending),
      ];
    });
  }

  demandNotNull(names: readonly string[], demand: Demand): void {
    this.#demand('onFailure', (to, schema) =>
      names.flatMap((name) => this.#notNull(name, demand, to, schema)),
    );
  }

  #notNull(name: string, demand: Demand, to: Table, schema: Schema): PlanCheck[] {
    const column = byName(to.columns, name);
    if (column === undefined || column.nullable || name === this.#numbered) return [];
    const problem =
      !column.generated && this.sources.get(name)?.kind === 'nothing'
        ? `have no value for the new column '${to.name}.${name}', which is NOT NULL`
        : `hold NULL in '${to.name}.${name}'`;
    if (!column.generated) {
      return [this.#count(to, [name], demand, problem, `${this.value(column, schema)} IS NULL`)];
    }
    const rows = this.#rows([name], to, schema);
    return rows === undefined
      ? []
      : [this.#count(to, [name], demand, problem, `${quote(name)} IS NULL`, rows)];
  }

  demandUnique(columns: readonly string[], demand: Demand): void {
    this.#demand('onFailure', (to, schema) => this.#unique(indexOver(columns), demand, to, schema));
  }

  #unique(index: Index, demand: Demand, to: Table, schema: Schema): PlanCheck[] {
    const needed = indexColumns(index, to);
    const rows = this.#rows(needed, to, schema);
    return rows === undefined ? [] : [uniqueCheck(index, to.name, rows, demand.operation)];
  }

  demandCheck(check: Check, demand: Demand): void {
    this.#demand('onFailure', (to, schema) => this.#condition(check, demand, to, schema));
  }

  #condition(check: Check, demand: Demand, to: Table, schema: Schema): PlanCheck[] {
    const columns = columnsIn(check.expression, to);
    const rows = this.#rows(columns, to, schema);
    return rows === undefined ? [] : [conditionCheck(check, columns, to.name, rows, demand.operation)];
  }

  /** The values of a column that becomes generated must be what will be generated. */
  demandEqual(name: string, generated: string, demand: Demand): void {
    this.#demand('before', (to) => {
      const source = this.from.columns.find((column) => column.name === name);
      if (source === undefined || demand.lossAllowed) return [];
      const untouched = columnsIn(generated, to).every((each) => {
        const from = this.sources.get(each);
        return from?.kind === 'column' && from.name === each;
      });
      const other = untouched ? `IS NOT ${enclosed(generated)}` : 'IS NOT NULL';
      const problem = `hold a value in '${to.name}.${name}' that is not the generated one`;
      return [this.#count(to, [name], demand, problem, `${quote(name)} ${other}`)];
    });
  }

  /**
   * What no operation asked for and the rows may break all the same, because a value becomes another one: by
   * a new type, a new collation, or another expression behind a generated column.
   */
  #implied(to: Table, schema: Schema): PlanCheck[] {
    const moved = new Set(to.columns.filter((column) => this.#isMoved(column, to)).map(({ name }) => name));
    const touches = (columns: readonly string[]): boolean => columns.some((name) => moved.has(name));
    const demand = (columns: readonly string[]): Demand => this.#causeOf(columns);
    const key = to.primaryKey?.columns ?? [];
    const own = rowidColumn(to)?.name;
    // A foreign table may hold NULL in its key, which we declare NOT NULL ("CREATE TABLE", 3.5).
    const notNull = to.columns.filter(({ name }) => name !== own && (moved.has(name) || key.includes(name)));
    const keys = [
      ...(touches(key) ? [key] : []),
      ...to.uniques.map(({ columns }) => columns).filter(touches),
    ];
    const checks = [...enumChecks(to, schema), ...to.checks].filter((check) =>
      touches(columnsIn(check.expression, to)),
    );
    return [
      ...notNull.flatMap(({ name }) => this.#notNull(name, demand([name]), to, schema)),
      ...this.#wrongStorage(to, schema, moved),
      ...checks.flatMap((check) =>
        this.#condition(check, demand(columnsIn(check.expression, to)), to, schema),
      ),
      ...keys.flatMap((columns) => this.#unique(indexOver(columns), demand(columns), to, schema)),
    ];
  }

  /** Whether a column's values, or the way they compare, may be others than in the old table. */
  #isMoved(column: Column, to: Table): boolean {
    if (column.generated) {
      const old = byName(this.from.columns, column.name);
      if (JSON.stringify(old?.generated) !== JSON.stringify(column.generated) || differs(old, column))
        return true;
      return columnsIn(column.generated.sql, to).some((name) => {
        const source = byName(to.columns, name);
        return source !== undefined && source !== column && this.#isMoved(source, to);
      });
    }
    const source = this.sources.get(column.name);
    if (source?.kind !== 'column' || this.renamedValues.has(column.name)) return true;
    return differs(byName(this.from.columns, source.name), column);
  }

  /** An INTEGER PRIMARY KEY takes integers only, and a STRICT table ("STRICT Tables", 2) its columns' own types. */
  #wrongStorage(to: Table, schema: Schema, moved: ReadonlySet<string>): PlanCheck[] {
    const isStrict = to.options?.['sqlite.strict'] === true;
    const wasStrict = this.from.options?.['sqlite.strict'] === true;
    return to.columns.flatMap(({ name, type, generated }) => {
      const becomesRowid = rowidColumn(to)?.name === name && rowidColumn(this.from)?.name !== name;
      if (!becomesRowid && (!isStrict || (wasStrict && !moved.has(name)))) return [];
      const misfits = STRICT_MISFITS[becomesRowid ? 'INTEGER' : strictTypeText(type)];
      // Made, and not yet with the affinity of its column.
      const [value, needs] = generated
        ? [enclosed(generated.sql), columnsIn(generated.sql, to)]
        : [quote(name), [name]];
      const rows = name === this.#numbered ? undefined : this.#rows(needs, to, schema);
      if (misfits === undefined || rows === undefined) return [];
      const problem = becomesRowid
        ? `hold a value in '${to.name}.${name}' that is no integer, as its key must be`
        : `hold a value in '${to.name}.${name}' that its type in a STRICT table does not take`;
      return [this.#count(to, [name], this.#causeOf([name]), problem, misfits(value), rows)];
    });
  }

  /** The operation that touched one of some columns last, or the table. */
  #causeOf(columns: readonly string[]): Demand {
    const names = (operation: Operation): boolean =>
      ('column' in operation && columns.includes(operation.column.name)) ||
      ('name' in operation && columns.includes(operation.name));
    const operation = this.operations.findLast(names) ?? this.operations.at(-1);
    return {
      operation: operation ?? { kind: 'setTableComment', table: this.from.name, comment: null },
      lossAllowed: false,
    };
  }

  #causeOfIndex(index: Index, to: Table): Operation {
    const made = this.operations.findLast(
      (each) => each.kind === 'createIndex' && each.index.name === index.name,
    );
    return made ?? this.#causeOf(indexColumns(index, to)).operation;
  }

  #demand(asked: Asked, make: (to: Table, schema: Schema) => PlanCheck[]): void {
    this.#demands.push({ asked, make });
  }

  #checks(asked: Asked, to: Table, schema: Schema): PlanCheck[] {
    return this.#demands.flatMap((each) => (each.asked === asked ? each.make(to, schema) : []));
  }

  #count(
    to: Table,
    columns: readonly string[],
    demand: Demand,
    problem: string,
    where: string,
    rows = quote(this.from.name),
  ): PlanCheck {
    return {
      kind: 'check',
      countSql: `SELECT count(*) FROM ${rows} WHERE ${where}`,
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
        return enclosed(source.sql);
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
    const schemas = { from: this.#fromSchema, to: schema };
    // A column that ignores case would find 'OPEN' among the values of an enum.
    const exact = old.collation === undefined ? value : `${value} COLLATE BINARY`;
    const { expression } = cast(value, old.type, column.type, schemas);
    const { offending } = cast(exact, old.type, column.type, schemas);
    const unchanged = JSON.stringify(old.type) === JSON.stringify(column.type) && column.type.kind !== 'enum';
    return unchanged ? { expression: value } : { expression, ...(offending !== undefined && { offending }) };
  }

  #renamed(column: string, value: string): string {
    const names = this.renamedValues.get(column);
    if (names === undefined) return value;
    const cases = [...names].map(([from, to]) => `WHEN ${literalText(from)} THEN ${literalText(to)}`);
    return `CASE ${value} ${cases.join(' ')} ELSE ${value} END`;
  }

  /**
   * Rows of the new table as a subselect over the old one, with affinities and collations as they will be;
   * undefined where that cannot be said (a generated column in a circle, a rowid).
   */
  #rows(names: readonly string[], to: Table, schema: Schema): string | undefined {
    const needed = new Set<string>();
    const generated: Column[] = [];
    const need = (name: string): boolean => {
      const column = byName(to.columns, name);
      if (column === undefined) return false;
      if (needed.has(name)) return !column.generated || generated.includes(column);
      needed.add(name);
      if (!column.generated) return true;
      const made = columnsIn(column.generated.sql, to).every(need);
      generated.push(column);
      return made;
    };
    if (!names.every(need)) return undefined;
    const plain = to.columns.filter((column) => needed.has(column.name) && !column.generated);
    const list = plain.map((column) => `${this.#settled(column, schema)} AS ${quote(column.name)}`);
    let rows = `(SELECT ${list.join(', ') || '1'} FROM ${quote(this.from.name)})`;
    for (const column of generated) {
      const value = withAffinity(enclosed(column.generated?.sql ?? ''), column);
      rows = `(SELECT *, ${collated(value, column)} AS ${quote(column.name)} FROM ${rows})`;
    }
    return `${rows} AS ${quote(to.name)}`;
  }

  /** A value that compares as it will in the new table. */
  #settled(column: Column, schema: Schema): string {
    const source = this.sources.get(column.name);
    const value = this.value(column, schema);
    if (source?.kind === 'value') return collated(constantWithAffinity(source.value, value, column), column);
    const old = source?.kind === 'column' ? byName(this.from.columns, source.name) : undefined;
    const same = old !== undefined && affinityOf(old.type) === affinityOf(column.type);
    return collated(same ? value : withAffinity(value, column), column, old);
  }

  /**
   * The steps of the rebuild.
   *
   * @param to the table to become
   * @param schema the schema that the new table belongs to
   * @param temporary a name that is free
   */
  steps(to: Table, schema: Schema, temporary: string): PlanStep[] {
    this.#numberRows(to);
    const from = quote(this.from.name);
    const copied = to.columns.filter((column) => !column.generated);
    const rowid = this.#rowidName(to);
    const into = [...(rowid ? [rowid] : []), ...copied.map((column) => quote(column.name))];
    const values = [...(rowid ? [rowid] : []), ...copied.map((column) => this.value(column, schema))];
    const statement = (sql: string): PlanStep => ({ kind: 'statement', sql });
    // What SQLite itself would refuse need not be counted unless it does: every count reads the whole table.
    const diagnoses = distinctChecks([
      ...this.#checks('onFailure', to, schema),
      ...this.#implied(to, schema),
    ]);
    return [
      ...distinctChecks([...this.#checks('before', to, schema), ...this.#unnumbered(to, schema)]),
      { kind: 'remember', table: to.name, sql: triggersOf(this.from.name) },
      statement(createTableText(to, schema, temporary)),
      {
        kind: 'statement',
        sql: `INSERT INTO ${quote(temporary)} (${into.join(', ')})\nSELECT ${values.join(', ')} FROM ${from}`,
        diagnoses,
      },
      this.#everyRow(to),
      ...this.#keepSequence(to, temporary).map(statement),
      statement(`DROP TABLE ${from}`),
      // Without it the rename reads every view and trigger, and those that name the dropped table fail it.
      statement('PRAGMA legacy_alter_table = ON'),
      statement(`ALTER TABLE ${quote(temporary)} RENAME TO ${quote(to.name)}`),
      statement('PRAGMA legacy_alter_table = OFF'),
      ...to.indexes.map((index) => createIndexStep(index, to.name, this.#causeOfIndex(index, to))),
      { kind: 'replay', table: to.name },
    ];
  }

  /** Rows without a key of their own are told apart by rowid, which other things may have stored. */
  #rowidName(to: Table): string | undefined {
    return hasHiddenRowid(this.from) && hasHiddenRowid(to) ? freeRowidName(this.from, to) : undefined;
  }

  /** A new key that SQLite would number: each row takes the number that it has, or its place in the old key. */
  #numberRows(to: Table): void {
    const key = rowidColumn(to);
    if (key === undefined || this.sources.get(key.name)?.kind !== 'nothing') return;
    this.#numbered = key.name;
    const withoutRowid = this.from.options?.['sqlite.withoutRowid'] === true;
    const rowid = withoutRowid ? undefined : freeRowidName(this.from);
    const order = this.from.primaryKey ? `ORDER BY ${quoteList(this.from.primaryKey.columns)}` : '';
    this.sources.set(key.name, { kind: 'sql', sql: rowid ?? `row_number() OVER (${order})` });
  }

  /** NULL in a column that becomes a rowid would be numbered without a word, so SQLite is not waited for. */
  #unnumbered(to: Table, schema: Schema): PlanCheck[] {
    const key = rowidColumn(to)?.name;
    if (key === undefined || key === this.#numbered || key === rowidColumn(this.from)?.name) return [];
    return this.#notNull(key, this.#causeOf([key]), to, schema);
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

/** Whether rows are numbered by a rowid that is no column. */
function hasHiddenRowid(table: Table): boolean {
  return table.options?.['sqlite.withoutRowid'] !== true && rowidColumn(table) === undefined;
}

/** A name by which the rowid can be said, which no column has. */
function freeRowidName(...tables: readonly Table[]): string | undefined {
  const taken = new Set(tables.flatMap((table) => table.columns.map(({ name }) => name.toLowerCase())));
  return ['rowid', '_rowid_', 'oid'].find((name) => !taken.has(name));
}

/** Whether two columns hold or compare their values in different ways. */
function differs(old: Column | undefined, now: Column): boolean {
  const kept = (column: Column | undefined): string => JSON.stringify([column?.type, column?.collation]);
  return kept(old) !== kept(now);
}
