/**
 * The statements of one table's change: one ALTER TABLE where that is possible. Values that MODIFY alone would make
 * something else of are text for a while: widened by one ALTER, written by an UPDATE, narrowed by the next.
 */

import { deepEqual } from '../../base/structure.js';
import { columnsIn, indexColumns } from '../../schema/column-uses.js';
import type { Column, Enum, Schema, Table } from '../../schema/model.js';
import { byName } from '../../schema/model.js';
import type { PlanStatement } from '../contract.js';
import { alterClauses, type TableState } from './alter-clauses.js';
import { columnCheck } from './column-checks.js';
import { enclosed } from './ddl.js';
import { literalOf } from './defaults.js';
import { objectName } from './fingerprint.js';
import { literalText, quoteIdentifier as quote } from './literals.js';
import { onlineSuffix } from './online-clauses.js';
import type { TableChange } from './table-change.js';
import type { TableRows } from './table-rows.js';

/** One ALTER TABLE from a state to another; none where nothing changes. */
export function alterStatement(
  from: TableState,
  to: TableState,
  replaced: ReadonlySet<string> = new Set(),
): PlanStatement[] {
  const late = lateColumns(from, to.table, replaced);
  if (late.length > 0) {
    const between = { ...to, table: { ...to.table, columns: [...to.table.columns, ...late] } };
    return [...alterStatement(from, between, replaced), ...alterStatement(between, to)];
  }
  const clauses = alterClauses(from, to, replaced);
  if (clauses.length === 0) return [];
  const works = clauses.map(({ work }) => work);
  const suffix = onlineSuffix(works, from.table, to.context.flavour);
  const lines = clauses.map(({ text }) => text);
  const body = lines.length === 1 ? ` ${lines[0]}` : `\n  ${lines.join(',\n  ')}`;
  const sql = `ALTER TABLE ${quote(from.table.name)}${body}${suffix}`;
  return [outside(sql, objectName('table', from.table.name))];
}

/**
 * Columns that cannot go in the same statement: MariaDB resolves a check that stays over the old expression of a
 * generated column, which may name them ("Unknown column in 'CHECK'").
 */
function lateColumns(
  { table: from, context }: TableState,
  to: Table,
  replaced: ReadonlySet<string>,
): Column[] {
  const gone = from.columns.filter(({ name }) => byName(to.columns, name) === undefined);
  if (gone.length === 0) return [];
  const checked = new Set(
    from.checks
      .filter((check) => deepEqual(check, byName(to.checks, check.name)))
      .flatMap(({ expression }) => columnsIn(expression, from)),
  );
  const isChecked = (column: Column): boolean =>
    checked.has(column.name) || columnCheck(column, from, context.flavour) !== undefined;
  const sources = new Set<string>();
  const gather = (column: Column): void => {
    for (const name of columnsIn(column.generated?.sql ?? '', from)) {
      if (sources.has(name)) continue;
      sources.add(name);
      gather(byName(from.columns, name) as Column);
    }
  };
  from.columns
    .filter((column) => column.generated && !replaced.has(column.name) && byName(to.columns, column.name))
    .filter(isChecked)
    .forEach(gather);
  return gone.filter(({ name }) => sources.has(name));
}

/** A statement that commits by itself. */
export function outside(sql: string, ...objects: readonly string[]): PlanStatement {
  return { kind: 'statement', sql, outside: { objects } };
}

/** A column on its way, and how its values get there. */
interface Passage {
  /** What it is in between. */
  readonly column: Column;
  /** Gone and made anew, with the values that are generated. */
  readonly remade?: true;
  /** Keys and checks over it have to wait. */
  readonly isText?: true;
  readonly update?: string;
  readonly ignore?: true;
  readonly where?: string;
}

/** The statements of a change, its own foreign keys apart. */
export function changeSteps(
  from: TableState,
  to: TableState,
  change: TableChange,
  rows: TableRows,
): PlanStatement[] {
  const { replaced, middle, passages } = new Passages(from, to, change, rows).plan();
  if (middle === undefined) return alterStatement(from, to, replaced);
  const remade = new Set(
    passages
      .filter(({ remade: is, column }) => is || change.replaced.has(column.name))
      .map(({ column }) => column.name),
  );
  const updates = passages.flatMap((passage) => updateStatement(passage, middle.table));
  const rest = new Set(
    [...replaced].filter((name) => !remade.has(name) && !passages.some(({ column }) => column.name === name)),
  );
  return [...alterStatement(from, middle, remade), ...updates, ...alterStatement(middle, to, rest)];
}

