/**
 * Unique values that one row of a unit of work gives up and another one takes: swapped places, a name that goes
 * from a row that is deleted to one that is new. A database looks at every statement by itself, so the one that
 * gives up must be out of the way first: it is written or deleted early where that is free, or else put aside
 * (`query/write/park-rows.ts`) until it is written for good.
 */

import { error } from '../../base/error-codes.js';
import type { SqlValue } from '../../dialects/contract.js';
import { keyName } from '../../query/find/row-keys.js';
import { storedValue, valueToWrite } from '../../query/mapping/column-values.js';
import type { EntityMap, MappedColumn } from '../../query/mapping/entity-map.js';
import { readColumn } from '../../query/mapping/read-column.js';
import { relatedOf } from '../../query/mapping/related.js';
import { layoutOf, rowOf } from '../../query/mapping/row-state.js';
import { linksOf } from '../../query/mapping/shared-keys.js';
import { givenValue } from '../../query/write/given.js';
import { placeholderFor } from '../../query/write/park-rows.js';
import { RowIndex } from './delete-order.js';
import type { Subject, Update } from './subject.js';

/** A row that holds something else in a column until it is written for good, or deleted. */
export interface Park {
  readonly subject: Subject;
  readonly column: MappedColumn;
  readonly value: SqlValue;
}

/** What a unit writes, as far as it matters here. */
interface Writes {
  readonly fresh: readonly Subject[];
  readonly updates: readonly Update[];
  readonly late: readonly Subject[];
  readonly gone: readonly Subject[];
  /** Whose rows are there, written or not: they may refer to those that go. */
  readonly others: readonly Subject[];
}

/** What must happen before anything else takes a value. */
export interface Turnover {
  readonly parks: readonly Park[];
  /** Updates that give something up, and take only what is free by then. */
  readonly first: ReadonlySet<Subject>;
  /** Rows to delete before anything is inserted or updated. */
  readonly gone: ReadonlySet<Subject>;
}

/** Undefined where nothing changes hands; of units that cannot have such a thing that is known without looking. */
export function turnoverOf(writes: Writes): Turnover | undefined {
  const { fresh, updates, late, gone } = writes;
  const givers = updates.length + late.length + gone.length;
  if (givers === 0 || givers + fresh.length < 2) return undefined;
  const wanted = keysWanted(writes);
  if (wanted.size === 0) return undefined;
  const given = valuesGivenUp(writes, wanted);
  if (given.size === 0) return undefined;
  const taken = takersOf(writes, given);
  return taken.size === 0 ? undefined : new Arrangement(writes, given, taken).arrange();
}

/** Columns of which no two rows hold the same. */
interface UniqueKey {
  /** The table with the columns. */
  readonly name: string;
  readonly columns: readonly MappedColumn[];
  readonly isPrimary: boolean;
}

const uniqueKeys = new WeakMap<EntityMap, readonly UniqueKey[]>();

function uniqueKeysOf(map: EntityMap): readonly UniqueKey[] {
  let keys = uniqueKeys.get(map);
  if (keys === undefined) {
    keys = findUniqueKeys(map);
    uniqueKeys.set(map, keys);
  }
  return keys;
}

function findUniqueKeys(map: EntityMap): readonly UniqueKey[] {
  const found = new Map<string, UniqueKey>();
  const add = (table: string, names: readonly string[], isPrimary: boolean): void => {
    const columns = names.map((name) => map.columns.find(({ meta }) => meta.name === name));
    if (columns.length === 0 || columns.includes(undefined)) return;
    const name = JSON.stringify([table, ...names]);
    if (!found.has(name)) found.set(name, { name, columns: columns as MappedColumn[], isPrimary });
  };
  const primary = map.key.map(({ meta }) => meta.name);
  add(map.root.meta.tableName, primary, true);
  for (const { meta } of map.parts ?? [map]) {
    const { uniques, indexes } = meta.table;
    for (const { columns, deferrable } of uniques)
      if (deferrable !== 'deferred') add(meta.tableName, columns, false);
    for (const { columns, unique } of indexes) {
      const names = columns.flatMap((column) => ('column' in column ? [column.column] : []));
      if (unique && names.length === columns.length) add(meta.tableName, names, false);
    }
  }
  return [...found.values()];
}

/** A unique value that a row gives up. */
interface GivenUp {
  readonly subject: Subject;
  readonly unique: UniqueKey;
  /** Undefined where the row goes; its changes are not known yet where it waits for the key of another one. */
  readonly update?: Update | undefined;
}

type ByValue = Map<string, GivenUp[]>;
/** What everybody takes of it. */
type Takers = ReadonlyMap<Subject, readonly string[]>;

