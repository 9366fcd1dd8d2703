import { freeze } from '../../src/base/structure';
import { apply } from '../../src/schema/apply';
import { EMPTY_SCHEMA, type Schema } from '../../src/schema/model';
import { normalize } from '../../src/schema/normalize';
import type { Operation } from '../../src/schema/operations';
import { reverse } from '../../src/schema/reverse';
import { column, errorOf, key, pk, schema, table } from './schemas';

const status = column('status', { type: { kind: 'enum', name: 'status' } });

const LIBRARY: Schema = freeze(
  schema(
    [
      table('authors', ['id', 'name', 'a', 'b'], {
        ...pk('id'),
        uniques: [{ name: 'uq_ab', columns: ['a', 'b'] }],
      }),
      table(
        'books',
        [
          'id',
          'title',
          'author_id',
          'pages',
          status,
          column('twice', { generated: { sql: 'pages * 2', stored: true } }),
        ],
        {
          ...pk('id'),
          uniques: [{ name: 'uq_title', columns: ['title'] }],
          checks: [
            { name: 'ck_pages', expression: 'pages > 0' },
            { name: 'ck_both', expression: '"title" <> \'\' OR "author_id" IS NULL' },
          ],
          foreignKeys: [key('author_id', 'authors', 'id')],
          indexes: [{ name: 'ix_title', columns: [{ column: 'title' }], unique: false }],
          exclusions: [{ name: 'ex', elements: '"title" WITH =' }],
        },
      ),
    ],
    {
      enums: [{ name: 'status', values: ['open', 'done'] }],
      views: [{ name: 'titles', query: 'SELECT title FROM books' }],
      sequences: [{ name: 'counter', start: 1 }],
      triggers: [{ name: 'tr', table: 'books', sql: { sqlite: 'x' } }],
    },
  ),
);

const missing = (operation: string, object: string, name: string, on?: string): [string, string] => [
  'SCHEMA_OBJECT_MISSING',
  `${operation}: there is no ${object} '${name}'${on === undefined ? '' : ` on table '${on}'`}.`,
];
const exists = (operation: string, object: string, name: string, on?: string): [string, string] => [
  'SCHEMA_OBJECT_EXISTS',
  `${operation}: ${object} '${name}' exists already${on === undefined ? '' : ` on table '${on}'`}.`,
];
const inUse = (operation: string, object: string, name: string, usedBy: string): [string, string] => [
  'SCHEMA_OBJECT_IN_USE',
  `${operation}: ${object} '${name}' is still used by ${usedBy}.`,
];

