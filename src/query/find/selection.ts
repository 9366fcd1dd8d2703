/** `select` and `relations` options → what is read of an entity, compiled, and which relations follow. */

import { error } from '../../base/error-codes.js';
import type { Dialect } from '../../dialects/contract.js';
import type {
  EntityMap,
  MappedColumn,
  MappedRelation,
  MappedRelationId,
  RowLayout,
  Values,
} from '../mapping/entity-map.js';
import { declaring, isBelow } from '../mapping/family-fields.js';
import { columnAt, layoutOfColumns } from '../mapping/row-layout.js';
import { namedRelations } from './named-relations.js';
import { asOptions } from './option-errors.js';
import { makeReader, type ReadEntity } from './read-entity.js';
import { selectFamily } from './read-family.js';
import { compileRelationQuery, type RelationQuery } from './relation-query.js';
import { type Shown, selectOf, shownBy } from './shown-columns.js';
import { withoutInitials } from './without-initials.js';

/** What is read of an entity, compiled: its columns, and which relations follow. */
export interface Selection {
  readonly layout: RowLayout;
  /** The select list of a table that goes by an alias. */
  readonly list: (alias: string) => string;
  readonly bigints: boolean;
  readonly read: ReadEntity;
  readonly relations: readonly RelationSelection[];
  readonly relationIds: readonly MappedRelationId[];
  /** Read through several relations, where one row must become one entity. */
  isShared: boolean;
}

/** A relation that was asked for. */
export interface RelationSelection {
  readonly relation: MappedRelation;
  /** The class that has it, where that is one below the class that is read. */
  readonly owner: EntityMap | undefined;
  readonly selection: Selection;
  readonly query: RelationQuery;
  /** Of the values of a call those that its own conditions take. */
  readonly from: number;
  readonly to: number;
  /** Whether a list holds all members: one that was narrowed says nothing of those who are not in it. */
  readonly isWhole: boolean;
}

/** What of an entity is asked for. */
export interface SelectionOptions {
  readonly select?: unknown;
  readonly relations?: unknown;
  readonly withDeleted?: boolean;
}

/** The columns and relations that are asked for, checked and compiled. */
export function compileSelection(
  map: EntityMap,
  options: SelectionOptions,
  compiler: SelectionCompiler,
  extra: readonly MappedColumn[] = [],
): Selection {
  return compiler.compile(map, options, extra).selection;
}

interface Named {
  readonly selection: Selection;
  /** What tells two selections of an entity apart; undefined where only running them can tell. */
  readonly name: string | undefined;
}

/** Compiles the selections of one statement and of what follows it. */
export class SelectionCompiler {
  readonly #known = new Map<EntityMap, Map<string, Selection>>();
  /** How many of a call's values are spoken for. */
  #values: number;

  /** @param values how many of a call's values belong to the statement itself */
  constructor(values: number) {
    this.#values = values;
  }

  compile(map: EntityMap, options: SelectionOptions, extra: readonly MappedColumn[]): Named {
    const select = chosen(map, options.select);
    const shown = shownBy(map, select);
    const wanted = wantedRelations(map, options.relations, shown.relations).map((each) =>
      this.#relation(each, options.withDeleted === true),
    );
    const needed: Needed = { extra, relations: wanted.map(({ selection }) => selection) };
    const { layout, read, relationIds } = compileColumns(map, select, shown, needed);
    const names = wanted.map(({ name }) => name);
    const name = names.includes(undefined)
      ? undefined
      : JSON.stringify([
          layout.columns.map(({ sql }) => sql),
          [...shown.columns].map(({ index }) => index),
          relationIds.map(({ property }) => property),
          names,
          // What is shown of the classes below is not in `shown`.
          map.family === undefined ? undefined : select,
        ]);
    const known = name === undefined ? undefined : this.#known.get(map)?.get(name);
    if (known !== undefined) {
      known.isShared = true;
      return { selection: known, name };
    }
    const selection: Selection = {
      layout,
      list: (alias) => layout.columns.map((column) => readAt(column, alias, map.dialect)).join(', '),
      bigints: layout.columns.some((column) => column.needsBigints),
      read,
      relations: wanted.map(({ selection: relation }) => relation),
      relationIds,
      isShared: false,
    };
    if (name !== undefined) this.#keep(map, name, selection);
    return { selection, name };
  }

  #keep(map: EntityMap, name: string, selection: Selection): void {
    const known = this.#known.get(map) ?? new Map<string, Selection>();
    known.set(name, selection);
    this.#known.set(map, known);
  }

  #relation(
    { relation, owner, options }: WantedRelation,
    withDeleted: boolean,
  ): { readonly selection: RelationSelection; readonly name: string | undefined } {
    const from = this.#values;
    const deleted = (options.withDeleted as boolean | undefined) ?? (withDeleted || undefined);
    const query = compileRelationQuery(relation, { ...options, withDeleted: deleted });
    this.#values += query.valueCount;
    const to = this.#values;
    const { selection, name } = this.compile(
      relation.target,
      { select: options.select, relations: options.relations, withDeleted: deleted === true },
      relation.joinTable === undefined ? relation.remote : [],
    );
    query.complete(selection);
    const { where, take, skip, order } = options;
    const isWhole = where === undefined && take === undefined && skip === undefined;
    // Values differ from call to call, expressions cannot be compared: what has them is like nothing else.
    const isPlain = isWhole && name !== undefined && !holdsFunction(order);
    return {
      selection: { relation, owner, selection, query, from, to, isWhole },
      name: isPlain
        ? JSON.stringify([owner?.meta.name, relation.meta.property, name, deleted, order])
        : undefined,
    };
  }
}

