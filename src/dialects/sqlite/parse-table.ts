/**
 * A CREATE TABLE text, as SQLite stores it in sqlite_schema, into its parts: what no pragma tells, such as
 * names of constraints, checks, collations, AUTOINCREMENT and DEFERRABLE. Follows the productions of SQLite's
 * parse.y from "create_table" on; names of constraints stay as written, or absent.
 */

import type { Deferrable, ReferentialAction } from '../../schema/model.js';
import { TokenCursor } from './parse-cursor.js';

export interface ParsedColumn {
  readonly name: string;
  /** As written; '' where none is. */
  type: string;
  notNull: boolean;
  /** The text of DEFAULT; `bare` where it stood without parentheses. */
  default?: { readonly sql: string; readonly bare: boolean };
  collation?: string;
  generated?: { readonly sql: string; readonly stored: boolean };
  autoIncrement: boolean;
}

/** A primary key or unique constraint. */
export interface ParsedKey {
  readonly name?: string | undefined;
  readonly columns: readonly string[];
}

export interface ParsedCheck {
  readonly name?: string | undefined;
  /** The column it is written at. */
  readonly column?: string | undefined;
  readonly expression: string;
}

export interface ParsedForeignKey {
  readonly name?: string | undefined;
  readonly columns: readonly string[];
  readonly refTable: string;
  /** Absent where it refers to the primary key without naming it. */
  readonly refColumns?: readonly string[] | undefined;
  readonly onDelete?: ReferentialAction | undefined;
  readonly onUpdate?: ReferentialAction | undefined;
  readonly deferrable?: Deferrable | undefined;
}

export interface ParsedTable {
  readonly name: string;
  readonly columns: ParsedColumn[];
  primaryKey?: ParsedKey;
  readonly uniques: ParsedKey[];
  readonly checks: ParsedCheck[];
  readonly foreignKeys: ParsedForeignKey[];
  strict: boolean;
  withoutRowid: boolean;
  /** What the model has no place for, as written: a rebuild that lost it would change the table. */
  readonly unmodelled: string[];
}

/** Parses a CREATE TABLE text. @throws SyntaxGap */
export function parseTable(sql: string): ParsedTable {
  const cursor = new TokenCursor(sql);
  cursor.expects('create');
  if (!cursor.takes('temp')) cursor.takes('temporary');
  cursor.expects('table');
  cursor.takes('if', 'not', 'exists');
  let name = cursor.name();
  if (cursor.takesSymbol('.')) name = cursor.name();
  const table: ParsedTable = {
    name,
    columns: [],
    uniques: [],
    checks: [],
    foreignKeys: [],
    strict: false,
    withoutRowid: false,
    unmodelled: [],
  };
  cursor.expectsSymbol('(');
  parseBody(cursor, table);
  parseOptions(cursor, table);
  return table;
}

function parseBody(cursor: TokenCursor, table: ParsedTable): void {
  do {
    if (startsTableConstraint(cursor)) break;
    parseColumn(cursor, table);
  } while (cursor.takesSymbol(','));
  // Commas between table constraints may be left out (parse.y: "tconscomma").
  while (!cursor.takesSymbol(')')) {
    parseTableConstraint(cursor, table);
    cursor.takesSymbol(',');
  }
}

function parseOptions(cursor: TokenCursor, table: ParsedTable): void {
  while (!cursor.done) {
    if (cursor.takes('without', 'rowid')) table.withoutRowid = true;
    else if (cursor.takes('strict')) table.strict = true;
    else throw cursor.gap('a table option');
    if (!cursor.done) cursor.expectsSymbol(',');
  }
}

const CONSTRAINT_WORDS: ReadonlySet<string> = new Set([
  'constraint',
  'primary',
  'unique',
  'check',
  'foreign',
]);

function startsTableConstraint(cursor: TokenCursor): boolean {
  const token = cursor.peek();
  return token?.kind === 'word' && CONSTRAINT_WORDS.has(token.text.toLowerCase());
}

/** Words that end a column's type, for they begin what follows it; all but GENERATED are reserved. */
const AFTER_TYPE: ReadonlySet<string> = new Set([
  'constraint',
  'default',
  'null',
  'not',
  'primary',
  'unique',
  'check',
  'references',
  'collate',
  'as',
  'deferrable',
]);

function parseColumn(cursor: TokenCursor, table: ParsedTable): void {
  const column: ParsedColumn = { name: cursor.name(), type: '', notNull: false, autoIncrement: false };
  column.type = parseTypeText(cursor);
  table.columns.push(column);
  let name: string | undefined;
  while (!cursor.done && cursor.peek()?.text !== ',' && cursor.peek()?.text !== ')') {
    if (cursor.takes('constraint')) {
      name = cursor.name();
      continue;
    }
    parseColumnConstraint(cursor, table, column, name);
    // SQLite lets the name dangle on and takes it for later constraints too; nobody means that.
    name = undefined;
  }
}