/** The keys of which somebody may take a value. */
function keysWanted({ fresh, updates, late }: Writes): ReadonlySet<UniqueKey> {
  const wanted = new Set<UniqueKey>();
  let last: EntityMap | undefined;
  for (const { map } of [...fresh, ...late]) {
    if (map !== last) for (const unique of uniqueKeysOf(map)) wanted.add(unique);
    last = map;
  }
  for (const { subject, changes } of updates) {
    for (const unique of uniqueKeysOf(subject.map)) if (changesKey(changes, unique)) wanted.add(unique);
  }
  return wanted;
}

function changesKey(changes: Update['changes'], { columns }: UniqueKey): boolean {
  return changes.some(({ column }) => columns.includes(column));
}

/** By the name of the key and the value. */
function valuesGivenUp({ updates, late, gone }: Writes, wanted: ReadonlySet<UniqueKey>): ByValue {
  const given: ByValue = new Map();
  const names = new Set([...wanted].map(({ name }) => name));
  const add = (name: string | undefined, up: GivenUp): void => {
    if (name === undefined || !names.has(up.unique.name)) return;
    const known = given.get(name);
    if (known === undefined) given.set(name, [up]);
    else known.push(up);
  };
  for (const subject of gone) {
    for (const unique of uniqueKeysOf(subject.map)) add(heldBy(subject, unique), { subject, unique });
  }
  for (const update of updates) {
    const { subject, changes } = update;
    for (const unique of uniqueKeysOf(subject.map)) {
      if (changesKey(changes, unique)) add(heldBy(subject, unique), { subject, unique, update });
    }
  }
  for (const subject of late) {
    for (const unique of rowOf(subject.entity) === undefined ? [] : uniqueKeysOf(subject.map)) {
      const held = heldBy(subject, unique);
      if (held !== wantedBy(subject, unique)) add(held, { subject, unique });
    }
  }
  return given;
}

/** Those who take what others give up; what nobody takes is no longer among what is given up. */
function takersOf({ fresh, updates, late }: Writes, given: ByValue): Takers {
  const takers = new Map<Subject, string[]>();
  const taken = new Set<string>();
  const names = new Set([...given.values()].flatMap((ups) => ups.map(({ unique }) => unique.name)));
  const take = (subject: Subject, unique: UniqueKey): void => {
    if (!names.has(unique.name)) return;
    const name = wantedBy(subject, unique);
    const givers = name === undefined ? undefined : given.get(name);
    if (name === undefined || givers?.some((up) => up.subject !== subject) !== true) return;
    taken.add(name);
    takers.set(subject, [...(takers.get(subject) ?? []), name]);
  };
  for (const subject of [...fresh, ...late])
    for (const unique of uniqueKeysOf(subject.map)) take(subject, unique);
  for (const { subject, changes } of updates) {
    for (const unique of uniqueKeysOf(subject.map)) {
      if (changesKey(changes, unique)) take(subject, unique);
    }
  }
  for (const name of given.keys()) if (!taken.has(name)) given.delete(name);
  return takers;
}

/** The value of a unique key that a row holds; undefined where it is not known, or is not compared. */
function heldBy({ entity }: Subject, unique: UniqueKey): string | undefined {
  const [row, layout] = [rowOf(entity), layoutOf(entity)];
  if (row === undefined || layout === undefined) return undefined;
  return nameOf(unique, (column) => storedValue(row, layout, column));
}

/** The one that it will hold; undefined where that depends on a key that is still to be made. */
function wantedBy(subject: Subject, unique: UniqueKey): string | undefined {
  return nameOf(unique, (column) => nextValue(subject, column));
}

function nextValue({ map, entity, given, saves, knowledge }: Subject, column: MappedColumn) {
  const [row, layout] = [rowOf(entity), layoutOf(entity)];
  const stored = row === undefined || layout === undefined ? undefined : storedValue(row, layout, column);
  try {
    const isGiven = given?.has(column) === true;
    const says = isGiven || saves || knowledge === 'new';
    const value = isGiven
      ? givenValue(given, column)
      : says
        ? valueToWrite(map, column, entity, stored)
        : undefined;
    return value === undefined ? stored : column.encode(value);
  } catch {
    // A key that is still to be made, or a value that does not fit: the statement will say so.
    return undefined;
  }
}

