/**
 * Putting a test database back to what it was, in one round trip: a function of the session that first asks
 * whether the catalog is as it was, then empties the tables that are not as they were, fills those that had rows,
 * and sets the sequences back. Its text is made once for a snapshot, its plans once for a session.
 */

import { isLimbeckError } from '../../base/errors.js';
import type { SqlValue } from '../contract.js';
import type { PostgresConnection } from './driver.js';
import { literalText, quoteIdentifier } from './literals.js';

/** What a session restores with. */
export interface Restorer {
  /** What the catalog said, and what stood for the content of each table that had rows. */
  readonly catalog: string;
  marks: string[];
}

/** Schemas of people's objects; temporary ones go with their session. */
const SCHEMAS =
  "SELECT oid FROM pg_catalog.pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'";

/** Objects that people have made have higher numbers than those that come with the server ("FirstNormalObjectId"). */
const OURS = '>= 16384';
const CATALOGS: readonly (readonly [catalog: string, where: string])[] = [
  ...[
    'pg_attrdef',
    'pg_trigger',
    'pg_rewrite',
    'pg_constraint',
    'pg_type',
    'pg_proc',
    'pg_enum',
    'pg_operator',
  ].map((catalog) => [catalog, `oid ${OURS}`] as const),
  ...['pg_opclass', 'pg_cast', 'pg_collation'].map((catalog) => [catalog, `oid ${OURS}`] as const),
  ['pg_attribute', `attrelid ${OURS}`],
  ['pg_index', `indexrelid ${OURS}`],
  ['pg_inherits', `inhrelid ${OURS}`],
  ['pg_description', `objoid ${OURS}`],
  ['pg_namespace', "nspname !~ '^pg_(?:toast_)?temp_'"],
  ...[
    'pg_policy',
    'pg_extension',
    'pg_event_trigger',
    'pg_default_acl',
    'pg_statistic_ext',
    'pg_foreign_table',
    'pg_foreign_server',
    'pg_publication',
  ].map((catalog) => [catalog, 'true'] as const),
];

/**
 * A text that changes with every DDL statement, and with nothing else.
 *
 * A new or changed row of a catalog bears the number of a newer transaction than all others, and one that is gone
 * is missed in the count. Of two catalogs the content is looked at: rows of `pg_class` also change with TRUNCATE,
 * those of `pg_sequence` with RESTART.
 */
export const CATALOG = `(SELECT concat_ws(' ',
  (SELECT concat(count(*), '/', sum(pg_catalog.hashtextextended(concat_ws(',', oid, relname, relnamespace, relowner, relam,
          reltablespace, relpersistence, relkind, relnatts, relchecks, relrowsecurity, relforcerowsecurity, relreplident,
          relispartition, relacl, reloptions, relpartbound), 0)))
     FROM pg_catalog.pg_class WHERE oid ${OURS}),
  (SELECT concat(count(*), '/', sum(pg_catalog.hashtextextended(s::text, 0)))
     FROM pg_catalog.pg_sequence s WHERE seqrelid ${OURS}),
  ${CATALOGS.map(
    ([catalog, where]) =>
      `(SELECT concat(count(*), '/', max(xmin::text::bigint)) FROM pg_catalog.${catalog} WHERE ${where})`,
  ).join(',\n  ')}))`;

interface RestoredTable {
  readonly name: string;
  /** Those that can be written. */
  readonly columns: readonly string[];
  readonly hasRows: boolean;
}

/**
 * Prepares a session to restore the database to what it is now.
 *
 * @returns undefined where that cannot be done from inside: the user may not suspend triggers and keys, and they
 * are in the way
 */
export async function prepareRestorer(connection: PostgresConnection): Promise<Restorer | undefined> {
  const suspends = await suspendTriggers(connection);
  const tables = await readTables(connection);
  const ordered = suspends ? tables : await childrenFirst(connection, tables);
  if (ordered === undefined) return undefined;
  await keepRows(connection, ordered);
  const views = await names(connection, "relkind = 'm' AND relispopulated");
  const sequences = await readSequences(connection);
  await connection.script(functionText(ordered, views, sequences, suspends));
  const [[catalog, ...marks] = []] = await connection.queryArrays(
    `SELECT ${[CATALOG, ...[...ordered.filter(({ hasRows }) => hasRows).map(({ name }) => name), ...views].map(markOf)].join(', ')}`,
  );
  return { catalog: String(catalog), marks: marks.map(String) };
}

