/**
 * What a database consists of, each object with the statement that makes it, as the server itself words it. Two
 * readings are compared to find what a test has changed about the schema.
 */

import { literalText, quoteIdentifier as quote } from './literals.js';
import type { NativeResult } from './native.js';

/** Runs statements on the snapshot's connection. @returns one result for each of them, in their order */
export type RunAll = (statements: readonly string[]) => Promise<readonly NativeResult[]>;

export type ObjectKind = 'sequence' | 'table' | 'view' | 'trigger' | 'procedure' | 'function' | 'event';

export interface KeptObject {
  readonly kind: ObjectKind;
  readonly name: string;
  /** The statement that makes it, without the mark of its keys. */
  readonly create: string;
  /** The next generated key of a table, or value of a sequence; undefined where it is the first, or there is none. */
  readonly mark: string | undefined;
  /** The `sql_mode` that it was made under, where it keeps that. */
  readonly mode: string | undefined;
  /** The table of a trigger. */
  readonly table: string | undefined;
}

/** By kind and name. */
export type Objects = ReadonlyMap<string, KeptObject>;

interface Named {
  readonly kind: ObjectKind;
  readonly name: string;
  readonly table?: string;
  /** All that the list says of it; what it is made by must be asked for again where this has changed. */
  readonly stamp: string;
}

/** Lists objects; cheap, since nothing is opened that is not open already. */
export const LISTS: readonly string[] = [
  'SHOW FULL TABLES',
  'SHOW TRIGGERS',
  `SELECT routine_type, routine_name, MD5(CONCAT_WS('|', routine_definition, dtd_identifier, sql_mode))
    FROM information_schema.routines WHERE routine_schema = DATABASE()`,
  `SELECT 'EVENT', event_name, MD5(CONCAT_WS('|', event_definition, status, interval_value, interval_field, execute_at))
    FROM information_schema.events WHERE event_schema = DATABASE()`,
];

function cells(result: NativeResult | undefined): readonly (readonly unknown[])[] {
  return Array.isArray(result) ? (result as readonly (readonly unknown[])[]) : [];
}

/** What the answers to `LISTS` name. */
export function namesIn(results: readonly NativeResult[]): readonly Named[] {
  const [tables, triggers, routines, events] = results;
  return [
    ...cells(tables).map(
      ([name, type]): Named => ({
        kind: type === 'VIEW' ? 'view' : type === 'SEQUENCE' ? 'sequence' : 'table',
        name: String(name),
        stamp: String(type),
      }),
    ),
    ...cells(triggers).map(
      ([name, event, table, statement, timing, , mode, definer]): Named => ({
        kind: 'trigger',
        name: String(name),
        table: String(table),
        stamp: JSON.stringify([event, table, statement, timing, mode, definer]),
      }),
    ),
    ...[...cells(routines), ...cells(events)].map(
      ([kind, name, stamp]): Named => ({
        kind: String(kind).toLowerCase() as ObjectKind,
        name: String(name),
        stamp: String(stamp),
      }),
    ),
  ];
}

/** One text for all that a list says; the same text means that the same objects are there. */
export function stampOf(results: readonly NativeResult[]): string {
  return JSON.stringify(namesIn(results).map(({ kind, name, stamp }) => [kind, name, stamp]));
}

/** What says how an object is made, and how far its keys are. */
export function showSql({ kind, name }: Pick<KeptObject, 'kind' | 'name'>): string {
  if (kind !== 'sequence') return `SHOW CREATE ${kind.toUpperCase()} ${quote(name)}`;
  const words = ['minimum_value', 'maximum_value', 'start_value', 'increment', 'cache_size', 'cycle_option'];
  return `SELECT next_not_cached_value, ${words.join(', ')} FROM ${quote(name)}`;
}

/** Kinds whose making is worth asking for every time; the lists tell all about the others. */
export function isShownAlways({ kind }: Pick<KeptObject, 'kind'>): boolean {
  return kind === 'table' || kind === 'view' || kind === 'sequence';
}

/** An object from the answer to `showSql`. */
export function objectFrom(
  named: Pick<KeptObject, 'kind' | 'name' | 'table'>,
  result: NativeResult | undefined,
): KeptObject {
  const [row = []] = cells(result);
  const { kind, name, table } = named;
  switch (kind) {
    case 'table': {
      const { text, mark } = withoutMark(String(row[1]));
      return { kind, name, table, create: text, mark, mode: undefined };
    }
    case 'view':
      return { kind, name, table, create: String(row[1]), mark: undefined, mode: undefined };
    case 'sequence': {
      const [next, least, most, start, step, cache, cycle] = row;
      const create = `CREATE SEQUENCE ${quote(name)} START WITH ${start} MINVALUE ${least} MAXVALUE ${most} INCREMENT BY ${step} ${Number(cache) === 0 ? 'NOCACHE' : `CACHE ${cache}`} ${Number(cycle) === 1 ? 'CYCLE' : 'NOCYCLE'}`;
      return { kind, name, table, create, mark: String(next), mode: undefined };
    }
    case 'event':
      return { kind, name, table, create: String(row[3]), mark: undefined, mode: String(row[1]) };
    default:
      // Triggers and routines: name, sql_mode, statement.
      return { kind, name, table, create: String(row[2]), mark: undefined, mode: String(row[1]) };
  }
}

/** The mark of a table's keys stands among its options, behind the last parenthesis of its columns. */
function withoutMark(create: string): { text: string; mark: string | undefined } {
  const at = create.lastIndexOf('\n)');
  const options = create.slice(at);
  const match = / AUTO_INCREMENT=(\d+)/.exec(options);
  // A comment comes later than the mark, so the first match is the mark or there is none.
  const comment = options.indexOf(" COMMENT='");
  if (match === null || (comment !== -1 && match.index > comment)) return { text: create, mark: undefined };
  return { text: create.slice(0, at) + options.replace(match[0], ''), mark: match[1] };
}

/** Reads all objects. */
export async function readObjects(
  runAll: RunAll,
): Promise<{ readonly objects: Objects; readonly stamp: string }> {
  const lists = await runAll(LISTS);
  const named = namesIn(lists);
  const shown = named.length === 0 ? [] : await runAll(named.map((each) => showSql(each)));
  const objects = named.map((each, i) => objectFrom({ ...each, table: each.table }, shown[i]));
  return { objects: new Map(objects.map((each) => [keyOf(each), each])), stamp: stampOf(lists) };
}

export function keyOf({ kind, name }: Pick<KeptObject, 'kind' | 'name'>): string {
  return `${kind} ${name}`;
}

/** What makes an object, under the mode that it was first made under. */
export function createSql({ create, mode }: KeptObject): string[] {
  if (mode === undefined) return [create];
  return [
    `SET @limbeck_mode = @@SESSION.sql_mode, SESSION sql_mode = ${literalText(mode)}`,
    create,
    'SET SESSION sql_mode = @limbeck_mode',
  ];
}

export function dropSql({ kind, name }: Pick<KeptObject, 'kind' | 'name'>): string {
  return `DROP ${kind.toUpperCase()} IF EXISTS ${quote(name)}`;
}
