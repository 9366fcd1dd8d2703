/** Operations as statements: their text is asserted, they run on a real server, and what they made is what was meant. */

import { MYSQL_8 } from '../../../src/dialects/mysql/flavour';
import { planMysql } from '../../../src/dialects/mysql/plan';
import { apply } from '../../../src/schema/apply';
import { diff } from '../../../src/schema/diff';
import type { Column, ForeignKey, Schema, Table } from '../../../src/schema/model';
import { EMPTY_SCHEMA } from '../../../src/schema/model';
import type { Operation } from '../../../src/schema/operations';
import { Refusal, SchemaBench, schemaOf, statementsOf, table } from './schema-bench';

let bench: SchemaBench;

beforeAll(async () => {
  bench = await SchemaBench.open();
});

afterAll(() => bench.close());

beforeEach(() => bench.clear());

const id: Column = { name: 'id', type: { kind: 'integer' }, nullable: false };
const integer = (name: string, rest: Partial<Column> = {}): Column => ({
  name,
  type: { kind: 'integer' },
  nullable: true,
  ...rest,
});
const varchar = (name: string, length: number, rest: Partial<Column> = {}): Column => ({
  name,
  type: { kind: 'varchar', length },
  nullable: true,
  ...rest,
});
const key = (name: string, ...columns: string[]) => ({ name, columns });
const simple = (parts: Partial<Table> = {}): Table =>
  table('t', { columns: [id, varchar('a', 20), integer('b')], primaryKey: key('pk_t', 'id'), ...parts });
const fk = (
  name: string,
  columns: string[],
  refTable: string,
  refColumns: string[],
  rest: Partial<ForeignKey> = {},
): ForeignKey => ({
  name,
  columns,
  refTable,
  refColumns,
  ...rest,
});

/** Runs operations on a schema with rows, and checks that the database is what `apply` says. */
async function run(before: Schema, rows: string, operations: readonly Operation[]): Promise<string[]> {
  await bench.make(before);
  if (rows !== '') await bench.script(rows);
  const plan = await bench.apply(operations);
  expect(await bench.differences(apply(before, operations))).toEqual([]);
  return statementsOf(plan);
}

async function refusal(before: Schema, rows: string, operations: readonly Operation[]): Promise<string> {
  await bench.make(before);
  await bench.script(rows);
  const shown = await bench.showTable('t');
  const error: unknown = await bench.apply(operations).catch((cause: unknown) => cause);
  if (!(error instanceof Refusal)) throw error ?? new Error('Nothing was refused.');
  expect(await bench.showTable('t')).toBe(shown);
  return error.message;
}

test('a table comes with its keys, indexes and checks in one statement', async () => {
  const wanted = simple({
    columns: [
      { ...id, autoIncrement: 'increment' },
      varchar('a', 20, { nullable: false, default: { kind: 'literal', value: `it's` } }),
      integer('b'),
    ],
    uniques: [key('uq', 'a')],
    indexes: [{ name: 'ix', columns: [{ column: 'b', order: 'desc' }], unique: false }],
    checks: [{ name: 'ck', expression: '"b" > 0 AND a <> \'\\\'' }],
    comment: 'rows',
  });
  expect(await run(EMPTY_SCHEMA, '', [{ kind: 'createTable', table: wanted }])).toEqual([
    [
      'CREATE TABLE `t` (',
      '  `id` int NOT NULL AUTO_INCREMENT,',
      "  `a` varchar(20) NOT NULL DEFAULT 'it''s',",
      '  `b` int,',
      '  PRIMARY KEY (`id`),',
      '  UNIQUE INDEX `uq` (`a`),',
      '  INDEX `ix` (`b` DESC),',
      "  CONSTRAINT `ck` CHECK (`b` > 0 AND a <> '\\\\')",
      ") ENGINE=`InnoDB` COMMENT='rows'",
    ].join('\n'),
  ]);
});

test('all changes of a table are one statement, and every statement says what it changes', async () => {
  const operations: Operation[] = [
    { kind: 'dropConstraint', table: 't', name: 'ck' },
    { kind: 'addColumn', table: 't', column: varchar('c', 5) },
    {
      kind: 'alterColumn',
      table: 't',
      name: 'a',
      change: { type: { kind: 'varchar', length: 30 }, comment: 'wide' },
    },
    { kind: 'alterColumn', table: 't', name: 'a', change: { default: { kind: 'literal', value: 'x' } } },
    { kind: 'dropColumn', table: 't', name: 'b' },
    { kind: 'createUnique', table: 't', unique: key('uq', 'a', 'c') },
    { kind: 'setTableComment', table: 't', comment: 'rows' },
  ];
  const before = schemaOf([simple({ checks: [{ name: 'ck', expression: 'a IS NOT NULL' }] })]);
  expect(await run(before, "INSERT INTO t VALUES (1, 'a', 2)", operations)).toEqual([
    [
      'ALTER TABLE `t`',
      '  DROP CONSTRAINT `ck`,',
      '  DROP COLUMN `b`,',
      "  MODIFY COLUMN `a` varchar(30) DEFAULT 'x' COMMENT 'wide',",
      '  ADD COLUMN `c` varchar(5),',
      '  ADD UNIQUE INDEX `uq` (`a`, `c`),',
      "  COMMENT='rows'",
    ].join('\n'),
  ]);
  const { steps } = bench.dialect.plan(before, operations);
  expect(steps.filter((step) => step.kind === 'statement' && step.outside === undefined)).toEqual([]);
  expect(steps.map(({ kind }) => kind)).toEqual(['check', 'statement']);
});