function parseTypeText(cursor: TokenCursor): string {
  const first = cursor.peek();
  let any = false;
  for (;;) {
    const token = cursor.peek();
    if (token === undefined || cursor.sees('generated', 'always', 'as')) break;
    const word = token.kind === 'word' && !AFTER_TYPE.has(token.text.toLowerCase());
    if (!word && token.kind !== 'quoted' && token.kind !== 'string') break;
    cursor.next();
    any = true;
  }
  if (!any || first === undefined) return '';
  if (cursor.peek()?.text === '(') cursor.group();
  return cursor.since(first);
}

function parseColumnConstraint(
  cursor: TokenCursor,
  table: ParsedTable,
  column: ParsedColumn,
  name: string | undefined,
): void {
  if (cursor.takes('default')) column.default = parseDefault(cursor);
  else if (cursor.takes('not', 'null')) {
    column.notNull = true;
    noteConflict(cursor, table, `NOT NULL of ${column.name}`);
  } else if (cursor.takes('null')) skipConflict(cursor);
  else if (cursor.takes('primary', 'key')) parseColumnKey(cursor, table, column, name);
  else if (cursor.takes('unique')) {
    table.uniques.push({ name, columns: [column.name] });
    noteConflict(cursor, table, `UNIQUE of ${column.name}`);
  } else if (cursor.takes('check')) {
    table.checks.push({ name, column: column.name, expression: parseCheck(cursor) });
  } else if (cursor.takes('references')) {
    table.foreignKeys.push(parseReference(cursor, table, [column.name], name));
  } else if (cursor.takes('collate')) column.collation = cursor.name();
  else if (cursor.takes('generated', 'always', 'as') || cursor.takes('as')) {
    const sql = cursor.group();
    const stored = cursor.takes('stored');
    if (!stored) cursor.takes('virtual');
    column.generated = { sql, stored };
  } else deferLastKey(cursor, table);
}

/** DEFERRABLE is a constraint of its own to the grammar and belongs to the foreign key before it. */
function deferLastKey(cursor: TokenCursor, table: ParsedTable): void {
  const key = table.foreignKeys.pop();
  if (key === undefined || !(cursor.sees('deferrable') || cursor.sees('not', 'deferrable'))) {
    throw cursor.gap('a column constraint');
  }
  table.foreignKeys.push({ ...key, deferrable: parseDeferrable(cursor) });
}

function parseColumnKey(
  cursor: TokenCursor,
  table: ParsedTable,
  column: ParsedColumn,
  name: string | undefined,
): void {
  if (cursor.takes('desc')) {
    // Not only an order: INTEGER PRIMARY KEY DESC is, by an old bug, no alias of the rowid.
    table.unmodelled.push(`PRIMARY KEY DESC of ${column.name}`);
  } else cursor.takes('asc');
  noteConflict(cursor, table, `PRIMARY KEY of ${column.name}`);
  if (cursor.takes('autoincrement')) column.autoIncrement = true;
  table.primaryKey = { name, columns: [column.name] };
}

/** `DEFAULT` is followed by an expression in parentheses, a literal with or without a sign, or a bare word. */
function parseDefault(cursor: TokenCursor): { readonly sql: string; readonly bare: boolean } {
  if (cursor.peek()?.text === '(') return { sql: cursor.group(), bare: false };
  const first = cursor.next();
  if (first.text === '+' || first.text === '-') cursor.next();
  return { sql: cursor.since(first), bare: true };
}

/** SQLite reads ON CONFLICT behind a CHECK and does nothing with it ("ON CONFLICT clause"), so it is dropped. */
function parseCheck(cursor: TokenCursor): string {
  const expression = cursor.group();
  skipConflict(cursor);
  return expression;
}

function skipConflict(cursor: TokenCursor): string | undefined {
  return cursor.takes('on', 'conflict') ? cursor.name().toUpperCase() : undefined;
}

/** A constraint's ON CONFLICT has no place in the model; ABORT is what holds anyway. */
function noteConflict(cursor: TokenCursor, table: ParsedTable, constraint: string): void {
  const action = skipConflict(cursor) ?? 'ABORT';
  if (action !== 'ABORT') table.unmodelled.push(`${constraint} ON CONFLICT ${action}`);
}

