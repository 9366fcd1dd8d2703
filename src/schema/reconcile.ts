/**
 * `reconcile(found, wanted, sameness)`: the found schema told in the wanted one's words.
 *
 * A database gives back what it was told in its own words: other type names, other quotes, no names for
 * some constraints. Wherever the two sides mean the same, the found side takes over the wanted wording, so
 * that the plain `diff` afterwards sees real differences only. Nothing else is touched, so what a migration
 * drops still goes by the name that the database knows.
 */

import { deepEqual } from '../base/structure.js';
import { enumOf } from './apply.js';
import type {
  Check,
  Column,
  ColumnType,
  Exclusion,
  ForeignKey,
  Index,
  ReferentialAction,
  Schema,
  Table,
  Unique,
} from './model.js';
import { byName } from './model.js';
import { normalize } from './normalize.js';

/** How a database sees definitions; equal text means the same to it. */
export interface Sameness {
  /** Everything of a column but its name, in the table it stands in. */
  columnPart(part: ComparedPart, column: Column, table: Table, schema: Schema): string;
  /** Whether a column of one type serves a model that asks for the other one and leaves something open. */
  serves(found: ColumnType, wanted: ColumnType): boolean;
  expression(sql: string, place: ExpressionPlace): string;
  comment(comment: string | undefined): string;
  tableOptions(table: Table): string;
  collation(collation: string | undefined): string;
  indexOptions(index: Index): string;
  /** Whether nothing tells a unique index from a unique constraint of its name. */
  readonly uniquesAreIndexes?: boolean;
  action(action: ReferentialAction | undefined): string;
  /** Whether a name is the one that a constraint or index gets when nobody chooses one. */
  isDefaultName(kind: NamedKind, table: Table, item: { readonly name: string }): boolean;
}

export type ComparedPart =
  | 'type'
  | 'default'
  | 'generated'
  | 'autoIncrement'
  | 'collation'
  | 'comment'
  | 'options';
/** Where an expression stands: what its words mean depends on the columns there. */
export interface ExpressionPlace {
  readonly kind: 'check' | 'index' | 'predicate' | 'exclusion' | 'view';
  /** The table, or the view. */
  readonly owner: string;
}

export type NamedKind = 'primaryKey' | 'unique' | 'check' | 'foreignKey' | 'index' | 'exclusion';

const PARTS: readonly ComparedPart[] = [
  'type',
  'default',
  'generated',
  'autoIncrement',
  'collation',
  'comment',
  'options',
];

/**
 * The found schema in the wanted one's words, in normal form.
 *
 * Objects that models do not describe (views, triggers and sequences the wanted side knows nothing of) are
 * left out of the result: who manages them is not us. Only the triggers of a table that is not wanted stay.
 */
export function reconcile(found: Schema, wanted: Schema, sameness: Sameness): Schema {
  const tables = new Map(wanted.tables.map((table) => [table.name, table]));
  const schemas = { found, wanted };
  const reconciled = found.tables.map((table) => {
    const model = tables.get(table.name);
    return model === undefined ? table : reconcileTable(table, model, schemas, sameness);
  });
  return normalize({
    tables: reconciled,
    enums: reconcileEnums(reconciled, schemas),
    views: found.views
      .filter((view) => byName(wanted.views, view.name))
      .map((view) => reconcileView(view, wanted, sameness)),
    sequences: found.sequences.filter((sequence) => byName(wanted.sequences, sequence.name)),
    triggers: found.triggers.filter(
      ({ table, name }) =>
        wanted.triggers.some((each) => each.table === table && each.name === name) ||
        // They go with their table, and must come back with it.
        (byName(found.tables, table) !== undefined && !tables.has(table)),
    ),
  });
}

/** The found enums; one whose columns all took over a wanted enum's name goes by that name. */
function reconcileEnums(tables: readonly Table[], { found, wanted }: Both): Schema['enums'] {
  const usedBefore = enumsIn(found.tables);
  const used = enumsIn(tables);
  return [
    ...found.enums.filter(({ name }) => used.has(name) || !usedBefore.has(name)),
    ...wanted.enums.filter(({ name }) => used.has(name) && !byName(found.enums, name)),
  ];
}

function enumsIn(tables: readonly Table[]): ReadonlySet<string | undefined> {
  return new Set(tables.flatMap((table) => table.columns.map(enumOf)));
}

