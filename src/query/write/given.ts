/**
 * Values that columns are given from outside an entity, over what the entity says itself: the key of an owner in
 * whose list it stands, the time at which it is soft-removed, NULL where it has left.
 */

import type { EntityMap, MappedColumn, Values } from '../mapping/entity-map.js';
import { readColumn } from '../mapping/read-column.js';

/** The same for another map of the family: columns are known by their names there. */
export function givenOn(map: EntityMap, given: GivenValues | undefined): GivenValues | undefined {
  if (given === undefined) return undefined;
  const own = [...given].flatMap(([{ meta }, value]) => {
    const column = map.columns.find((each) => each.meta.name === meta.name);
    return column === undefined ? [] : [[column, value] as const];
  });
  return new Map(own);
}

/** A value as it is, or the key of an owner, which may have none until it is inserted. */
export type Given =
  | { readonly value: unknown; readonly owner?: undefined }
  | { readonly owner: Values; readonly column: MappedColumn };

export type GivenValues = ReadonlyMap<MappedColumn, Given>;

/** The value that a column is given; undefined where that is the entity's own business. */
export function givenValue(given: GivenValues | undefined, column: MappedColumn): unknown {
  const told = given?.get(column);
  if (told === undefined) return undefined;
  return told.owner === undefined ? told.value : readColumn(told.column, told.owner);
}
