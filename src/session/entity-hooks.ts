/**
 * `EntityHooks`: whom a write or a read of entities is told to. Listeners are methods of the entity, subscribers
 * are objects of the configuration, and rules of class-validator are asked before anything is written.
 *
 * The engine of `save()` and its kin calls this, and only where somebody listens: it then runs in a transaction
 * that the calling flow joins, so that what a hook writes, through whatever handle, belongs to that transaction.
 *
 * The order of a write, for all entities of a batch: listeners of the entity ("before"), subscribers ("before"),
 * changes computed again, validation, statements, listeners ("after"), subscribers ("after"). "Update" is told of
 * only where something changed.
 */

import type { MaybePromise, SqlValue } from '../dialects/contract.js';
import type { ColumnMetadata, EntityMetadata, ListenerEvent, ListenerMetadata } from '../metadata/entity.js';
import { makeReader } from '../query/find/read-entity.js';
import type { EntityMap, RowLayout, Values } from '../query/mapping/entity-map.js';
import { readColumn } from '../query/mapping/read-column.js';
import { nested } from '../query/mapping/related.js';
import { isPromise } from '../query/maybe-promise.js';
import type { Runner } from './transactions.js';

/** An entity that something happens to. */
export interface HookSubject {
  readonly map: EntityMap;
  readonly entity: object;
  /** Properties of columns and relations that are written; of updates alone. */
  readonly changedProperties?: readonly string[];
  /** The row that the entity was read from or last written to. */
  readonly before?: { readonly row: readonly SqlValue[]; readonly layout: RowLayout } | undefined;
  /** Runs statements in the transaction of the write: from it the event's manager is made. */
  readonly runner: Runner;
  /** What the caller gave for those who are told. */
  readonly data?: unknown;
}

/** An entity that is about to be written. */
export interface ValidationSubject {
  readonly map: EntityMap;
  readonly entity: object;
  /** Of an update only what is there is asked about: what was not loaded is not missing. */
  readonly mode: 'insert' | 'update';
}

export interface EntityHooks {
  /** Whether anybody listens to an event of this entity: asked once a batch. */
  listens(map: EntityMap, event: ListenerEvent): boolean;
  /** Calls listeners (methods of the entity, parents' first), then subscribers in their order. Async ones are awaited in turn. */
  emit(event: ListenerEvent, subject: HookSubject): MaybePromise<void>;
  /** Whether anything stands in the way of writing an entity with its statements alone: listeners or rules. */
  concerns(map: EntityMap): boolean;
  /** Whether anybody listens to any entity's being read. */
  readonly hearsLoads: boolean;
  validates(map: EntityMap): boolean;
  /** @throws VALIDATION_FAILED with every failed rule of every entity */
  validate(entities: readonly ValidationSubject[]): MaybePromise<void>;
}

/** Nobody listens: what a handle has that was made without a configuration. */
export const NO_HOOKS: EntityHooks = {
  listens: () => false,
  emit: () => {},
  concerns: () => false,
  hearsLoads: false,
  validates: () => false,
  validate: () => {},
};

type Hook = (...args: readonly object[]) => unknown;

/** A subscriber as it is found: any object with methods that have the names of events. */
export interface LooseSubscriber {
  listenTo?(): unknown;
}

/** The rules of a class, asked before its entities are written. */
export interface EntityRules {
  applyTo(map: EntityMap): boolean;
  check(entities: readonly ValidationSubject[]): MaybePromise<void>;
}

export interface HookParts {
  readonly entities: readonly EntityMetadata[];
  readonly subscribers: readonly LooseSubscriber[];
  readonly rules?: EntityRules | undefined;
  /** The manager that events carry. */
  managerOf(runner: Runner): object;
}

/** What is called for one event of one entity. */
interface Callees {
  readonly listeners: readonly ListenerMetadata[];
  readonly subscribers: readonly Hook[];
}

const WRITES: readonly ListenerEvent[] = [
  'beforeInsert',
  'afterInsert',
  'beforeUpdate',
  'afterUpdate',
  'beforeRemove',
  'afterRemove',
  'beforeSoftRemove',
  'afterSoftRemove',
  'beforeRecover',
  'afterRecover',
];

/** The hooks of one data source. */
export class ListeningHooks implements EntityHooks {
  readonly #parts: HookParts;
  readonly #callees = new WeakMap<EntityMap, Map<ListenerEvent, Callees>>();
  readonly #concerned = new WeakMap<EntityMap, boolean>();
  readonly #managers = new WeakMap<Runner, object>();

  readonly hearsLoads: boolean;

  constructor(parts: HookParts) {
    this.#parts = parts;
    this.hearsLoads =
      parts.subscribers.some((subscriber) => 'afterLoad' in subscriber) ||
      parts.entities.some(({ listeners }) => listeners.some(({ event }) => event === 'afterLoad'));
  }

  listens(map: EntityMap, event: ListenerEvent): boolean {
    const { listeners, subscribers } = this.#calleesOf(map, event);
    return listeners.length > 0 || subscribers.length > 0;
  }