function reconcileView(
  view: Schema['views'][number],
  wanted: Schema,
  sameness: Sameness,
): Schema['views'][number] {
  const model = byName(wanted.views, view.name);
  if (model === undefined || (model.materialized ?? false) !== (view.materialized ?? false)) return view;
  const place = { kind: 'view', owner: view.name } as const;
  const same = sameness.expression(model.query, place) === sameness.expression(view.query, place);
  return same ? model : view;
}

interface Both {
  readonly found: Schema;
  readonly wanted: Schema;
}

function reconcileTable(given: Table, model: Table, schemas: Both, sameness: Sameness): Table {
  const table = sameness.uniquesAreIndexes ? withUniqueIndexes(given, model) : given;
  const { primaryKey, comment, options, ...rest } = table;
  const sameOptions = sameness.tableOptions(table) === sameness.tableOptions(model);
  const sameComment = sameness.comment(comment) === sameness.comment(model.comment);
  const newComment = sameComment ? model.comment : comment;
  const newOptions = sameOptions ? model.options : options;
  return {
    ...rest,
    columns: table.columns.map((column) => reconcileColumn(column, table, model, schemas, sameness)),
    ...reconcileNamed(table, model, sameness),
    ...(newComment !== undefined && { comment: newComment }),
    ...(newOptions !== undefined && { options: newOptions }),
  };
}

/** Takes unique constraints for indexes where the model has an index of the name: nobody can have said which they are. */
function withUniqueIndexes(table: Table, model: Table): Table {
  const isIndex = ({ name }: Unique): boolean => byName(model.indexes, name)?.unique === true;
  const indexes = table.uniques.filter(isIndex).map(
    ({ name, columns }): Index => ({
      name,
      columns: columns.map((column) => ({ column })),
      unique: true,
    }),
  );
  if (indexes.length === 0) return table;
  return {
    ...table,
    uniques: table.uniques.filter((unique) => !isIndex(unique)),
    indexes: [...table.indexes, ...indexes],
  };
}

type NamedParts = Pick<Table, 'primaryKey' | 'uniques' | 'checks' | 'foreignKeys' | 'indexes' | 'exclusions'>;

/** The keys, checks and indexes; what would take a name that another one keeps does not take it. */
function reconcileNamed(table: Table, model: Table, sameness: Sameness): NamedParts {
  const staying = new Set<Named>();
  for (;;) {
    const parts = reconcileParts({ table, model, sameness, staying });
    const clashing = [
      ...clashes(constraintsOf(table), constraintsOf({ ...table, ...parts })),
      ...clashes(table.indexes, parts.indexes),
    ];
    if (clashing.length === 0) return parts;
    for (const item of clashing) staying.add(item);
  }
}

function constraintsOf({ primaryKey, uniques, checks, foreignKeys, exclusions }: Table): Named[] {
  return [...(primaryKey ? [primaryKey] : []), ...uniques, ...checks, ...foreignKeys, ...exclusions];
}

/** Those that took a name which another one has; both lists in one order. */
function clashes(found: readonly Named[], now: readonly Named[]): Named[] {
  const count = new Map<string, number>();
  for (const { name } of now) count.set(name, (count.get(name) ?? 0) + 1);
  return found.filter((item, i) => {
    const name = now[i]?.name ?? item.name;
    return name !== item.name && count.get(name) !== 1;
  });
}

interface Named {
  readonly name: string;
}

interface Place {
  readonly table: Table;
  readonly model: Table;
  readonly sameness: Sameness;
  /** What keeps its name. */
  readonly staying: ReadonlySet<Named>;
}

function reconcileParts(place: Place): NamedParts {
  const { table, model } = place;
  const key = reconcileKey(place);
  return {
    ...(key && { primaryKey: key }),
    uniques: reconcileList('unique', table.uniques, model.uniques, place, sameUnique),
    checks: reconcileList('check', table.checks, model.checks, place, (a, b) => sameCheck(a, b, place)),
    foreignKeys: reconcileList('foreignKey', table.foreignKeys, model.foreignKeys, place, (a, b) =>
      sameForeignKey(a, b, place.sameness),
    ),
    indexes: reconcileList('index', table.indexes, model.indexes, place, (a, b) => sameIndex(a, b, place)),
    exclusions: reconcileList('exclusion', table.exclusions, model.exclusions, place, (a, b) =>
      sameExclusion(a, b, place),
    ),
  };
}

function reconcileKey(place: Place): Table['primaryKey'] {
  const key = place.table.primaryKey;
  const wanted = place.model.primaryKey;
  if (key === undefined || wanted === undefined || !deepEqual(key.columns, wanted.columns)) return key;
  return mayTakeName('primaryKey', key, wanted, place) ? wanted : key;
}