test('MODIFY repeats everything of a column', async () => {
  const full: Column = {
    name: 'at',
    type: { kind: 'timestamp' },
    nullable: false,
    default: { kind: 'expression', sql: 'CURRENT_TIMESTAMP' },
    comment: 'when',
    options: { 'mysql.onUpdate': 'CURRENT_TIMESTAMP', 'mysql.invisible': true },
  };
  const text: Column = {
    ...varchar('a', 9, { collation: 'latin1_bin', default: { kind: 'literal', value: 'x' } }),
    options: { 'mysql.charset': 'latin1' },
  };
  const before = schemaOf([
    table('t', { columns: [id, full, text, integer('n', { options: { 'mysql.unsigned': true } })] }),
  ]);
  const statements = await run(before, '', [
    { kind: 'alterColumn', table: 't', name: 'at', change: { nullable: true } },
    { kind: 'alterColumn', table: 't', name: 'a', change: { comment: 'c' } },
    { kind: 'alterColumn', table: 't', name: 'n', change: { nullable: false } },
  ]);
  expect(statements[0]).toContain(
    "MODIFY COLUMN `at` datetime(3) DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3) INVISIBLE COMMENT 'when'",
  );
  expect(statements[0]).toContain(
    "MODIFY COLUMN `a` varchar(9) CHARACTER SET `latin1` COLLATE `latin1_bin` DEFAULT 'x' COMMENT 'c'",
  );
});

describe('what rows stand against', () => {
  const rows = "INSERT INTO t VALUES (1, 'a', NULL), (2, 'a', 5), (3, 'long text', 5)";
  const REFUSED: [string, Operation[], string][] = [
    [
      'NOT NULL over NULL',
      [{ kind: 'alterColumn', table: 't', name: 'b', change: { nullable: false } }],
      "1 rows of 't' hold NULL in 't.b'",
    ],
    [
      'a unique constraint over duplicates',
      [{ kind: 'createUnique', table: 't', unique: key('uq', 'a') }],
      "2 rows of 't' share their value of 't.a', which is to be unique",
    ],
    [
      'a unique index over beginnings',
      [
        {
          kind: 'createIndex',
          table: 't',
          index: { name: 'ix', columns: [{ column: 'a', length: 1 }], unique: true },
        },
      ],
      "2 rows of 't' share their value of 't.a', which is to be unique",
    ],
    [
      'a shorter text',
      [{ kind: 'alterColumn', table: 't', name: 'a', change: { type: { kind: 'varchar', length: 3 } } }],
      "1 rows of 't' hold a value in 't.a' that would change",
    ],
    [
      'text that is no number',
      [{ kind: 'alterColumn', table: 't', name: 'a', change: { type: { kind: 'integer' } } }],
      "3 rows of 't' hold a value in 't.a' that would change",
    ],
    [
      'a check',
      [{ kind: 'createCheck', table: 't', check: { name: 'ck', expression: '"b" > 5' } }],
      "2 rows of 't' do not meet check 'ck' of 't'",
    ],
    [
      'a column without a value',
      [{ kind: 'addColumn', table: 't', column: integer('n', { nullable: false }) }],
      "3 rows of 't' have no value for the new column 't.n', which is NOT NULL",
    ],
    [
      'a key over duplicates',
      [
        { kind: 'dropConstraint', table: 't', name: 'pk_t' },
        { kind: 'alterColumn', table: 't', name: 'a', change: { nullable: false } },
        { kind: 'createPrimaryKey', table: 't', primaryKey: key('pk_t', 'a') },
      ],
      "2 rows of 't' share their value of 't.a', which is to be unique",
    ],
    [
      'a foreign key without parents',
      [{ kind: 'createForeignKey', table: 't', foreignKey: fk('fk', ['b'], 't', ['id']) }],
      "2 rows of 't' refer in 't.b' to a row of 't' that is not there",
    ],
    [
      'a foreign key to a new table',
      [
        { kind: 'createTable', table: table('p', { columns: [id], primaryKey: key('pk_p', 'id') }) },
        { kind: 'createForeignKey', table: 't', foreignKey: fk('fk', ['b'], 'p', ['id']) },
      ],
      "2 rows of 't' refer in 't.b' to a row of 'p' that is not there",
    ],
    [
      'what is generated instead',
      [
        {
          kind: 'alterColumn',
          table: 't',
          name: 'a',
          change: { generated: { sql: 'concat(\'a\', "b")', stored: false } },
        },
      ],
      "3 rows of 't' hold a value in 't.a' that is not the generated one",
    ],
    [
      'a generated column that is NULL',
      [
        {
          kind: 'addColumn',
          table: 't',
          column: integer('g', { nullable: false, generated: { sql: 'b + 1', stored: true } }),
        },
      ],
      "1 rows of 't' hold NULL in 't.g'",
    ],
    [
      'a collation that tells less apart',
      [
        { kind: 'createUnique', table: 't', unique: key('uq', 'a', 'id') },
        { kind: 'createCheck', table: 't', check: { name: 'n', expression: 'a = b' } },
      ],
      "2 rows of 't' do not meet check 'n' of 't'",
    ],
  ];

  test.each(REFUSED)(
    '%s is refused, with the rows counted, before anything has changed',
    async (_, operations, message) => {
      expect(await refusal(schemaOf([simple()]), rows, operations)).toBe(message);
    },
  );

  test('a step behind others is refused before the first of them', async () => {
    const message = await refusal(schemaOf([simple()]), rows, [
      { kind: 'renameColumn', table: 't', name: 'b', to: 'c' },
      {
        kind: 'addColumn',
        table: 't',
        column: integer('d', { nullable: false, default: { kind: 'literal', value: 1 } }),
      },
      { kind: 'renameTable', table: 't', to: 'u' },
      { kind: 'createUnique', table: 'u', unique: key('uq', 'd', 'c') },
    ]);
    expect(message).toBe("2 rows of 'u' share their value of 'u.d', 'u.c', which is to be unique");
  });

  test('allowLoss lets values be cut, clamped or emptied', async () => {
    const before = schemaOf([
      simple({ columns: [id, varchar('a', 20), integer('b'), varchar('c', 20), varchar('d', 20)] }),
    ]);
    const options = { allowLoss: 'no matter' };
    await run(
      before,
      "INSERT INTO t VALUES (1, 'long text', 70000, 'x', '2020-02-30'), (2, 'ok', -5, '12', '2020-02-29'), (3, NULL, NULL, NULL, NULL)",
      [
        {
          kind: 'alterColumn',
          table: 't',
          name: 'a',
          change: { type: { kind: 'varchar', length: 4 } },
          options,
        },
        { kind: 'alterColumn', table: 't', name: 'b', change: { type: { kind: 'smallint' } }, options },
        { kind: 'alterColumn', table: 't', name: 'c', change: { type: { kind: 'integer' } }, options },
        { kind: 'alterColumn', table: 't', name: 'd', change: { type: { kind: 'date' } }, options },
      ],
    );
    expect(await bench.rows('SELECT * FROM t')).toEqual([
      [1, 'long', 32767, 0, null],
      [2, 'ok', -5, 12, '2020-02-29'],
      [3, null, null, null, null],
    ]);
  });
});