  concerns(map: EntityMap): boolean {
    let concerned = this.#concerned.get(map);
    if (concerned === undefined) {
      concerned = this.validates(map) || WRITES.some((event) => this.listens(map, event));
      this.#concerned.set(map, concerned);
    }
    return concerned;
  }

  emit(event: ListenerEvent, subject: HookSubject): MaybePromise<void> {
    const { listeners, subscribers } = this.#calleesOf(subject.map, event);
    const { entity } = subject;
    const calls = listeners.map((listener) => () => callListener(listener, entity as Values));
    if (subscribers.length === 0) return inTurn(calls);
    const told = event === 'afterLoad' ? this.#loadEventOf(subject) : this.#writeEventOf(subject);
    const args = event === 'afterLoad' ? [entity, told] : [told];
    return inTurn([...calls, ...subscribers.map((subscriber) => () => subscriber(...args))]);
  }

  validates(map: EntityMap): boolean {
    return this.#parts.rules?.applyTo(map) === true;
  }

  validate(entities: readonly ValidationSubject[]): MaybePromise<void> {
    return this.#parts.rules?.check(entities.filter(({ map }) => this.validates(map)));
  }

  #calleesOf(map: EntityMap, event: ListenerEvent): Callees {
    let ofMap = this.#callees.get(map);
    if (ofMap === undefined) {
      ofMap = new Map();
      this.#callees.set(map, ofMap);
    }
    let callees = ofMap.get(event);
    if (callees === undefined) {
      callees = {
        listeners: map.meta.listeners.filter((listener) => listener.event === event),
        subscribers: this.#parts.subscribers.flatMap((subscriber) => hooksOf(subscriber, map, event)),
      };
      ofMap.set(event, callees);
    }
    return callees;
  }

  #managerOf(runner: Runner): object {
    let manager = this.#managers.get(runner);
    if (manager === undefined) {
      manager = this.#parts.managerOf(runner);
      this.#managers.set(runner, manager);
    }
    return manager;
  }

  #loadEventOf({ map, entity, runner }: HookSubject): object {
    return { manager: this.#managerOf(runner), metadata: map.meta, entity };
  }

  #writeEventOf(subject: HookSubject): object {
    const { map, entity, changedProperties = [] } = subject;
    const columns = map.meta.columns.filter((column) => isColumnOf(column, changedProperties));
    const relations = map.meta.relations.filter(({ property }) => changedProperties.includes(property));
    const event = {
      ...this.#loadEventOf(subject),
      data: subject.data,
      entityId: idOf(map, entity),
      updatedColumns: columns,
      updatedRelations: relations,
    };
    // Most subscribers never look at it, so it is made when one does.
    let before: object | undefined;
    return Object.defineProperty(event, 'databaseEntity', {
      enumerable: true,
      get: () => {
        before ??= entityBefore(subject);
        return before;
      },
    });
  }
}

/** Calls one after the other; a promise is made only where one of them gives one. */
function inTurn(calls: readonly (() => unknown)[], from = 0): MaybePromise<void> {
  for (let i = from; i < calls.length; i++) {
    const result = calls[i]?.();
    if (isPromise(result)) return result.then(() => inTurn(calls, i + 1));
  }
}

/** A listener of an embedded object is called on that object, where there is one. */
function callListener({ method, path = [] }: ListenerMetadata, entity: Values): unknown {
  let owner: Values | null | undefined = entity;
  for (const name of path) owner = owner?.[name] as Values | null | undefined;
  const listener = owner?.[method];
  return typeof listener === 'function' ? listener.call(owner) : undefined;
}

function hooksOf(subscriber: LooseSubscriber, map: EntityMap, event: ListenerEvent): Hook[] {
  const hook = (subscriber as Record<string, unknown>)[event];
  if (typeof hook !== 'function' || !listensTo(subscriber, map)) return [];
  return [hook.bind(subscriber) as Hook];
}

/** No class means every entity; a class means the classes below it as well. */
function listensTo(subscriber: LooseSubscriber, { meta }: EntityMap): boolean {
  const wanted = subscriber.listenTo?.();
  if (wanted === undefined || wanted === Object || wanted === meta.target) return true;
  return typeof wanted === 'function' && Object.prototype.isPrototypeOf.call(wanted, meta.target);
}

function isColumnOf({ property, path, role }: ColumnMetadata, changed: readonly string[]): boolean {
  return role !== 'relation' && (changed.includes(property) || changed.includes(path[0] as string));
}

/** The key: its value where it is one column, an object of its parts otherwise. */
export function idOf(map: EntityMap, entity: object): unknown {
  const [column, second] = map.key;
  if (column === undefined) return undefined;
  if (second === undefined) return readColumn(column, entity);
  return nested(map.key.map((each) => [each.meta.path, readColumn(each, entity)]));
}

function entityBefore({ map, before }: HookSubject): object | undefined {
  if (before === undefined) return undefined;
  return makeReader(before.layout, new Set(map.columns))([...before.row]);
}