/** Restores. @returns false where the catalog has changed: then nothing was done */
export async function restore(connection: PostgresConnection, restorer: Restorer): Promise<boolean> {
  const [[marks] = []] = await connection.queryArrays('SELECT pg_temp.limbeck_restore($1, $2)', [
    restorer.catalog,
    restorer.marks,
  ]);
  if (typeof marks !== 'string') return false;
  restorer.marks = marks === '' ? [] : marks.split(' ');
  return true;
}

/** Neither triggers nor foreign keys shall notice; that needs a right that most owners of a database lack. */
async function suspendTriggers(connection: PostgresConnection): Promise<boolean> {
  try {
    await connection.run('SET session_replication_role = replica');
  } catch (cause) {
    if (isLimbeckError(cause) && cause.code === 'PERMISSION_DENIED') return false;
    throw cause;
  }
  // These would fire even so.
  const always = await connection.queryArrays(
    "SELECT 1 FROM pg_catalog.pg_trigger WHERE tgenabled IN ('A', 'R') LIMIT 1",
  );
  if (always.length === 0) return true;
  await connection.run('RESET session_replication_role');
  return false;
}

async function readTables(connection: PostgresConnection): Promise<RestoredTable[]> {
  const rows = await connection.queryArrays(`
    SELECT n.nspname, c.relname,
           (SELECT pg_catalog.json_agg(a.attname ORDER BY a.attnum) FROM pg_catalog.pg_attribute a
             WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '')
      FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind = 'r' AND c.relnamespace IN (${SCHEMAS})
     ORDER BY c.oid`);
  const tables = rows.map(([schema, name, columns]) => ({
    name: `${quoteIdentifier(String(schema))}.${quoteIdentifier(String(name))}`,
    columns: (columns === null ? [] : (JSON.parse(String(columns)) as string[])).map(quoteIdentifier),
  }));
  if (tables.length === 0) return [];
  const [filled = []] = await connection.queryArrays(
    `SELECT ${tables.map(({ name }) => `EXISTS (SELECT 1 FROM ONLY ${name})`).join(', ')}`,
  );
  return tables.map((table, i) => ({ ...table, hasRows: filled[i] === true }));
}

/** The order in which keys let tables be emptied; undefined where keys form a circle or triggers are in the way. */
async function childrenFirst(
  connection: PostgresConnection,
  tables: readonly RestoredTable[],
): Promise<readonly RestoredTable[] | undefined> {
  const [[triggers] = []] = await connection.queryArrays(
    'SELECT count(*) FROM pg_catalog.pg_trigger WHERE NOT tgisinternal',
  );
  if (triggers !== 0) return undefined;
  const keys = await connection.queryArrays(`
    SELECT pg_catalog.format('%s.%s', pg_catalog.to_json(n.nspname), pg_catalog.to_json(c.relname)),
           pg_catalog.format('%s.%s', pg_catalog.to_json(m.nspname), pg_catalog.to_json(p.relname))
      FROM pg_catalog.pg_constraint k
      JOIN pg_catalog.pg_class c ON c.oid = k.conrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_catalog.pg_class p ON p.oid = k.confrelid JOIN pg_catalog.pg_namespace m ON m.oid = p.relnamespace
     WHERE k.contype = 'f' AND k.conrelid <> k.confrelid`);
  const children = new Map<string, Set<string>>();
  for (const [child, parent] of keys) {
    const list = children.get(nameOf(parent)) ?? new Set();
    children.set(nameOf(parent), list.add(nameOf(child)));
  }
  const left = new Map(tables.map((table) => [table.name, table]));
  const ordered: RestoredTable[] = [];
  while (left.size > 0) {
    const free = [...left.values()].filter(
      ({ name }) => ![...(children.get(name) ?? [])].some((child) => left.has(child)),
    );
    if (free.length === 0) return undefined;
    for (const table of free) left.delete(table.name);
    ordered.push(...free);
  }
  return ordered;
}

/** Two JSON strings with a dot between them, as quoted names. */
function nameOf(value: SqlValue | undefined): string {
  const match = /^("(?:[^"\\]|\\.)*")\.("(?:[^"\\]|\\.)*")$/.exec(String(value));
  return `${quoteIdentifier(JSON.parse(match?.[1] ?? '""') as string)}.${quoteIdentifier(JSON.parse(match?.[2] ?? '""') as string)}`;
}

