/**
 * `IdentityMap`: one instance for each row, by class and key. Classes of one table share their keys, so a row is
 * found whatever class of its family it is asked for by.
 *
 * It holds instances strongly: what a session has read lives as long as the session does, or until it is detached.
 */

import { keyName } from '../query/find/row-keys.js';
import type { EntityMap, Values } from '../query/mapping/entity-map.js';
import { keyOf } from '../query/write/update.js';

/** An instance that stands for a row. */
export interface Managed {
  readonly map: EntityMap;
  readonly entity: Values;
  readonly name: unknown;
  /** Up to which expiry what it holds is good. */
  goodUntil: number;
}

export class IdentityMap {
  readonly #byKey = new Map<EntityMap, Map<unknown, Managed>>();
  readonly #byEntity = new Map<object, Managed>();

  /** In the order in which they came. */
  all(): Iterable<Managed> {
    return this.#byEntity.values();
  }

  get isEmpty(): boolean {
    return this.#byEntity.size === 0;
  }

  of(entity: object): Managed | undefined {
    return this.#byEntity.get(entity);
  }

  /** The instance of a row. @param name as `nameOfKey` says it */
  find(map: EntityMap, name: unknown): Managed | undefined {
    const found = this.#byKey.get(map.root)?.get(name);
    // A row of the family that is of another class than was asked for is not there.
    return found !== undefined && map.isInstance(found.entity) ? found : undefined;
  }

  /** @returns the instance that has the key already, where there is another one */
  add(map: EntityMap, entity: Values, goodUntil: number): Managed | undefined {
    const rows = this.#rowsOf(map.root);
    const name = nameOfRow(map, entity);
    const other = rows.get(name);
    if (other !== undefined && other.entity !== entity) return other;
    const managed: Managed = { map, entity, name, goodUntil };
    rows.set(name, managed);
    this.#byEntity.set(entity, managed);
    return undefined;
  }

  delete(entity: object): void {
    const managed = this.#byEntity.get(entity);
    if (managed === undefined) return;
    this.#byEntity.delete(entity);
    this.#rowsOf(managed.map.root).delete(managed.name);
  }

  /** Puts back what was taken out, over what has come in its place. */
  restore(managed: Managed): void {
    const rows = this.#rowsOf(managed.map.root);
    const other = rows.get(managed.name);
    if (other !== undefined) this.#byEntity.delete(other.entity);
    rows.set(managed.name, managed);
    this.#byEntity.set(managed.entity, managed);
  }

  clear(): void {
    this.#byEntity.clear();
    this.#byKey.clear();
  }

  #rowsOf(root: EntityMap): Map<unknown, Managed> {
    let rows = this.#byKey.get(root);
    if (rows === undefined) {
      rows = new Map();
      this.#byKey.set(root, rows);
    }
    return rows;
  }
}

/** The name of an entity's key: of its row, where that was read. */
export function nameOfRow(map: EntityMap, entity: object): unknown {
  return keyName(keyOf(map, entity).map((value, i) => map.key[i]?.encode(map.key[i]?.decode(value)) ?? null));
}

/** The name of a key that was given: a value, or an object of its parts. @returns undefined where a part is missing */
export function nameOfKey(map: EntityMap, key: Values): unknown {
  const parts = map.key.map((column) => {
    const value = column.meta.path.reduce<unknown>((each, name) => (each as Values | undefined)?.[name], key);
    return value === undefined || value === null ? null : column.encodeOperand(value);
  });
  return parts.includes(null) ? undefined : keyName(parts);
}