describe('a wrong operation throws and names what is wrong', () => {
  const index = { name: 'ix', columns: [{ column: 'id' }], unique: false };
  const cases: readonly (readonly [Operation, [code: string, message: string]])[] = [
    [{ kind: 'createTable', table: table('books', ['id']) }, exists('createTable', 'table', 'books')],
    [{ kind: 'createTable', table: table('titles', ['id']) }, exists('createTable', 'table', 'titles')],
    [
      { kind: 'createTable', table: table('t', [column('s', { type: { kind: 'enum', name: 'none' } })]) },
      missing('createTable', 'enum', 'none'),
    ],
    [
      {
        kind: 'createTable',
        table: table('t', [column('s', { type: { kind: 'array', of: { kind: 'enum', name: 'none' } } })]),
      },
      missing('createTable', 'enum', 'none'),
    ],
    [
      { kind: 'createTable', table: table('t', ['a'], { foreignKeys: [key('a', 'nowhere', 'id')] }) },
      missing('createTable', 'table', 'nowhere'),
    ],
    [
      { kind: 'createTable', table: table('t', ['a'], { foreignKeys: [key('a', 'books', 'nothing')] }) },
      missing('createTable', 'column', 'nothing', 'books'),
    ],
    [{ kind: 'createTable', table: table('t', ['a'], pk('b')) }, missing('createTable', 'column', 'b', 't')],
    [
      { kind: 'createTable', table: table('t', ['a'], { uniques: [{ name: 'u', columns: ['a', 'b'] }] }) },
      missing('createTable', 'column', 'b', 't'),
    ],
    [
      { kind: 'createTable', table: table('t', ['a'], { indexes: [index] }) },
      missing('createTable', 'column', 'id', 't'),
    ],
    [{ kind: 'dropTable', table: 'nowhere' }, missing('dropTable', 'table', 'nowhere')],
    [
      { kind: 'dropTable', table: 'authors' },
      inUse('dropTable', 'table', 'authors', "foreign key 'fk_author_id' of table 'books'"),
    ],
    [{ kind: 'renameTable', table: 'nowhere', to: 'x' }, missing('renameTable', 'table', 'nowhere')],
    [{ kind: 'renameTable', table: 'books', to: 'authors' }, exists('renameTable', 'table', 'authors')],
    [{ kind: 'renameTable', table: 'books', to: 'titles' }, exists('renameTable', 'table', 'titles')],
    [
      { kind: 'setTableComment', table: 'nowhere', comment: '' },
      missing('setTableComment', 'table', 'nowhere'),
    ],
    [
      { kind: 'setTableOptions', table: 'nowhere', options: {} },
      missing('setTableOptions', 'table', 'nowhere'),
    ],
    [{ kind: 'addColumn', table: 'nowhere', column: column('x') }, missing('addColumn', 'table', 'nowhere')],
    [
      { kind: 'addColumn', table: 'books', column: column('title') },
      exists('addColumn', 'column', 'title', 'books'),
    ],
    [
      { kind: 'addColumn', table: 'books', column: column('x', { type: { kind: 'enum', name: 'none' } }) },
      missing('addColumn', 'enum', 'none'),
    ],
    [{ kind: 'dropColumn', table: 'nowhere', name: 'x' }, missing('dropColumn', 'table', 'nowhere')],
    [{ kind: 'dropColumn', table: 'books', name: 'x' }, missing('dropColumn', 'column', 'x', 'books')],
    [
      { kind: 'dropColumn', table: 'authors', name: 'id' },
      inUse('dropColumn', 'column', 'authors.id', "foreign key 'fk_author_id' of table 'books'"),
    ],
    [
      { kind: 'dropColumn', table: 'authors', name: 'a' },
      inUse('dropColumn', 'column', 'authors.a', "unique 'uq_ab'"),
    ],
    [
      { kind: 'dropColumn', table: 'books', name: 'author_id' },
      inUse('dropColumn', 'column', 'books.author_id', "check 'ck_both'"),
    ],
    [
      { kind: 'dropColumn', table: 'books', name: 'pages' },
      inUse('dropColumn', 'column', 'books.pages', "generated column 'twice'"),
    ],
    [
      { kind: 'renameColumn', table: 'nowhere', name: 'x', to: 'y' },
      missing('renameColumn', 'table', 'nowhere'),
    ],
    [
      { kind: 'renameColumn', table: 'books', name: 'x', to: 'y' },
      missing('renameColumn', 'column', 'x', 'books'),
    ],
    [
      { kind: 'renameColumn', table: 'books', name: 'id', to: 'title' },
      exists('renameColumn', 'column', 'title', 'books'),
    ],
    [
      { kind: 'alterColumn', table: 'nowhere', name: 'x', change: {} },
      missing('alterColumn', 'table', 'nowhere'),
    ],
    [
      { kind: 'alterColumn', table: 'books', name: 'x', change: {} },
      missing('alterColumn', 'column', 'x', 'books'),
    ],
    [
      { kind: 'alterColumn', table: 'books', name: 'id', change: { type: { kind: 'enum', name: 'none' } } },
      missing('alterColumn', 'enum', 'none'),
    ],
    [
      { kind: 'createPrimaryKey', table: 'books', primaryKey: { name: 'pk2', columns: ['id'] } },
      exists('createPrimaryKey', 'primary key', 'pk2', 'books'),
    ],
    [
      { kind: 'createUnique', table: 'books', unique: { name: 'pk', columns: ['id'] } },
      exists('createUnique', 'constraint', 'pk', 'books'),
    ],
    [
      { kind: 'createUnique', table: 'books', unique: { name: 'u', columns: ['x'] } },
      missing('createUnique', 'column', 'x', 'books'),
    ],
    [
      { kind: 'createCheck', table: 'books', check: { name: 'uq_title', expression: '1' } },
      exists('createCheck', 'constraint', 'uq_title', 'books'),
    ],
    [
      { kind: 'createExclusion', table: 'books', exclusion: { name: 'ck_both', elements: '' } },
      exists('createExclusion', 'constraint', 'ck_both', 'books'),
    ],
    [
      { kind: 'createForeignKey', table: 'books', foreignKey: key('author_id', 'authors', 'id') },
      exists('createForeignKey', 'constraint', 'fk_author_id', 'books'),
    ],
    [
      { kind: 'createForeignKey', table: 'books', foreignKey: key('x', 'authors', 'id') },
      missing('createForeignKey', 'column', 'x', 'books'),
    ],
    [
      { kind: 'createForeignKey', table: 'books', foreignKey: key('id', 'nowhere', 'id') },
      missing('createForeignKey', 'table', 'nowhere'),
    ],
    [
      { kind: 'createForeignKey', table: 'books', foreignKey: key('id', 'authors', 'x') },
      missing('createForeignKey', 'column', 'x', 'authors'),
    ],
    [
      { kind: 'dropConstraint', table: 'books', name: 'x' },
      missing('dropConstraint', 'constraint', 'x', 'books'),
    ],
    [
      { kind: 'dropConstraint', table: 'books', name: 'ix_title' },
      missing('dropConstraint', 'constraint', 'ix_title', 'books'),
    ],
    [
      { kind: 'createIndex', table: 'books', index: { ...index, name: 'ix_title' } },
      exists('createIndex', 'index', 'ix_title', 'books'),
    ],
    [
      { kind: 'createIndex', table: 'books', index: { ...index, columns: [{ column: 'x' }] } },
      missing('createIndex', 'column', 'x', 'books'),
    ],
    [
      { kind: 'createIndex', table: 'books', index: { ...index, include: ['x'] } },
      missing('createIndex', 'column', 'x', 'books'),
    ],
    [
      { kind: 'dropIndex', table: 'books', name: 'uq_title' },
      missing('dropIndex', 'index', 'uq_title', 'books'),
    ],
    [{ kind: 'createEnum', name: 'status', values: [] }, exists('createEnum', 'enum', 'status')],
    [{ kind: 'alterEnum', name: 'none' }, missing('alterEnum', 'enum', 'none')],
    [{ kind: 'dropEnum', name: 'none' }, missing('dropEnum', 'enum', 'none')],
    [{ kind: 'dropEnum', name: 'status' }, inUse('dropEnum', 'enum', 'status', "column 'books.status'")],
    [{ kind: 'createView', view: { name: 'titles', query: '' } }, exists('createView', 'view', 'titles')],
    [{ kind: 'createView', view: { name: 'books', query: '' } }, exists('createView', 'view', 'books')],
    [{ kind: 'replaceView', view: { name: 'x', query: '' } }, missing('replaceView', 'view', 'x')],
    [{ kind: 'dropView', name: 'x' }, missing('dropView', 'view', 'x')],
    [
      { kind: 'createSequence', sequence: { name: 'counter' } },
      exists('createSequence', 'sequence', 'counter'),
    ],
    [{ kind: 'alterSequence', sequence: { name: 'x' } }, missing('alterSequence', 'sequence', 'x')],
    [{ kind: 'dropSequence', name: 'x' }, missing('dropSequence', 'sequence', 'x')],
    [
      { kind: 'createTrigger', trigger: { name: 'tr', table: 'books', sql: {} } },
      exists('createTrigger', 'trigger', 'tr', 'books'),
    ],
    [
      { kind: 'createTrigger', trigger: { name: 'tr2', table: 'nowhere', sql: {} } },
      missing('createTrigger', 'table', 'nowhere'),
    ],
    [
      { kind: 'dropTrigger', name: 'tr', table: 'authors' },
      missing('dropTrigger', 'trigger', 'tr', 'authors'),
    ],
  ];

  test.each(cases.map(([op, wanted]) => [wanted[1], op, wanted] as const))(
    '%s',
    (_, operation, [code, message]) => {
      const thrown = errorOf(() => apply(LIBRARY, [operation]));
      expect([thrown.code, thrown.message]).toEqual([code, message]);
      expect(thrown.name).toBe('SchemaError');
      expect(thrown.hint).toBeTruthy();
      expect(thrown.context).toMatchObject({ operation: operation.kind });
      // The way back does not hide it.
      expect(errorOf(() => reverse(LIBRARY, [operation])).message).toBe(message);
    },
  );

  test('all 28 kinds of operations are in the table above', () => {
    const kinds = new Set(cases.map(([op]) => op.kind));
    expect(kinds.size).toBe(28);
  });

  test('all that uses a column is named', () => {
    const everything = schema([
      table('t', ['a', 'b', column('g', { generated: { sql: 'a + b', stored: false } })], {
        ...pk('a', 'b'),
        uniques: [{ name: 'u', columns: ['b', 'a'] }],
        checks: [{ name: 'c', expression: 'a < b' }],
        foreignKeys: [{ name: 'f', columns: ['a', 'b'], refTable: 't', refColumns: ['a', 'b'] }],
        exclusions: [{ name: 'e', elements: 'a WITH =', where: 'b > 0' }],
        indexes: [{ name: 'i', columns: [{ column: 'b' }], unique: false, where: 'a > 0' }],
      }),
    ]);
    expect(
      errorOf(() => apply(everything, [{ kind: 'dropColumn', table: 't', name: 'a' }])).context.usedBy,
    ).toEqual([
      "primary key 'pk'",
      "unique 'u'",
      "foreign key 'f'",
      "check 'c'",
      "exclusion 'e'",
      "index 'i'",
      "generated column 'g'",
      "foreign key 'f' of table 't'",
    ]);
  });

  test('a schema that holds a name twice is refused', () => {
    const message = (bad: Schema): string => errorOf(() => normalize(bad)).message;
    const t = table('t', ['a']);
    const twice = { name: 'n', columns: ['a'] };
    expect(message(schema([t, t]))).toBe("The schema holds table 't' twice.");
    expect(message(schema([table('t', ['a', 'a'])]))).toBe("The schema holds column 'a' twice on table 't'.");
    expect(
      message(schema([table('t', ['a'], { uniques: [twice], checks: [{ name: 'n', expression: '1' }] })])),
    ).toBe("The schema holds constraint 'n' twice on table 't'.");
    expect(message(schema([], { enums: [{ name: 'e', values: ['x', 'y', 'x'] }] }))).toBe(
      "The schema holds value of enum 'e' 'x' twice.",
    );
    expect(
      message(
        schema([], {
          views: [
            { name: 'v', query: '' },
            { name: 'v', query: '' },
          ],
        }),
      ),
    ).toBe("The schema holds view 'v' twice.");
    expect(errorOf(() => normalize(schema([t, t]))).code).toBe('SCHEMA_DUPLICATE');
  });
});