describe('values on their way', () => {
  test('a fill is given to rows that are there, and leaves no default', async () => {
    const statements = await run(schemaOf([simple()]), "INSERT INTO t VALUES (1, 'a', 1), (2, 'b', 2)", [
      {
        kind: 'addColumn',
        table: 't',
        column: integer('n', { nullable: false }),
        fill: { kind: 'literal', value: 7 },
      },
      {
        kind: 'addColumn',
        table: 't',
        column: varchar('m', 20, { nullable: false }),
        fill: { kind: 'expression', sql: '"a" || \'!\'' },
      },
      {
        kind: 'addColumn',
        table: 't',
        column: integer('o', { default: { kind: 'literal', value: 3 } }),
        fill: { kind: 'literal', value: 3 },
      },
    ]);
    expect(statements).toEqual(
      [
        'ALTER TABLE `t`\n  ADD COLUMN `n` int NOT NULL DEFAULT 7,\n  ADD COLUMN `m` varchar(20), ALGORITHM=INSTANT, LOCK=NONE',
        "UPDATE `t` SET `m` = (concat(`a`, '!'))",
        'ALTER TABLE `t`\n  MODIFY COLUMN `n` int NOT NULL,\n  MODIFY COLUMN `m` varchar(20) NOT NULL,\n  ADD COLUMN `o` int DEFAULT 3, ALGORITHM=INPLACE, LOCK=NONE',
      ].map((text) => expect.stringContaining(text.split('(')[0] as string)),
    );
    expect(await bench.rows('SELECT n, m, o FROM t')).toEqual([
      [7, 'a!', 3],
      [7, 'b!', 3],
    ]);
  });

  test('`using` makes the new value', async () => {
    const statements = await run(
      schemaOf([simple({ uniques: [key('uq', 'a')] })]),
      "INSERT INTO t VALUES (1, 'one', 1), (2, 'two', 2)",
      [
        {
          kind: 'alterColumn',
          table: 't',
          name: 'a',
          change: { type: { kind: 'integer' } },
          using: "CASE a WHEN 'one' THEN 1 ELSE 2 END",
        },
      ],
    );
    expect(statements).toEqual([
      'ALTER TABLE `t`\n  DROP INDEX `uq`,\n  MODIFY COLUMN `a` longtext',
      "UPDATE `t` SET `a` = (CASE a WHEN 'one' THEN 1 ELSE 2 END)",
      'ALTER TABLE `t`\n  MODIFY COLUMN `a` int,\n  ADD UNIQUE INDEX `uq` (`a`)',
    ]);
    expect(await bench.rows('SELECT a FROM t')).toEqual([[1], [2]]);
  });

  test('what `using` makes must fit', async () => {
    const message = await refusal(schemaOf([simple()]), "INSERT INTO t VALUES (1, 'one', 1)", [
      {
        kind: 'alterColumn',
        table: 't',
        name: 'a',
        change: { type: { kind: 'integer' } },
        using: 'upper(a)',
      },
    ]);
    expect(message).toBe("1 rows of 't' hold a value in 't.a' that would change");
  });

  test('an UPDATE leaves columns alone that follow the moment', async () => {
    const at: Column = {
      name: 'at',
      type: { kind: 'timestamp' },
      nullable: true,
      options: { 'mysql.onUpdate': true },
    };
    await run(
      schemaOf([simple({ columns: [id, varchar('a', 20), at] })]),
      "INSERT INTO t VALUES (1, 'one', '2020-02-29 12:00:00')",
      [{ kind: 'alterColumn', table: 't', name: 'a', change: {}, using: 'upper(a)' }],
    );
    expect(await bench.rows('SELECT a, at FROM t')).toEqual([['ONE', '2020-02-29 12:00:00.000']]);
  });

  test('rows are not written anew under a trigger that it would fire', async () => {
    const trigger = {
      name: 'tr',
      table: 't',
      sql: { mariadb: 'CREATE TRIGGER tr BEFORE UPDATE ON t FOR EACH ROW SET NEW.b = 9' },
    };
    const before = schemaOf([simple()], { triggers: [trigger] });
    expect(() =>
      planMysql(MYSQL_8, before, [
        { kind: 'alterColumn', table: 't', name: 'a', change: {}, using: 'upper(a)' },
      ]),
    ).toThrow("without firing a trigger (drop it before, create it after): 'tr'");
  });

  const KINDS: [string, Column['generated'], Column['generated']][] = [
    ['virtual to plain', { sql: 'concat(b, 1)', stored: false }, undefined],
    ['stored to plain', { sql: 'concat(b, 1)', stored: true }, undefined],
    ['plain to virtual', undefined, { sql: 'concat(b, 1)', stored: false }],
    ['plain to stored', undefined, { sql: 'concat(b, 1)', stored: true }],
    ['virtual to stored', { sql: 'concat(b, 1)', stored: false }, { sql: 'concat(b, 1)', stored: true }],
    ['stored to virtual', { sql: 'concat(b, 1)', stored: true }, { sql: 'concat(b, 1)', stored: false }],
    [
      'another virtual expression',
      { sql: 'concat(b, 2)', stored: false },
      { sql: 'concat(b, 1)', stored: false },
    ],
    [
      'another stored expression',
      { sql: 'concat(b, 2)', stored: true },
      { sql: 'concat(b, 1)', stored: true },
    ],
  ];

  test.each(KINDS)('a generated column: %s', async (_, old, now) => {
    const column = (generated: Column['generated']): Column => varchar('a', 20, generated && { generated });
    const before = schemaOf([
      simple({
        columns: [id, column(old), integer('b')],
        indexes: [{ name: 'ix', columns: [{ column: 'a' }, { column: 'b' }], unique: false }],
        checks: [{ name: 'ck', expression: "a <> 'x'" }],
      }),
    ]);
    const rows = old ? 'INSERT INTO t (id, b) VALUES (1, 5)' : "INSERT INTO t VALUES (1, '51', 5)";
    await run(before, rows, [
      { kind: 'alterColumn', table: 't', name: 'a', change: { generated: now ?? null } },
    ]);
    expect(await bench.rows('SELECT a FROM t')).toEqual([['51']]);
  });
});

