/**
 * What statements on a class may name beside its own properties: those that classes below it add. Rows of other
 * classes have no such property, which is to a condition or an order as if it were NULL.
 */

import { error } from '../../base/error-codes.js';
import { deepEqual } from '../../base/structure.js';
import type { EntityMap, Field, MappedColumn, MappedRelation } from './entity-map.js';
import { columnAt } from './row-layout.js';

const fieldsBelow = new WeakMap<EntityMap, Map<string, Field | undefined>>();

/** A property of the class, or of those below it. @throws PROPERTY_AMBIGUOUS */
export function fieldNamed(map: EntityMap, property: string): Field | undefined {
  return map.fields.get(property) ?? (map.family === undefined ? undefined : fieldBelow(map, property));
}

/**
 * The relations that a property stands for: the class's own, or one of each class below it that declares it, where
 * each is that class's.
 */
export function relationsNamed(map: EntityMap, property: string): readonly MappedRelation[] {
  const own = map.relation(property);
  if (own !== undefined) return [own];
  return declaring(map, property).flatMap((member) => member.relation(property) ?? []);
}

/** Those of the classes below that have a property which none above them has. */
export function declaring(map: EntityMap, property: string): readonly EntityMap[] {
  const having = (map.family ?? []).slice(1).filter((member) => member.knows(property));
  return having.filter((member) => !having.some((other) => isBelow(member, other)));
}

/** Whether one class extends another. */
export function isBelow(map: EntityMap, other: EntityMap): boolean {
  return map.meta.target.prototype instanceof other.meta.target;
}

function fieldBelow(map: EntityMap, property: string): Field | undefined {
  let known = fieldsBelow.get(map);
  if (known === undefined) {
    known = new Map();
    fieldsBelow.set(map, known);
  }
  if (known.has(property)) return known.get(property);
  const members = declaring(map, property);
  const found = members.flatMap((member) => {
    const field = member.fields.get(property);
    return field === undefined ? [] : [seenFrom(map, member, field)];
  });
  const merged = found.length === 0 ? undefined : mergeFields(found);
  if (found.length > 0 && merged === undefined) {
    const classes = members.map(({ meta }) => meta.name);
    throw error('PROPERTY_AMBIGUOUS', { entity: map.meta.name, property, classes });
  }
  // Names that nobody has come from requests, and would be kept for ever.
  if (merged !== undefined) known.set(property, merged);
  return merged;
}

/** A property of a class below as statements on this one see it. */
function seenFrom(map: EntityMap, member: EntityMap, field: Field): Field {
  switch (field.kind) {
    case 'column':
      return columnSeenFrom(map, member, field);
    case 'relation': {
      const local = field.local.map((column) => columnSeenFrom(map, member, column));
      const { meta, map: holder, owner, toMany, target, remote, joinTable } = field;
      return {
        kind: 'relation',
        meta,
        map: holder,
        owner,
        toMany,
        target,
        local,
        remote,
        ...(joinTable === undefined ? {} : { joinTable }),
      };
    }
    case 'embedded': {
      const inside = [...field.fields].map(
        ([name, inner]) => [name, seenFrom(map, member, inner) as typeof inner] as const,
      );
      return { kind: 'embedded', fields: new Map(inside) };
    }
    default:
      return field satisfies never;
  }
}

function columnSeenFrom(map: EntityMap, member: EntityMap, column: MappedColumn): MappedColumn {
  if (column.expression !== undefined || column.meta.primary) return column;
  // Rows of other classes have none.
  const meta = column.meta.nullable ? column.meta : { ...column.meta, nullable: true };
  return { ...column, meta, sql: map.columnBelow(member, column).sql };
}

/** What several classes declare under one name as one thing; undefined where they are too different. */
function mergeFields(fields: readonly Field[]): Field | undefined {
  const [first, ...others] = fields as [Field, ...Field[]];
  if (others.length === 0) return first;
  if (first.kind === 'column') return mergeColumns(fields);
  if (first.kind === 'embedded') return undefined;
  const isSame = others.every(
    (other) =>
      other.kind === 'relation' &&
      other.target === first.target &&
      other.meta.kind === first.meta.kind &&
      other.meta.owning === first.meta.owning &&
      other.joinTable?.sql === first.joinTable?.sql &&
      sameColumns(other.local, first.local) &&
      sameColumns(other.remote, first.remote),
  );
  return isSame ? first : undefined;
}

function sameColumns(a: readonly MappedColumn[], b: readonly MappedColumn[]): boolean {
  return a.length === b.length && a.every(({ sql }, i) => sql === b[i]?.sql);
}

/** A row has a value in one of the columns at most. */
function mergeColumns(fields: readonly Field[]): MappedColumn | undefined {
  const columns = fields.filter((field): field is MappedColumn => field.kind === 'column');
  const [first] = columns as [MappedColumn];
  const { type, transformers, as } = first.meta;
  const isAlike = ({ meta }: MappedColumn): boolean =>
    deepEqual(meta.type, type) &&
    meta.as === as &&
    meta.transformers.length === transformers.length &&
    meta.transformers.every((each, i) => each === transformers[i]);
  if (columns.length < fields.length || !columns.every(isAlike)) return undefined;
  const distinct = columns.filter((column, i) => columns.findIndex(({ sql }) => sql === column.sql) === i);
  if (distinct.length === 1) return first;
  return {
    ...first,
    index: -1,
    expression: (alias) => `COALESCE(${distinct.map((column) => columnAt(column, alias)).join(', ')})`,
  };
}
