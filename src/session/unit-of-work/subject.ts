/**
 * `Subject`: one entity that a unit of work touches, with what is known of its row and what is to become of it.
 */

import { error } from '../../base/error-codes.js';
import type {
  EntityMap,
  Field,
  MappedColumn,
  MappedRelation,
  Values,
} from '../../query/mapping/entity-map.js';
import { readColumn } from '../../query/mapping/read-column.js';
import { relatedOf } from '../../query/mapping/related.js';
import { rowOf } from '../../query/mapping/row-state.js';
import { nulledColumns, tellingColumn } from '../../query/mapping/shared-keys.js';
import type { Given } from '../../query/write/given.js';
import type { RowUpdate } from '../../query/write/update-rows.js';

/**
 * What is known of the row: there is none (`new`), it was read (`known`), nobody has asked (`unknown`), or it is
 * there although it was never read (`there`).
 */
export type RowKnowledge = 'new' | 'known' | 'unknown' | 'there';

export type Action = 'save' | 'remove' | 'soft-remove' | 'recover';

export interface Subject {
  readonly map: EntityMap;
  readonly entity: Values;
  knowledge: RowKnowledge;
  action: Action;
  /** Whether the changes of its own properties are written, or only what is given from outside. */
  saves: boolean;
  /** Whether it may be inserted. */
  inserts: boolean;
  /** Whether it was handed over by the caller, not reached through a relation. */
  isRoot: boolean;
  /** Whether its relations were gone through. */
  visited: boolean;
  given: Map<MappedColumn, Given> | undefined;
  /** Written before the inserts: it makes room for a new row in a one-to-one. */
  early: boolean;
  /** The subject that is inserted in its place: another instance of the same new row. */
  twin: Subject | undefined;
}

/** An UPDATE of one row. */
export interface Update extends RowUpdate {
  readonly subject: Subject;
}

export function isEntity(value: unknown): value is Values {
  return typeof value === 'object' && value !== null;
}

/** What can be told of an entity's row without asking. */
export function knowledgeOf(map: EntityMap, entity: object): RowKnowledge {
  if (rowOf(entity) !== undefined) return 'known';
  return isKeyless(map, entity) ? 'new' : 'unknown';
}

/** Whether a part of its key is not there. */
export function isKeyless(map: EntityMap, entity: object): boolean {
  for (const column of map.key) if ((readColumn(column, entity) ?? null) === null) return true;
  return false;
}

/** @throws KEY_MISSING where no row can be told by it */
export function requireKey(map: EntityMap, entity: object, method: string): void {
  if (rowOf(entity) !== undefined) return;
  const missing = map.key.filter((column) => (readColumn(column, entity) ?? null) === null);
  if (missing.length === 0) return;
  throw error('KEY_MISSING', {
    entity: map.meta.name,
    method,
    columns: missing.map((column) => column.meta.property),
  });
}

/** Whether an entity says no more than which row it means: a key that the database or Limbeck has made. */
export function isReference(map: EntityMap, entity: Values): boolean {
  const isMade = map.key.some(({ meta }) => meta.generation !== undefined);
  if (!isMade) return false;
  return saysKeyAlone(map.fields, entity);
}

function saysKeyAlone(fields: ReadonlyMap<string, Field>, values: Values): boolean {
  for (const property of Object.keys(values)) {
    const [field, value] = [fields.get(property), values[property]];
    if (value === undefined || field === undefined) continue;
    const isSaid =
      field.kind === 'embedded' && isEntity(value)
        ? !saysKeyAlone(field.fields, value)
        : field.kind !== 'column' || !field.meta.primary;
    if (isSaid) return false;
  }
  return true;
}

/** The other side of a relation whose key this entity's columns hold, as it will be. */
export function ownerOf({ given, entity }: Subject, relation: MappedRelation): unknown {
  const told = given?.get(tellingColumn(relation.local));
  if (told === undefined) return relatedOf(entity, relation);
  return told.owner === undefined ? told.value : told.owner;
}

/** Whether the columns of a relation may hold NULL. */
export function mayBeNull({ local }: MappedRelation): boolean {
  return nulledColumns(local).length > 0;
}

/** Whether the database looks at a key at once, and not when the transaction ends, or never. */
export function isChecked({ map }: Subject, { local }: MappedRelation): boolean {
  const names = local.map(({ meta }: MappedColumn) => meta.name).join();
  const key = map.meta.table.foreignKeys.find(({ columns }) => columns.join() === names);
  return key !== undefined && key.deferrable !== 'deferred';
}
