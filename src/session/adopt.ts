/**
 * Entities that were just read → the instances that a session has for their rows: new ones become its own, known
 * ones take over what was read without losing what was changed in them.
 */

import {
  type EntityMap,
  isOwningToOne,
  type MappedRelation,
  type Values,
} from '../query/mapping/entity-map.js';
import { relatedOf, setRelated } from '../query/mapping/related.js';
import {
  forgetHidden,
  isHidden,
  membersOf,
  rememberHidden,
  rememberMembers,
  rowOf,
} from '../query/mapping/row-state.js';
import { type IdentityMap, nameOfRow } from './identity-map.js';
import { type FindRelated, leadsToRow, takeRow } from './refresh-entity.js';

export class Adoption {
  readonly #identities: IdentityMap;
  readonly #expiry: number;
  readonly #findRelated: FindRelated;
  readonly #done = new Map<object, Values>();
  /** Instances that hold what was read: new ones, and old ones that were expired. Related ones come first. */
  readonly loaded: (readonly [Values, EntityMap])[] = [];
  /** Instances that stand for their rows from now on. */
  readonly came: Values[] = [];

  /** @param expiry the count of expiries up to now: what was good only before the last one is old */
  constructor(identities: IdentityMap, expiry: number, findRelated: FindRelated) {
    this.#identities = identities;
    this.#expiry = expiry;
    this.#findRelated = findRelated;
  }

  /** The instance that stands for the row of an entity that was read. */
  adopt(declared: EntityMap, fresh: Values): Values {
    const done = this.#done.get(fresh);
    if (done !== undefined) return done;
    if (rowOf(fresh) === undefined) {
      this.#done.set(fresh, fresh);
      this.loaded.push([fresh, declared]);
      return fresh;
    }
    const map = declared.mapOfInstance(fresh);
    const known = this.#identities.find(map, nameOfRow(map, fresh));
    const entity = known?.entity ?? fresh;
    this.#done.set(fresh, entity);
    if (known === undefined) {
      this.#identities.add(map, fresh, this.#expiry);
      this.came.push(fresh);
    }
    const isExpired = known !== undefined && known.goodUntil < this.#expiry;
    const apply: (() => void)[] = [];
    for (const relation of map.relations()) {
      const read = relatedOf(fresh, relation);
      if (read === undefined) continue;
      const adopted = this.#adoptRelated(relation, read);
      // Asked while the row is the one from which it was changed.
      const isKept = entity !== fresh && isChanged(relation, entity);
      if (!isKept) apply.push(() => putRelation(relation, entity, fresh, adopted));
    }
    if (known !== undefined && entity !== fresh) {
      takeRow(map, entity, fresh, isExpired, this.#findRelated);
      known.goodUntil = this.#expiry;
    }
    for (const put of apply) put();
    if (known === undefined || isExpired) this.loaded.push([entity, map]);
    return entity;
  }

  /** The same for what was loaded into an entity that is here already; what somebody has put there instead stays. */
  adoptInto(relation: MappedRelation, entity: Values, kept: unknown): void {
    const read = relatedOf(entity, relation);
    if (read === undefined) return;
    putRelation(relation, entity, entity, this.#adoptRelated(relation, read));
    if (kept !== undefined) setRelated(entity, relation, kept);
  }

  #adoptRelated({ target }: MappedRelation, read: unknown): unknown {
    if (Array.isArray(read)) return read.map((each) => this.adopt(target, each as Values));
    return read === null ? null : this.adopt(target, read as Values);
  }
}

function putRelation(relation: MappedRelation, entity: Values, fresh: Values, value: unknown): void {
  const { property } = relation.meta;
  setRelated(entity, relation, value);
  if (membersOf(fresh, property) !== undefined) rememberMembers(entity, property, asMembers(value));
  if (isHidden(fresh, property)) rememberHidden(entity, property);
  else forgetHidden(entity, property);
}

function asMembers(value: unknown): readonly object[] {
  if (Array.isArray(value)) return value;
  return typeof value === 'object' && value !== null ? [value] : [];
}

/** Whether somebody has put something else into a relation since it was loaded. */
export function isChanged(relation: MappedRelation, entity: Values): boolean {
  const { property } = relation.meta;
  const value = relatedOf(entity, relation);
  if (value === undefined) return false;
  if (isOwningToOne(relation.meta)) return !isHidden(entity, property) && !leadsToRow(relation, entity);
  const before = membersOf(entity, property);
  const members = asMembers(value);
  return before === undefined || members.length !== before.size || members.some((each) => !before.has(each));
}
