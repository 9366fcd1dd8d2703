/**
 * What leads from one definition of a table to another, as clauses of one ALTER TABLE: it is carried out whole or not
 * at all ("Atomic Data Definition Statement Support"), so the more of a change stands in one, the better.
 *
 * Each clause knows how much work it is, from which the ALGORITHM and LOCK to ask for follow (`online-clauses.ts`).
 */

import { columnsIn } from '../../schema/column-uses.js';
import type { Column, Index, Table } from '../../schema/model.js';
import { byName } from '../../schema/model.js';
import {
  checkText,
  columnText,
  type DdlContext,
  foreignKeyText,
  indexText,
  primaryKeyText,
  rowFormat,
  sourcesFirst,
  tableChecks,
  uniqueText,
} from './ddl.js';
import { keyIndexes } from './key-indexes.js';
import { literalText, quoteIdentifier as quote } from './literals.js';
import { additionWork, modificationWork, type Work } from './online-clauses.js';
import { hasCharacters } from './types.js';

/** A table, and the enums that its columns use. */
export interface TableState {
  readonly table: Table;
  readonly context: DdlContext;
}

export interface Clause {
  readonly text: string;
  readonly work: Work;
}

/**
 * The clauses that make one definition out of another.
 *
 * @param replaced columns that are other columns of the same name
 */
export function alterClauses(
  from: TableState,
  to: TableState,
  replaced: ReadonlySet<string> = new Set(),
): Clause[] {
  const indexes = indexClauses(from, to, replaced);
  const checks = checkClauses(from, to, replaced);
  const columns = columnClauses(from, to, replaced);
  const keys = foreignKeyClauses(from, to);
  const primary = primaryKeyClauses(from, to, replaced);
  return [
    ...keys.drop,
    ...checks.drop,
    ...indexes.drop,
    ...primary.drop,
    ...columns,
    ...primary.add,
    ...indexes.add,
    ...checks.add,
    ...keys.add,
    ...optionClauses(from, to),
  ];
}

interface Halves {
  readonly drop: readonly Clause[];
  readonly add: readonly Clause[];
}

function columnClauses(from: TableState, to: TableState, replaced: ReadonlySet<string>): Clause[] {
  const letters = lettersChange(from, to);
  const dropped = from.table.columns.filter(
    ({ name }) => replaced.has(name) || byName(to.table.columns, name) === undefined,
  );
  const clauses: Clause[] = dropped.map(({ name, generated }) => ({
    text: `DROP COLUMN ${quote(name)}`,
    work: generated?.stored === false ? 'virtual' : 'dropColumn',
  }));
  const kept = from.table.columns.filter(({ name }) => byName(to.table.columns, name));
  const added = to.table.columns.filter(({ name }) => !kept.some((column) => column.name === name));
  const order = [...kept, ...added].map(({ name }) => name);
  const moved: Clause[] = [];
  for (const column of sourcesFirst(to.table)) {
    const old = replaced.has(column.name) ? undefined : byName(from.table.columns, column.name);
    const text = columnText(column, to.table, to.context);
    if (old === undefined) {
      // What is made anew stands where it stood: others may be generated from it.
      const place = replaced.has(column.name) ? placeOf(column.name, from.table, to.table) : '';
      clauses.push({
        text: `ADD COLUMN ${text}${place}`,
        work: place === '' ? additionWork(column) : 'copy',
      });
      continue;
    }
    const follows = letters && followsTable(column, to);
    if (!follows && columnText(old, from.table, from.context) === text) continue;
    const before = lastSource(column, to.table, order);
    if (before === undefined) {
      const work = follows ? 'copy' : modificationWork({ column: old, ...from }, { column, ...to });
      clauses.push({ text: `MODIFY COLUMN ${text}`, work });
    } else moved.push({ text: `MODIFY COLUMN ${text} AFTER ${quote(before)}`, work: 'copy' });
  }
  return [...clauses, ...moved];
}

/** Where a column stood, as ADD COLUMN says it; '' for the end. */
function placeOf(name: string, from: Table, to: Table): string {
  const at = from.columns.findIndex((column) => column.name === name);
  if (at === -1 || at === from.columns.length - 1) return '';
  const before = from.columns.slice(0, at).findLast((column) => byName(to.columns, column.name));
  return before === undefined ? ' FIRST' : ` AFTER ${quote(before.name)}`;
}

