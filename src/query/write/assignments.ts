/** Values of an `update()` by criteria → the SET clause: `title = ?, pages = pages + 1, version = version + 1`. */

import { isSqlFragment, type SqlFragment } from '../../ast/sql.js';
import { error } from '../../base/error-codes.js';
import { isComputed, moment, valueToWrite } from '../mapping/column-values.js';
import type { EntityMap, Field, MappedColumn, Values } from '../mapping/entity-map.js';
import { relatedOf, valueAt } from '../mapping/related.js';
import type { ShapeWalk } from '../shape-cache.js';
import type { StatementWriter } from '../statement.js';

/** What one column of an UPDATE becomes. */
export type Setting =
  | { readonly column: MappedColumn; readonly kind: 'value' | '+' | '-'; readonly value: unknown }
  | { readonly column: MappedColumn; readonly kind: 'counted' | 'null' }
  | { readonly column: MappedColumn; readonly kind: 'sql'; readonly fragment: SqlFragment };

/**
 * The settings of some values; columns that may not be updated are left out, as `save()` leaves them out.
 *
 * @throws PROPERTY_UNKNOWN · OPTION_INVALID · UPDATE_EMPTY · RELATED_NOT_SAVED
 */
export function settingsOf(map: EntityMap, values: Values): Setting[] {
  checkValues(map, values);
  refuseComputed(map, values);
  const settings = columnSettings(map, values);
  refuseTreeMove(map, settings);
  if (settings.length === 0) throw error('UPDATE_EMPTY', { entity: map.meta.name });
  return withStamps(map, settings);
}

/** The same for one of the tables that the rows stand in, whose keys are the first one's business. */
export function partSettings(part: EntityMap, place: number, values: Values): Setting[] {
  const settings = columnSettings(part, values);
  return withStamps(
    part,
    place === 0 ? settings : settings.filter(({ column }) => !part.key.includes(column)),
  );
}

function columnSettings(map: EntityMap, values: Values): Setting[] {
  const settings: Setting[] = [];
  for (const column of map.columns) {
    if (!column.meta.update || column.meta.role === 'discriminator' || isComputed(column)) continue;
    const fragment = fragmentAt(column, values);
    if (fragment !== undefined) {
      settings.push({ column, kind: 'sql', fragment });
      continue;
    }
    const value = valueToWrite(map, column, values);
    if (value !== undefined) settings.push({ column, kind: 'value', value });
  }
  return settings;
}

/** SQL that a program wrote in the place of a value; a request's body cannot carry its brand. */
function fragmentAt({ meta, relation }: MappedColumn, values: Values): SqlFragment | undefined {
  let value = meta.path.length === 0 ? values : valueAt(values, meta.path);
  if (value === undefined && relation !== undefined) value = relatedOf(values, relation.map);
  return isSqlFragment(value) ? value : undefined;
}

/** With the columns that change whenever anything else does, unless their values were given. */
export function withStamps({ updateDate, version }: EntityMap, settings: readonly Setting[]): Setting[] {
  const all = [...settings];
  const isOpen = (stamp: MappedColumn): boolean => !settings.some(({ column }) => column === stamp);
  if (updateDate !== undefined && isOpen(updateDate)) {
    all.push({ column: updateDate, kind: 'value', value: moment(updateDate, new Date()) });
  }
  if (version !== undefined && isOpen(version)) all.push({ column: version, kind: 'counted' });
  return all;
}

/** Tells the shape of settings and collects their values, in the order in which `writeSettings` binds them. */
export function labelSettings(settings: readonly Setting[], shape: ShapeWalk): void {
  for (const setting of settings) {
    shape.label(setting.column.index);
    shape.label(setting.kind);
    if (setting.kind === 'sql') shape.cacheable = false;
    else if ('value' in setting) shape.value(setting.value);
  }
}

/** The SET clause; a value that does not fit its column is refused when it is bound. */
export function writeSettings(settings: readonly Setting[], writer: StatementWriter): string {
  return settings.map((setting) => `${setting.column.sql} = ${newValue(setting, writer)}`).join(', ');
}

function newValue(setting: Setting, writer: StatementWriter): string {
  const { column } = setting;
  switch (setting.kind) {
    case 'value':
      return writer.value(column.encode);
    case 'sql':
      return writer.fragment(setting.fragment);
    case 'counted':
      return `${column.sql} + 1`;
    case 'null':
      return 'NULL';
    default: {
      const value = writer.value(column.encode);
      return writer.dialect.writeForms.sum(column.sql, setting.kind, value, column.meta.type);
    }
  }
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
function refuseTreeMove(map: EntityMap, settings: readonly Setting[]): void {
  const { tree } = map.meta;
  if (tree === undefined || tree.kind === 'adjacency') return;
  const parent = map.relation(tree.parent)?.local ?? [];
  if (!settings.some(({ column }) => parent.includes(column))) return;
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