describe('enums', () => {
  const state = (name = 't_state_enum', rest: Partial<Column> = {}): Column => ({
    name: 'state',
    type: { kind: 'enum', name },
    nullable: true,
    ...rest,
  });
  const schema = (values = ['open', 'done', 'late'], name = 't_state_enum'): Schema =>
    schemaOf([simple({ columns: [id, state(name), { ...state(name), name: 'other' }] })], {
      enums: [{ name, values }],
    });
  const rows = "INSERT INTO t VALUES (1, 'open', 'done'), (2, 'done', NULL)";

  test('a value is added without a copy, wherever it stands at the end', async () => {
    const statements = await run(schema(), rows, [
      { kind: 'alterEnum', name: 't_state_enum', add: [{ value: 'gone' }] },
    ]);
    expect(statements).toHaveLength(1);
    expect(statements[0]).toMatch(/enum\('open','done','late','gone'\)[\s\S]*ALGORITHM=INSTANT, LOCK=NONE$/);
  });

  test.each(['t_state_enum', 'status'])(
    'values of %s are renamed, exchanged ones too, at once',
    async (name) => {
      await run(schema(undefined, name), rows, [
        {
          kind: 'alterEnum',
          name,
          rename: { open: 'done', done: 'open', late: 'tardy' },
          add: [{ value: 'new', before: 'open' }],
        },
      ]);
      expect(await bench.rows('SELECT state, other FROM t ORDER BY id')).toEqual([
        ['done', 'open'],
        ['open', null],
      ]);
    },
  );

  test('a default that is renamed goes along', async () => {
    const before = schemaOf(
      [simple({ columns: [id, state(undefined, { default: { kind: 'literal', value: 'open' } })] })],
      {
        enums: [{ name: 't_state_enum', values: ['open', 'done'] }],
      },
    );
    await bench.make(before);
    await bench.apply([{ kind: 'alterEnum', name: 't_state_enum', rename: { open: 'begun' } }]);
    await bench.script('INSERT INTO t (id) VALUES (1)');
    expect(await bench.rows('SELECT state FROM t')).toEqual([['begun']]);
  });

  test('values are put in another order, rows keep theirs', async () => {
    await run(schema(), rows, [{ kind: 'alterEnum', name: 't_state_enum', order: ['late', 'done', 'open'] }]);
    expect(await bench.rows('SELECT state, other FROM t ORDER BY id')).toEqual([
      ['open', 'done'],
      ['done', null],
    ]);
  });

  test('a value that no row has is removed, one that rows have is not', async () => {
    await run(schema(), rows, [{ kind: 'alterEnum', name: 't_state_enum', remove: ['late'] }]);
    await bench.clear();
    const message = await refusal(schema(), rows, [
      { kind: 'alterEnum', name: 't_state_enum', remove: ['done'] },
    ]);
    expect(message).toBe("1 rows of 't' hold a value in 't.state' that would change");
  });

  test.each(['t_state_enum', 'status'])(
    'an enum called %s keeps its name when its table or column gets another',
    async (name) => {
      const operations: Operation[] = [
        { kind: 'renameTable', table: 't', to: 'u' },
        { kind: 'renameColumn', table: 'u', name: 'other', to: 'third' },
      ];
      await run(schema(undefined, name), rows, operations);
      expect((await bench.found()).enums.map((each) => each.name)).toEqual([name]);
    },
  );

  test('a column changes from one enum to another', async () => {
    const before = schema();
    await run(before, "INSERT INTO t VALUES (1, 'open', NULL)", [
      { kind: 'createEnum', name: 'status', values: ['open', 'shut'] },
      { kind: 'alterColumn', table: 't', name: 'state', change: { type: { kind: 'enum', name: 'status' } } },
      { kind: 'alterColumn', table: 't', name: 'other', change: { type: { kind: 'text' } } },
      { kind: 'dropEnum', name: 't_state_enum' },
    ]);
    expect(await bench.rows('SELECT state FROM t')).toEqual([['open']]);
  });
});

