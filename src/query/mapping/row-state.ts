/**
 * The row as it was read, kept with the entity it became: what `save()` compares with to write only what
 * changed, without reading anything back.
 *
 * It lives in private fields put on the instance from outside. They are invisible to JSON, spreads, equality
 * of test runners and inspection, and were measured to cost a third of what a WeakMap does.
 */

import type { SqlValue } from '../../dialects/contract.js';
import type { RowLayout } from './entity-map.js';

/** A base class that gives back the object it was handed, so that a subclass's fields land on it. */
function anchor(object: object): object {
  return object;
}
const Anchor = anchor as unknown as new (object: object) => object;

class RowState extends Anchor {
  #row: SqlValue[] | undefined;
  #layout: RowLayout | undefined;
  #lists: Map<string, ReadonlySet<object>> | undefined;
  #hidden: Set<string> | undefined;

  static attach(entity: object, row: SqlValue[] | undefined, layout: RowLayout | undefined): void {
    const target = (#row in entity ? entity : new RowState(entity)) as RowState;
    target.#row = row;
    target.#layout = layout;
    if (row === undefined) {
      target.#lists = undefined;
      target.#hidden = undefined;
    }
  }

  static row(entity: object): SqlValue[] | undefined {
    return #row in entity ? entity.#row : undefined;
  }

  static layout(entity: object): RowLayout | undefined {
    return #row in entity ? entity.#layout : undefined;
  }

  static lists(entity: object, make: boolean): Map<string, ReadonlySet<object>> | undefined {
    if (!(#row in entity)) return undefined;
    if (make) entity.#lists ??= new Map();
    return entity.#lists;
  }

  static hide(entity: object, property: string): void {
    if (!(#row in entity)) return;
    entity.#hidden ??= new Set();
    entity.#hidden.add(property);
  }

  static hidden(entity: object): Set<string> | undefined {
    return #row in entity ? entity.#hidden : undefined;
  }

  static hides(entity: object, property: string): boolean {
    return #row in entity && entity.#hidden?.has(property) === true;
  }
}

/** Everything that is kept with an entity, to be given back to it when what came after is undone. */
export interface KeptState {
  readonly row: SqlValue[] | undefined;
  readonly layout: RowLayout | undefined;
  readonly lists: ReadonlyMap<string, ReadonlySet<object>> | undefined;
  readonly hidden: ReadonlySet<string> | undefined;
}

const NOTHING: KeptState = { row: undefined, layout: undefined, lists: undefined, hidden: undefined };

/** What is kept with an entity now. */
export function stateOf(entity: object): KeptState {
  const row = RowState.row(entity);
  if (row === undefined) return NOTHING;
  const lists = RowState.lists(entity, false);
  const hidden = RowState.hidden(entity);
  return {
    row,
    layout: RowState.layout(entity),
    lists: lists && new Map(lists),
    hidden: hidden && new Set(hidden),
  };
}

/** Gives an entity back what was kept with it. */
export function restoreState(entity: object, { row, layout, lists, hidden }: KeptState): void {
  forgetRow(entity);
  if (row === undefined) return;
  RowState.attach(entity, row, layout);
  for (const [property, members] of lists ?? []) RowState.lists(entity, true)?.set(property, members);
  for (const property of hidden ?? []) RowState.hide(entity, property);
}

/** Remembers what the database holds for an entity; the array is kept, not copied. */
export function rememberRow(entity: object, row: SqlValue[], layout: RowLayout): void {
  RowState.attach(entity, row, layout);
}

/** Makes an entity one that was never read: its row is gone. */
export function forgetRow(entity: object): void {
  if (RowState.row(entity) !== undefined) RowState.attach(entity, undefined, undefined);
}

/** The row that an entity was read from or last written to; undefined for one that the database does not know. */
export function rowOf(entity: object): SqlValue[] | undefined {
  return RowState.row(entity);
}

/** Which columns the row of an entity holds, by position. */
export function layoutOf(entity: object): RowLayout | undefined {
  return RowState.layout(entity);
}

/** Remembers who was in a to-many relation when it was loaded or saved. */
export function rememberMembers(entity: object, property: string, members: readonly object[]): void {
  RowState.lists(entity, true)?.set(property, new Set(members));
}

/** Who was in a to-many relation when it was loaded; undefined where it was not. */
export function membersOf(entity: object, property: string): ReadonlySet<object> | undefined {
  const known = RowState.lists(entity, false)?.get(property);
  return known instanceof Additions ? undefined : known;
}

/** Members of a list that was never loaded: there may be others. A class, so that no further field is needed. */
class Additions extends Set<object> {}

/** Remembers who was put into a to-many relation that was not loaded. */
export function rememberAdditions(entity: object, property: string, members: readonly object[]): void {
  RowState.lists(entity, true)?.set(property, new Additions(members));
}

/** Who was put into a to-many relation that was not loaded; undefined where that is nobody, or all are known. */
export function additionsOf(entity: object, property: string): ReadonlySet<object> | undefined {
  const known = RowState.lists(entity, false)?.get(property);
  return known instanceof Additions ? known : undefined;
}

/** Remembers that a relation reads as null although the row holds a key: what it leads to was not asked for. */
export function rememberHidden(entity: object, property: string): void {
  RowState.hide(entity, property);
}

/** Whether the null of a relation says nothing of the key that the row holds. */
export function isHidden(entity: object, property: string): boolean {
  return RowState.hides(entity, property);
}

/** A relation that holds another row now: null says that it has none. */
export function forgetHidden(entity: object, property: string): void {
  RowState.hidden(entity)?.delete(property);
}
