/**
 * `merge()`: what an entity of somewhere else says (another session, a request body) → the instance that a session
 * has for the same row, which is read where it is not known. Every row is read once, all of a class in one query,
 * and every list that is to be replaced as well.
 */

import type { SqlValue } from '../dialects/contract.js';
import { valueToWrite } from '../query/mapping/column-values.js';
import {
  type EntityMap,
  isOwningToOne,
  type MappedRelation,
  type Values,
  writePath,
} from '../query/mapping/entity-map.js';
import { readColumn } from '../query/mapping/read-column.js';
import { nested, relatedOf, setRelated } from '../query/mapping/related.js';
import { isHidden, membersOf, rowOf } from '../query/mapping/row-state.js';
import { keyOfRow, staleError } from '../query/write/delete.js';
import type { SessionContents } from './session-contents.js';

/** How the rows and lists come that the session does not have. */
export interface MergeReads {
  /** Rows by their keys. */
  rows(map: EntityMap, keys: readonly Values[]): Promise<void>;
  /** A relation of entities that the session has. */
  relation(map: EntityMap, entities: readonly Values[], relation: MappedRelation): Promise<void>;
}

/** Something that was handed over, and what becomes of it. */
interface Node {
  readonly map: EntityMap;
  readonly given: Values;
  /** Undefined where it says none. */
  readonly key: Values | undefined;
  /** Whether what it says is taken over, or only which row it means. */
  copies: boolean;
  /** Whether it may become a new row. */
  inserts: boolean;
  target: Values | undefined;
}

export class Merging {
  readonly #contents: SessionContents;
  readonly #reads: MergeReads;
  readonly #nodes = new Map<object, Node>();

  constructor(contents: SessionContents, reads: MergeReads) {
    this.#contents = contents;
    this.#reads = reads;
  }

  /** @throws OPTIMISTIC_LOCK where it is of another version than the row · PROPERTY_UNKNOWN */
  async merge(map: EntityMap, given: Values): Promise<Values> {
    this.#collect(map, given, true, true);
    await this.#readRows();
    for (const node of this.#nodes.values()) this.#findTarget(node);
    await this.#readLists();
    for (const node of this.#nodes.values()) if (isForeign(node)) this.#copy(node);
    return this.#nodes.get(given)?.target ?? given;
  }

  /** Goes along relations that are there and cascade; of others only the row is meant. */
  #collect(declared: EntityMap, given: Values, copies: boolean, inserts: boolean): void {
    const known = this.#nodes.get(given);
    if (known !== undefined && (known.copies || !copies)) {
      known.inserts ||= inserts;
      return;
    }
    const map = declared.mapOfInstance(given);
    refuseUnknown(map, given);
    const node: Node = { map, given, key: keyIn(map, given), copies, inserts, target: undefined };
    this.#nodes.set(given, node);
    // What the session has already is what it is.
    if (this.#contents.has(given)) node.target = given;
    else if (copies) this.#collectRelated(node);
  }

  #collectRelated({ map, given }: Node): void {
    for (const relation of map.relations()) {
      const { meta, target } = relation;
      const inserts = meta.cascade.includes('insert');
      const value = relatedOf(given, relation);
      for (const each of Array.isArray(value) ? value : [value]) {
        if (isObject(each)) this.#collect(target, each, inserts || meta.cascade.includes('update'), inserts);
      }
    }
  }

  async #readRows(): Promise<void> {
    const missing = new Map<EntityMap, Values[]>();
    for (const { map, key, target } of this.#nodes.values()) {
      if (key === undefined || target !== undefined) continue;
      const known = this.#contents.find(map, key);
      if (known !== undefined && this.#contents.isFresh(known)) continue;
      missing.set(map, [...(missing.get(map) ?? []), key]);
    }
    for (const [map, keys] of missing) await this.#reads.rows(map, keys);
  }

  #findTarget(node: Node): void {
    const { map, given, key } = node;
    if (node.target !== undefined) return;
    const known = key === undefined ? undefined : this.#contents.find(map, key)?.entity;
    if (known !== undefined) {
      if (node.copies) requireVersion(map, given, known);
      node.target = known;
      // What was to be removed is meant to be there.
      this.#contents.add({ map, entity: known });
      return;
    }
    // A row that is only pointed at may be there all the same: the database will say.
    if (!node.copies) {
      node.target = given;
      return;
    }
    node.target = map.instantiate();
    if (node.inserts) this.#contents.add({ map, entity: node.target });
  }

