/**
 * Lets the server say how it words expressions: each is put into a table of its own kind and read back, and then
 * all of it is undone. Everything happens in one DO block, whose inner block is rolled back by an exception of its
 * own, so nothing is left behind whether or not a transaction is open. What the server refuses has no answer.
 */

import { isLimbeckError } from '../../base/errors.js';
import type { Column, ColumnType, Schema, Table } from '../../schema/model.js';
import type { Connection, ExpressionQuestion, Settled } from '../contract.js';
import { isOneExpression } from './expressions.js';
import { literalText, quoteIdentifier as quote, splitName } from './literals.js';
import { enumText, typeText } from './types.js';

const NOT_ALLOWED = 'insufficient_privilege OR read_only_sql_transaction';

/** Holds the answers until they are read: a variable of the block would not outlive it. */
const SETTING = 'limbeck.settled';

/** The wording of each expression, in the order asked. */
export async function settle(
  connection: Connection,
  questions: readonly ExpressionQuestion[],
  schema: Schema,
): Promise<Settled> {
  const asked = questions.map((question, index) => ({ question, index })).filter(isAskable);
  if (asked.length === 0) return questions.map(() => undefined);
  const block = `DO ${literalText(blockText(asked, schema))}`;
  const own = !connection.inTransaction;
  let text: unknown;
  try {
    // A connection that only looks may be read-only by default, and a transaction of one's own need not be.
    await connection.script(own ? `BEGIN READ WRITE; ${block}` : block);
    const [[found] = []] = await connection.queryArrays(`SELECT current_setting('${SETTING}', true)`);
    text = found;
  } catch (cause) {
    const reason = own ? reasonToRefuse(cause) : undefined;
    if (reason === undefined) throw cause;
    return { denied: reason };
  } finally {
    if (own) await connection.run('ROLLBACK');
  }
  const answers = JSON.parse(String(text)) as { denied?: string; texts?: Record<string, string> };
  if (answers.denied !== undefined) return { denied: answers.denied };
  return questions.map((_, index) => answers.texts?.[String(index)]);
}

/** Why a standby lets nobody write: 0A000 for BEGIN READ WRITE, 25006 for what comes after. */
function reasonToRefuse(cause: unknown): string | undefined {
  if (!isLimbeckError(cause)) return undefined;
  const { code, message } = (cause.cause ?? {}) as { readonly code?: unknown; readonly message?: unknown };
  return code === '0A000' || code === '25006' ? String(message) : undefined;
}

interface Asked {
  readonly question: ExpressionQuestion;
  readonly index: number;
}

function isAskable({ question: { sql, kind, table, column } }: Asked): boolean {
  if (kind !== 'view' && table === undefined) return false;
  if ((kind === 'default' || kind === 'generated') && column === undefined) return false;
  return isOneExpression(sql) && sql.trim() !== '';
}

/** Tables with the same columns are made once. */
function byTable(asked: readonly Asked[]): Map<string, { readonly table: Table; readonly asked: Asked[] }> {
  const groups = new Map<string, { readonly table: Table; readonly asked: Asked[] }>();
  for (const each of asked) {
    const { table } = each.question;
    if (table === undefined) continue;
    const key = JSON.stringify([table.name, table.columns.map(columnText)]);
    const group = groups.get(key);
    if (group) group.asked.push(each);
    else groups.set(key, { table, asked: [each] });
  }
  return groups;
}

function blockText(asked: readonly Asked[], schema: Schema): string {
  const views = asked.filter(({ question }) => question.kind === 'view');
  const groups = [...byTable(asked).values()];
  const lines = [
    ...missingEnums(
      groups.map(({ table }) => table),
      schema,
    ),
    // Views look at the tables that are there, so no table of ours may stand before them.
    ...views.map(viewText),
    ...groups.flatMap(groupText),
  ];
  return `DECLARE
  texts jsonb := '{}';
  denied text;
  answer text;
  wording text;
BEGIN
  BEGIN
    -- What is ours must not stand before what an expression means: a table's name is a type's as well.
    PERFORM set_config('search_path', concat_ws(', ', nullif(current_setting('search_path'), ''), 'pg_temp'), true);
${lines.join('\n')}
    RAISE EXCEPTION USING ERRCODE = 'LB000';
  EXCEPTION
    WHEN SQLSTATE 'LB000' THEN NULL;
    WHEN ${NOT_ALLOWED} THEN denied := SQLERRM;
  END;
  PERFORM set_config('${SETTING}', CASE WHEN denied IS NULL THEN jsonb_build_object('texts', texts) ELSE jsonb_build_object('denied', denied) END::text, true);
END`;
}