describe('keys', () => {
  const parent = table('p', {
    columns: [id, integer('n', { nullable: false })],
    primaryKey: key('pk_p', 'id'),
    uniques: [key('uq_p', 'n')],
  });
  const child = (keys: ForeignKey[], parts: Partial<Table> = {}): Table =>
    table('c', {
      columns: [id, integer('p_id'), integer('p_n')],
      primaryKey: key('pk_c', 'id'),
      foreignKeys: keys,
      ...parts,
    });
  const both = [fk('fk_id', ['p_id'], 'p', ['id'], { onDelete: 'CASCADE' }), fk('fk_n', ['p_n'], 'p', ['n'])];
  const rows = 'INSERT INTO p VALUES (1, 10), (2, 20); INSERT INTO c VALUES (1, 1, 10), (2, 2, NULL)';

  test('both sides of a key change their type: the keys go before and come after', async () => {
    const bigint = { kind: 'bigint' } as const;
    const statements = await run(schemaOf([parent, child(both)]), rows, [
      { kind: 'alterColumn', table: 'p', name: 'id', change: { type: bigint } },
      { kind: 'alterColumn', table: 'c', name: 'p_id', change: { type: bigint } },
      { kind: 'alterColumn', table: 'p', name: 'n', change: { type: bigint } },
      { kind: 'alterColumn', table: 'c', name: 'p_n', change: { type: bigint } },
    ]);
    expect(statements.map((sql) => sql.split('\n')[0])).toEqual([
      'ALTER TABLE `c`',
      'ALTER TABLE `p`',
      'ALTER TABLE `c`',
    ]);
    expect(await bench.rows('SELECT p_id, p_n FROM c ORDER BY id')).toEqual([
      [1, 10],
      [2, null],
    ]);
  });

  test('one side alone does not change: it is refused before the keys go', async () => {
    await bench.make(schemaOf([parent, child(both)]));
    const before = await bench.found();
    const change: Operation = {
      kind: 'alterColumn',
      table: 'p',
      name: 'id',
      change: { type: { kind: 'bigint' } },
    };
    expect(() => bench.dialect.plan(before, [change])).toThrow(
      "MariaDB has no foreign keys between different types ('c.p_id' is int, 'p.id' bigint): 'fk_id' on 'c'.",
    );
  });

  test('an index goes that a key needs: the key gets one of its own, and gives it up again', async () => {
    const indexes = [{ name: 'ix', columns: [{ column: 'p_id' }], unique: false }];
    const before = schemaOf([parent, child([both[0] as ForeignKey], { indexes })]);
    expect(
      await run(before, rows.replaceAll(', 10)', ', NULL)').replace('(1, NULL)', '(1, 10)'), [
        { kind: 'dropIndex', table: 'c', name: 'ix' },
      ]),
    ).toEqual(['ALTER TABLE `c` RENAME INDEX `ix` TO `fk_id`, ALGORITHM=INSTANT, LOCK=NONE']);
    await bench.apply([
      {
        kind: 'createIndex',
        table: 'c',
        index: { name: 'ix2', columns: [{ column: 'p_id' }, { column: 'id' }], unique: false },
      },
    ]);
    expect(await bench.showTable('c')).not.toContain('KEY `fk_id`');
    await bench.apply([{ kind: 'dropIndex', table: 'c', name: 'ix2' }]);
    expect(await bench.showTable('c')).toContain('KEY `fk_id` (`p_id`)');
    await bench.apply([{ kind: 'dropConstraint', table: 'c', name: 'fk_id' }]);
    expect(await bench.showTable('c')).not.toContain('fk_id');
  });

  test('a key is made anew with another action', async () => {
    const [one] = both as [ForeignKey];
    await run(
      schemaOf([parent, child([one])]),
      'INSERT INTO p VALUES (1, 10); INSERT INTO c VALUES (1, 1, NULL)',
      [
        { kind: 'dropConstraint', table: 'c', name: 'fk_id' },
        { kind: 'createForeignKey', table: 'c', foreignKey: { ...one, onDelete: 'SET NULL' } },
      ],
    );
  });

  test('a new table and a key to it, columns and index included, are two statements', async () => {
    const statements = await run(schemaOf([simple()]), "INSERT INTO t VALUES (1, 'a', NULL)", [
      { kind: 'createTable', table: parent },
      { kind: 'addColumn', table: 't', column: integer('p_id') },
      {
        kind: 'createIndex',
        table: 't',
        index: { name: 'ix', columns: [{ column: 'p_id' }], unique: false },
      },
      { kind: 'createForeignKey', table: 't', foreignKey: fk('fk', ['p_id'], 'p', ['id']) },
    ]);
    expect(statements).toHaveLength(2);
  });

  test('the key of a table becomes another, with all that numbers itself', async () => {
    const before = schemaOf([
      simple({ columns: [{ ...id, autoIncrement: 'increment' }, varchar('a', 20, { nullable: false })] }),
    ]);
    const operations: Operation[] = [
      { kind: 'dropConstraint', table: 't', name: 'pk_t' },
      { kind: 'alterColumn', table: 't', name: 'id', change: { autoIncrement: null } },
      { kind: 'createPrimaryKey', table: 't', primaryKey: key('by a', 'a') },
    ];
    expect(await run(before, "INSERT INTO t (a) VALUES ('x'), ('y')", operations)).toHaveLength(1);
    expect((await bench.found()).tables[0]?.primaryKey).toEqual(key('by a', 'a'));
    await bench.apply([
      { kind: 'dropConstraint', table: 't', name: 'by a' },
      { kind: 'createPrimaryKey', table: 't', primaryKey: key('pk_t', 'id') },
      { kind: 'alterColumn', table: 't', name: 'id', change: { autoIncrement: 'increment' } },
    ]);
    await bench.script("INSERT INTO t (a) VALUES ('z')");
    expect(await bench.rows('SELECT * FROM t ORDER BY id')).toEqual([
      [1, 'x'],
      [2, 'y'],
      [3, 'z'],
    ]);
  });

  test('a new column numbers the rows that are there', async () => {
    await run(
      schemaOf([simple({ columns: [varchar('a', 20)], primaryKey: undefined } as unknown as Table)]),
      "INSERT INTO t VALUES ('x'), ('y')",
      [
        { kind: 'addColumn', table: 't', column: { ...id, autoIncrement: 'increment' } },
        { kind: 'createPrimaryKey', table: 't', primaryKey: key('pk_t', 'id') },
      ],
    );
    expect(await bench.rows('SELECT a, id FROM t ORDER BY id')).toEqual([
      ['x', 1],
      ['y', 2],
    ]);
  });

  test('tables that refer to each other are dropped in any order', async () => {
    const before = schemaOf([
      table('a', {
        columns: [id],
        primaryKey: key('pk_a', 'id'),
        foreignKeys: [fk('fk_a', ['id'], 'b', ['id'])],
      }),
      table('b', {
        columns: [id],
        primaryKey: key('pk_b', 'id'),
        foreignKeys: [fk('fk_b', ['id'], 'a', ['id'])],
      }),
    ]);
    await run(before, '', diff(before, EMPTY_SCHEMA));
  });

  test('a column is dropped and another of its name added in one statement', async () => {
    const before = schemaOf([
      simple({ indexes: [{ name: 'ix', columns: [{ column: 'a' }, { column: 'b' }], unique: false }] }),
    ]);
    const statements = await run(before, "INSERT INTO t VALUES (1, 'x', 1)", [
      { kind: 'dropIndex', table: 't', name: 'ix' },
      { kind: 'dropColumn', table: 't', name: 'a' },
      {
        kind: 'addColumn',
        table: 't',
        column: integer('A', { nullable: false }),
        fill: { kind: 'literal', value: 4 },
      },
      {
        kind: 'createIndex',
        table: 't',
        index: { name: 'ix', columns: [{ column: 'A' }, { column: 'b' }], unique: false },
      },
    ]);
    expect(statements).toHaveLength(2);
    expect(await bench.rows('SELECT A FROM t')).toEqual([[4]]);
  });
});

