/** Options of one `save`, `remove`, `softRemove` or `recover`: what its subscribers are told, and whether anybody is. */

import { error } from '../base/error-codes.js';
import { nearestName } from '../base/text.js';
import type { ListenerEvent } from '../metadata/entity.js';
import type { EntityMap } from '../query/mapping/entity-map.js';
import type { EntityHooks, HookSubject } from './entity-hooks.js';

/** How entities are saved or removed. */
export interface SaveOptions {
  /** For subscribers: what they find as `event.data`. */
  readonly data?: unknown;
  /** `false`: neither listeners nor subscribers are told; rules of class-validator hold all the same. */
  readonly listeners?: boolean;
  /** How many entities one round of statements writes, in one transaction with the others; all of them unless told. */
  readonly chunk?: number;
}

const OPTIONS = ['data', 'listeners', 'chunk'] satisfies (keyof SaveOptions)[];

/** What TypeORM has besides, and why there is nothing to choose. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  transaction: 'what one call writes is written whole or not at all, and joins a transaction around it',
  reload: 'only what the database makes is read back, with the statement that writes it where it can be',
};

/** @throws OPTION_UNKNOWN · OPTION_INVALID */
export function checkSaveOptions(options: unknown, method: string): SaveOptions | undefined {
  if (options === undefined) return undefined;
  if (typeof options !== 'object' || options === null) {
    throw error('OPTION_INVALID', {
      option: method,
      problem: 'expected options such as { listeners: false }',
    });
  }
  for (const option of Object.keys(options)) {
    if ((OPTIONS as readonly string[]).includes(option)) continue;
    const value = (options as Record<string, unknown>)[option];
    const why = ELSEWHERE[option];
    // What is done anyhow may be said.
    if (why !== undefined && value !== false) continue;
    if (why !== undefined) throw error('OPTION_INVALID', { option: `${method}.${option}`, problem: why });
    throw error('OPTION_UNKNOWN', { option, place: method, nearest: nearestName(option, OPTIONS) });
  }
  const { listeners, chunk } = options as SaveOptions;
  if (listeners !== undefined && typeof listeners !== 'boolean') {
    throw error('OPTION_INVALID', { option: `${method}.listeners`, problem: 'true or false' });
  }
  if (chunk !== undefined && !(Number.isSafeInteger(chunk) && chunk > 0)) {
    throw error('OPTION_INVALID', { option: `${method}.chunk`, problem: 'expected a whole number from 1' });
  }
  return options as SaveOptions;
}

/** Whom a call tells, and of what. */
export function hooksWith(hooks: EntityHooks, options: SaveOptions | undefined): EntityHooks {
  if (options?.listeners === false) return new Rules(hooks);
  return options?.data === undefined ? hooks : new Telling(hooks, options.data);
}

/** Rules alone. */
class Rules implements EntityHooks {
  protected readonly hooks: EntityHooks;

  constructor(hooks: EntityHooks) {
    this.hooks = hooks;
  }

  get hearsLoads(): boolean {
    return this.hooks.hearsLoads;
  }

  listens(_map: EntityMap, _event: ListenerEvent): boolean {
    return false;
  }

  emit(_event: ListenerEvent, _subject: HookSubject): ReturnType<EntityHooks['emit']> {}

  concerns(map: EntityMap): boolean {
    return this.hooks.validates(map);
  }

  validates(map: EntityMap): boolean {
    return this.hooks.validates(map);
  }

  validate(entities: Parameters<EntityHooks['validate']>[0]): ReturnType<EntityHooks['validate']> {
    return this.hooks.validate(entities);
  }
}

/** Everybody, with the data of the call. */
class Telling extends Rules {
  readonly #data: unknown;

  constructor(hooks: EntityHooks, data: unknown) {
    super(hooks);
    this.#data = data;
  }

  override listens(map: EntityMap, event: ListenerEvent): boolean {
    return this.hooks.listens(map, event);
  }

  override emit(event: ListenerEvent, subject: HookSubject): ReturnType<EntityHooks['emit']> {
    return this.hooks.emit(event, { ...subject, data: this.#data });
  }

  override concerns(map: EntityMap): boolean {
    return this.hooks.concerns(map);
  }
}