/** Collations may take text for the same that differs in case, accents or blanks: it is treated as the same. */
function nameOf(
  { name, columns }: UniqueKey,
  read: (column: MappedColumn) => SqlValue | undefined,
): string | undefined {
  const values: SqlValue[] = [];
  for (const column of columns) {
    const value = read(column);
    if (value === undefined || value === null) return undefined;
    const plain = typeof value === 'number' ? value : column.encode(column.decode(value));
    values.push(typeof plain === 'string' ? folded(plain) : plain);
  }
  return `${name}${String(keyName([...values, '']))}`;
}

function folded(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().trimEnd();
}

/** Finds for everyone who gives something up how he gets out of the way. */
class Arrangement {
  readonly #writes: Writes;
  readonly #given: ByValue;
  readonly #takers: Takers;
  readonly #parks = new Map<Subject, Park>();
  readonly #first = new Set<Subject>();

  constructor(writes: Writes, given: ByValue, takers: Takers) {
    this.#writes = writes;
    this.#given = given;
    this.#takers = takers;
  }

  arrange(): Turnover {
    const ups = [...this.#given.values()].flat();
    const gone = this.#earlyDeletes(ups);
    for (const up of ups) {
      if (gone.has(up.subject) || this.#first.has(up.subject)) continue;
      if (up.update !== undefined && this.#mayGoFirst(up.subject, gone)) this.#first.add(up.subject);
      else this.#park(up);
    }
    return { parks: [...this.#parks.values()], first: this.#first, gone };
  }

  /** Whether everybody has gone, or was put aside, who holds what a row takes. */
  #mayGoFirst(subject: Subject, gone: ReadonlySet<Subject>): boolean {
    if (this.#parks.has(subject)) return false;
    const names = this.#takers.get(subject) ?? [];
    const holders = names.flatMap((name) => this.#given.get(name) ?? []);
    return holders.every(
      (up) => up.subject === subject || gone.has(up.subject) || this.#parks.has(up.subject),
    );
  }

  /** Rows that may go first, with those that refer to them and go as well: nobody who stays refers to them. */
  #earlyDeletes(ups: readonly GivenUp[]): ReadonlySet<Subject> {
    const { gone, others } = this.#writes;
    const wanted = new Set(gone.filter((each) => ups.some(({ subject }) => subject === each)));
    if (wanted.size === 0) return wanted;
    const index = new RowIndex(gone);
    const held = new Set(others.flatMap((other) => index.needsOf(other).map(({ subject }) => subject)));
    const early = new Set<Subject>();
    for (const each of wanted) {
      const along = withDependents(each, gone, index);
      if (![...along].some((subject) => held.has(subject))) for (const subject of along) early.add(subject);
    }
    return early;
  }

  /** @throws UNIQUE_SWAP */
  #park({ subject, unique, update }: GivenUp): void {
    const known = this.#parks.get(subject);
    if (known !== undefined && unique.columns.includes(known.column)) return;
    const column = known === undefined ? parkingPlace(subject, unique, update) : undefined;
    const value = column && placeholderFor(column);
    if (column === undefined || value === undefined) {
      throw error('UNIQUE_SWAP', {
        entity: subject.map.meta.name,
        columns: unique.columns.map(({ meta }) => meta.property),
      });
    }
    this.#parks.set(subject, { subject, column, value });
  }
}

/** A row with all that refer to it and go as well. */
function withDependents(subject: Subject, gone: readonly Subject[], index: RowIndex): ReadonlySet<Subject> {
  const along = new Set([subject]);
  for (let size = 0; size < along.size; ) {
    size = along.size;
    for (const each of gone) {
      if (index.needsOf(each).some((need) => along.has(need.subject))) along.add(each);
    }
  }
  return along;
}

/** A column of the unique key that may hold something else for a while, and is written again. */
function parkingPlace(
  subject: Subject,
  { columns }: UniqueKey,
  update: Update | undefined,
): MappedColumn | undefined {
  const isChanged = (column: MappedColumn): boolean =>
    update?.changes.some((change) => change.column === column) === true;
  const ways = columns.filter(
    (column) =>
      (isChanged(column) || isWritten(subject, column)) &&
      (column.relation === undefined || column.meta.nullable) &&
      placeholderFor(column) !== undefined,
  );
  return ways.find(isChanged) ?? ways[0];
}

/** Whether what an entity says of a column is written to its row, or its row goes. */
function isWritten({ map, entity, action, given, saves }: Subject, column: MappedColumn): boolean {
  if (action === 'remove') return !column.meta.primary;
  if (given?.has(column) === true) return true;
  if (!saves || !column.meta.update || column.meta.primary || column === map.version) return false;
  return (
    readColumn(column, entity) !== undefined ||
    linksOf(column).some((link) => relatedOf(entity, link.map) !== undefined)
  );
}
