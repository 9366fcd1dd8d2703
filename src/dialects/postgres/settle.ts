/**
 * Lets the server say how it words expressions: they are put as constraints on a table with the columns that they
 * speak of, read back, and all of it is undone. Everything happens in one DO block, whose inner blocks are rolled
 * back by an exception of their own, so nothing is left behind whether or not a transaction is open. What the
 * server refuses has no answer.
 */

import { isLimbeckError } from '../../base/errors.js';
import type { Column, ColumnType, Schema, Table } from '../../schema/model.js';
import { splitTableName } from '../../schema/table-names.js';
import type { Connection, ExpressionQuestion, Settled } from '../contract.js';
import { isWellFormed } from '../shared/values.js';
import { isOneExpression, withoutEnd } from './expressions.js';
import { literalText, quoteIdentifier as quote } from './literals.js';
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
  const block = `DO ${literalText(blockText(asked, questions.length, schema))}`;
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
  const answers = JSON.parse(String(text)) as Answers;
  if (answers.denied !== null) return { denied: answers.denied };
  return questions.map((question, index) => {
    const answer = answers.texts[index];
    return answer == null ? undefined : unwrapped(question, answer);
  });
}

/** Why a standby lets nobody write: 0A000 for BEGIN READ WRITE, 25006 for what comes after. */
function reasonToRefuse(cause: unknown): string | undefined {
  if (!isLimbeckError(cause)) return undefined;
  const { code, message } = (cause.cause ?? {}) as { readonly code?: unknown; readonly message?: unknown };
  return code === '0A000' || code === '25006' ? String(message) : undefined;
}

interface Answers {
  readonly denied: string | null;
  readonly texts: readonly (string | null)[];
}

interface Asked {
  readonly question: ExpressionQuestion;
  readonly index: number;
}

function isAskable({ question: { sql, kind, table, column } }: Asked): boolean {
  if (kind !== 'view' && table === undefined) return false;
  if ((kind === 'default' || kind === 'generated') && column === undefined) return false;
  // What cannot be sent would leave all the others without an answer.
  if (sql.includes('\0') || !isWellFormed(sql)) return false;
  return isOneExpression(kind === 'view' ? withoutEnd(sql) : sql) && sql.trim() !== '';
}

function blockText(asked: readonly Asked[], count: number, schema: Schema): string {
  const of = (...kinds: readonly ExpressionQuestion['kind'][]): Asked[] =>
    asked.filter(({ question }) => kinds.includes(question.kind));
  const groups = byTable(of('default', 'generated', 'check', 'index', 'predicate'));
  const tables = asked.flatMap(({ question }) => question.table ?? []);
  return `DECLARE
  texts text[] := array_fill(NULL::text, ARRAY[${count}]);
  said text[] := array_fill(NULL::text, ARRAY[${count}]);
  denied text; answer text; wording text; fresh text; part text; nth integer;
  job jsonb; ask record;
BEGIN
  BEGIN
    -- What is ours must not stand before what an expression means: a table's name is a type's as well.
    PERFORM set_config('search_path', concat_ws(', ', nullif(current_setting('search_path'), ''), 'pg_temp'), true);
${missingEnums(tables, schema).join('\n')}
${of('view').map(viewText).join('\n')}
${of('exclusion').map(exclusionText).join('\n')}
${groups.length === 0 ? '' : jobsText(groups)}
    RAISE EXCEPTION USING ERRCODE = 'LB000';
  EXCEPTION
    WHEN SQLSTATE 'LB000' THEN NULL;
    WHEN ${NOT_ALLOWED} THEN denied := SQLERRM;
  END;
  PERFORM set_config('${SETTING}', json_build_object('denied', denied, 'texts', texts)::text, true);
END`;
}

interface Group {
  readonly table: Table;
  readonly asked: Asked[];
}

/** Tables with the same columns are made once. */
function byTable(asked: readonly Asked[]): Group[] {
  const groups = new Map<string, Group>();
  for (const each of asked) {
    const { table } = each.question;
    if (table === undefined) continue;
    const key = JSON.stringify([table.name, table.columns.map(columnText)]);
    const group = groups.get(key);
    if (group) group.asked.push(each);
    else groups.set(key, { table, asked: [each] });
  }
  return [...groups.values()];
}