describe('options of tables', () => {
  test('another collation goes for the columns that follow it', async () => {
    const before = schemaOf([
      simple({ columns: [id, varchar('a', 20), varchar('own', 9, { collation: 'utf8mb4_bin' })] }),
    ]);
    const operations: Operation[] = [
      { kind: 'setTableOptions', table: 't', options: { 'mysql.collation': 'utf8mb4_unicode_ci' } },
    ];
    await run(before, "INSERT INTO t VALUES (1, 'ä', 'ä')", operations);
    await bench.apply([{ kind: 'setTableOptions', table: 't', options: {} }]);
    expect(await bench.differences(before)).toEqual([]);
    expect(await bench.rows('SELECT * FROM t')).toEqual([[1, 'ä', 'ä']]);
  });

  test('another row format and engine', async () => {
    await run(schemaOf([simple()]), "INSERT INTO t VALUES (1, 'ä', 1)", [
      { kind: 'setTableOptions', table: 't', options: { 'mysql.rowFormat': 'compressed' } },
    ]);
    await bench.apply([{ kind: 'setTableOptions', table: 't', options: { 'mysql.engine': 'Aria' } }]);
    expect((await bench.found()).tables[0]?.options).toEqual({ 'mysql.engine': 'Aria' });
  });
});

describe('what there is not', () => {
  const create = (parts: Partial<Table>): Operation[] => [{ kind: 'createTable', table: simple(parts) }];
  const index = (rest: object): Operation[] =>
    create({ indexes: [{ name: 'ix', columns: [{ column: 'a' }], unique: false, ...rest }] });
  const MISSING: [Operation[], string][] = [
    [index({ where: 'a > 1' }), "MariaDB has no indexes of a part of the rows (WHERE): index 'ix' on 't'."],
    [index({ include: ['b'] }), "MariaDB has no INCLUDE columns: index 'ix' on 't'."],
    [index({ nullsNotDistinct: true }), "MariaDB has no NULLS NOT DISTINCT: index 'ix' on 't'."],
    [index({ method: 'gin' }), "MariaDB has no index method 'gin': index 'ix' on 't'."],
    [
      index({ columns: [{ expression: 'lower(a)' }] }),
      "MariaDB has no indexes over an expression (make it a generated column and index that): index 'ix' on 't'.",
    ],
    [
      index({ columns: [{ column: 'a', nulls: 'first' }] }),
      "MariaDB has no NULLS FIRST or LAST in an index: index 'ix' on 't'.",
    ],
    [
      index({ columns: [{ column: 'a', operatorClass: 'x' }] }),
      "MariaDB has no operator classes: index 'ix' on 't'.",
    ],
    [
      create({ uniques: [{ ...key('uq', 'a'), deferrable: 'deferred' }] }),
      "MariaDB has no deferrable unique constraints: 'uq' on 't'.",
    ],
    [
      create({ foreignKeys: [fk('fk', ['b'], 't', ['id'], { deferrable: 'deferred' })] }),
      "MariaDB has no deferrable foreign keys: 'fk' on 't'.",
    ],
    [
      create({ foreignKeys: [fk('fk', ['b'], 't', ['id'], { onDelete: 'SET DEFAULT' })] }),
      "MariaDB has no foreign keys with SET DEFAULT: 'fk' on 't'.",
    ],
    [
      create({ foreignKeys: [fk('fk', ['b'], 't', ['a'])] }),
      "MariaDB has no foreign keys to columns without a key ('t.a'): 'fk' on 't'.",
    ],
    [
      create({ uniques: [key('uq', 'a')], foreignKeys: [fk('fk', ['b'], 't', ['a'])] }),
      "MariaDB has no foreign keys between different types ('t.b' is int, 't.a' char): 'fk' on 't'.",
    ],
    [
      create({ exclusions: [{ name: 'ex', elements: 'a WITH =' }] }),
      "MariaDB has no exclusion constraints: 'ex' on 't'.",
    ],
    [
      create({
        columns: [id, { name: 'l', type: { kind: 'array', of: { kind: 'integer' } }, nullable: true }],
      }),
      'MariaDB has no array type: use simple-array or json.',
    ],
    [
      create({
        columns: [id, { name: 'l', type: { kind: 'native', sql: { postgres: 'tsvector' } }, nullable: true }],
      }),
      'MariaDB has no such native type: tsvector (postgres).',
    ],
    [
      create({
        columns: [id, { name: 'body', type: { kind: 'text' }, nullable: true }],
        uniques: [key('uq', 'body')],
      }),
      "MariaDB has no unique constraint over columns of type text: 'uq' on 't' (make 'body' a varchar with a length).",
    ],
    [
      create({ columns: [{ ...id, type: { kind: 'blob' } }] }),
      "MariaDB has no primary key over columns of type blob: 'pk_t' on 't' (make 'id' a varchar with a length).",
    ],
    [create({ options: { 'mysql.nonsense': true } }), "MariaDB has no table option 'nonsense': table 't'."],
    [
      create({ options: { 'mysql.rowFormat': 'x; DROP TABLE y' } }),
      "MariaDB has no row format 'x; DROP TABLE y': table 't'.",
    ],
    [
      [{ kind: 'createView', view: { name: 'v', query: 'SELECT 1', materialized: true } }],
      "MariaDB has no materialized views: 'v'.",
    ],
    [
      [{ kind: 'createTrigger', trigger: { name: 'tr', table: 't', sql: { postgres: 'x' } } }],
      "MariaDB has no text of its own in this trigger: 'tr' on 't'.",
    ],
  ];

  test.each(MISSING)('%j', (operations, message) => {
    const isCreating = operations[0]?.kind === 'createTable';
    expect(() => bench.dialect.plan(isCreating ? EMPTY_SCHEMA : schemaOf([simple()]), operations)).toThrow(
      message,
    );
  });
});