  /** Whoever replaces a list must know who is in it. */
  async #readLists(): Promise<void> {
    const missing = new Map<MappedRelation, { map: EntityMap; entities: Values[] }>();
    for (const node of this.#nodes.values()) {
      const { map, given, target } = node;
      if (!isForeign(node) || target === undefined || rowOf(target) === undefined) continue;
      for (const relation of map.relations()) {
        const { property } = relation.meta;
        const isReplaced = relatedOf(given, relation) !== undefined && !isOwningToOne(relation.meta);
        if (!isReplaced || isPartial(given, property) || membersOf(target, property) !== undefined) continue;
        const group = missing.get(relation) ?? { map, entities: [] };
        group.entities.push(target);
        missing.set(relation, group);
      }
    }
    for (const [relation, { map, entities }] of missing) await this.#reads.relation(map, entities, relation);
  }

  #copy({ map, given, target: entity }: Node): void {
    const target = entity as Values;
    const isNew = rowOf(target) === undefined;
    for (const column of map.columns) {
      const { role, path } = column.meta;
      if (role === 'relation' || path.length === 0 || role === 'version') continue;
      // Those dates are of a write, and not of who is written.
      if (!isNew && (role === 'updateDate' || role === 'createDate')) continue;
      const value = readColumn(column, given);
      if (value !== undefined) writePath(map, target, path, value);
    }
    for (const relation of map.relations()) {
      const { property } = relation.meta;
      const value = relatedOf(given, relation);
      if (value === undefined || (value === null && isHidden(given, property))) continue;
      const isList = relation.toMany && Array.isArray(value);
      setRelated(
        target,
        relation,
        isList ? this.#members(given, target, relation, value) : this.#targetOf(value),
      );
    }
  }

  #members(given: Values, target: Values, relation: MappedRelation, list: readonly unknown[]): unknown[] {
    const members = list.map((each) => this.#targetOf(each));
    const present = relatedOf(target, relation);
    if (!isPartial(given, relation.meta.property) || !Array.isArray(present)) return [...new Set(members)];
    return [...new Set([...present, ...members])];
  }

  #targetOf(value: unknown): unknown {
    return isObject(value) ? (this.#nodes.get(value)?.target ?? value) : value;
  }
}

/** Whether it is another object than the session's own. */
function isForeign({ copies, given, target }: Node): boolean {
  return copies && target !== given;
}

/** Whether a list of an entity with a row says only who has joined it. */
function isPartial(given: Values, property: string): boolean {
  return rowOf(given) !== undefined && membersOf(given, property) === undefined;
}

/** @throws OPTIMISTIC_LOCK */
function requireVersion(map: EntityMap, given: Values, known: Values): void {
  const { version } = map;
  const own = version === undefined ? undefined : readColumn(version, given);
  if (version === undefined || own === undefined || own === null) return;
  const stored = keyOfRow(map, known).version;
  const encoded: SqlValue = version.encode(own);
  if (stored !== undefined && String(stored) !== String(encoded)) throw staleError(map, known, encoded);
}

/** The key that something says, as an object of its parts; undefined where a part is missing. */
function keyIn(map: EntityMap, given: Values): Values | undefined {
  const parts = map.key.map((column) => [column.meta.path, keyPart(map, column, given)] as const);
  return parts.some(([, value]) => (value ?? null) === null) ? undefined : nested(parts);
}

function keyPart(map: EntityMap, column: EntityMap['key'][number], given: Values): unknown {
  try {
    return valueToWrite(map, column, given);
  } catch {
    // The key of another one that has none yet.
    return undefined;
  }
}

/** @throws PROPERTY_UNKNOWN for what plain data says and the class does not know */
function refuseUnknown(map: EntityMap, given: Values): void {
  if (Object.getPrototypeOf(given) !== Object.prototype) return;
  for (const property of Object.keys(given)) {
    if (given[property] !== undefined && !map.fields.has(property) && !map.knows(property))
      throw map.unknown(property, 'values');
  }
}

function isObject(value: unknown): value is Values {
  return typeof value === 'object' && value !== null;
}