function updateStatement({ column, update, ignore, where }: Passage, table: Table): PlanStatement[] {
  if (update === undefined) return [];
  // What MySQL would set to the present moment by itself keeps its value.
  const kept = table.columns
    .filter((each) => each.options?.['mysql.onUpdate'] !== undefined && each.name !== column.name)
    .map(({ name }) => `, ${quote(name)} = ${quote(name)}`)
    .join('');
  const condition = where === undefined ? '' : ` WHERE ${where}`;
  const sql = `UPDATE ${ignore ? 'IGNORE ' : ''}${quote(table.name)} SET ${quote(column.name)} = ${update}${kept}${condition}`;
  return [{ kind: 'statement', sql }];
}

class Passages {
  readonly #from: TableState;
  readonly #to: TableState;
  readonly #change: TableChange;
  readonly #rows: TableRows;
  readonly #replaced: Set<string>;
  readonly #enums: Enum[] = [];

  constructor(from: TableState, to: TableState, change: TableChange, rows: TableRows) {
    this.#from = from;
    this.#to = to;
    this.#change = change;
    this.#rows = rows;
    this.#replaced = new Set(change.replaced);
  }

  plan(): {
    readonly replaced: ReadonlySet<string>;
    readonly passages: readonly Passage[];
    readonly middle: TableState | undefined;
  } {
    const passages = this.#to.table.columns.flatMap((column) => {
      const passage = this.#passage(column);
      return passage === undefined ? [] : [passage];
    });
    return {
      replaced: this.#replaced,
      passages,
      middle: passages.length === 0 ? undefined : this.#middle(passages),
    };
  }

  #passage(column: Column): Passage | undefined {
    const { name } = column;
    if (!this.#change.isKept(name, this.#from.table)) return this.#filled(column);
    const old = byName(this.#from.table.columns, name) as Column;
    if (column.generated || old.generated) return this.#regenerated(old, column);
    const { altered, renamedValues } = this.#change;
    const using = altered.get(name)?.using;
    if (using !== undefined) return { ...this.#asText(old), update: enclosed(using, this.#from.table) };
    if (renamedValues.has(name)) return this.#widenedEnum(old, column, renamedValues.get(name) ?? new Map());
    const converted = this.#rows.castOf(column);
    if (converted === undefined) return undefined;
    if (this.#change.allowsLoss(name) && converted.offending !== undefined) {
      const passage = this.#asText(old);
      return { ...passage, update: this.#rows.value(name), ignore: true, where: converted.offending };
    }
    if (!converted.byText) return undefined;
    const { textUpdate } = converted;
    return { ...this.#asText(old), ...(textUpdate !== undefined && { update: textUpdate }) };
  }

  /** A new column whose rows get a value that later ones do not. */
  #filled(column: Column): Passage | undefined {
    const fill = this.#change.added.get(column.name)?.fill;
    if (fill === undefined || column.generated) return undefined;
    if (
      column.default &&
      JSON.stringify(literalOf(column.default)) === JSON.stringify(literalOf(fill)) &&
      literalOf(fill) !== undefined
    )
      return undefined;
    const { default: _, ...rest } = column;
    if (literalOf(fill) !== undefined) return { column: { ...rest, default: fill } };
    const update = enclosed((fill as { readonly sql: string }).sql, this.#to.table);
    return { column: { ...rest, nullable: true }, update };
  }

  /**
   * MODIFY makes a stored column of a plain one and back, and nothing of a virtual one ("This is not yet supported for
   * generated columns"): that is made anew, as its values are known.
   */
  #regenerated(old: Column, now: Column): Passage | undefined {
    const kind = ({ generated }: Column): string =>
      generated ? (generated.stored ? 'stored' : 'virtual') : 'plain';
    const [before, after] = [kind(old), kind(now)];
    if (before === after || (before !== 'virtual' && after !== 'virtual')) return undefined;
    if (after !== 'plain') {
      this.#replaced.add(now.name);
      return undefined;
    }
    return { column: { ...old, generated: { sql: old.generated?.sql ?? '', stored: true } }, remade: true };
  }

  #asText(old: Column): Passage {
    const { type } = old;
    // Bytes need not be text.
    const isBytes =
      type.kind === 'blob' || (type.kind === 'native' && /binary|blob/i.test(JSON.stringify(type.sql)));
    const collation = old.collation === undefined ? {} : { collation: old.collation };
    const charset = old.options?.['mysql.charset'];
    const column: Column = {
      name: old.name,
      type: { kind: isBytes ? 'blob' : 'text' },
      nullable: true,
      ...collation,
      ...(charset !== undefined && { options: { 'mysql.charset': charset } }),
      ...(old.comment !== undefined && { comment: old.comment }),
    };
    return { column, isText: true };
  }

  /** An enum that has the old values and the new ones. */
  #widenedEnum(old: Column, now: Column, names: ReadonlyMap<string, string>): Passage {
    const valuesOf = ({ context }: TableState, { type }: Column): readonly string[] =>
      type.kind === 'enum' ? (byName(context.schema.enums, type.name)?.values ?? []) : [];
    const values = [
      ...new Set([...valuesOf(this.#from, old), ...names.values(), ...valuesOf(this.#to, now)]),
    ];
    if (old.type.kind === 'enum') this.#enums.push({ name: old.type.name, values });
    const cases = [...names].map(([from, to]) => `WHEN ${literalText(from)} THEN ${literalText(to)}`);
    const bytes = `CAST(${quote(old.name)} AS BINARY)`;
    const list = [...names.keys()].map(literalText).join(', ');
    return {
      column: old,
      update: `CASE ${bytes} ${cases.join(' ')} ELSE ${quote(old.name)} END`,
      where: `${bytes} IN (${list})`,
    };
  }

  /** Columns whose name, but for the case of its letters, a new one takes in between already. */
  #displaced(passages: readonly Passage[]): Set<string> {
    const added = passages.flatMap(({ column: { name } }) =>
      this.#change.isKept(name, this.#from.table) ? [] : [name.toLowerCase()],
    );
    const { columns } = this.#from.table;
    return new Set(columns.filter(({ name }) => added.includes(name.toLowerCase())).map(({ name }) => name));
  }

  /** The table in between: as it lies, but for the columns on their way and what stands on those that are text. */
  #middle(passages: readonly Passage[]): TableState {
    const { table, context } = this.#from;
    const passing = new Map(passages.map(({ column }) => [column.name, column]));
    const goes = this.#displaced(passages);
    const text = new Set([
      ...passages.filter(({ isText }) => isText).map(({ column }) => column.name),
      ...goes,
    ]);
    const free = (columns: readonly string[]): boolean => !columns.some((name) => text.has(name));
    const keyStays = table.primaryKey !== undefined && free(table.primaryKey.columns);
    const uniques = table.uniques.filter(({ columns }) => free(columns));
    const indexes = table.indexes.filter((index) => free(indexColumns(index, table)));
    const isKeyed = (name: string): boolean =>
      (keyStays && table.primaryKey?.columns[0] === name) ||
      uniques.some(({ columns }) => columns[0] === name) ||
      indexes.some(
        ({ columns: [first] }) => first !== undefined && 'column' in first && first.column === name,
      );
    const columns = [
      ...table.columns
        .filter(({ name }) => !goes.has(name))
        .map((column) => passing.get(column.name) ?? column),
      ...[...passing.values()].filter(
        ({ name }) => goes.has(name) || byName(table.columns, name) === undefined,
      ),
    ].map((column) => (isKeyed(column.name) ? column : withoutCounter(column)));
    const { primaryKey, ...rest } = table;
    const middle: Table = {
      ...rest,
      columns,
      ...(keyStays && primaryKey && { primaryKey }),
      uniques,
      indexes,
      foreignKeys: table.foreignKeys.filter(({ name }) => byName(this.#to.table.foreignKeys, name)),
      checks: table.checks.filter((check) => free(columnsIn(check.expression, table))),
    };
    const schema: Pick<Schema, 'enums'> = {
      enums: merged(this.#enums, merged(context.schema.enums, this.#to.context.schema.enums)),
    };
    return { table: middle, context: { ...context, schema } };
  }
}

function withoutCounter(column: Column): Column {
  const { autoIncrement: _, ...rest } = column;
  return rest;
}

/** Some enums, and others that are none of them. */
function merged(first: readonly Enum[], others: readonly Enum[]): Enum[] {
  return [...first, ...others.filter(({ name }) => byName(first, name) === undefined)];
}
