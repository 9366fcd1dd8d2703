/** `select` and `relations` options → what is read of an entity, compiled, and which relations follow. */

import { error } from '../../base/error-codes.js';
import {
  type EntityMap,
  type Field,
  layoutOfColumns,
  type MappedColumn,
  type MappedRelation,
  type RowLayout,
  type Values,
} from '../mapping/entity-map.js';
import { asOptions, unknownOption } from './option-errors.js';
import { makeReader, type ReadEntity } from './read-entity.js';
import { selectFamily } from './read-family.js';

/** What is read of an entity, compiled: its columns, and which relations follow. */
export interface Selection {
  readonly layout: RowLayout;
  /** The select list of a table that goes by an alias. */
  readonly list: (alias: string) => string;
  readonly bigints: boolean;
  readonly read: ReadEntity;
  readonly relations: readonly RelationSelection[];
}

/** A relation that was asked for. */
export interface RelationSelection {
  readonly relation: MappedRelation;
  readonly selection: Selection;
  readonly where: unknown;
  readonly order: unknown;
  readonly withDeleted: boolean;
}

/** The columns and relations that are asked for, checked and compiled. */
export function compileSelection(
  map: EntityMap,
  select: unknown,
  relations: unknown,
  extra: readonly MappedColumn[] = [],
): Selection {
  const wanted = relations === undefined ? [] : compileRelations(map, asOptions('relations', relations));
  if (map.family !== undefined) return compileFamily(map, map.family, select, wanted, extra);
  const shown = shownColumns(map, select);
  const columns = keptColumns(map, shown, select === undefined, wanted, extra);
  const layout = layoutOfColumns(map, columns);
  return selectionOf(layout, makeReader(layout, shown), wanted);
}

/** What a statement on a class reads where rows may be of classes below it: of each all that is wanted of it. */
function compileFamily(
  first: EntityMap,
  family: readonly EntityMap[],
  select: unknown,
  wanted: readonly RelationSelection[],
  extra: readonly MappedColumn[],
): Selection {
  const chosen = select === undefined ? undefined : shownColumns(first, select);
  const members = family.map((map) => {
    // A class has its parent's columns in the same places.
    const own = (columns: Iterable<MappedColumn>): MappedColumn[] =>
      [...columns].map(({ index }) => map.columns[index] as MappedColumn);
    const shown = chosen === undefined ? shownColumns(map, undefined) : new Set(own(chosen));
    const needed = own([...extra, ...wanted.flatMap(({ relation }) => relation.local)]);
    return { map, shown, kept: keptColumns(map, shown, select === undefined, [], needed) };
  });
  const { layout, read } = selectFamily(first, members);
  return selectionOf(layout, read, wanted);
}

function selectionOf(
  layout: RowLayout,
  read: ReadEntity,
  relations: readonly RelationSelection[],
): Selection {
  return {
    layout,
    list: (alias) => layout.columns.map((column) => `${alias}.${column.sql}`).join(', '),
    bigints: layout.columns.some((column) => column.needsBigints),
    read,
    relations,
  };
}

function keptColumns(
  map: EntityMap,
  shown: ReadonlySet<MappedColumn>,
  isWhole: boolean,
  wanted: readonly RelationSelection[],
  extra: readonly MappedColumn[],
): readonly MappedColumn[] {
  // Keys, foreign keys and the version are always kept with the row: save() and relations need them.
  const kept = (column: MappedColumn): boolean =>
    shown.has(column) ||
    column.meta.primary ||
    column === map.version ||
    (isWhole && column.relation !== undefined) ||
    extra.includes(column) ||
    wanted.some(({ relation }) => relation.local.includes(column));
  return map.columns.filter(kept);
}

function shownColumns(map: EntityMap, select: unknown): ReadonlySet<MappedColumn> {
  if (select === undefined) return new Set(map.columns.filter((column) => column.meta.select));
  const shown = new Set<MappedColumn>();
  const collect = (fields: ReadonlyMap<string, Field>, entries: Values): void => {
    for (const name in entries) {
      const field = fields.get(name);
      const wanted = entries[name];
      if (field === undefined) throw map.unknown(name, 'select', columnNames(fields));
      if (field.kind === 'relation') {
        throw error('OPTION_INVALID', {
          option: 'select',
          problem: `'${name}' is a relation; name it in relations`,
        });
      }
      if (wanted === false || wanted === undefined) continue;
      if (field.kind === 'column') shown.add(field);
      else if (wanted === true) addAll(field.fields, shown);
      else collect(field.fields, asOptions('select', wanted));
    }
  };
  collect(map.fields, asOptions('select', select));
  return shown;
}

function addAll(fields: ReadonlyMap<string, Field>, shown: Set<MappedColumn>): void {
  for (const field of fields.values()) {
    if (field.kind === 'column') shown.add(field);
    else if (field.kind === 'embedded') addAll(field.fields, shown);
  }
}

function columnNames(fields: ReadonlyMap<string, Field>): string[] {
  return [...fields].filter(([, field]) => field.kind !== 'relation').map(([name]) => name);
}

const TO_ONE_OPTIONS = ['relations'];
const TO_MANY_OPTIONS = ['relations', 'where', 'order', 'withDeleted'];

function compileRelations(map: EntityMap, entries: Values): RelationSelection[] {
  const names = map.meta.relations.map(({ property }) => property);
  return Object.entries(entries).flatMap(([name, wanted]) => {
    const relation = map.relation(name);
    if (relation === undefined) throw map.unknown(name, 'relations', names);
    if (wanted === false || wanted === undefined) return [];
    const options: Values = wanted === true ? {} : asOptions(`relations.${name}`, wanted);
    const known = relation.toMany ? TO_MANY_OPTIONS : TO_ONE_OPTIONS;
    for (const option in options) {
      if (!known.includes(option)) throw unknownOption(option, `relations.${name}`, known);
    }
    const { relations, where, order, withDeleted } = options;
    const selection = compileSelection(relation.target, undefined, relations, relation.remote);
    return [{ relation, selection, where, order, withDeleted: withDeleted === true }];
  });
}
