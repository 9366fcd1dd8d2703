/**
 * Renames and losses: what dropped thing could be which added thing.
 *
 * Candidates are only found here, never taken for renames: a person decides, and the decision is applied to
 * the first schema before `diff` is asked.
 */

import { error } from '../base/error-codes.js';
import { apply, enumOf } from './apply.js';
import type { ColumnType, Enum, Schema, Table } from './model.js';
import { byName } from './model.js';
import { fitName } from './naming.js';
import type { Operation } from './operations.js';
import { pairByKey } from './pairs.js';

/** A dropped thing and everything added that it could have become. */
export type RenameCandidate =
  | { readonly kind: 'table'; readonly name: string; readonly to: readonly string[] }
  | { readonly kind: 'column'; readonly table: string; readonly name: string; readonly to: readonly string[] }
  | {
      readonly kind: 'enumValue';
      readonly enum: string;
      readonly name: string;
      readonly to: readonly string[];
    };

/** A decision that something was renamed. */
export type Rename =
  | { readonly kind: 'table'; readonly name: string; readonly to: string }
  | { readonly kind: 'column'; readonly table: string; readonly name: string; readonly to: string }
  | { readonly kind: 'enumValue'; readonly enum: string; readonly name: string; readonly to: string };

/** Types whose values are likely to be each other's, whatever their length or precision. */
export function typeFamily(type: ColumnType): string {
  switch (type.kind) {
    case 'smallint':
    case 'integer':
    case 'bigint':
    case 'real':
    case 'double':
    case 'decimal':
    case 'boolean':
      return 'number';
    case 'char':
    case 'varchar':
    case 'text':
    case 'uuid':
    case 'enum':
    case 'simple-array':
      return 'text';
    case 'date':
    case 'time':
    case 'timestamp':
    case 'timestamptz':
      return 'time';
    case 'json':
    case 'blob':
      return type.kind;
    case 'array':
      return `array of ${typeFamily(type.of)}`;
    case 'native':
      return `native ${type.sql.default ?? Object.values(type.sql)[0] ?? ''}`.toLowerCase();
    default:
      return type satisfies never;
  }
}

/**
 * All candidates between two schemas: a dropped column for every added one of the same table and type
 * family, a dropped table for every added one that has half of its columns, an enum value for every added
 * one of that enum.
 */
export function renameCandidates(a: Schema, b: Schema): RenameCandidate[] {
  return [...tableCandidates(a, b), ...columnCandidates(a, b), ...enumCandidates(a, b)];
}

function tableCandidates(a: Schema, b: Schema): RenameCandidate[] {
  const { added, dropped } = pairByKey(a.tables, b.tables, (table) => table.name);
  return dropped.flatMap((old): RenameCandidate[] => {
    const to = added.filter((table) => sharesHalf(old, table)).map((table) => table.name);
    return to.length > 0 ? [{ kind: 'table', name: old.name, to }] : [];
  });
}

function sharesHalf(old: Table, now: Table): boolean {
  const shared = old.columns.filter((column) => byName(now.columns, column.name)).length;
  return shared * 2 >= old.columns.length;
}

function columnCandidates(a: Schema, b: Schema): RenameCandidate[] {
  const before = new Map(a.tables.map((table) => [table.name, table]));
  return b.tables.flatMap((table) => {
    const old = before.get(table.name);
    if (old === undefined) return [];
    const { added, dropped } = pairByKey(old.columns, table.columns, (column) => column.name);
    return dropped.flatMap((column): RenameCandidate[] => {
      const family = typeFamily(column.type);
      const to = added.filter((each) => typeFamily(each.type) === family).map((each) => each.name);
      return to.length > 0 ? [{ kind: 'column', table: table.name, name: column.name, to }] : [];
    });
  });
}

function enumCandidates(a: Schema, b: Schema): RenameCandidate[] {
  return a.enums.flatMap((old) => {
    const now = enumSuccessor(a, b, old.name);
    const to = (now?.values ?? []).filter((value) => !old.values.includes(value));
    if (to.length === 0) return [];
    return old.values
      .filter((value) => !now?.values.includes(value))
      .map((name): RenameCandidate => ({ kind: 'enumValue', enum: old.name, name, to }));
  });
}

/**
 * The enum of `b` that one of `a` lives on in: the one of its name, or else the new one that its columns have
 * now, since an enum without a name of its own is called after its column and renamed with it.
 */