/** Runs statements that may fail, in a block of their own, so that the others are not undone. */
function guarded(...statements: readonly string[]): string {
  return `    BEGIN ${statements.join(' ')} EXCEPTION WHEN OTHERS THEN NULL; END;`;
}

/** Runs text as a statement. */
function execute(sql: string): string {
  return `EXECUTE ${literalText(sql)};`;
}

/** Enums that are still to be made, for the columns and expressions that name them. */
function missingEnums(tables: readonly Table[], schema: Schema): string[] {
  const used = new Set(tables.flatMap((table) => table.columns.map(({ type }) => enumNameOf(type))));
  return (
    schema.enums
      .filter(({ name }) => used.has(name))
      // One of another schema is called by that schema, where nothing may be made.
      .filter(({ name }) => splitName(name).schema === undefined)
      .map(({ name, values }) => {
        const create = `CREATE TYPE pg_temp.${quote(name)} AS ENUM (${values.map(literalText).join(', ')})`;
        return guarded(
          `IF to_regtype(${literalText(enumText(name))}) IS NULL THEN ${execute(create)} END IF;`,
        );
      })
  );
}

function enumNameOf(type: ColumnType): string | undefined {
  if (type.kind === 'array') return enumNameOf(type.of);
  return type.kind === 'enum' ? type.name : undefined;
}

/** How an expression is put somewhere, read back in the server's words, and taken away. */
interface Probe {
  readonly make: readonly [before: string, after: string];
  /** What to select. */
  readonly read: string;
  readonly undo: string;
}

/** Once read back, a text may be worded in yet another way when it is read again; the last wording stays. */
const MOST_ROUNDS = 5;

/** Asks until the server's wording of its own words is the same, in a block that takes back what fails. */
function probeText(index: number, sql: string, { make, read, undo }: Probe, otherwise = 'NULL;'): string {
  const [before, after] = make.map(literalText);
  return `BEGIN
      wording := ${literalText(sql)};
      FOR i IN 1 .. ${MOST_ROUNDS} LOOP
        EXECUTE ${before} || wording || ${after};
        SELECT ${read} INTO answer;
        EXECUTE ${literalText(undo)};
        EXIT WHEN answer IS NULL;
        texts := jsonb_set(texts, '{${index}}', to_jsonb(answer));
        EXIT WHEN answer = wording;
        wording := answer;
      END LOOP;
    EXCEPTION WHEN ${NOT_ALLOWED} THEN RAISE; WHEN OTHERS THEN ${otherwise} END;`;
}

function viewText({ question, index }: Asked): string {
  return probeText(index, question.sql.replace(/;\s*$/, ''), {
    make: ['CREATE TEMPORARY VIEW limbeck_view AS ', ''],
    read: "regexp_replace(pg_get_viewdef('pg_temp.limbeck_view'::regclass), ';$', '')",
    undo: 'DROP VIEW pg_temp.limbeck_view',
  });
}

/**
 * One table with all its questions. It has the name of the real one, which an expression may say, and no
 * generated columns, so that each of them can be asked about.
 */
function groupText({ table, asked }: { readonly table: Table; readonly asked: readonly Asked[] }): string[] {
  const { name } = splitName(table.name);
  const scratch = `pg_temp.${quote(name)}`;
  const columns = table.columns.map(columnText);
  return [
    `    BEGIN ${execute(`CREATE TEMPORARY TABLE ${quote(name)} (${columns.join(', ')})`)}
    EXCEPTION WHEN ${NOT_ALLOWED} THEN RAISE; WHEN OTHERS THEN
      ${execute(`CREATE TEMPORARY TABLE ${quote(name)} ()`)}
${columns.map((column) => guarded(execute(`ALTER TABLE ${scratch} ADD COLUMN ${column}`))).join('\n')}
    END;`,
    ...asked.map((each) => questionText(each, { scratch, free: freeName(table) })),
    `    ${execute(`DROP TABLE ${scratch}`)}`,
  ];
}