/** The generated column that stands behind one that is generated from it, which the server does not take. */
function lastSource(column: Column, table: Table, order: readonly string[]): string | undefined {
  const place = order.indexOf(column.name);
  const later = columnsIn(column.generated?.sql ?? '', table).filter(
    (name) => byName(table.columns, name)?.generated && order.indexOf(name) > place,
  );
  return later.sort((a, b) => order.indexOf(b) - order.indexOf(a))[0];
}

/** Whether a column has the character set of its table. */
function followsTable(column: Column, { context }: TableState): boolean {
  const { type, collation, options } = column;
  const own = collation !== undefined || options?.['mysql.charset'] !== undefined || type.kind === 'enum';
  return !own && hasCharacters(type, context.flavour);
}

/** Every index of a table: of its constraints, its own, and those that only foreign keys need. */
function indexesOf({
  table,
  context,
}: TableState): Map<string, { readonly text: string; readonly columns: readonly string[] }> {
  const { flavour } = context;
  const names = (index: Index): string[] =>
    index.columns.flatMap((part) => ('column' in part ? [part.column] : columnsIn(part.expression, table)));
  return new Map([
    ...table.uniques.map(
      (unique) =>
        [unique.name, { text: uniqueText(unique, table, flavour), columns: unique.columns }] as const,
    ),
    ...[...table.indexes, ...keyIndexes(table)].map(
      (index) => [index.name, { text: indexText(index, table, flavour), columns: names(index) }] as const,
    ),
  ]);
}

function indexClauses(from: TableState, to: TableState, replaced: ReadonlySet<string>): Halves {
  const [old, now] = [indexesOf(from), indexesOf(to)];
  const stays = (name: string): boolean => {
    const [before, after] = [old.get(name), now.get(name)];
    return before?.text === after?.text && !before?.columns.some((column) => replaced.has(column));
  };
  const dropped = [...old.keys()].filter((name) => !stays(name));
  const added = [...now.keys()].filter((name) => !stays(name));
  const drop: Clause[] = [];
  const renamed = new Set<string>();
  for (const name of dropped) {
    const nameless = withoutName(old.get(name)?.text ?? '', name);
    const isReplaced = old.get(name)?.columns.some((column) => replaced.has(column));
    const next = added.find(
      (each) =>
        !renamed.has(each) && !old.has(each) && withoutName(now.get(each)?.text ?? '', each) === nameless,
    );
    if (next === undefined || isReplaced || now.has(name)) {
      drop.push({ text: `DROP INDEX ${quote(name)}`, work: workOf(old.get(name)?.text ?? '', from, to) });
    } else {
      renamed.add(next);
      drop.push({ text: `RENAME INDEX ${quote(name)} TO ${quote(next)}`, work: 'catalog' });
    }
  }
  const add = added
    .filter((name) => !renamed.has(name))
    .map((name): Clause => {
      const text = now.get(name)?.text ?? '';
      return { text: `ADD ${text}`, work: workOf(text, from, to) };
    });
  return { drop, add };
}

function workOf(text: string, from: TableState, to: TableState): Work {
  if (/^(?:FULLTEXT|SPATIAL) /.test(text)) return 'lockedIndex';
  // Without a primary key InnoDB keeps the rows in the order of a unique one ("Clustered and Secondary Indexes").
  const hasKey = from.table.primaryKey !== undefined && to.table.primaryKey !== undefined;
  return text.startsWith('UNIQUE ') && !hasKey ? 'copy' : 'index';
}

function withoutName(text: string, name: string): string {
  return text.replace(`INDEX ${quote(name)} `, 'INDEX ');
}

function primaryKeyClauses(from: TableState, to: TableState, replaced: ReadonlySet<string>): Halves {
  const textOf = ({ table, context }: TableState): string | undefined =>
    table.primaryKey && primaryKeyText(table.primaryKey, table, context.flavour);
  const [old, now] = [textOf(from), textOf(to)];
  const touched = from.table.primaryKey?.columns.some((column) => replaced.has(column)) ?? false;
  if (old === now && !touched) return { drop: [], add: [] };
  return {
    drop:
      old === undefined ? [] : [{ text: 'DROP PRIMARY KEY', work: now === undefined ? 'copy' : 'rebuild' }],
    add: now === undefined ? [] : [{ text: `ADD ${now}`, work: 'rebuild' }],
  };
}

