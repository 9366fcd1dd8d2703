/** A schema while it is being built at random, and the repair that makes it one that a database could hold. */

import { freeze } from '../../src/base/structure';
import type {
  Column,
  ColumnType,
  Enum,
  Schema,
  Sequence,
  Table,
  Trigger,
  View,
} from '../../src/schema/model';
import type { NameRules } from './arbitrary-names';
import { NameSpace, quoted, quotedNames } from './arbitrary-names';
import { fitsStrict, holds, isStrict, same } from './arbitrary-tables';

export interface SchemaOptions {
  /** Only what SQLite can hold and would give back. */
  readonly forSqlite?: boolean;
  readonly maxTables?: number;
  /** Views and triggers as well; yes when not said. */
  readonly objects?: boolean;
}

export type TableDraft = { -readonly [K in keyof Table]: Table[K] };

export interface Draft {
  readonly options: SchemaOptions;
  readonly rules: NameRules;
  tables: TableDraft[];
  enums: Enum[];
  views: View[];
  sequences: Sequence[];
  triggers: Trigger[];
}

export function draftOf(schema: Schema, options: SchemaOptions): Draft {
  return {
    options,
    rules: { ignoreCase: options.forSqlite === true },
    tables: schema.tables.map((table) => ({ ...table })),
    enums: [...schema.enums],
    views: [...schema.views],
    sequences: [...schema.sequences],
    triggers: [...schema.triggers],
  };
}

/** The text of the only views made here, so that one can tell whether what it shows is there. */
export function viewQuery(table: string, column: string): string {
  return `SELECT ${quoted(column)} AS "shown" FROM ${quoted(table)}`;
}

/** The text of the only triggers made here. */
export function triggerText(name: string, table: string): string {
  return `CREATE TRIGGER ${quoted(name)} AFTER INSERT ON ${quoted(table)} BEGIN SELECT 1; END`;
}

/** The schema without what contradicts the rest of it; frozen, its lists in the order they were made. */
export function finished(draft: Draft): Schema {
  for (const table of draft.tables) repairTable(table, draft);
  // A key that goes may have been what another key refers to.
  for (let before = -1; before !== countKeys(draft); ) {
    before = countKeys(draft);
    for (const table of draft.tables)
      table.foreignKeys = table.foreignKeys.filter((key) => isValidKey(key, table, draft));
  }
  const used = new Set(draft.tables.flatMap((table) => table.columns.map(({ type }) => enumNameOf(type))));
  const names = new NameSpace(
    draft.rules,
    draft.tables.flatMap((t) => [t.name, ...t.indexes.map(({ name }) => name)]),
  );
  const views = draft.views.filter(({ name, query }) => {
    const [column = '', , table = ''] = quotedNames(query);
    const shown = draft.tables
      .find((each) => each.name === table)
      ?.columns.some((each) => each.name === column);
    return shown === true && !names.has(name);
  });
  return freeze({
    tables: draft.tables.map((table) => ({ ...table })),
    enums: draft.options.forSqlite ? draft.enums.filter(({ name }) => used.has(name)) : draft.enums,
    views,
    sequences: draft.sequences,
    triggers: draft.triggers.filter(({ table }) => draft.tables.some(({ name }) => name === table)),
  });
}

function enumNameOf(type: ColumnType): string | undefined {
  if (type.kind === 'array') return enumNameOf(type.of);
  return type.kind === 'enum' ? type.name : undefined;
}

function countKeys(draft: Draft): number {
  return draft.tables.reduce((count, table) => count + table.foreignKeys.length, 0);
}