function columnText(column: Column): string {
  return `${quote(column.name)} ${columnTypeText(column)}`;
}

function columnTypeText({ type, collation }: Column): string {
  return `${typeText(type)}${collation === undefined ? '' : ` COLLATE ${quote(collation)}`}`;
}

/** Where questions about a table are asked. */
interface Scratch {
  /** The table as SQL text. */
  readonly scratch: string;
  /** A name for whatever is made to ask: neither the table nor one of its columns has it. */
  readonly free: string;
}

function freeName({ name, columns }: Table): string {
  const taken = new Set([splitName(name).name, ...columns.map((column) => column.name)]);
  let free = 'limbeck_probe';
  while (taken.has(free)) free += '_';
  return free;
}

function questionText({ question, index }: Asked, place: Scratch): string {
  const { kind, sql, column } = question;
  const type = column ? columnTypeText(column) : '';
  const probes = probesOf(kind, type, place);
  return probes.reduceRight((otherwise, probe) => probeText(index, sql, probe, otherwise), 'NULL;');
}

/** Ways of asking; one after the other is tried until the server takes one. */
function probesOf(kind: ExpressionQuestion['kind'], type: string, { scratch, free }: Scratch): Probe[] {
  const regclass = `${literalText(scratch)}::regclass`;
  const alter = `ALTER TABLE ${scratch}`;
  const ofColumn = `(SELECT pg_get_expr(d.adbin, d.adrelid) FROM pg_catalog.pg_attrdef d JOIN pg_catalog.pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum WHERE d.adrelid = ${regclass} AND a.attname = '${free}')`;
  const ofConstraint = (value: string): string =>
    `(SELECT ${value} FROM pg_catalog.pg_constraint WHERE conrelid = ${regclass} AND conname = '${free}')`;
  const dropConstraint = `${alter} DROP CONSTRAINT ${free}`;
  const check = (after: string): Probe => ({
    make: [`${alter} ADD CONSTRAINT ${free} CHECK ((`, `\n)${after})`],
    read: ofConstraint('pg_get_expr(conbin, conrelid)'),
    undo: dropConstraint,
  });
  switch (kind) {
    case 'default':
      return [
        {
          make: [`${alter} ADD COLUMN ${free} ${type} DEFAULT (`, '\n)'],
          read: ofColumn,
          undo: `${alter} DROP COLUMN ${free}`,
        },
      ];
    case 'generated':
      return [
        {
          make: [`${alter} ADD COLUMN ${free} ${type} GENERATED ALWAYS AS (`, '\n) STORED'],
          read: ofColumn,
          undo: `${alter} DROP COLUMN ${free}`,
        },
      ];
    case 'check':
      return [check('')];
    case 'predicate':
      return [
        {
          make: [`CREATE INDEX ${free} ON ${scratch} ((1)) WHERE (`, '\n)'],
          read: `(SELECT pg_get_expr(indpred, indrelid) FROM pg_catalog.pg_index WHERE indexrelid = 'pg_temp.${free}'::regclass)`,
          undo: `DROP INDEX pg_temp.${free}`,
        },
      ];
    case 'index':
      return [
        {
          make: [`CREATE INDEX ${free} ON ${scratch} ((`, '\n))'],
          read: `pg_get_indexdef('pg_temp.${free}'::regclass, 1, false)`,
          undo: `DROP INDEX pg_temp.${free}`,
        },
        // Values without an order (points, geometries) have no such index; a condition holds any value.
        check(' IS NOT NULL'),
      ];
    case 'exclusion':
      // Elements are worded the same whichever method they are for.
      return ['gist', 'btree', 'spgist', 'hash'].map((method) => ({
        make: [`${alter} ADD CONSTRAINT ${free} EXCLUDE USING ${method} (`, '\n)'] as const,
        read: ofConstraint("substring(pg_get_constraintdef(oid) FROM '^EXCLUDE USING [a-z]+ \\((.*)\\)$')"),
        undo: dropConstraint,
      }));
    case 'view':
      return [];
    default:
      return kind satisfies never;
  }
}
