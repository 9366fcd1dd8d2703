/** Operations → statements on SQLite: which are native, which rebuild; each plan is read and run, up and down. */

import type { PlanStep } from '../../../src/dialects/contract.js';
import { planSqlite } from '../../../src/dialects/sqlite/plan.js';
import { apply } from '../../../src/schema/apply.js';
import { diff } from '../../../src/schema/diff.js';
import type { Schema } from '../../../src/schema/model.js';
import type { Operation } from '../../../src/schema/operations.js';
import { reverse } from '../../../src/schema/reverse.js';
import { type Native, Workbench } from '../../support/sqlite-workbench.js';
import { errorOf, makeFolder, schemaOf } from './support.js';

/** The statements of a plan; a rebuild as one line, `rebuild t: new columns ← values`. */
function outline(steps: readonly PlanStep[]): string[] {
  const lines: string[] = [];
  for (const step of steps) {
    if (step.kind !== 'statement') continue;
    const { sql } = step;
    const copy = /^INSERT INTO "_limbeck_new_(.*?)" \(([\s\S]*)\)\nSELECT ([\s\S]*) FROM "/.exec(sql);
    if (copy) lines.push(`rebuild ${copy[1]}: ${copy[2]} ← ${copy[3]}`);
    else if (!/_limbeck_new|^PRAGMA legacy|sqlite_sequence/.test(sql)) lines.push(sql);
  }
  // A rebuild drops the old table; the line above says so.
  return lines.filter(
    (line, i) =>
      !lines
        .slice(0, i)
        .some(
          (each) => each.startsWith('rebuild') && line === `DROP TABLE "${each.split(' ')[1]?.slice(0, -1)}"`,
        ),
  );
}

const TEXT = { kind: 'text' } as const;
const INTEGER = { kind: 'integer' } as const;
const literal = (value: string | number | boolean) => ({ kind: 'literal', value }) as const;
const column = (name: string, rest: object = {}) => ({ name, type: TEXT, nullable: true, ...rest }) as never;

const BOOKS = `CREATE TABLE books (id integer PRIMARY KEY, title text NOT NULL, pages integer, note text);
  CREATE INDEX ix_note ON books (note);
  INSERT INTO books VALUES (1, 'a', 10, 'x'), (7, 'it''s', NULL, NULL)`;

interface Case {
  readonly name: string;
  readonly setup?: string;
  readonly operations: readonly Operation[];
  readonly expected: readonly string[];
  readonly suspends?: boolean;
  /** What the rows are afterwards. */
  readonly rows?: { readonly sql: string; readonly are: readonly unknown[] };
  /** The way back has to be refused, for values are gone. */
  readonly oneWay?: boolean;
}

const native: readonly Case[] = [
  {
    name: 'a nullable column is added in place',
    operations: [{ kind: 'addColumn', table: 'books', column: column('genre') }],
    expected: ['ALTER TABLE "books" ADD COLUMN "genre" text'],
  },
  {
    name: 'a NOT NULL column with a constant default is added in place',
    operations: [
      {
        kind: 'addColumn',
        table: 'books',
        column: column('genre', { nullable: false, default: literal("it's") }),
      },
    ],
    expected: ['ALTER TABLE "books" ADD COLUMN "genre" text NOT NULL DEFAULT \'it\'\'s\''],
    rows: { sql: 'SELECT genre FROM books', are: ["it's", "it's"] },
  },
  {
    name: 'a column with a collation is added in place',
    operations: [{ kind: 'addColumn', table: 'books', column: column('genre', { collation: 'NOCASE' }) }],
    expected: ['ALTER TABLE "books" ADD COLUMN "genre" text COLLATE "NOCASE"'],
  },
  {
    name: 'a virtual column is added in place',
    operations: [
      {
        kind: 'addColumn',
        table: 'books',
        column: column('upper', { generated: { sql: 'upper(title)', stored: false } }),
      },
    ],
    expected: ['ALTER TABLE "books" ADD COLUMN "upper" text GENERATED ALWAYS AS (upper(title)) VIRTUAL'],
    rows: { sql: 'SELECT "upper" FROM books', are: ['A', "IT'S"] },
  },
  {
    name: 'a column is dropped in place, with the index that is on it alone',
    operations: [{ kind: 'dropColumn', table: 'books', name: 'note' }],
    expected: ['DROP INDEX "ix_note"', 'ALTER TABLE "books" DROP COLUMN "note"'],
  },
  {
    name: 'a column is renamed in place, in what uses it as well',
    setup: `${BOOKS}; CREATE TABLE loans (book integer REFERENCES books (id)); CREATE VIEW thick AS SELECT pages FROM books WHERE pages > 5`,
    operations: [
      { kind: 'renameColumn', table: 'books', name: 'id', to: 'key' },
      { kind: 'renameColumn', table: 'books', name: 'pages', to: 'page count' },
    ],
    expected: [
      'ALTER TABLE "books" RENAME COLUMN "id" TO "key"',
      'ALTER TABLE "books" RENAME COLUMN "pages" TO "page count"',
    ],
    rows: { sql: 'SELECT * FROM thick', are: [10] },
  },
  {
    name: 'a table is renamed in place, and keys to it follow',
    setup: `${BOOKS}; CREATE TABLE loans (book integer REFERENCES books (id)); INSERT INTO loans VALUES (7)`,
    operations: [{ kind: 'renameTable', table: 'books', to: 'tomes' }],
    expected: ['ALTER TABLE "books" RENAME TO "tomes"'],
    rows: { sql: 'SELECT "table" FROM pragma_foreign_key_list(\'loans\')', are: ['tomes'] },
  },
  {
    name: 'an index is made with order, collation, expression and condition',
    operations: [
      {
        kind: 'createIndex',
        table: 'books',
        index: {
          name: 'ix odd',
          columns: [
            { column: 'title', collation: 'NOCASE', order: 'desc' },
            { expression: 'length(title) -- of it' },
          ],
          unique: false,
          where: 'pages IS NOT NULL',
        },
      },
    ],
    expected: [
      'CREATE INDEX "ix odd" ON "books" ("title" COLLATE "NOCASE" DESC, (length(title) -- of it\n)) WHERE pages IS NOT NULL',
    ],
  },
  {
    name: 'an index of a name may go to another table at once',
    setup: `${BOOKS}; CREATE TABLE other (a text)`,
    operations: [
      { kind: 'dropIndex', table: 'books', name: 'ix_note' },
      {
        kind: 'createIndex',
        table: 'other',
        index: { name: 'ix_note', columns: [{ column: 'a' }], unique: false },
      },
    ],
    expected: ['DROP INDEX "ix_note"', 'CREATE INDEX "ix_note" ON "other" ("a")'],
  },
  {
    name: 'comments say nothing to SQLite',
    operations: [
      { kind: 'setTableComment', table: 'books', comment: 'of paper' },
      { kind: 'alterColumn', table: 'books', name: 'note', change: { comment: 'x' } },
    ],
    expected: [],
  },
];