/** Once read back, a text may be worded in yet another way when it is read again; the last wording stays. */
const MOST_ROUNDS = 5;

/**
 * All questions about a table at once, and one by one only where the server refuses one of them. The tables are
 * data of the block: so many statements would take longer to read than to run.
 */
function jobsText(groups: readonly Group[]): string {
  const jobs = literalText(JSON.stringify(groups.map(jobOf)));
  return `    FOR job IN SELECT value FROM jsonb_array_elements(${jobs}) LOOP
      BEGIN
        BEGIN
          EXECUTE concat(job->>'head', job->>'columns', job->>'parts', job->>'tail');
        EXCEPTION WHEN ${NOT_ALLOWED} THEN RAISE; WHEN OTHERS THEN
          BEGIN
            EXECUTE concat(job->>'head', job->>'columns', job->>'tail');
          EXCEPTION WHEN OTHERS THEN
            EXECUTE concat(job->>'head', job->>'tail');
            FOR part IN SELECT value FROM jsonb_array_elements_text(job->'eachColumn') LOOP
              BEGIN EXECUTE concat('ALTER TABLE ', job->>'table', ' ADD ', part); EXCEPTION WHEN OTHERS THEN NULL; END;
            END LOOP;
          END;
          FOR part IN SELECT value FROM jsonb_array_elements_text(job->'eachPart') LOOP
            BEGIN EXECUTE concat('ALTER TABLE ', job->>'table', ' ADD ', part); EXCEPTION WHEN OTHERS THEN NULL; END;
          END LOOP;
        END;
        FOR ask IN SELECT key::integer AS nth, value AS sql FROM jsonb_each_text(job->'said') LOOP
          said[ask.nth] := ask.sql;
        END LOOP;
        FOR round IN 1 .. ${MOST_ROUNDS} LOOP
          fresh := '';
          FOR ask IN
            SELECT conname AS name, pg_get_expr(conbin, conrelid) AS sql, NULL AS type
            FROM pg_catalog.pg_constraint
            WHERE conrelid = (job->>'table')::regclass AND starts_with(conname, concat(job->>'free', '_', round, '_'))
            UNION ALL
            SELECT a.attname, pg_get_expr(d.adbin, d.adrelid), format_type(a.atttypid, a.atttypmod)
            FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
            WHERE a.attrelid = (job->>'table')::regclass AND starts_with(a.attname, concat(job->>'free', '_', round, '_'))
          LOOP
            nth := substring(ask.name FROM '[0-9]+$');
            texts[nth] := ask.sql;
            CONTINUE WHEN ask.sql = said[nth];
            said[nth] := ask.sql;
            fresh := concat(fresh, CASE WHEN fresh = '' THEN '' ELSE ', ' END,
              CASE WHEN ask.type IS NULL
                THEN format('ADD CONSTRAINT %I CHECK (%s)', concat(job->>'free', '_', round + 1, '_', nth), ask.sql)
                ELSE format('ADD %I %s DEFAULT %s', concat(job->>'free', '_', round + 1, '_', nth), ask.type, ask.sql) END);
          END LOOP;
          EXIT WHEN fresh = '';
          BEGIN EXECUTE concat('ALTER TABLE ', job->>'table', ' ', fresh); EXCEPTION WHEN OTHERS THEN EXIT; END;
        END LOOP;
        RAISE EXCEPTION USING ERRCODE = 'LB000';
      EXCEPTION WHEN SQLSTATE 'LB000' THEN NULL;
      END;
    END LOOP;`;
}

/** One table, without generated columns, so that each of them can be asked about. */
function jobOf({ table, asked }: Group): unknown {
  const { name } = splitTableName(table.name);
  const free = freeName(table);
  const columns = table.columns.map(columnText);
  const parts = asked.map((each) => partText(each, free));
  return {
    // It has the name of the real one, which an expression may say; partitioned, it has no files to be made.
    table: `pg_temp.${quote(name)}`,
    head: `CREATE TEMPORARY TABLE ${quote(name)} (${free} integer`,
    columns: columns.map((column) => `, ${column}`).join(''),
    parts: parts.map((part) => `, ${part}`).join(''),
    tail: `) PARTITION BY LIST (${free})`,
    eachColumn: columns,
    eachPart: parts,
    free,
    said: Object.fromEntries(asked.map(({ question, index }) => [index + 1, wrapped(question)])),
  };
}