function repairTable(table: TableDraft, draft: Draft): void {
  const has = (names: readonly string[]): boolean =>
    names.every((name) => table.columns.some((each) => each.name === name));
  repairColumns(table, draft);
  if (table.primaryKey && !has(table.primaryKey.columns)) delete table.primaryKey;
  repairOptions(table);
  const key = table.primaryKey?.columns ?? [];
  const soleKey = key.length === 1 && table.options?.['sqlite.withoutRowid'] !== true;
  table.columns = table.columns.map((column): Column => {
    const { autoIncrement, generated, ...rest } = column;
    if (!key.includes(column.name)) return autoIncrement ? without(column, 'autoIncrement') : column;
    const automatic = autoIncrement && soleKey && column.type.kind === 'integer';
    return { ...(automatic ? without({ ...rest, autoIncrement }, 'default') : rest), nullable: false };
  });
  const columnLists: string[] = [JSON.stringify(key)];
  table.uniques = table.uniques.filter(({ columns }) => {
    const list = JSON.stringify(columns);
    if (!has(columns) || (draft.options.forSqlite && columnLists.includes(list))) return false;
    columnLists.push(list);
    return true;
  });
  table.checks = table.checks.filter(({ expression }) => holds(table, expression));
  table.exclusions = table.exclusions.filter(
    ({ elements, where }) => holds(table, elements) && holds(table, where ?? ''),
  );
  table.indexes = table.indexes.filter(
    (index) =>
      index.columns.every((part) =>
        'column' in part ? has([part.column]) : holds(table, part.expression),
      ) &&
      holds(table, index.where ?? '') &&
      has(index.include ?? []),
  );
}

function without<T extends object, K extends keyof T>(value: T, key: K): Omit<T, K> {
  const { [key]: _, ...rest } = value;
  return rest;
}

/** Generated columns whose sources are gone are plain ones from now on; so is one in a circle, and the last one left. */
function repairColumns(table: TableDraft, draft: Draft): void {
  const settled = new Set(table.columns.filter((column) => !column.generated).map(({ name }) => name));
  let waiting = table.columns.filter((column) => column.generated);
  for (let ready = waiting; ready.length > 0; ) {
    ready = waiting.filter((column) =>
      quotedNames(column.generated?.sql ?? '').every((name) => settled.has(name)),
    );
    for (const { name } of ready) settled.add(name);
    waiting = waiting.filter((column) => !ready.includes(column));
  }
  if (table.columns.every((column) => column.generated)) waiting = [...table.columns];
  table.columns = table.columns.map((column): Column => {
    if (column.generated && !waiting.includes(column)) {
      const kept = without(without(column, 'default'), 'autoIncrement');
      const used = enumNameOf(kept.type);
      const isGone = used !== undefined && !draft.enums.some(({ name }) => name === used);
      return isGone ? { ...kept, type: { kind: 'text' } } : kept;
    }
    const plain = without(column, 'generated');
    const enumName = enumNameOf(plain.type);
    if (enumName === undefined) return plain;
    const values = draft.enums.find(({ name }) => name === enumName)?.values;
    if (values === undefined) return { ...without(plain, 'default'), type: { kind: 'text' } };
    const fits =
      plain.type.kind === 'array' ||
      plain.default?.kind !== 'literal' ||
      values.includes(String(plain.default.value));
    return fits ? plain : without(plain, 'default');
  });
}

function repairOptions(table: TableDraft): void {
  if (table.options === undefined) return;
  const options: Record<string, string | number | boolean> = { ...table.options };
  if (isStrict(table) && !table.columns.every(({ type }) => fitsStrict(type)))
    delete options['sqlite.strict'];
  if (table.primaryKey === undefined) delete options['sqlite.withoutRowid'];
  if (Object.keys(options).length > 0) table.options = options;
  else delete table.options;
}

function isValidKey(key: Table['foreignKeys'][number], table: TableDraft, draft: Draft): boolean {
  const target = draft.tables.find(({ name }) => name === key.refTable);
  const columns = key.columns.map((name) => table.columns.find((column) => column.name === name));
  const refColumns = key.refColumns.map((name) => target?.columns.find((column) => column.name === name));
  const keys = target ? [...(target.primaryKey ? [target.primaryKey] : []), ...target.uniques] : [];
  return (
    keys.some((each) => same(each.columns, key.refColumns)) &&
    columns.every((column, i) => column && !column.generated && same(column.type, refColumns[i]?.type))
  );
}