export function enumSuccessor(a: Schema, b: Schema, name: string): Enum | undefined {
  const same = byName(b.enums, name);
  if (same !== undefined) return same;
  const now = new Set<string | undefined>();
  for (const table of a.tables) {
    const model = byName(b.tables, table.name);
    for (const column of table.columns.filter((each) => enumOf(each) === name)) {
      const wanted = model && byName(model.columns, column.name);
      if (wanted !== undefined) now.add(enumOf(wanted));
    }
  }
  const [only, ...others] = now;
  if (only === undefined || others.length > 0 || byName(a.enums, only) !== undefined) return undefined;
  return byName(b.enums, only);
}

/** A rename as the operation that carries it out. */
export function renameOperation(rename: Rename): Operation {
  switch (rename.kind) {
    case 'table':
      return { kind: 'renameTable', table: rename.name, to: rename.to };
    case 'column':
      return { kind: 'renameColumn', table: rename.table, name: rename.name, to: rename.to };
    case 'enumValue':
      return { kind: 'alterEnum', name: rename.enum, rename: { [rename.name]: rename.to } };
    default:
      return rename satisfies never;
  }
}

/** Renames as operations, in an order in which every name is free when it is taken, and the schema after them. */
export interface AppliedRenames {
  readonly operations: readonly Operation[];
  readonly schema: Schema;
}

/**
 * Applies renames: tables first, then columns (under their tables' new names), then enum values. Names
 * that are exchanged go by way of a free one.
 *
 * @throws SCHEMA_OBJECT_MISSING, SCHEMA_OBJECT_EXISTS when a rename does not fit the schema
 */
export function applyRenames(schema: Schema, renames: readonly Rename[]): AppliedRenames {
  const operations: Operation[] = [];
  let current = schema;
  for (const kind of ['table', 'column', 'enumValue'] as const) {
    let waiting = renames.filter((rename) => rename.kind === kind && rename.name !== rename.to);
    while (waiting.length > 0) {
      const taken = new Set(waiting.map((rename) => scopedName(rename, rename.name)));
      const ready = waiting.filter((rename) => !taken.has(scopedName(rename, rename.to)));
      // A circle: the first one steps aside, and takes its last step when the others have moved.
      const first = waiting[0] as Rename;
      const now = ready.length > 0 ? ready : [{ ...first, to: freeName(first, current) }];
      const steps = now.map(renameOperation);
      operations.push(...steps);
      current = apply(current, steps);
      waiting =
        ready.length > 0
          ? waiting.filter((rename) => !ready.includes(rename))
          : [...waiting.slice(1), { ...first, name: (now[0] as Rename).to }];
    }
  }
  return { operations, schema: current };
}

/** A name within the space in which it has to be the only one. */
function scopedName(rename: Rename, name: string): string {
  switch (rename.kind) {
    case 'table':
      return name;
    case 'column':
      return JSON.stringify([rename.table, name]);
    case 'enumValue':
      return JSON.stringify([rename.enum, name]);
    default:
      return rename satisfies never;
  }
}

function freeName(rename: Rename, schema: Schema): string {
  const taken = new Set(namesBeside(rename, schema).map((name) => name.toLowerCase()));
  for (let i = 1; ; i++) {
    const free = fitName(`${rename.to}_moving${i === 1 ? '' : i}`);
    if (!taken.has(free.toLowerCase())) return free;
  }
}

/** The names that stand beside the one that a renamed thing has. */
function namesBeside(rename: Rename, schema: Schema): readonly string[] {
  switch (rename.kind) {
    case 'table':
      return [...schema.tables, ...schema.views].map(({ name }) => name);
    case 'column':
      return byName(schema.tables, rename.table)?.columns.map(({ name }) => name) ?? [];
    case 'enumValue':
      return byName(schema.enums, rename.enum)?.values ?? [];
    default:
      return rename satisfies never;
  }
}

/**
 * Refuses renames that contradict each other.
 *
 * @throws SCHEMA_INVALID when two renames take or give one name
 */
export function checkRenames(renames: readonly Rename[]): void {
  for (const side of ['name', 'to'] as const) {
    const seen = new Set<string>();
    for (const rename of renames) {
      const key = JSON.stringify([rename.kind, scopedName(rename, rename[side])]);
      if (seen.has(key)) {
        const problem = side === 'to' ? 'two things are renamed to it' : 'it is renamed twice';
        throw error('SCHEMA_INVALID', { object: rename.kind, name: rename[side], problem });
      }
      seen.add(key);
    }
  }
}