const KEYS = `CREATE TABLE parent (id integer PRIMARY KEY, name text);
  CREATE TABLE child (id integer PRIMARY KEY, parent integer CONSTRAINT fk_child REFERENCES parent (id) ON DELETE CASCADE, note text);
  INSERT INTO parent VALUES (1, 'p'); INSERT INTO child VALUES (10, 1, 'c'), (11, 1, NULL)`;

const ENUM = `CREATE TABLE tasks (id integer PRIMARY KEY, state text, CONSTRAINT "enum:state" CHECK ("state" IN ('open', 'done', 'gone')));
  INSERT INTO tasks VALUES (1, 'open'), (2, 'done'), (3, NULL)`;

const rebuilds: readonly Case[] = [
  {
    name: 'a column whose default is not constant',
    operations: [
      {
        kind: 'addColumn',
        table: 'books',
        column: column('at', { nullable: false, default: { kind: 'expression', sql: "date('2020-02-29')" } }),
      },
    ],
    expected: [
      'rebuild books: "id", "title", "pages", "note", "at" ← "id", "title", "pages", "note", (date(\'2020-02-29\'))',
      'CREATE INDEX "ix_note" ON "books" ("note")',
    ],
    rows: { sql: 'SELECT at FROM books', are: ['2020-02-29', '2020-02-29'] },
  },
  {
    name: 'a NOT NULL column with a fill, which is no default',
    operations: [
      {
        kind: 'addColumn',
        table: 'books',
        column: column('genre', { nullable: false }),
        fill: literal("'; DROP TABLE books; --"),
      },
    ],
    expected: [
      'rebuild books: "id", "title", "pages", "note", "genre" ← "id", "title", "pages", "note", \'\'\'; DROP TABLE books; --\'',
      'CREATE INDEX "ix_note" ON "books" ("note")',
    ],
    rows: { sql: 'SELECT DISTINCT genre FROM books', are: ["'; DROP TABLE books; --"] },
  },
  {
    name: 'a stored column',
    operations: [
      {
        kind: 'addColumn',
        table: 'books',
        column: column('twice', { type: INTEGER, generated: { sql: 'pages * 2', stored: true } }),
      },
    ],
    expected: [
      'rebuild books: "id", "title", "pages", "note" ← "id", "title", "pages", "note"',
      'CREATE INDEX "ix_note" ON "books" ("note")',
    ],
    rows: { sql: 'SELECT twice FROM books', are: [20, null] },
  },
  {
    name: 'a column that a key or a check holds on to',
    setup:
      "CREATE TABLE t (a integer, b text CONSTRAINT uq UNIQUE CONSTRAINT ck CHECK (length(b) < 9)); INSERT INTO t VALUES (1, 'x')",
    operations: [{ kind: 'dropColumn', table: 't', name: 'b' }],
    expected: ['rebuild t: rowid, "a" ← rowid, "a"'],
  },
  {
    name: 'all adjacent changes of one table, at once',
    operations: [
      {
        kind: 'alterColumn',
        table: 'books',
        name: 'pages',
        change: { type: { kind: 'bigint' }, default: literal(1) },
      },
      { kind: 'addColumn', table: 'books', column: column('genre') },
      { kind: 'dropColumn', table: 'books', name: 'note' },
      { kind: 'createUnique', table: 'books', unique: { name: 'uq', columns: ['title'] } },
      { kind: 'createCheck', table: 'books', check: { name: 'ck', expression: 'pages > 0' } },
      {
        kind: 'createIndex',
        table: 'books',
        index: { name: 'ix_genre', columns: [{ column: 'genre' }], unique: false },
      },
    ],
    expected: [
      'rebuild books: "id", "title", "pages", "genre" ← "id", "title", CAST("pages" AS INTEGER), (NULL)',
      'CREATE INDEX "ix_genre" ON "books" ("genre")',
    ],
    rows: { sql: 'SELECT pages FROM books', are: [10, null] },
  },
  {
    name: 'changes of two tables in turn: one rebuild each',
    setup:
      "CREATE TABLE a (x text); CREATE TABLE b (x text); INSERT INTO a VALUES ('1'); INSERT INTO b VALUES ('2')",
    operations: ['a', 'b', 'a', 'b'].map(
      (table, i) =>
        ({ kind: 'createCheck', table, check: { name: `ck${i}`, expression: 'x IS NOT NULL' } }) as const,
    ),
    expected: ['rebuild a: rowid, "x" ← rowid, "x"', 'rebuild b: rowid, "x" ← rowid, "x"'],
  },
  {
    name: 'a rename before a change of the same table',
    operations: [
      { kind: 'renameColumn', table: 'books', name: 'pages', to: 'leaves' },
      { kind: 'alterColumn', table: 'books', name: 'leaves', change: { type: TEXT } },
    ],
    expected: [
      'ALTER TABLE "books" RENAME COLUMN "pages" TO "leaves"',
      'rebuild books: "id", "title", "leaves", "note" ← "id", "title", CAST("leaves" AS TEXT), "note"',
      'CREATE INDEX "ix_note" ON "books" ("note")',
    ],
    rows: { sql: 'SELECT leaves FROM books', are: ['10', null] },
  },
  {
    name: 'a rename inside a pending rebuild is native, and the rebuild follows it',
    operations: [
      { kind: 'alterColumn', table: 'books', name: 'note', change: { default: literal('n') } },
      { kind: 'renameColumn', table: 'books', name: 'note', to: 'remark' },
    ],
    expected: [
      'ALTER TABLE "books" RENAME COLUMN "note" TO "remark"',
      'rebuild books: "id", "title", "pages", "remark" ← "id", "title", "pages", "remark"',
      'CREATE INDEX "ix_note" ON "books" ("remark")',
    ],
  },
  {
    name: 'a rename waits for a rebuild that has SQL or checks, which a rename could make untrue',
    operations: [
      {
        kind: 'addColumn',
        table: 'books',
        column: column('genre', { default: { kind: 'expression', sql: "lower('X')" } }),
      },
      { kind: 'renameColumn', table: 'books', name: 'genre', to: 'kind' },
    ],
    expected: [
      'rebuild books: "id", "title", "pages", "note", "genre" ← "id", "title", "pages", "note", (lower(\'X\'))',
      'CREATE INDEX "ix_note" ON "books" ("note")',
      'ALTER TABLE "books" RENAME COLUMN "genre" TO "kind"',
    ],
    rows: { sql: 'SELECT "kind" FROM books', are: ['x', 'x'] },
  },
  {
    name: 'two columns that exchange their names inside a pending rebuild',
    setup:
      "CREATE TABLE t (id integer PRIMARY KEY, a text, b text); INSERT INTO t VALUES (1, 'was a', 'was b')",
    operations: [
      { kind: 'alterColumn', table: 't', name: 'a', change: { default: literal('d') } },
      { kind: 'renameColumn', table: 't', name: 'a', to: 'tmp' },
      { kind: 'renameColumn', table: 't', name: 'b', to: 'a' },
      { kind: 'renameColumn', table: 't', name: 'tmp', to: 'b' },
    ],
    expected: [
      'ALTER TABLE "t" RENAME COLUMN "a" TO "tmp"',
      'ALTER TABLE "t" RENAME COLUMN "b" TO "a"',
      'ALTER TABLE "t" RENAME COLUMN "tmp" TO "b"',
      'rebuild t: "id", "b", "a" ← "id", "b", "a"',
    ],
    rows: { sql: "SELECT a || ', ' || b FROM t", are: ['was b, was a'] },
  },
  {
    name: 'a column takes the name of one that the pending rebuild drops',
    setup:
      "CREATE TABLE t (id integer PRIMARY KEY, a text UNIQUE, b text); INSERT INTO t VALUES (1, 'was a', 'was b')",
    operations: [
      { kind: 'dropColumn', table: 't', name: 'a' },
      { kind: 'renameColumn', table: 't', name: 'b', to: 'a' },
    ],
    expected: ['rebuild t: "id", "b" ← "id", "b"', 'ALTER TABLE "t" RENAME COLUMN "b" TO "a"'],
    rows: { sql: 'SELECT a FROM t', are: ['was b'] },
  },
  {
    name: 'a column is dropped and made anew: its values are gone',
    setup: "CREATE TABLE t (id integer PRIMARY KEY, a text UNIQUE); INSERT INTO t VALUES (1, 'old')",
    operations: [
      { kind: 'dropColumn', table: 't', name: 'a' },
      { kind: 'addColumn', table: 't', column: column('a', { type: INTEGER }) },
    ],
    expected: ['rebuild t: "id", "a" ← "id", (NULL)'],
    rows: { sql: 'SELECT a FROM t', are: [null] },
  },
  {
    name: 'an index of a pending rebuild gives its name to another table',
    setup: `${BOOKS}; CREATE TABLE other (a text)`,
    operations: [
      { kind: 'createCheck', table: 'books', check: { name: 'ck', expression: 'pages > 0' } },
      { kind: 'dropIndex', table: 'books', name: 'ix_note' },
      {
        kind: 'createIndex',
        table: 'other',
        index: { name: 'ix_note', columns: [{ column: 'a' }], unique: false },
      },
    ],
    expected: [
      'DROP INDEX "ix_note"',
      'CREATE INDEX "ix_note" ON "other" ("a")',
      'rebuild books: "id", "title", "pages", "note" ← "id", "title", "pages", "note"',
    ],
  },
  {
    name: 'a parent goes after its children have let go of it, and takes none along',
    setup: KEYS,
    operations: [
      { kind: 'dropConstraint', table: 'child', name: 'fk_child' },
      { kind: 'dropTable', table: 'parent' },
    ],
    expected: ['DROP TABLE "parent"', 'rebuild child: "id", "parent", "note" ← "id", "parent", "note"'],
    suspends: true,
    rows: { sql: 'SELECT id FROM child', are: [10, 11] },
    oneWay: true,
  },
  {
    name: 'a parent is rebuilt, and its children stay',
    setup: KEYS,
    operations: [{ kind: 'createCheck', table: 'parent', check: { name: 'ck', expression: 'id > 0' } }],
    expected: ['rebuild parent: "id", "name" ← "id", "name"'],
    suspends: true,
    rows: { sql: 'SELECT id FROM child', are: [10, 11] },
  },
  {
    name: 'a table gets a key to itself',
    setup: 'CREATE TABLE t (id integer PRIMARY KEY, up integer); INSERT INTO t VALUES (1, NULL), (2, 1)',
    operations: [
      {
        kind: 'createForeignKey',
        table: 't',
        foreignKey: { name: 'fk', columns: ['up'], refTable: 't', refColumns: ['id'], onDelete: 'SET NULL' },
      },
    ],
    expected: ['rebuild t: "id", "up" ← "id", "up"'],
    suspends: true,
    rows: { sql: 'DELETE FROM t WHERE id = 1 RETURNING 1', are: [1] },
  },
  {
    name: 'a value is added to an enum in use',
    setup: ENUM,
    operations: [{ kind: 'alterEnum', name: 'state', add: [{ value: "it's", before: 'done' }] }],
    expected: ['rebuild tasks: "id", "state" ← "id", "state"'],
    rows: { sql: "UPDATE tasks SET state = 'it''s' WHERE id = 1 RETURNING 1", are: [1] },
    oneWay: true,
  },
  {
    name: 'values of an enum exchange their names, and rows follow',
    setup: ENUM,
    operations: [{ kind: 'alterEnum', name: 'state', rename: { open: 'done', done: 'open' } }],
    expected: [
      'rebuild tasks: "id", "state" ← "id", CASE "state" WHEN \'open\' THEN \'done\' WHEN \'done\' THEN \'open\' ELSE "state" END',
    ],
    rows: { sql: 'SELECT state FROM tasks', are: ['done', 'open', null] },
  },
  {
    name: 'two renames of one value in a row are one',
    setup: ENUM,
    operations: [
      { kind: 'alterEnum', name: 'state', rename: { open: 'begun' } },
      { kind: 'alterEnum', name: 'state', rename: { begun: 'at work', gone: 'begun' } },
    ],
    expected: [
      'rebuild tasks: "id", "state" ← "id", CASE "state" WHEN \'open\' THEN \'at work\' WHEN \'gone\' THEN \'begun\' ELSE "state" END',
    ],
    rows: { sql: 'SELECT state FROM tasks', are: ['at work', 'done', null] },
  },
  {
    name: 'a value that no row has is removed',
    setup: ENUM,
    operations: [{ kind: 'alterEnum', name: 'state', remove: ['gone'] }],
    expected: ['rebuild tasks: "id", "state" ← "id", "state"'],
  },
  {
    name: 'an enum column goes, with the check that keeps its values',
    setup: ENUM,
    operations: [
      { kind: 'dropColumn', table: 'tasks', name: 'state' },
      { kind: 'dropEnum', name: 'state' },
    ],
    expected: ['rebuild tasks: "id" ← "id"'],
  },
  {
    name: 'a table becomes STRICT',
    setup: "CREATE TABLE t (a integer, b text, c blob); INSERT INTO t VALUES (1, 'x', x'00')",
    operations: [{ kind: 'setTableOptions', table: 't', options: { 'sqlite.strict': true } }],
    expected: ['rebuild t: rowid, "a", "b", "c" ← rowid, "a", "b", "c"'],
  },
  {
    name: 'a table loses its rowid',
    setup: "CREATE TABLE t (a text PRIMARY KEY, b text) ; INSERT INTO t VALUES ('k', 'v')",
    operations: [{ kind: 'setTableOptions', table: 't', options: { 'sqlite.withoutRowid': true } }],
    expected: ['rebuild t: "a", "b" ← "a", "b"'],
  },
  {
    name: 'a table without rowid is rebuilt as such',
    setup: "CREATE TABLE t (a text PRIMARY KEY, b text) WITHOUT ROWID; INSERT INTO t VALUES ('k', 'v')",
    operations: [{ kind: 'alterColumn', table: 't', name: 'b', change: { nullable: false } }],
    expected: ['rebuild t: "a", "b" ← "a", "b"'],
  },
  {
    name: 'the rowid of a table without an integer key is kept, by a name that no column has',
    setup:
      "CREATE TABLE t (rowid text PRIMARY KEY, b text); INSERT INTO t VALUES ('a', 'x'), ('b', 'y'), ('c', 'z'); DELETE FROM t WHERE b <> 'z'",
    operations: [{ kind: 'alterColumn', table: 't', name: 'b', change: { nullable: false } }],
    expected: ['rebuild t: _rowid_, "rowid", "b" ← _rowid_, "rowid", "b"'],
    rows: { sql: 'SELECT _rowid_ FROM t', are: [3] },
  },
  {
    name: 'a key that numbers its rows takes the numbers that they have',
    setup: "CREATE TABLE t (b text); INSERT INTO t (rowid, b) VALUES (5, 'x'), (9, 'y')",
    operations: [
      {
        kind: 'addColumn',
        table: 't',
        column: column('id', { type: INTEGER, nullable: false, autoIncrement: 'increment' }),
      },
      { kind: 'createPrimaryKey', table: 't', primaryKey: { name: 'pk_t', columns: ['id'] } },
    ],
    expected: ['rebuild t: "b", "id" ← "b", (rowid)'],
    rows: { sql: 'SELECT id FROM t', are: [5, 9] },
  },
  {
    name: 'a collation changes',
    setup: "CREATE TABLE t (a text PRIMARY KEY); INSERT INTO t VALUES ('a'), ('b')",
    operations: [{ kind: 'alterColumn', table: 't', name: 'a', change: { collation: 'NOCASE' } }],
    expected: ['rebuild t: rowid, "a" ← rowid, "a"'],
    rows: { sql: "SELECT a FROM t WHERE a = 'A'", are: ['a'] },
  },
  {
    name: 'a column becomes generated where its values are the generated ones',
    setup:
      "CREATE TABLE t (id integer PRIMARY KEY, a text, b text); INSERT INTO t VALUES (1, 'X', 'x'), (2, NULL, NULL)",
    operations: [
      {
        kind: 'alterColumn',
        table: 't',
        name: 'b',
        change: { generated: { sql: 'lower(a)', stored: true } },
      },
    ],
    expected: ['rebuild t: "id", "a" ← "id", "a"'],
    rows: { sql: 'SELECT b FROM t', are: ['x', null] },
  },
  {
    name: 'a generated column becomes a plain one and keeps its values',
    setup:
      "CREATE TABLE t (id integer PRIMARY KEY, a text, b text AS (lower(a))); INSERT INTO t (id, a) VALUES (1, 'X')",
    operations: [{ kind: 'alterColumn', table: 't', name: 'b', change: { generated: null } }],
    expected: ['rebuild t: "id", "a", "b" ← "id", "a", "b"'],
    rows: { sql: 'SELECT b FROM t', are: ['x'] },
  },
  {
    name: 'NULL makes way for a value by `using`',
    operations: [
      {
        kind: 'alterColumn',
        table: 'books',
        name: 'pages',
        change: { nullable: false },
        using: 'coalesce(pages, 0)',
      },
    ],
    expected: [
      'rebuild books: "id", "title", "pages", "note" ← "id", "title", (coalesce(pages, 0)), "note"',
      'CREATE INDEX "ix_note" ON "books" ("note")',
    ],
    rows: { sql: 'SELECT pages FROM books', are: [10, 0] },
  },
  {
    name: 'every kind of index is made again',
    setup: `${BOOKS}; CREATE UNIQUE INDEX uq_part ON books (title DESC) WHERE pages > 3; CREATE INDEX ix_expr ON books (length(title), note COLLATE NOCASE)`,
    operations: [{ kind: 'createCheck', table: 'books', check: { name: 'ck', expression: 'pages > 0' } }],
    expected: [
      'rebuild books: "id", "title", "pages", "note" ← "id", "title", "pages", "note"',
      'CREATE INDEX "ix_expr" ON "books" ((length(title)), "note" COLLATE "NOCASE")',
      'CREATE INDEX "ix_note" ON "books" ("note")',
      'CREATE UNIQUE INDEX "uq_part" ON "books" ("title" DESC) WHERE pages > 3',
    ],
  },
];