function parseTableConstraint(cursor: TokenCursor, table: ParsedTable): void {
  const name = cursor.takes('constraint') ? cursor.name() : undefined;
  if (cursor.takes('primary', 'key')) {
    const columns = parseKeyColumns(cursor, table, 'PRIMARY KEY');
    table.primaryKey = { name, columns };
    noteConflict(cursor, table, `PRIMARY KEY (${columns.join(', ')})`);
  } else if (cursor.takes('unique')) {
    const columns = parseKeyColumns(cursor, table, 'UNIQUE');
    table.uniques.push({ name, columns });
    noteConflict(cursor, table, `UNIQUE (${columns.join(', ')})`);
  } else if (cursor.takes('check')) table.checks.push({ name, expression: parseCheck(cursor) });
  else if (cursor.takes('foreign', 'key')) {
    const columns = parseNames(cursor);
    cursor.expects('references');
    table.foreignKeys.push(parseReference(cursor, table, columns, name));
  } else if (name === undefined || !endsConstraint(cursor)) throw cursor.gap('a table constraint');
}

/** A name alone is a constraint to SQLite's grammar, if an empty one. */
function endsConstraint(cursor: TokenCursor): boolean {
  return [',', ')'].includes(cursor.peek()?.text ?? '') || startsTableConstraint(cursor);
}

function parseKeyColumns(cursor: TokenCursor, table: ParsedTable, constraint: string): readonly string[] {
  const open = cursor.peek();
  const columns: string[] = [];
  let plain = true;
  cursor.expectsSymbol('(');
  do {
    const name = cursor.name();
    columns.push(name);
    if (cursor.takes('collate')) {
      cursor.name();
      plain = false;
    }
    if (cursor.takes('desc')) plain = false;
    else cursor.takes('asc');
    if (cursor.takes('autoincrement')) markAutoIncrement(table, name);
  } while (cursor.takesSymbol(','));
  cursor.expectsSymbol(')');
  if (!plain && open !== undefined) table.unmodelled.push(`${constraint} ${cursor.since(open)}`);
  return columns;
}

function markAutoIncrement(table: ParsedTable, name: string): void {
  const column = table.columns.find((each) => each.name.toLowerCase() === name.toLowerCase());
  if (column !== undefined) column.autoIncrement = true;
}

function parseNames(cursor: TokenCursor): readonly string[] {
  const names: string[] = [];
  cursor.expectsSymbol('(');
  do {
    names.push(cursor.name());
    if (cursor.takes('collate')) cursor.name();
    if (!cursor.takes('desc')) cursor.takes('asc');
  } while (cursor.takesSymbol(','));
  cursor.expectsSymbol(')');
  return names;
}

interface ReferenceClauses {
  onDelete?: ReferentialAction | undefined;
  onUpdate?: ReferentialAction | undefined;
}

function parseReference(
  cursor: TokenCursor,
  table: ParsedTable,
  columns: readonly string[],
  name: string | undefined,
): ParsedForeignKey {
  const refTable = cursor.name();
  const refColumns = cursor.peek()?.text === '(' ? parseNames(cursor) : undefined;
  const clauses: ReferenceClauses = {};
  for (;;) {
    if (cursor.takes('on', 'delete')) clauses.onDelete = parseAction(cursor);
    else if (cursor.takes('on', 'update')) clauses.onUpdate = parseAction(cursor);
    else if (cursor.takes('on', 'insert')) parseAction(cursor);
    else if (cursor.takes('match')) parseMatch(cursor, table, refTable);
    else break;
  }
  const deferrable = parseDeferrable(cursor);
  return { name, columns, refTable, refColumns, ...clauses, deferrable };
}

/** SQLite parses MATCH and treats every key as SIMPLE ("Foreign Key Support", 6). */
function parseMatch(cursor: TokenCursor, table: ParsedTable, refTable: string): void {
  const match = cursor.name();
  if (match.toLowerCase() !== 'simple') table.unmodelled.push(`REFERENCES ${refTable} MATCH ${match}`);
}

function parseAction(cursor: TokenCursor): ReferentialAction | undefined {
  if (cursor.takes('set', 'null')) return 'SET NULL';
  if (cursor.takes('set', 'default')) return 'SET DEFAULT';
  if (cursor.takes('cascade')) return 'CASCADE';
  if (cursor.takes('restrict')) return 'RESTRICT';
  cursor.expects('no', 'action');
  return undefined;
}

/** A key is deferred only by DEFERRABLE INITIALLY DEFERRED; NOT DEFERRABLE is what holds anyway. */
function parseDeferrable(cursor: TokenCursor): Deferrable | undefined {
  const not = cursor.takes('not', 'deferrable');
  if (!not && !cursor.takes('deferrable')) return undefined;
  let deferrable: Deferrable = 'immediate';
  if (cursor.takes('initially', 'deferred')) deferrable = 'deferred';
  else cursor.takes('initially', 'immediate');
  return not ? undefined : deferrable;
}