function checkClauses(from: TableState, to: TableState, replaced: ReadonlySet<string>): Halves {
  // A check that stays would be looked up in the table without the column.
  const namesReplaced = (expression: string): boolean =>
    columnsIn(expression, from.table).some((name) => replaced.has(name));
  const textsOf = ({ table, context }: TableState, mark: string): Map<string, string> =>
    new Map(
      tableChecks(table, context.flavour).map((check) => [
        check.name,
        `${checkText(check, table)}${namesReplaced(check.expression) ? mark : ''}`,
      ]),
    );
  const [old, now] = [textsOf(from, ' '), textsOf(to, '')];
  // MySQL has DROP CONSTRAINT only since 8.0.19.
  const word = to.context.flavour.mariadb ? 'DROP CONSTRAINT' : 'DROP CHECK';
  const changed = (a: Map<string, string>, b: Map<string, string>): string[] =>
    [...a.keys()].filter((name) => a.get(name) !== b.get(name));
  return {
    drop: changed(old, now).map((name) => ({ text: `${word} ${quote(name)}`, work: 'catalog' })),
    add: changed(now, old).map((name) => ({ text: `ADD ${now.get(name)}`, work: 'copy' })),
  };
}

function foreignKeyClauses(from: TableState, to: TableState): Halves {
  const textsOf = ({ table, context }: TableState): Map<string, string> =>
    new Map(table.foreignKeys.map((key) => [key.name, foreignKeyText(key, table, context.flavour)]));
  const [old, now] = [textsOf(from), textsOf(to)];
  const gone = [...old.keys()].filter((name) => !now.has(name));
  const added = [...now.keys()].filter((name) => !old.has(name));
  return {
    drop: gone.map((name) => ({ text: `DROP FOREIGN KEY ${quote(name)}`, work: 'catalog' })),
    add: added.map((name) => ({ text: `ADD ${now.get(name)}`, work: 'copy' })),
  };
}

const LETTERS = ['mysql.charset', 'mysql.collation'] as const;

/** Whether columns that follow the table get another character set or collation. */
function lettersChange(from: TableState, to: TableState): boolean {
  return LETTERS.some((name) => from.table.options?.[name] !== to.table.options?.[name]);
}

function optionClauses(from: TableState, to: TableState): Clause[] {
  const { flavour } = to.context;
  const [old, now] = [from.table.options ?? {}, to.table.options ?? {}];
  const clauses: Clause[] = [];
  const changed = (name: string): boolean => String(old[name] ?? '') !== String(now[name] ?? '');
  if (changed('mysql.engine'))
    clauses.push({ text: `ENGINE=${quote(String(now['mysql.engine'] ?? 'InnoDB'))}`, work: 'copy' });
  if (lettersChange(from, to)) clauses.push({ text: lettersText(now, to), work: 'copy' });
  if (changed('mysql.rowFormat')) {
    const format = rowFormat(now['mysql.rowFormat'] ?? 'DEFAULT', to.table, flavour);
    clauses.push({ text: `ROW_FORMAT=${format}`, work: 'copy' });
  }
  const comment = to.table.comment ?? '';
  if ((from.table.comment ?? '') !== comment)
    clauses.push({ text: `COMMENT=${literalText(comment)}`, work: 'catalog' });
  return clauses;
}

function lettersText(options: NonNullable<Table['options']>, { context: { flavour } }: TableState): string {
  const { 'mysql.charset': charset, 'mysql.collation': collation } = options;
  const usual = charset === undefined && collation === undefined ? flavour.databaseCollation : undefined;
  const words = [
    ...(charset === undefined && (collation ?? usual) !== undefined
      ? []
      : [`DEFAULT CHARACTER SET=${quote(String(charset ?? 'utf8mb4'))}`]),
    ...((collation ?? usual) === undefined ? [] : [`COLLATE=${quote(String(collation ?? usual))}`]),
  ];
  return words.join(' ');
}