async function benchWith(setup: string): Promise<{ readonly bench: Workbench; readonly before: Schema }> {
  const bench = await Workbench.open(makeFolder());
  bench.look((native) => native.exec(setup));
  return { bench, before: await bench.found() };
}

const pluck = (bench: Workbench, sql: string): unknown[] =>
  bench.look((native: Native) => native.prepare(sql).pluck().all());

describe.each([
  ['what ALTER TABLE can do itself', native],
  ['what takes a rebuild', rebuilds],
])('%s', (_, cases) => {
  test.each(cases.map((each) => [each.name, each] as const))(
    '%s',
    async (__, { setup = BOOKS, operations, expected, suspends = false, rows, oneWay }) => {
      const { bench, before } = await benchWith(setup);
      const plan = planSqlite(before, operations);
      expect(outline(plan.steps)).toEqual(expected);
      expect(plan.suspendsForeignKeys).toBe(suspends);

      const start = bench.dump();
      const after = apply(before, operations);
      await bench.write(
        [{ before, steps: operations.map((operation) => ({ operation })) }],
        [{ before: after, steps: reverse(before, operations).map((operation) => ({ operation })) }],
      );
      await bench.commands.upgrade('head');
      // SQLite itself rewrites the views of what it renames.
      expect(await bench.differences({ ...after, views: [] })).toEqual([]);
      if (rows) expect(pluck(bench, rows.sql)).toEqual(rows.are);

      if (oneWay) return;
      await bench.commands.downgrade('-1');
      expect(await bench.differences(before)).toEqual([]);
      expect(bench.dump().objects.length).toBe(start.objects.length);
    },
  );
});

