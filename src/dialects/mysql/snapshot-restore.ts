/**
 * Puts a database back into the state that was kept. Where the schema is as it was, which one packet of questions
 * tells, only tables whose rows or keys have moved are touched; where it is not, what differs is made anew.
 */

import { isLimbeckError } from '../../base/errors.js';
import { quoteIdentifier as quote } from './literals.js';
import type { NativeResult } from './native.js';
import {
  createSql,
  dropSql,
  isShownAlways,
  type KeptObject,
  keyOf,
  LISTS,
  type Objects,
  objectFrom,
  type RunAll,
  readObjects,
  showSql,
  stampOf,
} from './snapshot-objects.js';

/** The rows of a table. */
interface KeptRows {
  /** The temporary table that has them; undefined where there were none. */
  readonly copy: string | undefined;
  /** Those that can be written, quoted. */
  readonly columns: string;
  /** What CHECKSUM TABLE says of them. */
  readonly checksum: string;
}

/** All that a snapshot knows. */
export interface KeptState {
  readonly objects: Objects;
  readonly stamp: string;
  /** By the name of the table. */
  readonly rows: ReadonlyMap<string, KeptRows>;
}

/** Reads the schema and copies the rows. */
export async function keepState(runAll: RunAll): Promise<KeptState> {
  const { objects, stamp } = await readObjects(runAll);
  const tables = namesOf(objects, 'table');
  const sums = await checksums(runAll, tables);
  const columns = await writableColumns(runAll);
  const rows = new Map<string, KeptRows>();
  const copies: string[] = [];
  tables.forEach((table, i) => {
    const checksum = sums.get(table) ?? '';
    const list = columns.get(table) ?? '';
    const copy = checksum === NO_ROWS ? undefined : quote(`limbeck_kept_${i}`);
    rows.set(table, { copy, columns: list, checksum });
    if (copy !== undefined)
      copies.push(`CREATE TEMPORARY TABLE ${copy} AS SELECT ${list} FROM ${quote(table)}`);
  });
  if (copies.length > 0) await runAll(copies);
  return { objects, stamp, rows };
}

/** A table without rows, as CHECKSUM TABLE sees it. */
const NO_ROWS = '0';

function namesOf(objects: Objects, kind: KeptObject['kind']): string[] {
  return [...objects.values()].filter((each) => each.kind === kind).map(({ name }) => name);
}

function checksumSql(tables: readonly string[]): string {
  return `CHECKSUM TABLE ${tables.map(quote).join(', ')}`;
}

async function checksums(runAll: RunAll, tables: readonly string[]): Promise<Map<string, string>> {
  if (tables.length === 0) return new Map();
  const [result] = await runAll([checksumSql(tables)]);
  return checksumsIn(tables, result);
}

function checksumsIn(tables: readonly string[], result: NativeResult | undefined): Map<string, string> {
  const rows = (result ?? []) as readonly (readonly unknown[])[];
  return new Map(tables.map((table, i) => [table, String(rows[i]?.[1])]));
}

/** Computed columns cannot be written. */
async function writableColumns(runAll: RunAll): Promise<Map<string, string>> {
  const [result] = await runAll([
    `SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = DATABASE()
      AND COALESCE(generation_expression, '') = '' ORDER BY table_name, ordinal_position`,
  ]);
  const columns = new Map<string, string>();
  for (const [table, column] of (result ?? []) as readonly (readonly unknown[])[]) {
    const before = columns.get(String(table));
    const name = quote(String(column));
    columns.set(String(table), before === undefined ? name : `${before}, ${name}`);
  }
  return columns;
}

/** Puts everything back. */
export async function restore(runAll: RunAll, state: KeptState): Promise<void> {
  const present = (await look(runAll, state)) ?? (await mend(runAll, state));
  const statements = [...resetSequences(state, present), ...resetRows(state, present)];
  if (statements.length > 0) await runAll(statements);
}

/** How far the keys and rows of each table have moved. */
interface Present {
  readonly objects: Objects;
  readonly checksums: ReadonlyMap<string, string>;
}

/** One packet; undefined where the schema is not as it was. */
async function look(runAll: RunAll, { objects, stamp }: KeptState): Promise<Present | undefined> {
  const shown = [...objects.values()].filter(isShownAlways);
  const tables = namesOf(objects, 'table');
  const statements = [...LISTS, ...shown.map(showSql), ...(tables.length === 0 ? [] : [checksumSql(tables)])];
  let results: readonly NativeResult[];
  try {
    results = await runAll(statements);
  } catch (cause) {
    // An object is gone, or broken; which, a second look tells.
    if (isLimbeckError(cause) && cause.code === 'QUERY_FAILED') return undefined;
    throw cause;
  }
  if (stampOf(results.slice(0, LISTS.length)) !== stamp) return undefined;
  const found = new Map<string, KeptObject>();
  for (const [i, kept] of shown.entries()) {
    const object = objectFrom(kept, results[LISTS.length + i]);
    if (object.create !== kept.create) return undefined;
    found.set(keyOf(object), object);
  }
  return { objects: found, checksums: checksumsIn(tables, results.at(-1)) };
}

