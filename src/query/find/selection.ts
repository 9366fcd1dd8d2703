/** `select` and `relations` options → what is read of an entity, compiled, and which relations follow. */

import { error } from '../../base/error-codes.js';
import type {
  EntityMap,
  MappedColumn,
  MappedRelation,
  MappedRelationId,
  RowLayout,
  Values,
} from '../mapping/entity-map.js';
import { columnAt, layoutOfColumns } from '../mapping/row-layout.js';
import { asOptions } from './option-errors.js';
import { makeReader, type ReadEntity } from './read-entity.js';
import { selectFamily } from './read-family.js';
import { compileRelationQuery, type RelationQuery } from './relation-query.js';
import { type Shown, shownBy } from './shown-columns.js';
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
    const { select } = options;
    const shown = shownBy(map, select);
    const wanted = wantedRelations(map, options.relations, shown.relations).map(([relation, inner]) =>
      this.#relation(relation, inner, options.withDeleted === true),
    );
    const needed = [...extra, ...wanted.flatMap(({ selection }) => selection.relation.local)];
    const { layout, read, relationIds } = compileColumns(map, select, shown, needed);
    const names = wanted.map(({ name }) => name);
    const name = names.includes(undefined)
      ? undefined
      : JSON.stringify([
          layout.columns.map(({ sql }) => sql),
          [...shown.columns].map(({ index }) => index),
          relationIds.map(({ property }) => property),
          names,
        ]);
    const known = name === undefined ? undefined : this.#known.get(map)?.get(name);
    if (known !== undefined) {
      known.isShared = true;
      return { selection: known, name };
    }
    const selection: Selection = {
      layout,
      list: (alias) => layout.columns.map((column) => readAt(column, alias)).join(', '),
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
    relation: MappedRelation,
    options: Values,
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
      selection: { relation, selection, query, from, to, isWhole },
      name: isPlain ? JSON.stringify([relation.meta.property, name, deleted, order]) : undefined,
    };
  }
}

function holdsFunction(order: unknown): boolean {
  if (typeof order !== 'object' || order === null) return typeof order === 'function';
  return Object.values(order).some(holdsFunction);
}

interface ReadColumns {
  readonly layout: RowLayout;
  readonly read: ReadEntity;
  readonly relationIds: readonly MappedRelationId[];
}

/** An expression gets a name, by which a statement around this one knows it. */
function readAt(column: MappedColumn, alias: string): string {
  const text = columnAt(column, alias);
  return column.expression === undefined ? text : `${text} AS ${column.sql}`;
}

function compileColumns(
  map: EntityMap,
  select: unknown,
  { columns: shown, relationIds }: Shown,
  extra: readonly MappedColumn[],
): ReadColumns {
  if (map.family !== undefined) return compileFamily(map, map.family, select, shown, extra);
  const needed = [...extra, ...relationIds.flatMap(({ relation }) => relation.local)];
  const layout = layoutOfColumns(map, keptColumns(map, shown, select === undefined, needed));
  return { layout, read: withoutInitials(map, shown, makeReader(layout, shown)), relationIds };
}

/** What a statement on a class reads where rows may be of classes below it: of each all that is wanted of it. */
function compileFamily(
  first: EntityMap,
  family: readonly EntityMap[],
  select: unknown,
  chosen: ReadonlySet<MappedColumn>,
  needed: readonly MappedColumn[],
): ReadColumns {
  // What a class inherits is loaded with that of the class it comes from.
  const relationIds = family.flatMap((map) =>
    shownBy(map, map === first ? select : undefined).relationIds.filter(
      ({ property }) =>
        (select === undefined || map === first) &&
        family.every((other) => !isBelow(map, other) || other.relationId(property) === undefined),
    ),
  );
  const members = family.map((map) => {
    // A class has its parent's columns in the same places.
    const own = (columns: Iterable<MappedColumn>): MappedColumn[] =>
      [...columns].map(({ index, meta }) =>
        index >= 0
          ? (map.columns[index] as MappedColumn)
          : (map.virtuals.find((each) => each.meta.property === meta.property) as MappedColumn),
      );
    const ids = relationIds.flatMap((each) =>
      each.map === map || isBelow(map, each.map) ? each.relation.local : [],
    );
    const shown = select === undefined ? shownBy(map, undefined).columns : new Set(own(chosen));
    return { map, shown, kept: keptColumns(map, shown, select === undefined, own([...needed, ...ids])) };
  });
  return { ...selectFamily(first, members), relationIds };
}

function isBelow(map: EntityMap, other: EntityMap): boolean {
  return map.meta.target.prototype instanceof other.meta.target;
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

/** The relations that `relations` and `select` name, each with its options. @throws PROPERTY_UNKNOWN */
function wantedRelations(
  map: EntityMap,
  relations: unknown,
  selected: ReadonlyMap<string, unknown>,
): [MappedRelation, Values][] {
  const entries = relations === undefined ? {} : asOptions('relations', relations);
  const wanted: [MappedRelation, Values][] = [];
  for (const name in entries) {
    const value = entries[name];
    if (value === false || value === undefined) continue;
    const options: Values = value === true ? {} : (value as Values);
    const select = selected.get(name);
    if (select !== undefined && options.select !== undefined) throw selectedTwice(map, name);
    const relation = map.relation(name) as MappedRelation;
    wanted.push([relation, select === undefined || select === true ? options : { ...options, select }]);
  }
  for (const [name, select] of selected) {
    if (entries[name] === false) throw selectedTwice(map, name);
    if (entries[name] !== undefined) continue;
    wanted.push([map.relation(name) as MappedRelation, select === true ? {} : { select }]);
  }
  return wanted;
}

function selectedTwice(map: EntityMap, property: string): Error {
  const problem = `'${map.meta.name}.${property}' is told in two ways, here and in relations`;
  return error('OPTION_INVALID', { option: 'select', problem });
}