test('the whole text of a rebuild', async () => {
  const before =
    await schemaOf(`CREATE TABLE "a ""b""" (id integer NOT NULL CONSTRAINT pk PRIMARY KEY AUTOINCREMENT, "x y" text, up integer CONSTRAINT fk REFERENCES "a ""b""" (id) ON DELETE SET NULL);
    CREATE UNIQUE INDEX "ix" ON "a ""b""" ("x y" DESC) WHERE up IS NULL`);
  const plan = planSqlite(before, [
    {
      kind: 'alterColumn',
      table: 'a "b"',
      name: 'x y',
      change: { type: { kind: 'varchar', length: 3 }, nullable: false },
    },
  ]);
  expect(plan.suspendsForeignKeys).toBe(true);
  expect(
    plan.steps.map((step) => ('sql' in step ? step.sql : 'countSql' in step ? step.countSql : step.kind)),
  ).toEqual([
    `SELECT count(*) FROM "a ""b""" WHERE "x y" IS NOT NULL AND ((length(CAST("x y" AS BLOB)) <= 3 OR (length("x y") <= 3 AND instr(CAST("x y" AS BLOB), x'00') = 0))) IS NOT TRUE`,
    `SELECT sql FROM sqlite_schema WHERE type = 'trigger' AND lower(tbl_name) = lower('a "b"') ORDER BY rowid`,
    `CREATE TABLE "_limbeck_new_a ""b""" (
  "id" integer NOT NULL CONSTRAINT "pk" PRIMARY KEY AUTOINCREMENT,
  "x y" varchar(3) NOT NULL,
  "up" integer,
  CONSTRAINT "fk" FOREIGN KEY ("up") REFERENCES "a ""b""" ("id") ON DELETE SET NULL
)`,
    'INSERT INTO "_limbeck_new_a ""b""" ("id", "x y", "up")\nSELECT "id", "x y", "up" FROM "a ""b"""',
    'SELECT (SELECT count(*) FROM "a ""b""") - changes()',
    `DELETE FROM sqlite_sequence WHERE name = '_limbeck_new_a "b"'`,
    `INSERT INTO sqlite_sequence (name, seq) SELECT '_limbeck_new_a "b"', seq FROM sqlite_sequence WHERE name = 'a "b"'`,
    'DROP TABLE "a ""b"""',
    'PRAGMA legacy_alter_table = ON',
    'ALTER TABLE "_limbeck_new_a ""b""" RENAME TO "a ""b"""',
    'PRAGMA legacy_alter_table = OFF',
    'CREATE UNIQUE INDEX "ix" ON "a ""b""" ("x y" DESC) WHERE up IS NULL',
    'replay',
  ]);
});