describe('MySQL 8, by its manual', () => {
  const textOf = (operations: Operation[], before: Schema = EMPTY_SCHEMA): string[] =>
    statementsOf(planMysql(MYSQL_8, before, operations));

  test('defaults of texts are expressions, indexes may be over expressions, and NOT NULL stands at what is generated', () => {
    const wanted = simple({
      columns: [
        id,
        { name: 'body', type: { kind: 'text' }, nullable: false, default: { kind: 'literal', value: '\\' } },
        varchar('made', 9, { nullable: false, generated: { sql: 'upper("body")', stored: true } }),
        { name: 'state', type: { kind: 'enum', name: 'status' }, nullable: true },
      ],
      indexes: [
        { name: 'ix', columns: [{ expression: 'lower("made")', order: 'desc' }], unique: false },
        { name: 'iv', columns: [{ column: 'made' }], unique: false, options: { 'mysql.invisible': true } },
      ],
    });
    const [sql = ''] = textOf([
      { kind: 'createEnum', name: 'status', values: ['a'] },
      { kind: 'createTable', table: wanted },
    ]);
    expect(sql.replace(/enum:[0-9a-f]{8}/, 'enum:HASH').split('\n')).toEqual([
      'CREATE TABLE `t` (',
      '  `id` int NOT NULL,',
      "  `body` longtext NOT NULL DEFAULT ('\\\\'),",
      '  `made` varchar(9) GENERATED ALWAYS AS (upper(`body`)) STORED NOT NULL,',
      "  `state` enum('a') CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,",
      '  PRIMARY KEY (`id`),',
      '  INDEX `iv` (`made`) INVISIBLE,',
      '  INDEX `ix` ((lower(`made`)) DESC),',
      "  CONSTRAINT `enum:HASH` CHECK (`state` IS NULL OR 'enum:status' <> '')",
      ') ENGINE=`InnoDB`',
    ]);
  });

  test('a column that a check or a generated column names is renamed without them', () => {
    const before = schemaOf([
      simple({
        columns: [id, varchar('a', 9), varchar('g', 9, { generated: { sql: 'lower("a")', stored: false } })],
        checks: [{ name: 'ck', expression: "a <> 'x'" }],
        indexes: [{ name: 'ix', columns: [{ column: 'g' }], unique: false }],
      }),
    ]);
    expect(textOf([{ kind: 'renameColumn', table: 't', name: 'a', to: 'b' }], before)).toEqual(
      [
        'ALTER TABLE `t`\n  DROP CHECK `ck`,\n  DROP INDEX `ix`,\n  DROP COLUMN `g`',
        'ALTER TABLE `t` RENAME COLUMN `a` TO `b`',
        "ALTER TABLE `t`\n  ADD COLUMN `g` varchar(9) GENERATED ALWAYS AS (lower(b)) VIRTUAL,\n  ADD INDEX `ix` (`g`),\n  ADD CONSTRAINT `ck` CHECK (b <> 'x')".replace(
          '(lower(b))',
          '(lower(`b`))',
        ),
      ].map((text) => expect.stringContaining(text.slice(0, 40))),
    );
  });

  test('INSTANT is asked for alone, and LOCK=NONE beside INPLACE', () => {
    const before = schemaOf([simple()]);
    expect(textOf([{ kind: 'addColumn', table: 't', column: integer('n') }], before)).toEqual([
      'ALTER TABLE `t` ADD COLUMN `n` int, ALGORITHM=INSTANT',
    ]);
    expect(textOf([{ kind: 'createUnique', table: 't', unique: key('uq', 'a') }], before)).toEqual([
      'ALTER TABLE `t` ADD UNIQUE INDEX `uq` (`a`), ALGORITHM=INPLACE, LOCK=NONE',
    ]);
  });
});

