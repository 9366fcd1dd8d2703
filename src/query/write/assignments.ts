/** Values of an `update()` by criteria → the SET clause: `title = ?, pages = pages + 1, version = version + 1`. */

import { isSqlFragment, type SqlFragment } from '../../ast/sql.js';
import { error } from '../../base/error-codes.js';
import { isComputed, moment, valueToWrite } from '../mapping/column-values.js';
import type { EntityMap, Field, MappedColumn, Values } from '../mapping/entity-map.js';
import { relatedOf, valueAt } from '../mapping/related.js';
import type { StatementWriter } from '../statement.js';

/**
 * The assignments of some values; columns that may not be updated are left out, as `save()` leaves them out.
 *
 * @throws PROPERTY_UNKNOWN · OPTION_INVALID · UPDATE_EMPTY · VALUE_INVALID · RELATED_NOT_SAVED
 */
export function writeValues(map: EntityMap, values: Values, writer: StatementWriter): string[] {
  checkValues(map, values);
  refuseComputed(map, values);
  const { set, written } = writeColumns(map, values, writer);
  refuseTreeMove(map, written);
  if (set.length === 0) throw error('UPDATE_EMPTY', { entity: map.meta.name });
  return [...set, ...writeStamps(map, writer, written)];
}

/** The same for one of the tables that the rows stand in, whose keys are the first one's business. */
export function writePartValues(
  part: EntityMap,
  place: number,
  values: Values,
  writer: StatementWriter,
): string[] {
  const { set, written } = writeColumns(part, values, writer, place === 0 ? [] : part.key);
  return [...set, ...writeStamps(part, writer, written)];
}

function writeColumns(
  map: EntityMap,
  values: Values,
  writer: StatementWriter,
  without: readonly MappedColumn[] = [],
): { readonly set: string[]; readonly written: ReadonlySet<MappedColumn> } {
  const set: string[] = [];
  const written = new Set<MappedColumn>();
  for (const column of map.columns) {
    const text = without.includes(column) ? undefined : writeValue(map, column, values, writer);
    if (text === undefined) continue;
    set.push(`${column.sql} = ${text}`);
    written.add(column);
  }
  return { set, written };
}

function writeValue(
  map: EntityMap,
  column: MappedColumn,
  values: Values,
  writer: StatementWriter,
): string | undefined {
  if (!column.meta.update || column.meta.role === 'discriminator' || isComputed(column)) return undefined;
  const fragment = fragmentAt(column, values);
  if (fragment !== undefined) return writer.fragment(fragment);
  const value = valueToWrite(map, column, values);
  return value === undefined ? undefined : writer.constant(column.encode(value));
}

/** SQL that a program wrote in the place of a value; a request's body cannot carry its brand. */
function fragmentAt({ meta, relation }: MappedColumn, values: Values): SqlFragment | undefined {
  let value = meta.path.length === 0 ? values : valueAt(values, meta.path);
  if (value === undefined && relation !== undefined) value = relatedOf(values, relation.map);
  return isSqlFragment(value) ? value : undefined;
}

/** The columns that change whenever anything else does, unless their values were given. */
export function writeStamps(
  { updateDate, version }: EntityMap,
  writer: StatementWriter,
  written: ReadonlySet<MappedColumn>,
): string[] {
  const set: string[] = [];
  if (updateDate !== undefined && !written.has(updateDate)) {
    set.push(`${updateDate.sql} = ${writer.constant(updateDate.encode(moment(updateDate, new Date())))}`);
  }
  if (version !== undefined && !written.has(version)) set.push(`${version.sql} = ${version.sql} + 1`);
  return set;
}

/**
 * Refuses plain data that names what the entity has not, at any depth, and lists that only `save()` can write.
 * An instance may hold more than its columns: what is its own business is not written.
 *
 * @throws PROPERTY_UNKNOWN with the nearest name · OPTION_INVALID
 */
export function checkValues(map: EntityMap, values: Values): void {
  if (!map.isInstance(values)) checkFields(map, map.fields, values, []);
}

function checkFields(
  map: EntityMap,
  fields: ReadonlyMap<string, Field>,
  values: Values,
  outer: readonly string[],
): void {
  for (const property of Object.keys(values)) {
    const field = fields.get(property);
    if (field === undefined) {
      const path = [...outer, property].join('.');
      if (map.knows(path)) continue;
      throw map.unknown(path, 'values', outer.length === 0 ? fields.keys() : []);
    }
    if (field.kind === 'column') continue;
    const value = values[property];
    if (value === undefined || isSqlFragment(value)) continue;
    if (field.kind === 'relation') {
      if (field.toMany) throw toManyGiven(map, field.meta.property);
    } else if (typeof value === 'object' && value !== null) {
      checkFields(map, field.fields, value as Values, [...outer, property]);
    }
  }
}

/** A row in another place of a tree takes its closure or path along, which one UPDATE cannot. */
function refuseTreeMove(map: EntityMap, written: ReadonlySet<MappedColumn>): void {
  const { tree } = map.meta;
  if (tree === undefined || tree.kind === 'adjacency') return;
  if (map.relation(tree.parent)?.local.some((column) => written.has(column)) !== true) return;
  const problem = `'${map.meta.name}.${tree.parent}' moves what is below it as well; save() does`;
  throw error('OPTION_INVALID', { option: 'values', problem });
}

/** To set what is computed on read would do nothing, which nobody can mean. */
function refuseComputed(map: EntityMap, values: Values): void {
  if (map.isInstance(values)) return;
  const computed = computedIn(map.fields, values, []);
  if (computed === undefined) return;
  const problem = `'${map.meta.name}.${computed}' is computed when it is read; leave it out`;
  throw error('OPTION_INVALID', { option: 'values', problem });
}

/** The first property with a value that only reading fills. */
function computedIn(
  fields: ReadonlyMap<string, Field>,
  values: Values,
  outer: readonly string[],
): string | undefined {
  for (const property of Object.keys(values)) {
    const [field, value] = [fields.get(property), values[property]];
    if (value === undefined) continue;
    const path = [...outer, property];
    const isRead = field === undefined || (field.kind === 'column' && field.meta.role === 'virtual');
    if (isRead) return path.join('.');
    if (field.kind !== 'embedded' || typeof value !== 'object' || value === null || isSqlFragment(value))
      continue;
    const inside = computedIn(field.fields, value as Values, path);
    if (inside !== undefined) return inside;
  }
  return undefined;
}

function toManyGiven(map: EntityMap, property: string): Error {
  const problem = `'${map.meta.name}.${property}' has many members; save() writes them`;
  return error('OPTION_INVALID', { option: 'values', problem });
}