describe('what an operation takes along', () => {
  const applied = (before: Schema, ...operations: Operation[]): Schema => apply(before, operations);

  test('a column takes what stands on it alone, and nothing else of the same name', () => {
    const before = schema([
      table('t', ['a', 'b'], {
        uniques: [
          { name: 'shared', columns: ['b'] },
          { name: 'ua', columns: ['a'] },
        ],
        checks: [{ name: 'ca', expression: 'a > 0' }],
        exclusions: [{ name: 'ea', elements: 'a WITH =' }],
        // An index may have the name of a constraint.
        indexes: [
          { name: 'shared', columns: [{ column: 'a' }], unique: false },
          { name: 'ib', columns: [{ column: 'b' }], unique: false },
        ],
      }),
    ]);
    const operation: Operation = { kind: 'dropColumn', table: 't', name: 'a' };
    const [t] = applied(before, operation).tables;
    expect(t).toEqual(
      table('t', ['b'], {
        uniques: [{ name: 'shared', columns: ['b'] }],
        indexes: [{ name: 'ib', columns: [{ column: 'b' }], unique: false }],
      }),
    );
    expect(reverse(before, [operation]).map((op) => op.kind)).toEqual([
      'addColumn',
      'createUnique',
      'createCheck',
      'createExclusion',
      'createIndex',
    ]);
  });

  test('a sole primary key, a self reference and a column of words that are no columns', () => {
    const before = schema([
      table('t', ['id', 'parent', 'text'], {
        ...pk('id'),
        foreignKeys: [key('parent', 't', 'id')],
        checks: [{ name: 'c', expression: "CAST(id AS text) <> 'text' /* text */" }],
      }),
    ]);
    const [t] = applied(
      before,
      { kind: 'dropColumn', table: 't', name: 'parent' },
      { kind: 'dropColumn', table: 't', name: 'text' },
    ).tables;
    expect(t?.foreignKeys).toEqual([]);
    expect(t?.checks).toHaveLength(1);
    const last = applied(
      before,
      { kind: 'dropColumn', table: 't', name: 'parent' },
      { kind: 'dropColumn', table: 't', name: 'id' },
    ).tables[0];
    expect(last).toEqual(table('t', ['text']));
  });

  test('a table takes its triggers and keys to itself; a view its triggers', () => {
    const before = schema([table('t', ['id', 'p'], { ...pk('id'), foreignKeys: [key('p', 't', 'id')] })], {
      views: [{ name: 'v', query: 'SELECT 1' }],
      triggers: [
        { name: 'a', table: 't', sql: {} },
        { name: 'b', table: 'v', sql: {} },
      ],
    });
    expect(applied(before, { kind: 'dropTable', table: 't' }).triggers).toEqual([
      { name: 'b', table: 'v', sql: {} },
    ]);
    expect(applied(before, { kind: 'dropView', name: 'v' }).triggers).toEqual([
      { name: 'a', table: 't', sql: {} },
    ]);
    expect(reverse(before, [{ kind: 'dropView', name: 'v' }]).map((op) => op.kind)).toEqual([
      'createView',
      'createTrigger',
    ]);
  });

  test('a table that is renamed is followed by keys, triggers and itself', () => {
    const before = schema(
      [
        table('t', ['id', 'p'], { ...pk('id'), foreignKeys: [key('p', 't', 'id')] }),
        table('u', ['x', 'y'], { foreignKeys: [key('x', 't', 'id'), key('y', 't', 'id')] }),
      ],
      { triggers: [{ name: 'a', table: 't', sql: {} }] },
    );
    const now = applied(before, { kind: 'renameTable', table: 't', to: 'z' });
    expect(now.tables.map(({ name }) => name)).toEqual(['u', 'z']);
    expect(now.tables.flatMap(({ foreignKeys }) => foreignKeys.map((each) => each.refTable))).toEqual([
      'z',
      'z',
      'z',
    ]);
    expect(now.triggers[0]?.table).toBe('z');
  });

  test('steps that find nothing to do change nothing, and neither does the way back', () => {
    const steps: Operation[] = [
      { kind: 'createTable', table: table('books', ['other']), options: { ifNotExists: true } },
      { kind: 'dropTable', table: 'nowhere', options: { ifExists: true } },
      { kind: 'addColumn', table: 'books', column: column('title', 'text'), options: { ifNotExists: true } },
      { kind: 'dropColumn', table: 'books', name: 'nothing', options: { ifExists: true } },
      { kind: 'dropConstraint', table: 'books', name: 'nothing', options: { ifExists: true } },
      {
        kind: 'createIndex',
        table: 'books',
        index: { name: 'ix_title', columns: [], unique: true },
        options: { ifNotExists: true },
      },
      { kind: 'dropIndex', table: 'books', name: 'nothing', options: { ifExists: true } },
    ];
    expect(apply(LIBRARY, steps)).toEqual(normalize(LIBRARY));
    expect(reverse(LIBRARY, steps)).toEqual([]);
  });

  test('altering says only what changes, and null takes away', () => {
    const full = column('c', {
      type: { kind: 'varchar', length: 5 },
      nullable: false,
      default: { kind: 'literal', value: "it's" },
      collation: 'NOCASE',
      comment: 'words',
    });
    const before = schema([table('t', [full])]);
    const altered = (change: Extract<Operation, { kind: 'alterColumn' }>['change']): unknown =>
      applied(before, { kind: 'alterColumn', table: 't', name: 'c', change }).tables[0]?.columns[0];
    expect(altered({})).toEqual(full);
    expect(altered({ nullable: true })).toEqual({ ...full, nullable: true });
    expect(altered({ default: null, collation: null, comment: null })).toEqual({
      name: 'c',
      type: full.type,
      nullable: false,
    });
    expect(altered({ default: { kind: 'literal', value: false } })).toEqual({
      ...full,
      default: { kind: 'literal', value: false },
    });
  });

  test('names that plain objects stumble over are names like any other', () => {
    const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];
    const operations = names.flatMap((name): Operation[] => [
      { kind: 'createEnum', name, values: names },
      { kind: 'createTable', table: table(name, names, pk(name)) },
      { kind: 'alterEnum', name, rename: Object.fromEntries([[name, 'x']]) },
      { kind: 'renameColumn', table: name, name, to: 'x' },
    ]);
    const made = apply(EMPTY_SCHEMA, operations);
    expect(made.tables).toHaveLength(4);
    expect(made.enums.find(({ name }) => name === '__proto__')?.values[0]).toBe('x');
    expect(apply(made, reverse(EMPTY_SCHEMA, operations))).toEqual(EMPTY_SCHEMA);
  });
});