describe('what is refused before anything has changed', () => {
  const T =
    "CREATE TABLE t (id integer PRIMARY KEY, a text, b integer); INSERT INTO t VALUES (1, 'x', 1), (2, 'X', 1), (3, NULL, 9)";
  const alter = (name: string, change: object): Operation => ({
    kind: 'alterColumn',
    table: 't',
    name,
    change,
  });

  test.each<[what: string, setup: string, operations: readonly Operation[], rows: number, message: RegExp]>([
    [
      'NOT NULL over NULL',
      T,
      [alter('a', { nullable: false })],
      1,
      /alterColumn 't\.a' is refused: 1 row of 't' hold NULL in 't\.a'/,
    ],
    [
      'a new column without a value',
      T,
      [{ kind: 'addColumn', table: 't', column: column('c', { nullable: false }) }],
      3,
      /3 rows of 't' have no value for the new column 't\.c', which is NOT NULL/,
    ],
    [
      'a unique key over duplicates',
      T,
      [{ kind: 'createUnique', table: 't', unique: { name: 'uq', columns: ['b'] } }],
      2,
      /createUnique 't'.* 2 rows of 't' share their value of 't\.b', which is to be unique/,
    ],
    [
      'a unique index over duplicates',
      T,
      [
        {
          kind: 'createIndex',
          table: 't',
          index: { name: 'uq', columns: [{ expression: 'lower(a)' }], unique: true },
        },
      ],
      2,
      /share their value of index 'uq'/,
    ],
    [
      'a key over duplicates',
      T,
      [
        { kind: 'dropConstraint', table: 't', name: 'pk_t' },
        { kind: 'createPrimaryKey', table: 't', primaryKey: { name: 'pk', columns: ['b'] } },
      ],
      2,
      /share their value of 't\.b'/,
    ],
    [
      'a check that rows do not meet',
      T,
      [{ kind: 'createCheck', table: 't', check: { name: 'ck', expression: 'b < 5' } }],
      1,
      /1 row of 't' do not meet check 'ck' of 't'/,
    ],
    [
      'a unique key whose collation makes two values one',
      `${T}; CREATE UNIQUE INDEX uq ON t (a)`,
      [alter('a', { collation: 'NOCASE' })],
      2,
      /alterColumn 't\.a' .* share their value of 't\.a'/,
    ],
    [
      'a check that a new type makes untrue',
      'CREATE TABLE t (a integer CONSTRAINT ck CHECK (a < 10)); INSERT INTO t VALUES (9)',
      [alter('a', { type: TEXT })],
      1,
      /do not meet check 'ck'/,
    ],
    [
      'a fill that a check does not allow',
      T,
      [
        {
          kind: 'addColumn',
          table: 't',
          column: column('c', { nullable: false, type: INTEGER }),
          fill: literal(5),
        },
        { kind: 'createCheck', table: 't', check: { name: 'ck', expression: 'c > b + 3' } },
      ],
      1,
      /do not meet check 'ck'/,
    ],
    [
      'a fill that is no value of the enum',
      T,
      [
        { kind: 'createEnum', name: 'e', values: ['a'] },
        {
          kind: 'addColumn',
          table: 't',
          column: column('c', { nullable: false, type: { kind: 'enum', name: 'e' } }),
          fill: literal('b'),
        },
      ],
      3,
      /do not meet check 'enum:e'/,
    ],
    [
      'the same fill for a unique column',
      T,
      [
        { kind: 'addColumn', table: 't', column: column('c', { nullable: false }), fill: literal('b') },
        { kind: 'createUnique', table: 't', unique: { name: 'uq', columns: ['c'] } },
      ],
      3,
      /share their value of 't\.c'/,
    ],
    [
      'a generated column that is NULL where it may not be',
      T,
      [
        {
          kind: 'addColumn',
          table: 't',
          column: column('c', { nullable: false, generated: { sql: 'lower(a)', stored: false } }),
        },
      ],
      1,
      /hold NULL in 't\.c'/,
    ],
    [
      'a unique key over a generated column',
      T,
      [
        {
          kind: 'addColumn',
          table: 't',
          column: column('c', { generated: { sql: 'lower(a)', stored: true } }),
        },
        { kind: 'createUnique', table: 't', unique: { name: 'uq', columns: ['c'] } },
      ],
      2,
      /share their value of 't\.c'/,
    ],
    [
      'a column that becomes generated and would change',
      T,
      [alter('a', { generated: { sql: "'x'", stored: true } })],
      2,
      /hold a value in 't\.a' that is not the generated one/,
    ],
    [
      'a STRICT table over a wrong value',
      "CREATE TABLE t (a integer); INSERT INTO t VALUES (1), ('no'), (x'00')",
      [{ kind: 'setTableOptions', table: 't', options: { 'sqlite.strict': true } }],
      2,
      /hold a value in 't\.a' that its type in a STRICT table does not take/,
    ],
    [
      'a removed value that rows have',
      ENUM,
      [{ kind: 'alterEnum', name: 'state', remove: ['open'] }],
      1,
      /alterEnum 'state' is refused: 1 row of 'tasks' hold a value in 'tasks\.state' that would change/,
    ],
    [
      'NULL in the key of a foreign table',
      "CREATE TABLE t (a text PRIMARY KEY, b text); INSERT INTO t VALUES (NULL, 'x')",
      [{ kind: 'createCheck', table: 't', check: { name: 'ck', expression: 'true' } }],
      1,
      /hold NULL in 't\.a'/,
    ],
  ])('%s', async (_, setup, operations, rows, message) => {
    const { bench, before } = await benchWith(setup);
    const start = bench.dump();
    await bench.write([{ before, steps: operations.map((operation) => ({ operation })) }], []);
    const refused = await errorOf(() => bench.commands.upgrade('head'));
    expect(refused.message).toMatch(message);
    expect(refused).toMatchObject({ name: 'DataLossError', code: 'STEP_LOSES_DATA', context: { rows } });
    expect(refused.hint).toEqual(expect.any(String));
    expect(bench.dump()).toEqual(start);
  });

  test('rows without their parent, named', async () => {
    const { bench, before } = await benchWith(
      'CREATE TABLE p (id integer PRIMARY KEY); CREATE TABLE c (id integer PRIMARY KEY, p integer); INSERT INTO c VALUES (4, 1), (5, NULL)',
    );
    const start = bench.dump();
    const foreignKey = { name: 'fk', columns: ['p'], refTable: 'p', refColumns: ['id'] };
    await bench.write(
      [{ before, steps: [{ operation: { kind: 'createForeignKey', table: 'c', foreignKey } }] }],
      [],
    );
    const refused = await errorOf(() => bench.commands.upgrade('head'));
    expect(refused).toMatchObject({
      code: 'FOREIGN_KEYS_BROKEN',
      context: { keys: [{ table: 'c', columns: 'p', refTable: 'p', rows: ['4'] }] },
    });
    expect(bench.dump()).toEqual(start);
  });
});

