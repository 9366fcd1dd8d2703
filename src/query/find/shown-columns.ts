/** `select` options → the columns that become properties, and what is selected of relations. */

import { error } from '../../base/error-codes.js';
import type {
  EntityMap,
  Field,
  MappedColumn,
  MappedRelation,
  MappedRelationId,
  Values,
} from '../mapping/entity-map.js';
import { declaring, relationsNamed } from '../mapping/family-fields.js';
import { valueAt } from '../mapping/related.js';
import { asOptions } from './option-errors.js';

/** What a `select` names. */
export interface Shown {
  readonly columns: ReadonlySet<MappedColumn>;
  /** By property of the relation: `true`, or what is selected inside it. */
  readonly relations: ReadonlyMap<string, unknown>;
  readonly relationIds: readonly MappedRelationId[];
}

const NO_RELATIONS: ReadonlyMap<string, unknown> = new Map();

/**
 * Without a `select` all columns but those with `select: false`.
 *
 * @throws PROPERTY_UNKNOWN · OPTION_INVALID
 */
export function shownBy(map: EntityMap, select: unknown): Shown {
  if (select === undefined) {
    return {
      columns: new Set([...map.columns.filter((column) => column.meta.select), ...map.virtuals]),
      relations: NO_RELATIONS,
      relationIds: relationIdsOf(map, () => true),
    };
  }
  const all = asOptions('select', select);
  const entries = ownEntries(map, all);
  const shown = {
    columns: new Set<MappedColumn>(),
    relations: new Map<string, unknown>(),
    relationIds: relationIdsOf(
      map,
      (path) => valueAt(entries, path) === true || isWhollyNamed(entries, path),
    ),
  };
  collect(map, map.fields, [], entries, shown);
  if (entries !== all) addBelow(map, all, shown);
  return shown;
}

/** What a `select` names of the class itself; the rest is for classes below it. @throws PROPERTY_UNKNOWN */
function ownEntries(map: EntityMap, entries: Values): Values {
  if (map.family === undefined || Object.keys(entries).every((name) => map.knows(name))) return entries;
  return Object.fromEntries(
    Object.entries(entries).filter(([name]) => {
      if (map.knows(name)) return true;
      if (declaring(map, name).length === 0) throw map.unknown(name, 'select');
      return false;
    }),
  );
}

/** The part of a `select` that a class of the family has something to do with. */
export function selectOf(map: EntityMap, select: unknown): unknown {
  if (select === undefined) return undefined;
  const entries = Object.entries(asOptions('select', select));
  return Object.fromEntries(entries.filter(([name]) => map.knows(name) || declaring(map, name).length > 0));
}

/** What `@RelationId` shows and rows do not. */
function relationIdsOf(map: EntityMap, isWanted: (path: readonly string[]) => boolean): MappedRelationId[] {
  return map.meta.relationIds.flatMap(({ path, property }) => {
    const wanted = isWanted(path) ? map.relationId(property) : undefined;
    return wanted === undefined ? [] : [wanted];
  });
}

/** Relations that only classes below have are loaded by the class that is asked. */
function addBelow(map: EntityMap, entries: Values, shown: Collected): void {
  for (const [name, wanted] of Object.entries(entries)) {
    if (map.knows(name) || wanted === false || wanted === undefined) continue;
    const [relation] = relationsNamed(map, name);
    if (relation !== undefined) addRelation(relation, wanted, shown);
    else if (wanted !== true) addInside(map, name, asOptions('select', wanted), shown);
  }
}

/** The same inside embedded objects, whose columns each class adds by itself. */
function addInside(map: EntityMap, name: string, entries: Values, { relations }: Collected): void {
  for (const member of declaring(map, name)) {
    const field = member.fields.get(name);
    if (field?.kind !== 'embedded') continue;
    collect(member, field.fields, [name], entries, { columns: new Set(), relations });
  }
}

/** Whether an embedded object around a property is selected as a whole. */
function isWhollyNamed(entries: Values, path: readonly string[]): boolean {
  return path.some((_, i) => i > 0 && valueAt(entries, path.slice(0, i)) === true);
}

interface Collected {
  readonly columns: Set<MappedColumn>;
  readonly relations: Map<string, unknown>;
}

function collect(
  map: EntityMap,
  fields: ReadonlyMap<string, Field>,
  outer: readonly string[],
  entries: Values,
  shown: Collected,
): void {
  for (const name in entries) {
    const field = fields.get(name);
    if (field === undefined && map.relationId([...outer, name].join('.')) !== undefined) continue;
    if (field === undefined) throw map.unknown(name, 'select', fields.keys());
    const wanted = entries[name];
    if (wanted === false || wanted === undefined) continue;
    if (field.kind === 'relation') addRelation(field, wanted, shown);
    else if (field.kind === 'embedded') {
      if (wanted === true) addAll(field.fields, shown.columns);
      else collect(map, field.fields, [...outer, name], asOptions('select', wanted), shown);
    } else if (wanted === true) shown.columns.add(field);
    else throw invalid(map, name);
  }
}

function addRelation({ meta }: MappedRelation, wanted: unknown, shown: Collected): void {
  if (wanted !== true) asOptions('select', wanted);
  shown.relations.set(meta.property, wanted);
}

function invalid(map: EntityMap, property: string): Error {
  const problem = `'${map.meta.name}.${property}' is one column, which takes 'true'`;
  return error('OPTION_INVALID', { option: 'select', problem });
}

function addAll(fields: ReadonlyMap<string, Field>, shown: Set<MappedColumn>): void {
  for (const field of fields.values()) {
    if (field.kind === 'column') shown.add(field);
    else if (field.kind === 'embedded') addAll(field.fields, shown);
  }
}