function reconcileColumn(
  column: Column,
  table: Table,
  model: Table,
  schemas: Both,
  sameness: Sameness,
): Column {
  const wanted = byName(model.columns, column.name);
  if (wanted === undefined) return column;
  const result: Record<string, unknown> = { ...column };
  for (const part of PARTS) {
    const here = sameness.columnPart(part, column, table, schemas.found);
    const there = sameness.columnPart(part, wanted, model, schemas.wanted);
    const serves = part === 'type' && sameness.serves(column.type, wanted.type);
    if (here !== there && !serves) continue;
    if (wanted[part] === undefined) delete result[part];
    else result[part] = wanted[part];
  }
  return result as unknown as Column;
}

/**
 * Pairs what is equal but for its name or its wording: the one of the same name first, then any other
 * whose name does not matter.
 */
function reconcileList<T extends { readonly name: string }>(
  kind: NamedKind,
  found: readonly T[],
  wanted: readonly T[],
  place: Place,
  same: (a: T, b: T) => boolean,
): T[] {
  const taken = new Set<T>();
  const take = (item: T | undefined): T | undefined => {
    if (item !== undefined) taken.add(item);
    return item;
  };
  const byOwnName = new Map(
    found.map((item) => {
      const model = byName(wanted, item.name);
      return [item, model && same(item, model) ? take(model) : undefined];
    }),
  );
  return found.map((item) => {
    const exact = byOwnName.get(item);
    if (exact !== undefined) return exact;
    const other = wanted.find(
      (each) => !taken.has(each) && same(item, each) && mayTakeName(kind, item, each, place),
    );
    return take(other) ?? item;
  });
}

/**
 * Whether a difference in names alone means nothing: when the wanted name is what it is only because nobody
 * chose one. So a database made by others is described without renaming anything in it, while a name that
 * somebody chose is carried out. A constraint may also have no name in the database; what introspection
 * then calls it is the default one. An index always has a name.
 */
function mayTakeName(kind: NamedKind, found: Named, wanted: Named, place: Place): boolean {
  const { table, model, sameness, staying } = place;
  if (found.name === wanted.name) return true;
  if (staying.has(found)) return false;
  return (
    sameness.isDefaultName(kind, model, wanted) ||
    (kind !== 'index' && sameness.isDefaultName(kind, table, found))
  );
}

function sameUnique(a: Unique, b: Unique): boolean {
  return deepEqual({ ...a, name: '' }, { ...b, name: '' });
}

function sameCheck(a: Check, b: Check, { table, sameness }: Place): boolean {
  const place = { kind: 'check', owner: table.name } as const;
  return sameness.expression(a.expression, place) === sameness.expression(b.expression, place);
}

function sameExclusion(a: Exclusion, b: Exclusion, { table, sameness }: Place): boolean {
  const text = (kind: 'exclusion' | 'predicate', sql: string | undefined): string =>
    sql === undefined ? '' : sameness.expression(sql, { kind, owner: table.name });
  const canonical = (each: Exclusion): unknown => ({
    elements: text('exclusion', each.elements),
    method: (each.method ?? 'gist').toLowerCase(),
    where: text('predicate', each.where),
    deferrable: each.deferrable,
  });
  return deepEqual(canonical(a), canonical(b));
}

function sameForeignKey(a: ForeignKey, b: ForeignKey, sameness: Sameness): boolean {
  const canonical = (key: ForeignKey): unknown => ({
    ...key,
    name: '',
    onDelete: sameness.action(key.onDelete),
    onUpdate: sameness.action(key.onUpdate),
  });
  return deepEqual(canonical(a), canonical(b));
}

function sameIndex(a: Index, b: Index, { table, sameness }: Place): boolean {
  const text = (kind: 'index' | 'predicate', sql: string): string =>
    sameness.expression(sql, { kind, owner: table.name });
  const canonical = ({ options: _options, method: _method, ...index }: Index): unknown => ({
    ...index,
    name: '',
    where: index.where === undefined ? undefined : text('predicate', index.where),
    columns: index.columns.map((part) => ({
      ...part,
      ...('expression' in part && { expression: text('index', part.expression) }),
      collation: sameness.collation(part.collation) || undefined,
      // Where NULLs stand unless somebody says so, in the databases that let one say so.
      nulls: part.nulls === (part.order === 'desc' ? 'first' : 'last') ? undefined : part.nulls,
    })),
  });
  return sameness.indexOptions(a) === sameness.indexOptions(b) && deepEqual(canonical(a), canonical(b));
}
