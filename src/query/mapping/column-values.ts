/**
 * What an entity says about a column when it is written: its own value, the key of a related entity, or one
 * that Limbeck makes (keys, dates, versions).
 */

import { isDeepStrictEqual } from 'node:util';
import { crypto } from '../../base/crypto.js';
import { error } from '../../base/error-codes.js';
import type { SqlValue } from '../../dialects/contract.js';
import { isPromise } from '../maybe-promise.js';
import type { EntityMap, KeyLink, MappedColumn, MappedRelation, RowLayout } from './entity-map.js';
import { readColumn } from './read-column.js';
import { relatedOf } from './related.js';
import { isHidden, layoutOf, rowOf } from './row-state.js';
import { staysOnNull } from './shared-keys.js';

/** Whether the database computes a column, so that nobody may write it. */
export function isComputed(column: MappedColumn): boolean {
  return column.meta.generation === 'expression';
}

/**
 * The value that an entity gives a column; undefined where it says nothing of it.
 *
 * A column may be told twice, by its own property and by the relation whose key it holds (`authorId` and
 * `author`). Then the one that differs from the row as read is the one that was changed.
 *
 * @throws RELATED_NOT_SAVED when a related entity has no key yet
 */
export function valueToWrite(
  map: EntityMap,
  column: MappedColumn,
  entity: object,
  stored?: SqlValue,
): unknown {
  const { relation } = column;
  if (relation === undefined) return readColumn(column, entity);
  const related = relatedKeys(map, column, entity, stored);
  if (column.meta.role === 'relation' || related === undefined)
    return related ?? ownValue(column, entity, related);
  const own = readColumn(column, entity);
  if (own === undefined) return related;
  const ownIsStored = stored !== undefined && sameValue(column, stored, column.encode(own));
  return stored === undefined || ownIsStored ? related : own;
}

function ownValue(column: MappedColumn, entity: object, related: unknown): unknown {
  return column.meta.role === 'relation' ? related : readColumn(column, entity);
}

/** What the relations of a column say of it; of several the one that says something else than the row. */
function relatedKeys(map: EntityMap, column: MappedColumn, entity: object, stored?: SqlValue): unknown {
  const first = relatedKey(map, column, column.relation as KeyLink, entity);
  if (column.others === undefined) return first;
  const said = [first, ...column.others.map((link) => relatedKey(map, column, link, entity))];
  const keys = said.filter((key) => key !== undefined);
  const changed = keys.find((key) => stored !== undefined && !sameValue(column, stored, column.encode(key)));
  return changed ?? keys[0];
}

/** The key of the entity that a relation of a column holds; null where it was set to null. */
function relatedKey(
  map: EntityMap,
  column: MappedColumn,
  { map: relation, referenced }: KeyLink,
  entity: object,
): unknown {
  const related = relatedOf(entity, relation);
  if (related === undefined) return undefined;
  if (related === null) {
    const saysNothing = isHidden(entity, relation.meta.property) || staysOnNull(column, relation);
    return saysNothing ? undefined : null;
  }
  if (typeof related !== 'object') return related;
  const key = readColumn(referenced(), related) ?? hiddenKey(referenced(), related);
  if (key !== undefined && key !== null) return key;
  if (isPromise(related)) throw notAwaited(map, relation);
  throw relatedNotSaved(map, relation);
}

function notAwaited({ meta }: EntityMap, relation: MappedRelation): Error {
  const owner = `${meta.name}.${relation.meta.property}`;
  const problem = `expected an entity of '${relation.target.meta.name}', got a Promise; await it, relations are not lazy`;
  return error('VALUE_INVALID', { owner, problem });
}

/** The key of an entity of which it was not selected: its row has it all the same. */
function hiddenKey(column: MappedColumn, entity: object): unknown {
  const [row, layout] = [rowOf(entity), layoutOf(entity)];
  const stored = row === undefined || layout === undefined ? undefined : storedValue(row, layout, column);
  return stored === undefined ? undefined : column.decode(stored);
}

export function relatedNotSaved(map: EntityMap, relation: MappedRelation): Error {
  return error('RELATED_NOT_SAVED', {
    entity: map.meta.name,
    property: relation.meta.property,
    target: relation.target.meta.name,
  });
}

/** The value that Limbeck gives a column of a new row; undefined where the database is to give one. */
export function generatedValue(map: EntityMap, column: MappedColumn, now: Date): unknown {
  const { role, generation } = column.meta;
  if (generation === 'uuid') return crypto().randomUUID();
  if (role === 'createDate' || role === 'updateDate') return moment(column, now);
  if (role === 'discriminator') return map.discriminator?.value;
  if (role === 'version')
    return column.meta.as === 'string' ? '1' : column.meta.type.kind === 'bigint' ? 1n : 1;
  return undefined;
}

/** Now, in the JavaScript type of a column. */
export function moment({ meta }: MappedColumn, now: Date): unknown {
  const { type, as } = meta;
  switch (type.kind) {
    case 'date':
      return now.toISOString().slice(0, 10);
    case 'time':
      return now.toISOString().slice(11, 19);
    case 'timestamp':
    case 'timestamptz':
      return as === 'string' || (type.precision ?? 3) > 3 ? now.toISOString() : now;
    case 'bigint':
      return as === 'number'
        ? now.getTime()
        : as === 'string'
          ? String(now.getTime())
          : BigInt(now.getTime());
    case 'double':
      return now.getTime();
    default:
      return now;
  }
}

/** Whether a value is what the row holds already. */
export function sameValue(column: MappedColumn, stored: SqlValue, encoded: SqlValue): boolean {
  if (sameSql(stored, encoded)) return true;
  if (stored === null || encoded === null || typeof stored === 'number') return false;
  // Other tools write JSON with blanks, or dates in another form: text that means the same is no change.
  try {
    const again = column.encode(column.decode(stored));
    if (sameSql(again, encoded)) return true;
    // Some databases keep the members of an object in an order of their own.
    if (column.meta.type.kind !== 'json' || typeof again !== 'string' || typeof encoded !== 'string')
      return false;
    return isDeepStrictEqual(JSON.parse(again), JSON.parse(encoded));
  } catch {
    return false;
  }
}

function sameSql(a: SqlValue, b: SqlValue): boolean {
  if (a === b) return true;
  if (typeof a === 'bigint' && typeof b === 'number') return Number.isInteger(b) && a === BigInt(b);
  if (typeof a === 'number' && typeof b === 'bigint') return Number.isInteger(a) && BigInt(a) === b;
  return a instanceof Uint8Array && b instanceof Uint8Array && Buffer.compare(a, b) === 0;
}

/** What a row holds for a column; undefined where the row does not say. */
export function storedValue(
  row: readonly SqlValue[],
  layout: RowLayout,
  column: MappedColumn,
): SqlValue | undefined {
  const place = layout.positions[column.index] as number;
  return place < 0 ? undefined : row[place];
}

/** The key of an entity for messages: `id 3`. */
export function describeKey(map: EntityMap, entity: object): string {
  return map.key.map((column) => `${column.meta.property} ${String(readColumn(column, entity))}`).join(', ');
}
