/**
 * `Memory`: what entities held before a unit of work wrote to them, given back when its transaction is rolled
 * back. A generated key is taken back too: the database may give it to another row, which the next save would
 * overwrite.
 */

import type { EntityMap, MappedColumn, Values } from '../../query/mapping/entity-map.js';
import { forgetRow, type KeptState, restoreState, rowOf, stateOf } from '../../query/mapping/row-state.js';
import type { Journal } from '../scope.js';

interface KeptProperty {
  readonly holder: Values;
  readonly name: string;
  readonly isOwn: boolean;
  readonly value: unknown;
}

export class Memory {
  readonly #states: (readonly [entity: object, state: KeptState])[] = [];
  /** Entities with which nothing was kept: the commonest, by the thousand. */
  readonly #bare: object[] = [];
  readonly #properties: KeptProperty[] = [];

  constructor(journal: Journal) {
    journal.remember(() => this.#restore());
  }

  /** What is kept with an entity that is about to be written. */
  keep(entity: object): void {
    this.#states.push([entity, stateOf(entity)]);
  }

  /** An entity that is about to be inserted, with the properties that this will fill. */
  keepNew({ columns }: EntityMap, entity: object): void {
    if (rowOf(entity) === undefined) this.#bare.push(entity);
    else this.keep(entity);
    for (let i = 0; i < columns.length; i++) {
      const { role, path } = (columns[i] as MappedColumn).meta;
      if (role !== 'relation') this.#keepIfUnset(entity, path);
    }
  }

  keepPath(entity: object, path: readonly string[]): void {
    let holder = entity as Values;
    for (let i = 0; i < path.length - 1; i++) {
      const inner = holder[path[i] as string];
      if (typeof inner !== 'object' || inner === null) return this.keepProperty(holder, path[i] as string);
      holder = inner as Values;
    }
    this.keepProperty(holder, path[path.length - 1] as string);
  }

  keepProperty(holder: Values, name: string): void {
    this.#properties.push({ holder, name, isOwn: Object.hasOwn(holder, name), value: holder[name] });
  }

  #keepIfUnset(entity: object, path: readonly string[]): void {
    if (path.length === 1) {
      const name = path[0] as string;
      const own = (entity as Values)[name];
      if (own === undefined || own === null) this.keepProperty(entity as Values, name);
      return;
    }
    let value: unknown = entity;
    for (const name of path) {
      value = (value as Values)[name];
      if (value === undefined || value === null) return this.keepPath(entity, path);
    }
  }

  /** The last one first: what an entity held first is what it holds in the end. */
  #restore(): void {
    for (let i = this.#properties.length - 1; i >= 0; i--) {
      const { holder, name, isOwn, value } = this.#properties[i] as KeptProperty;
      if (isOwn) holder[name] = value;
      else delete holder[name];
    }
    for (let i = this.#states.length - 1; i >= 0; i--) {
      const [entity, state] = this.#states[i] as readonly [object, KeptState];
      restoreState(entity, state);
    }
    for (const entity of this.#bare) forgetRow(entity);
    this.#properties.length = 0;
    this.#states.length = 0;
    this.#bare.length = 0;
  }
}