describe('views and triggers that others have made', () => {
  const setUp = async (): Promise<Schema> => {
    await bench.make(schemaOf([simple(), table('u', { columns: [id, integer('b')] })]));
    await bench.script(`
      CREATE VIEW v1 AS SELECT x.b FROM t x JOIN u ON u.b = x.id;
      CREATE VIEW v2 AS SELECT * FROM u;
      CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW SET NEW.a = upper(NEW.a)`);
    return bench.found();
  };
  const BROKEN: [Operation[], string][] = [
    [[{ kind: 'dropColumn', table: 't', name: 'b' }], "view 'v1' broken (it reads 't.b')"],
    [[{ kind: 'renameColumn', table: 'u', name: 'b', to: 'c' }], "view 'v1' broken (it reads 'u.b')"],
    [[{ kind: 'dropTable', table: 'u' }], "view 'v1' broken (it reads 'u')"],
    [[{ kind: 'renameTable', table: 'u', to: 'w' }], "view 'v1' broken (it reads 'u')"],
    [[{ kind: 'dropColumn', table: 't', name: 'a' }], "trigger 'tr' broken (it uses 't.a')"],
  ];

  test.each(BROKEN)('%j is refused', async (operations, message) => {
    const before = await setUp();
    expect(() => bench.dialect.plan(before, operations)).toThrow(message);
  });

  test("what is dropped or replaced as well is in nobody's way, and neither is what only has the same name", async () => {
    const before = await setUp();
    await bench.run(
      bench.dialect.plan(before, [
        { kind: 'dropTrigger', table: 't', name: 'tr' },
        { kind: 'dropColumn', table: 't', name: 'a' },
        { kind: 'dropView', name: 'v1' },
        { kind: 'dropColumn', table: 't', name: 'b' },
        { kind: 'replaceView', view: { name: 'v2', query: 'SELECT "id" FROM "u"' } },
        { kind: 'dropColumn', table: 'u', name: 'b' },
      ]),
    );
    expect(await bench.rows('SELECT * FROM v2')).toEqual([]);
  });
});

test('a way back whose views come first makes them when their tables are there', async () => {
  const view = { name: 'v', query: 'SELECT "a" FROM "t"' };
  await bench.make(schemaOf([]));
  await bench.apply(
    [
      { kind: 'createView', view },
      { kind: 'createTable', table: simple() },
    ],
    EMPTY_SCHEMA,
  );
  expect((await bench.found()).views).toEqual([{ name: 'v', query: 'select t.a AS a from t' }]);
});