/** Copies of the rows that were there, which only this session sees. */
async function keepRows(connection: PostgresConnection, tables: readonly RestoredTable[]): Promise<void> {
  const copies = tables.flatMap(({ name, hasRows }, i) =>
    hasRows ? [`CREATE TEMPORARY TABLE limbeck_rows_${i} AS SELECT * FROM ONLY ${name}`] : [],
  );
  if (copies.length > 0) await connection.script(copies.join('; '));
}

async function names(connection: PostgresConnection, where: string): Promise<string[]> {
  const rows = await connection.queryArrays(`
    SELECT n.nspname, c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relnamespace IN (${SCHEMAS}) AND ${where} ORDER BY c.oid`);
  return rows.map(([schema, name]) => `${quoteIdentifier(String(schema))}.${quoteIdentifier(String(name))}`);
}

interface SequenceState {
  readonly name: string;
  readonly last: bigint;
  readonly isCalled: boolean;
}

async function readSequences(connection: PostgresConnection): Promise<SequenceState[]> {
  const sequences: SequenceState[] = [];
  for (const name of await names(connection, "relkind = 'S'")) {
    const [[last, isCalled] = []] = await connection.queryArrays(
      `SELECT last_value, is_called FROM ${name}`,
      [],
      { bigints: true },
    );
    sequences.push({ name, last: last as bigint, isCalled: isCalled === true });
  }
  return sequences;
}

/** Stands for the rows of a table: a row that was written has another place and another transaction. */
function markOf(name: string): string {
  return `(SELECT coalesce(sum(pg_catalog.hashtextextended(concat(ctid, ' ', xmin), 0)), 0)::text FROM ONLY ${name})`;
}

function functionText(
  tables: readonly RestoredTable[],
  views: readonly string[],
  sequences: readonly SequenceState[],
  suspends: boolean,
): string {
  const filled = tables.filter(({ hasRows }) => hasRows);
  const refill = tables.flatMap((table, i) => (table.hasRows ? [insertText(table, i)] : []));
  const body = [
    `IF ${CATALOG} IS DISTINCT FROM wanted THEN RETURN NULL; END IF;`,
    // Without the right to suspend keys, rows that others refer to go after those, and come before them.
    ...(suspends || filled.length === 0
      ? []
      : [
          `IF ${filled.map(({ name }, i) => `${markOf(name)} IS DISTINCT FROM marks[${i + 1}]`).join(' OR ')} THEN`,
          ...tables.map(({ name }) => `DELETE FROM ONLY ${name};`),
          ...[...refill].reverse(),
          'END IF;',
        ]),
    ...tables.flatMap((table) => (table.hasRows ? [] : [emptyText(table.name)])),
    ...filled.flatMap(({ name }, i) => [
      ...(suspends
        ? [
            `IF ${markOf(name)} IS DISTINCT FROM marks[${i + 1}] THEN`,
            `DELETE FROM ONLY ${name};`,
            refill[i] as string,
            'END IF;',
          ]
        : []),
      `marks[${i + 1}] := ${markOf(name)};`,
    ]),
    ...views.flatMap((name, i) => [
      `IF ${markOf(name)} IS DISTINCT FROM marks[${filled.length + i + 1}] THEN REFRESH MATERIALIZED VIEW ${name}; END IF;`,
      `marks[${filled.length + i + 1}] := ${markOf(name)};`,
    ]),
    ...sequences.map(
      ({ name, last, isCalled }) =>
        `PERFORM pg_catalog.setval(${literalText(name)}::pg_catalog.regclass, ${last}, ${isCalled}) FROM ${name} WHERE last_value <> ${last} OR is_called <> ${isCalled};`,
    ),
    "RETURN pg_catalog.array_to_string(marks, ' ');",
  ].join('\n');
  // Whatever names hold, nothing in them ends the text.
  const quote = `$limbeck_${body.length}$`;
  return `CREATE FUNCTION pg_temp.limbeck_restore(wanted text, marks text[]) RETURNS text LANGUAGE plpgsql AS ${quote}
BEGIN
${body}
END ${quote}`;
}

function emptyText(name: string): string {
  return `IF EXISTS (SELECT 1 FROM ONLY ${name}) THEN DELETE FROM ONLY ${name}; END IF;`;
}

function insertText({ name, columns }: RestoredTable, i: number): string {
  const list = columns.join(', ');
  return `INSERT INTO ${name} (${list}) OVERRIDING SYSTEM VALUE SELECT ${list} FROM pg_temp.limbeck_rows_${i};`;
}
