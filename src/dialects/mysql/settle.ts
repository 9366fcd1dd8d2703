/**
 * The server's own wording of expressions: both sides of a comparison go through the one printer that every definition
 * goes through, that of SHOW CREATE TABLE, in temporary tables that nobody else sees and that commit nothing.
 *
 * A view has no temporary form; its query is explained, over temporary tables of the names that it reads, and the
 * server's note says how it understood it. The shadows have neither rows nor keys, so that no value gets into the text.
 */

import { isLimbeckError } from '../../base/errors.js';
import { tokenize } from '../../base/sql-tokens.js';
import { columnsIn } from '../../schema/column-uses.js';
import type { Column, Schema, Table } from '../../schema/model.js';
import type { Connection, ExpressionQuestion, Settled } from '../contract.js';
import { columnTypeText, type DdlContext, enclosed } from './ddl.js';
import { momentOf } from './defaults.js';
import { queryToMysql, toPortable } from './expressions.js';
import type { Flavour } from './flavour.js';
import { quoteIdentifier as quote } from './literals.js';
import { defaultOf, insideOf, lineOf } from './printed-table.js';

/** Asks the server; see `Dialect.settle`. */
export async function settle(
  flavour: Flavour,
  connection: Connection,
  questions: readonly ExpressionQuestion[],
  schema: Schema,
): Promise<Settled> {
  const context = { flavour, schema };
  const answers: (string | undefined)[] = questions.map(() => undefined);
  try {
    for (const group of groupsOf(questions)) {
      const asked = group.map((index) => ({ index, question: questions[index] as ExpressionQuestion }));
      const texts = await settleTable(
        connection,
        asked.map(({ question }) => question),
        context,
      );
      asked.forEach(({ index }, i) => {
        answers[index] = texts[i];
      });
    }
    const views = questions.flatMap((question, index) =>
      question.kind === 'view' ? [{ question, index }] : [],
    );
    if (views.length > 0) {
      const texts = await explainViews(
        connection,
        views.map(({ question }) => question.sql),
        context,
      );
      views.forEach(({ index }, i) => {
        answers[index] = texts[i];
      });
    }
  } catch (cause) {
    if (isLimbeckError(cause) && isDenied(cause.code)) return { denied: reasonOf(cause) };
    throw cause;
  }
  return answers;
}

function isDenied(code: string): boolean {
  return code === 'PERMISSION_DENIED' || code === 'DATABASE_READONLY';
}

function reasonOf(cause: { readonly message: string }): string {
  return `temporary tables are not allowed here: ${cause.message.split('\n', 1)[0]}`;
}

/** Questions that one temporary table can answer: those over the columns of the same table. */
function groupsOf(questions: readonly ExpressionQuestion[]): number[][] {
  const groups = new Map<string, number[]>();
  questions.forEach((question, index) => {
    if (question.kind === 'view' || question.table === undefined) return;
    const key = JSON.stringify(
      question.table.columns.map(({ name, type, options }) => [name, type, options]),
    );
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [index]);
    else group.push(index);
  });
  return [...groups.values()];
}

/** One by one where one of them is refused: it must not spoil the others. */
async function settleTable(
  connection: Connection,
  questions: readonly ExpressionQuestion[],
  context: DdlContext,
): Promise<(string | undefined)[]> {
  try {
    return await printedAll(connection, questions, context);
  } catch (cause) {
    if (!isLimbeckError(cause) || isDenied(cause.code) || isLost(cause.code)) throw cause;
    if (questions.length === 1) return [undefined];
    const halves = [questions.slice(0, questions.length >> 1), questions.slice(questions.length >> 1)];
    const texts: (string | undefined)[] = [];
    for (const half of halves) texts.push(...(await settleTable(connection, half, context)));
    return texts;
  }
}

function isLost(code: string): boolean {
  return code === 'CONNECTION_LOST' || code === 'CONNECTION_CLOSED';
}

const SCRATCH = 'limbeck_settle';