function holdsFunction(order: unknown): boolean {
  if (typeof order !== 'object' || order === null) return typeof order === 'function';
  return Object.values(order).some(holdsFunction);
}

/** An object that names nothing chooses as if there were none. @throws OPTION_INVALID where nothing of it is true */
function chosen({ meta }: EntityMap, select: unknown): unknown {
  if (select === undefined) return undefined;
  const wanted = Object.values(asOptions('select', select));
  if (wanted.length === 0) return undefined;
  if (wanted.some((each) => each !== false && each !== undefined)) return select;
  // Nobody who writes `{ secret: false }` means everything, the secret included.
  const problem = `nothing of '${meta.name}' is true; name what is wanted, or leave it out for every column`;
  throw error('OPTION_INVALID', { option: 'select', problem });
}

interface ReadColumns {
  readonly layout: RowLayout;
  readonly read: ReadEntity;
  readonly relationIds: readonly MappedRelationId[];
}

/** An expression gets a name, by which a statement around this one knows it. */
function readAt(column: MappedColumn, alias: string, dialect: Dialect): string {
  const text = columnAt(column, alias);
  if (column.expression !== undefined) return `${text} AS ${column.sql}`;
  const inOtherForm = dialect.readAs?.(text, column.meta.type);
  return inOtherForm === undefined ? text : `${inOtherForm} AS ${column.sql}`;
}

/** What is read beside what is shown. */
interface Needed {
  readonly extra: readonly MappedColumn[];
  readonly relations: readonly RelationSelection[];
}

function compileColumns(
  map: EntityMap,
  select: unknown,
  { columns: shown, relationIds }: Shown,
  { extra, relations }: Needed,
): ReadColumns {
  if (map.family !== undefined) return compileFamily(map, map.family, select, { extra, relations });
  const needed = [...extra, ...[...relations, ...relationIds].flatMap(({ relation }) => relation.local)];
  const layout = layoutOfColumns(map, keptColumns(map, shown, select === undefined, needed));
  return { layout, read: withoutInitials(map, shown, makeReader(layout, shown)), relationIds };
}

/** What a statement on a class reads where rows may be of classes below it: of each all that is wanted of it. */
function compileFamily(
  first: EntityMap,
  family: readonly EntityMap[],
  select: unknown,
  { extra, relations }: Needed,
): ReadColumns {
  const shownOf = new Map(family.map((map) => [map, shownBy(map, selectOf(map, select))]));
  // What a class inherits is loaded with that of the class it comes from.
  const relationIds = [...shownOf].flatMap(([map, shown]) =>
    shown.relationIds.filter(({ property }) =>
      family.every((other) => !isBelow(map, other) || other.relationId(property) === undefined),
    ),
  );
  const members = [...shownOf].map(([map, { columns: shown }]) => {
    // A class has its parent's columns in the same places.
    const own = (columns: readonly MappedColumn[]): MappedColumn[] =>
      columns.map(({ index }) => map.columns[index] as MappedColumn);
    const has = (owner: EntityMap | undefined): boolean =>
      owner === undefined || owner === map || isBelow(map, owner);
    const keys = [
      ...relationIds.filter((each) => has(each.map)),
      ...relations.filter((each) => has(each.owner)),
    ].flatMap(({ relation }) => relation.local);
    return { map, shown, kept: keptColumns(map, shown, select === undefined, own([...extra, ...keys])) };
  });
  return { ...selectFamily(first, members), relationIds };
}

/** Keys, foreign keys and the version are always kept with the row: save() and relations need them. */
function keptColumns(
  map: EntityMap,
  shown: ReadonlySet<MappedColumn>,
  isWhole: boolean,
  needed: readonly MappedColumn[],
): readonly MappedColumn[] {
  const kept = map.columns.filter(
    (column) =>
      shown.has(column) ||
      column.meta.primary ||
      column === map.version ||
      (isWhole && column.relation !== undefined) ||
      needed.includes(column),
  );
  return map.virtuals.length === 0 ? kept : [...kept, ...map.virtuals.filter((column) => shown.has(column))];
}

interface WantedRelation {
  readonly relation: MappedRelation;
  readonly owner: EntityMap | undefined;
  readonly options: Values;
}

/** The relations that `relations` and `select` name, each with its options. @throws PROPERTY_UNKNOWN */
function wantedRelations(
  map: EntityMap,
  relations: unknown,
  selected: ReadonlyMap<string, unknown>,
): WantedRelation[] {
  const entries = relations === undefined ? {} : namedRelations(map, relations);
  const wanted: WantedRelation[] = [];
  const want = (name: string, options: Values): void => {
    const own = map.relation(name);
    if (own !== undefined) wanted.push({ relation: own, owner: undefined, options });
    for (const owner of own === undefined ? declaring(map, name) : []) {
      const relation = owner.relation(name);
      if (relation !== undefined) wanted.push({ relation, owner, options });
    }
  };
  for (const name in entries) {
    const value = entries[name];
    if (value === false || value === undefined) continue;
    const options: Values = value === true ? {} : (value as Values);
    const select = selected.get(name);
    if (select !== undefined && options.select !== undefined) throw selectedTwice(map, name);
    want(name, select === undefined || select === true ? options : { ...options, select });
  }
  for (const [name, select] of selected) {
    if (entries[name] === false) throw selectedTwice(map, name);
    if (entries[name] !== undefined) continue;
    want(name, select === true ? {} : { select });
  }
  return wanted;
}

function selectedTwice(map: EntityMap, property: string): Error {
  const problem = `'${map.meta.name}.${property}' is told in two ways, here and in relations`;
  return error('OPTION_INVALID', { option: 'select', problem });
}