describe('what SQLite cannot do', () => {
  test.each<[string, readonly Operation[], RegExp]>([
    [
      'an exclusion',
      [{ kind: 'createExclusion', table: 'books', exclusion: { name: 'ex', elements: 'x WITH =' } }],
      /no exclusion constraints: 'ex' on 'books'/,
    ],
    ['a sequence', [{ kind: 'createSequence', sequence: { name: 's' } }], /no sequences: 's'/],
    [
      'a materialized view',
      [{ kind: 'createView', view: { name: 'v', query: 'SELECT 1', materialized: true } }],
      /no materialized views: 'v'/,
    ],
    [
      'an array',
      [{ kind: 'addColumn', table: 'books', column: column('a', { type: { kind: 'array', of: TEXT } }) }],
      /no array type/,
    ],
    [
      'an index method',
      [
        {
          kind: 'createIndex',
          table: 'books',
          index: { name: 'i', columns: [{ column: 'note' }], unique: false, method: 'gin' },
        },
      ],
      /no index method 'gin'/,
    ],
    [
      'a deferrable unique key',
      [
        {
          kind: 'createUnique',
          table: 'books',
          unique: { name: 'u', columns: ['note'], deferrable: 'deferred' },
        },
      ],
      /no deferrable unique constraints/,
    ],
    [
      'a type that STRICT does not know',
      [
        { kind: 'alterColumn', table: 'books', name: 'note', change: { type: { kind: 'date' } } },
        { kind: 'setTableOptions', table: 'books', options: { 'sqlite.strict': true } },
      ],
      /no type date in a STRICT table/,
    ],
    [
      'a table without key and rowid',
      [
        { kind: 'dropConstraint', table: 'books', name: 'pk_books' },
        { kind: 'setTableOptions', table: 'books', options: { 'sqlite.withoutRowid': true } },
      ],
      /no tables WITHOUT ROWID without a primary key/,
    ],
    [
      'a trigger of another database',
      [{ kind: 'createTrigger', trigger: { name: 'tr', table: 'books', sql: { postgres: 'x' } } }],
      /text of its own in this trigger/,
    ],
  ])('%s', async (_, operations, message) => {
    const before = await schemaOf(BOOKS);
    const refused = await errorOf(() => planSqlite(before, operations));
    expect(refused).toMatchObject({ code: 'CAPABILITY_MISSING', message: expect.stringMatching(message) });
  });
});

test('without operations there are no steps', async () => {
  const before = await schemaOf(`${BOOKS}; CREATE VIEW v AS SELECT 1`);
  expect(planSqlite(before, diff(before, before))).toEqual({ steps: [], suspendsForeignKeys: false });
});