async function printedAll(
  connection: Connection,
  questions: readonly ExpressionQuestion[],
  context: DdlContext,
): Promise<(string | undefined)[]> {
  const table = questions[0]?.table as Table;
  const free = freePrefix(table);
  const used = new Set(questions.flatMap(({ sql }) => columnsIn(sql, table)));
  const lines = [
    // What they are now is what the expressions may use; how their values come about is not.
    `${quote(`${free}0`)} int`,
    ...table.columns
      .filter(({ name }) => used.has(name))
      .map((column) => `${quote(column.name)} ${columnTypeText(plain(column), table, context)} NULL`),
    ...questions.map((question, i) => questionText(question, `${free}${i + 1}`, context)),
  ];
  const name = quote(SCRATCH);
  await connection.run(`DROP TEMPORARY TABLE IF EXISTS ${name}`);
  try {
    await connection.run(`CREATE TEMPORARY TABLE ${name} (\n${lines.join(',\n')}\n) ENGINE=InnoDB`);
    const [row] = await connection.queryArrays(`SHOW CREATE TABLE ${name}`);
    const printed = String(row?.[1] ?? '');
    return questions.map((question, i) => answerOf(question, `${free}${i + 1}`, printed));
  } finally {
    await connection.run(`DROP TEMPORARY TABLE IF EXISTS ${name}`);
  }
}

function plain({ name, type, collation, options }: Column): Column {
  const unsigned = options?.['mysql.unsigned'] === true ? { options: { 'mysql.unsigned': true } } : {};
  return { name, type, nullable: true, ...(collation !== undefined && { collation }), ...unsigned };
}

/** What no column of the table begins with. */
function freePrefix({ columns }: Table): string {
  const names = columns.map(({ name }) => name.toLowerCase());
  for (let i = 0; ; i++) {
    const prefix = `settle${i === 0 ? '' : i}_`;
    if (!names.some((name) => name.startsWith(prefix))) return prefix;
  }
}

function questionText(question: ExpressionQuestion, name: string, context: DdlContext): string {
  const table = question.table as Table;
  const expression = enclosed(question.sql, table);
  switch (question.kind) {
    case 'default': {
      const column = question.column as Column;
      return `${quote(name)} ${columnTypeText(plain(column), table, context)} DEFAULT ${expression}`;
    }
    case 'generated': {
      const column = question.column as Column;
      return `${quote(name)} ${columnTypeText(plain(column), table, context)} GENERATED ALWAYS AS ${expression} VIRTUAL`;
    }
    case 'index':
      return `${quote(name)} longtext GENERATED ALWAYS AS ${expression} VIRTUAL`;
    default:
      return `CONSTRAINT ${quote(name)} CHECK ${expression}`;
  }
}

/** The expression in the line of the printed definition that begins with a name. */
function answerOf(question: ExpressionQuestion, name: string, printed: string): string | undefined {
  const { kind } = question;
  const isColumn = kind === 'default' || kind === 'generated' || kind === 'index';
  const line = lineOf(printed, `${isColumn ? '' : 'CONSTRAINT '}${quote(name)} `);
  if (line === undefined) return undefined;
  if (kind === 'default') {
    const text = defaultOf(line);
    return text === undefined ? undefined : (momentOf(text) ?? toPortable(text));
  }
  const text = insideOf(line, isColumn ? 'GENERATED ALWAYS AS' : 'CHECK');
  return text === undefined ? undefined : toPortable(text);
}

async function explainViews(
  connection: Connection,
  queries: readonly string[],
  context: DdlContext & { readonly schema: Schema },
): Promise<(string | undefined)[]> {
  const shadows = context.schema.tables.filter(({ name }) =>
    queries.some((query) => readsTable(query, name)),
  );
  const made: Table[] = [];
  try {
    for (const table of shadows) {
      const columns = table.columns.map(
        (column) => `${quote(column.name)} ${columnTypeText(plain(column), table, context)} NULL`,
      );
      await connection.run(
        `CREATE TEMPORARY TABLE ${quote(table.name)} (${columns.join(', ')}) ENGINE=InnoDB`,
      );
      made.push(table);
    }
    const texts: (string | undefined)[] = [];
    for (const query of queries) texts.push(await explained(connection, query, context.flavour));
    return texts;
  } finally {
    for (const { name } of made) await connection.run(`DROP TEMPORARY TABLE IF EXISTS ${quote(name)}`);
  }
}

function readsTable(query: string, name: string): boolean {
  return tokenize(query).some(({ kind, value }) => (kind === 'word' || kind === 'quoted') && value === name);
}

/** The note that follows EXPLAIN ("SHOW WARNINGS": 1003 has the query as the server understood it). */
async function explained(
  connection: Connection,
  query: string,
  flavour: Flavour,
): Promise<string | undefined> {
  try {
    await connection.queryArrays(`EXPLAIN ${flavour.mariadb ? 'EXTENDED ' : ''}${queryToMysql(query)}`);
    const notes = await connection.queryArrays('SHOW WARNINGS');
    const note = notes.find(([, code]) => Number(code) === 1003);
    return note === undefined ? undefined : toPortable(String(note[2]));
  } catch (cause) {
    if (!isLimbeckError(cause) || isLost(cause.code)) throw cause;
    return undefined;
  }
}