/** A name that no column begins with. */
function freeName({ columns }: Table): string {
  let free = 'limbeck';
  while (columns.some(({ name }) => name.startsWith(free))) free += '_';
  return free;
}

/** A question as a constraint; a default as a column that has it. */
function partText({ question, index }: Asked, free: string): string {
  const name = `${free}_1_${index + 1}`;
  if (question.kind === 'default' && question.column) {
    return `${name} ${columnTypeText(question.column)} DEFAULT (${question.sql}\n)`;
  }
  return `CONSTRAINT ${name} CHECK (${isCondition(question) ? `${question.sql}\n` : `(${question.sql}\n) IS NOT NULL`})`;
}

function isCondition({ kind }: ExpressionQuestion): boolean {
  return kind === 'check' || kind === 'predicate';
}

const NOT_NULL = ' IS NOT NULL)';

/** Values that are no conditions are asked about as part of one; so is what has been read back already. */
function wrapped(question: ExpressionQuestion): string {
  return question.kind === 'default' || isCondition(question) ? question.sql : `(${question.sql}${NOT_NULL}`;
}

function unwrapped(question: ExpressionQuestion, text: string): string {
  const isWrapped = wrapped(question) !== question.sql && text.startsWith('(') && text.endsWith(NOT_NULL);
  return isWrapped ? text.slice(1, -NOT_NULL.length) : text;
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
      .filter(({ name }) => splitTableName(name).schema === undefined)
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

function columnText(column: Column): string {
  return `${quote(column.name)} ${columnTypeText(column)}`;
}

function columnTypeText({ type, collation }: Column): string {
  return `${typeText(type)}${collation === undefined ? '' : ` COLLATE ${quote(collation)}`}`;
}

/** How an expression is put somewhere, read back in the server's words, and taken away. */
interface Probe {
  readonly make: readonly [before: string, after: string];
  /** What to select. */
  readonly read: string;
  readonly undo: string;
}

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
        texts[${index + 1}] := answer;
        EXIT WHEN answer = wording;
        wording := answer;
      END LOOP;
    EXCEPTION WHEN ${NOT_ALLOWED} THEN RAISE; WHEN OTHERS THEN ${otherwise} END;`;
}

/** Views look at the tables that are there, so none of ours may stand before them. */
function viewText({ question, index }: Asked): string {
  return probeText(index, withoutEnd(question.sql), {
    make: ['CREATE TEMPORARY VIEW limbeck_view AS ', ''],
    read: "regexp_replace(pg_get_viewdef('pg_temp.limbeck_view'::regclass), ';$', '')",
    undo: 'DROP VIEW pg_temp.limbeck_view',
  });
}

/** Elements are worded the same whichever method they are for, but not every operator is one of every method. */
const EXCLUSION_METHODS = ['gist', 'btree', 'spgist', 'hash'];

/** Exclusions stand on plain tables only. */
function exclusionText({ question, index }: Asked): string {
  const { table, sql } = question;
  if (table === undefined) return '';
  const { name } = splitTableName(table.name);
  const scratch = `pg_temp.${quote(name)}`;
  const alter = `ALTER TABLE ${scratch}`;
  const probes = EXCLUSION_METHODS.map(
    (method): Probe => ({
      make: [`${alter} ADD CONSTRAINT limbeck EXCLUDE USING ${method} (`, '\n)'],
      read: `(SELECT substring(pg_get_constraintdef(oid) FROM '^EXCLUDE USING [a-z]+ \\((.*)\\)$') FROM pg_catalog.pg_constraint WHERE conrelid = ${literalText(scratch)}::regclass AND conname = 'limbeck')`,
      undo: `${alter} DROP CONSTRAINT limbeck`,
    }),
  );
  const ask = probes.reduceRight((otherwise, probe) => probeText(index, sql, probe, otherwise), 'NULL;');
  return guarded(
    execute(`CREATE TEMPORARY TABLE ${quote(name)} (${table.columns.map(columnText).join(', ')})`),
    ask,
    execute(`DROP TABLE ${scratch}`),
  );
}