/** Drops what was not there and what is not as it was, and makes it anew. */
async function mend(runAll: RunAll, state: KeptState): Promise<Present> {
  const { objects: found } = await readFound(runAll);
  const stale = [...found.values()].filter((object) => !isSame(object, state.objects.get(keyOf(object))));
  const goneTables = new Set(
    [...state.objects.values()]
      .filter((kept) => kept.kind === 'table' && !isSame(found.get(keyOf(kept)), kept))
      .map(({ name }) => name),
  );
  const drops = stale.sort((a, b) => DROP_ORDER.indexOf(a.kind) - DROP_ORDER.indexOf(b.kind)).map(dropSql);
  if (drops.length > 0) await runAll(drops);
  const missing = [...state.objects.values()].filter(
    (kept) =>
      !isSame(found.get(keyOf(kept)), kept) ||
      (kept.kind === 'trigger' && kept.table !== undefined && goneTables.has(kept.table)),
  );
  const make = (kinds: readonly KeptObject['kind'][]): string[] =>
    missing.filter(({ kind }) => kinds.includes(kind)).flatMap(createSql);
  const first = make(['sequence', 'table', 'function', 'procedure']);
  if (first.length > 0) await runAll(first);
  await makeViews(
    runAll,
    missing.filter(({ kind }) => kind === 'view'),
  );
  const rows = [...goneTables].flatMap((table) => insertSql(table, state));
  // Triggers last: they must not see the rows come back.
  const last = [...rows, ...make(['trigger', 'event'])];
  if (last.length > 0) await runAll(last);
  const present = await look(runAll, state);
  if (present !== undefined) return present;
  throw new TypeError('the database could not be put back into the state that was kept');
}

const DROP_ORDER: readonly KeptObject['kind'][] = [
  ...(['event', 'trigger', 'view', 'table', 'sequence', 'procedure', 'function'] as const),
];

/** A view whose tables are gone cannot be shown: it is listed, and made anew. */
async function readFound(runAll: RunAll): Promise<{ readonly objects: Objects }> {
  try {
    return await readObjects(runAll);
  } catch {
    const [views] = await runAll([
      'SELECT table_name FROM information_schema.views WHERE table_schema = DATABASE()',
    ]);
    const drops = ((views ?? []) as readonly (readonly unknown[])[]).map(([name]) =>
      dropSql({ kind: 'view', name: String(name) }),
    );
    if (drops.length > 0) await runAll(drops);
    return readObjects(runAll);
  }
}

function isSame(object: KeptObject | undefined, kept: KeptObject | undefined): boolean {
  return object?.create === kept?.create && object?.table === kept?.table;
}

/** A view may need another one that comes later in the list. */
async function makeViews(runAll: RunAll, views: readonly KeptObject[]): Promise<void> {
  let waiting = views;
  while (waiting.length > 0) {
    const failed: KeptObject[] = [];
    let reason: unknown;
    for (const view of waiting) {
      await runAll(createSql(view)).catch((cause) => {
        failed.push(view);
        reason = cause;
      });
    }
    if (failed.length === waiting.length) throw reason;
    waiting = failed;
  }
}

function insertSql(table: string, { rows }: KeptState): string[] {
  const { copy, columns } = rows.get(table) ?? {};
  if (copy === undefined) return [];
  return [`INSERT INTO ${quote(table)} (${columns}) SELECT ${columns} FROM ${copy}`];
}

function resetSequences({ objects }: KeptState, present: Present): string[] {
  return [...objects.values()]
    .filter((kept) => kept.kind === 'sequence' && present.objects.get(keyOf(kept))?.mark !== kept.mark)
    .map(({ name, mark }) => `ALTER SEQUENCE ${quote(name)} RESTART WITH ${mark}`);
}

/** Rows first, in one transaction; then the marks of generated keys, which only DDL moves back. */
function resetRows(state: KeptState, present: Present): string[] {
  const truncates: string[] = [];
  const rows: string[] = [];
  const marks: string[] = [];
  const triggers = [...state.objects.values()].filter(({ kind }) => kind === 'trigger');
  const paused = new Set<KeptObject>();
  for (const kept of state.objects.values()) {
    if (kept.kind !== 'table') continue;
    const { name, mark } = kept;
    const hasMoved = present.objects.get(keyOf(kept))?.mark !== mark;
    const hasChanged = present.checksums.get(name) !== state.rows.get(name)?.checksum;
    if (!hasMoved && !hasChanged) continue;
    const own = triggers.filter(({ table }) => table === name);
    const inserts = insertSql(name, state);
    if (hasChanged) {
      // TRUNCATE fires no triggers and moves the mark back to the first; where nothing of that is wanted,
      // deleting a few rows is much faster.
      if (own.length > 0 || (hasMoved && mark === undefined)) truncates.push(`TRUNCATE TABLE ${quote(name)}`);
      else rows.push(`DELETE FROM ${quote(name)}`);
      if (inserts.length > 0) for (const trigger of own) paused.add(trigger);
      rows.push(...inserts);
    }
    if (hasMoved && (mark !== undefined || !hasChanged)) {
      marks.push(`ALTER TABLE ${quote(name)} AUTO_INCREMENT = ${mark ?? '1'}`);
    } else if (hasChanged && own.length > 0 && mark !== undefined) {
      marks.push(`ALTER TABLE ${quote(name)} AUTO_INCREMENT = ${mark}`);
    }
  }
  const written = rows.length === 0 ? [] : ['START TRANSACTION', ...rows, 'COMMIT'];
  return [...[...paused].map(dropSql), ...truncates, ...written, ...marks, ...[...paused].flatMap(createSql)];
}
