/**
 * A parsed CREATE TABLE into the model's `Table`: logical types and defaults, names in one spelling, and a
 * name for every constraint that has none. Introspection calls it for every table, error translation for one.
 */

import type { Check, Column, ForeignKey, Table, Unique } from '../../schema/model.js';
import { defaultCheckName, defaultForeignKeyName, defaultName } from '../../schema/naming.js';
import { readEnumCheck } from './enum-checks.js';
import { readDefault } from './literals.js';
import type { ParsedColumn, ParsedForeignKey, ParsedKey, ParsedTable } from './parse-table.js';
import { parseType } from './types.js';

/** Finds a table as it was declared, whatever the case of its name. */
export type FindTable = (name: string) => ParsedTable | undefined;

/** SQLite folds the ASCII letters of names and no others ("sqlite3_stricmp"). */
export function foldName(name: string): string {
  return name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** The model of a parsed table, without its indexes. */
export function describeTable(parsed: ParsedTable, find: FindTable): Table {
  const names = new ConstraintNames(parsed);
  const unmodelled = [...parsed.unmodelled];
  const primaryKey = parsed.primaryKey && {
    name: names.give(parsed.primaryKey.name, defaultName('pk', parsed.name)),
    columns: spelled(parsed.primaryKey.columns, parsed),
  };
  const keys = new Set(primaryKey?.columns.map(foldName));
  const uniques = describeUniques(parsed, names);
  const foreignKeys = parsed.foreignKeys.map((key) =>
    describeForeignKey(key, parsed, find, names, unmodelled),
  );
  const options = tableOptions(parsed, unmodelled);
  return {
    name: parsed.name,
    columns: parsed.columns.map((column) => describeColumn(column, keys.has(foldName(column.name)))),
    ...(primaryKey && { primaryKey }),
    uniques,
    checks: describeChecks(parsed, names),
    foreignKeys,
    indexes: [],
    exclusions: [],
    ...(Object.keys(options).length > 0 && { options }),
  };
}

function describeColumn(column: ParsedColumn, inKey: boolean): Column {
  const type = parseType(column.type);
  const value = column.default && readDefault(column.default.sql, column.default.bare);
  const isFlag =
    type.kind === 'boolean' && value?.kind === 'literal' && (value.value === 0 || value.value === 1);
  return {
    name: column.name,
    type,
    // SQLite lets NULLs into a primary key by an old bug ("CREATE TABLE", 3.5). Nobody means them: models
    // have no nullable key, so reporting one would make every comparison differ. A rebuild refuses such rows.
    nullable: !column.notNull && !inKey,
    ...(value && { default: isFlag ? { kind: 'literal', value: value.value === 1 } : value }),
    ...(column.generated && { generated: column.generated }),
    ...(column.autoIncrement && { autoIncrement: 'increment' }),
    ...(column.collation !== undefined && { collation: column.collation }),
  };
}

function describeUniques(parsed: ParsedTable, names: ConstraintNames): Unique[] {
  const uniques: Unique[] = [];
  for (const unique of parsed.uniques) {
    const columns = spelled(unique.columns, parsed);
    // `a UNIQUE, UNIQUE (a)` is one index to SQLite.
    const twice = uniques.some((each) => each.columns.join('\0') === columns.join('\0'));
    if (twice && unique.name === undefined) continue;
    uniques.push({ name: names.give(unique.name, defaultName('uq', parsed.name, columns)), columns });
  }
  return uniques;
}

function describeChecks(parsed: ParsedTable, names: ConstraintNames): Check[] {
  return parsed.checks.map(({ name, column, expression }) => {
    // Two columns of one enum have checks of one name, which introspection takes away again.
    if (name !== undefined && readEnumCheck({ name, expression })) return { name, expression };
    return { name: names.give(name, defaultCheckName(parsed.name, expression, column)), expression };
  });
}

function describeForeignKey(
  key: ParsedForeignKey,
  parsed: ParsedTable,
  find: FindTable,
  names: ConstraintNames,
  unmodelled: string[],
): ForeignKey {
  const columns = spelled(key.columns, parsed);
  const parent = find(key.refTable);
  const refTable = parent?.name ?? key.refTable;
  const implied = parent?.primaryKey?.columns;
  const refColumns = key.refColumns ?? implied ?? [];
  if (refColumns.length !== columns.length) unmodelled.push(`REFERENCES ${refTable}, whose key does not fit`);
  return {
    name: names.give(key.name, defaultForeignKeyName(parsed.name, columns, refTable)),
    columns,
    refTable,
    refColumns: parent ? spelled(refColumns, parent) : refColumns,
    ...(key.onDelete && { onDelete: key.onDelete }),
    ...(key.onUpdate && { onUpdate: key.onUpdate }),
    ...(key.deferrable && { deferrable: key.deferrable }),
  };
}

function tableOptions(parsed: ParsedTable, unmodelled: readonly string[]): Record<string, string | boolean> {
  return {
    ...(parsed.strict && { 'sqlite.strict': true }),
    ...(parsed.withoutRowid && { 'sqlite.withoutRowid': true }),
    // What a rebuild would lose: the plan refuses to rebuild such a table and says why.
    ...(unmodelled.length > 0 && { 'sqlite.unmodelled': unmodelled.join('; ') }),
  };
}

/** Names of columns in the spelling in which the table declares them. */
function spelled(names: readonly string[], table: Pick<ParsedTable, 'columns'>): readonly string[] {
  return names.map((name) => {
    const folded = foldName(name);
    return table.columns.find((column) => foldName(column.name) === folded)?.name ?? name;
  });
}

/** Gives each constraint of a table a name of its own: the written one, else the house's, numbered on a clash. */
class ConstraintNames {
  readonly #written = new Set<string>();
  readonly #given = new Set<string>();

  constructor(parsed: ParsedTable) {
    const keys: readonly (ParsedKey | undefined)[] = [parsed.primaryKey, ...parsed.uniques];
    for (const part of [...keys, ...parsed.checks, ...parsed.foreignKeys]) {
      if (part?.name !== undefined) this.#written.add(part.name);
    }
  }

  give(written: string | undefined, derived: string): string {
    const taken = (name: string): boolean =>
      this.#given.has(name) || (written === undefined && this.#written.has(name));
    const base = written ?? derived;
    let name = base;
    for (let n = 2; taken(name) || (name !== base && this.#written.has(name)); n++) name = `${base}_${n}`;
    this.#given.add(name);
    return name;
  }
}
