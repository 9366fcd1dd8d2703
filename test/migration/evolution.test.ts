/**
 * Entities that change under a database with rows: each evolution is generated, applied, found complete, taken
 * back to where the first entities find nothing to do, and applied again.
 */

import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Database from 'better-sqlite3';
import {
  Check,
  Column,
  Entity,
  type EntityOptions,
  Index,
  JoinColumn,
  JoinTable,
  ManyToMany,
  ManyToOne,
  migrations,
  PrimaryColumn,
  PrimaryGeneratedColumn,
  type RevisionOptions,
  sql,
  Unique,
} from 'limbeck';

type Class = new () => object;
type Decorate = (target: object, property?: string) => void;

/** A class as decorators would make it; the models of a table of cases are shorter this way. */
function entity(name: string, properties: Readonly<Record<string, unknown>>, ...marks: unknown[]): Class {
  const made = { [name]: class {} }[name] as Class;
  for (const [property, decorators] of Object.entries({ id: PrimaryGeneratedColumn(), ...properties })) {
    for (const decorate of [decorators].flat()) (decorate as Decorate)(made.prototype, property);
  }
  for (const mark of marks) (mark as Decorate)(made);
  const isNamed = marks.some((mark) => NAMED.has(mark as object));
  if (!isNamed) Entity(name)(made);
  return made;
}

const NAMED = new WeakSet<object>();

/** `@Entity` with options, instead of the plain one. */
function entityOptions(name: string, options: Omit<EntityOptions, 'name'>): unknown {
  const mark = Entity({ ...options, name });
  NAMED.add(mark);
  return mark;
}

interface Evolution {
  readonly name: string;
  readonly from: readonly Class[];
  readonly rows?: string;
  readonly to: readonly Class[];
  readonly decide?: RevisionOptions;
  /** What was detected; nothing at all where it is empty. */
  readonly changes: readonly string[];
  readonly select?: string;
  readonly after?: readonly (readonly unknown[])[];
  /** Where the way back cannot restore the rows. */
  readonly lossy?: true;
}

const person = entity('p', {});
const own = (options: object, ...more: unknown[]): unknown[] => [
  ManyToOne(() => person, options as never),
  ...more,
];
const book = (name: string): Class[] => {
  const Book: Class = entity(name, {
    title: [Column('text'), Index()],
    up: ManyToOne(() => Book, { nullable: true, onDelete: 'CASCADE' }),
  });
  return [Book, entity('review', { book: ManyToOne(() => Book, { onDelete: 'CASCADE' }) })];
};
const LETTERS = { enum: ['a', 'b'] } as const;

const evolutions: readonly Evolution[] = [
  {
    name: 'renames a table and its columns by flags that call the table as the database does',
    from: [entity('t', { a: Column('text'), k: Column('text') })],
    rows: "INSERT INTO t (a, k) VALUES ('x', 'y')",
    to: [entity('u', { b: Column('text'), k: Column('text') })],
    decide: { renames: ['t:u', 't.a:b'] },
    changes: ["renamed table 't' to 'u'", "renamed column 'u.a' to 'b'"],
    select: 'SELECT b, k FROM u',
    after: [['x', 'y']],
  },
  {
    name: 'renames them by flags that call the table as the models do',
    from: [entity('t', { a: Column('text'), k: Column('text') })],
    rows: "INSERT INTO t (a, k) VALUES ('x', 'y')",
    to: [entity('u', { b: Column('text'), k: Column('text') })],
    decide: { renames: ['t:u', 'u.a:b'] },
    changes: ["renamed table 't' to 'u'", "renamed column 'u.a' to 'b'"],
    select: 'SELECT b, k FROM u',
    after: [['x', 'y']],
  },
  ...['t.a', 'u.a'].map(
    (drop): Evolution => ({
      name: `drops '${drop}' of a table that is renamed`,
      from: [entity('t', { a: Column('text'), k: Column('text') })],
      rows: "INSERT INTO t (a, k) VALUES ('x', 'y')",
      to: [entity('u', { b: Column('text', { nullable: true }), k: Column('text') })],
      decide: { renames: ['t:u'], drops: [drop] },
      changes: ["renamed table 't' to 'u'", "added column 'u.b'", "removed column 'u.a'"],
      lossy: true,
    }),
  ),
  ...['t.b', 'u.b'].map(
    (fill): Evolution => ({
      name: `fills '${fill}' of a table that is renamed`,
      from: [entity('t', { k: Column('text') })],
      rows: "INSERT INTO t (k) VALUES ('y')",
      to: [entity('u', { b: Column('integer'), k: Column('text') })],
      decide: { renames: ['t:u'], fills: { [fill]: 5 } },
      changes: ["renamed table 't' to 'u'", "added column 'u.b'"],
      select: 'SELECT b, k FROM u',
      after: [[5, 'y']],
    }),
  ),
  {
    name: 'takes a flag that says what the model says',
    from: [entity('t', { a: Column('text'), k: Column('text') })],
    to: [
      entity(
        'u',
        { b: Column('text', { renamedFrom: 'a' }), k: Column('text') },
        entityOptions('u', { renamedFrom: 't' }),
      ),
    ],
    decide: { renames: ['t:u', 't.a:b'] },
    changes: ["renamed table 't' to 'u'", "renamed column 'u.a' to 'b'"],
  },
  {
    name: 'renames a table that others refer to where only the case of its name changes',
    from: book('Book'),
    rows: "INSERT INTO Book (title, up_id) VALUES ('a', NULL), ('b', 1); INSERT INTO review (book_id) VALUES (2)",
    to: book('book'),
    decide: { renames: ['Book:book'] },
    changes: ["renamed table 'Book' to 'book'"],
    select: 'SELECT b.up_id, book_id FROM book b JOIN review ON book_id = b.id',
    after: [[1, 2]],
  },
  {
    name: 'exchanges the names of two tables',
    from: [entity('t', { x: Column('text') }), entity('u', { y: Column('text') })],
    rows: "INSERT INTO t (x) VALUES ('x'); INSERT INTO u (y) VALUES ('y')",
    to: [entity('u', { x: Column('text') }), entity('t', { y: Column('text') })],
    decide: { renames: ['t:u', 'u:t'] },
    changes: [
      "renamed table 't' to 'u_moving'",
      "renamed table 'u' to 't'",
      "renamed table 'u_moving' to 'u'",
    ],
    select: 'SELECT u.x, t.y FROM u, t',
    after: [['x', 'y']],
  },
  {
    name: 'exchanges the names of two columns',
    from: [entity('t', { a: Column('text'), b: Column('integer') })],
    rows: "INSERT INTO t (a, b) VALUES ('x', 5)",
    to: [entity('t', { b: Column('text'), a: Column('integer') })],
    decide: { renames: ['t.a:b', 't.b:a'] },
    changes: [
      "renamed column 't.a' to 'b_moving'",
      "renamed column 't.b' to 'a'",
      "renamed column 't.b_moving' to 'b'",
    ],
    select: 'SELECT a, b FROM t',
    after: [[5, 'x']],
  },
  {
    name: 'renames a column whose index, key, check and partial index speak of it, and loosens it',
    from: [
      entity(
        't',
        { a: [Column('integer', { unique: true }), Index()], b: Column('text') },
        Index('part', ['a', 'b'], { where: 'a > 1' }),
        Check('positive', 'a > 0'),
      ),
    ],
    rows: "INSERT INTO t (a, b) VALUES (5, 'x')",
    to: [
      entity(
        't',
        { z: [Column('integer', { unique: true, nullable: true }), Index()], b: Column('text') },
        Index('part', ['z', 'b'], { where: 'z > 1' }),
        Check('positive', 'z > 0'),
      ),
    ],
    decide: { renames: ['t.a:z'] },
    changes: ["renamed column 't.a' to 'z'", "NULL on column 't.z'"],
    select: 'SELECT z, b FROM t',
    after: [[5, 'x']],
  },
  {
    name: 'renames and casts a column at once',
    from: [entity('t', { a: Column('integer') })],
    rows: 'INSERT INTO t (a) VALUES (5)',
    to: [entity('t', { b: Column('text') })],
    decide: { renames: ['t.a:b'] },
    changes: ["renamed column 't.a' to 'b'", "type change from integer to text on 't.b'"],
    select: 'SELECT b FROM t',
    after: [['5']],
  },
  {
    name: 'renames the join table and both of its columns as @JoinTable says',
    from: [person, entity('t', { ps: [ManyToMany(() => person), JoinTable()] })],
    rows: 'INSERT INTO p DEFAULT VALUES; INSERT INTO t DEFAULT VALUES; INSERT INTO t_ps VALUES (1, 1)',
    to: [
      person,
      entity('t', {
        ps: [
          ManyToMany(() => person),
          JoinTable({
            name: 'tp',
            renamedFrom: 't_ps',
            joinColumn: { name: 'tid', renamedFrom: 't_id' },
            inverseJoinColumn: { name: 'pid', renamedFrom: 'p_id' },
          }),
        ],
      }),
    ],
    changes: [
      "renamed table 't_ps' to 'tp'",
      "renamed column 'tp.t_id' to 'tid'",
      "renamed column 'tp.p_id' to 'pid'",
    ],
    select: 'SELECT tid, pid FROM tp',
    after: [[1, 1]],
  },
  {
    name: 'renames a join column that a property declares as well',
    from: [person, entity('t', { p: own({}) })],
    rows: 'INSERT INTO p DEFAULT VALUES; INSERT INTO t (p_id) VALUES (1)',
    to: [
      person,
      entity('t', {
        ownerId: Column('integer', { name: 'owner_id' }),
        p: own({}, JoinColumn({ name: 'owner_id', renamedFrom: 'p_id' })),
      }),
    ],
    changes: ["renamed column 't.p_id' to 'owner_id'"],
    select: 'SELECT owner_id FROM t',
    after: [[1]],
  },
  ...['t_x_enum', 't_y_enum'].map(
    (name): Evolution => ({
      name: `renames an enum's column and one of its values by the name '${name}'`,
      from: [entity('t', { x: Column('enum', LETTERS) })],
      rows: "INSERT INTO t (x) VALUES ('a'), ('b')",
      to: [entity('t', { y: Column('enum', { enum: ['a', 'c'] }) })],
      decide: { renames: ['t.x:y'], renameValues: [`${name}.b:c`] },
      changes: [
        "renamed column 't.x' to 'y'",
        "renamed enum value 't_x_enum.b' to 'c'",
        "added enum 't_y_enum'",
        "type change from enum t_x_enum to enum t_y_enum on 't.y'",
        "removed enum 't_x_enum'",
      ],
      select: 'SELECT y FROM t',
      after: [['a'], ['c']],
    }),
  ),
  {
    name: 'changes an enum that columns of two tables share',
    from: [
      entity('t', { x: Column('enum', { ...LETTERS, enumName: 'st', default: 'b' }) }),
      entity('u', { y: Column('enum', { ...LETTERS, enumName: 'st', nullable: true }) }),
    ],
    rows: "INSERT INTO t DEFAULT VALUES; INSERT INTO u (y) VALUES ('b')",
    to: [
      entity('t', { x: Column('enum', { enum: ['new', 'a', 'c'], enumName: 'st', default: 'c' }) }),
      entity('u', { y: Column('enum', { enum: ['new', 'a', 'c'], enumName: 'st', nullable: true }) }),
    ],
    decide: { renameValues: ['st.b:c'] },
    changes: ["renamed enum value 'st.b' to 'c'", "changed enum 'st'", "default changed on 't.x'"],
    select: 'SELECT x, y FROM t, u',
    after: [['c', 'c']],
  },
  {
    name: 'casts a column and fills its gaps',
    from: [entity('t', { a: Column('date', { nullable: true }) })],
    rows: "INSERT INTO t (a) VALUES ('2024-01-02'), (NULL)",
    to: [entity('t', { a: Column('timestamp') })],
    decide: { fills: { 't.a': '2024-01-01' } },
    changes: ["type change from date to timestamp on 't.a'", "NOT NULL on column 't.a'"],
    select: 'SELECT a FROM t',
    after: [['2024-01-02 00:00:00.000'], ['2024-01-01 00:00:00.000']],
    lossy: true,
  },
  {
    name: 'keeps a hostile default, check and name',
    from: [entity('t', { a: Column('text', { default: 'x' }) })],
    rows: 'INSERT INTO t DEFAULT VALUES',
    to: [
      entity(
        't',
        {
          a: Column('text', { default: 'it\'s "q" \\ `${x}` */ \n\u2028 é😀' }),
          b: Column('text', { name: 'a.b:"c" ${d}', default: '' }),
        },
        Check('c', "a <> 'x\n*/ ${y} `' -- end"),
      ),
    ],
    changes: [
      'added column \'t.a.b:"c" ${d}\'',
      "default changed on 't.a'",
      "added check constraint 'c' on 't'",
    ],
    select: 'SELECT a FROM t',
    after: [['x']],
  },
  {
    name: 'settles names with dots, colons and quotes by flags in double quotes',
    from: [entity('a.b:c', { x: Column('text', { name: 'x.y' }) })],
    rows: `INSERT INTO "a.b:c" ("x.y") VALUES ('q')`,
    to: [entity('a.b:c', { x: Column('text', { name: 'x"z' }), n: Column('integer') })],
    decide: { renames: ['"a.b:c"."x.y":"x""z"'], fills: { '"a.b:c".n': 3 } },
    changes: ["renamed column 'a.b:c.x.y' to 'x\"z'", "added column 'a.b:c.n'"],
    select: 'SELECT "x""z", n FROM "a.b:c"',
    after: [['q', 3]],
  },
  {
    name: 'keeps children and the numbers given so far where parent and child are rebuilt',
    from: [person, entity('t', { a: Column('text'), p: own({ nullable: true, onDelete: 'CASCADE' }) })],
    rows: `INSERT INTO p DEFAULT VALUES; INSERT INTO t (a, p_id) VALUES ('x', 1), ('y', 1);
           DELETE FROM t WHERE id = 2`,
    to: (() => {
      const P = entity('p', { n: Column('integer', { default: () => '1 + 1' }) });
      const p = ManyToOne(() => P, { onDelete: 'CASCADE' });
      return [P, entity('t', { a: Column('varchar', { length: 5, unique: true }), p })];
    })(),
    changes: [
      "added column 'p.n'",
      "type change from text to varchar(5) on 't.a'",
      "NOT NULL on column 't.p_id'",
      "added unique constraint 'uq_t_a' on 't'",
    ],
    select: "SELECT seq, n FROM sqlite_sequence, p WHERE name = 't'",
    after: [[2, 2]],
  },
  {
    name: 'changes the key of a table and what refers to it',
    from: (() => {
      const T = entity('t', { id: [], k: PrimaryColumn('text') });
      return [T, entity('c', { t: ManyToOne(() => T) })];
    })(),
    rows: "INSERT INTO t VALUES ('q'), ('r'); INSERT INTO c (t_k) VALUES ('r')",
    to: (() => {
      const T = entity('t', { k: Column('text', { unique: true }) });
      const join = JoinColumn({ name: 't_k', referencedColumnName: 'k' });
      return [T, entity('c', { t: [ManyToOne(() => T), join] })];
    })(),
    changes: [
      "added column 't.id'",
      "changed primary key 'pk_t' on 't'",
      "added unique constraint 'uq_t_k' on 't'",
    ],
    select: 'SELECT t.id, k FROM c JOIN t ON k = t_k',
    after: [[2, 'r']],
  },
  {
    name: 'changes indexes under their names',
    from: [
      entity(
        't',
        { x: Column('text'), y: Column('text') },
        Index('i', ['x']),
        Index('j', ['y'], { where: 'y > 1' }),
        Index('k', [sql`lower(x)`]),
        Unique(['x', 'y']),
      ),
    ],
    rows: "INSERT INTO t (x, y) VALUES ('a', 'b')",
    to: [
      entity(
        't',
        { x: Column('text'), y: Column('text') },
        Index('i', ['x'], { order: 'desc' }),
        Index('j', ['y'], { where: 'y > 2', unique: true }),
        Index('k', [sql`upper(x)`]),
        Index(['x', 'y'], { unique: true }),
      ),
    ],
    changes: [
      "removed unique constraint 'uq_t_x_y' on 't'",
      "changed index 'i' on 't'",
      "changed index 'j' on 't'",
      "changed index 'k' on 't'",
      "added index 'ix_t_x_y' on 't'",
    ],
  },
  {
    name: 'finds nothing where only spelling, comments and orders differ',
    from: [
      entity(
        't',
        { a: Column('text', { collation: 'nocase' }), b: Column('int') },
        Check('c', 'a > 1 AND b < 100'),
        Index([sql`lower(a)`], { where: "a is not null and a<>'x'" }),
      ),
    ],
    to: [
      entity(
        't',
        { b: Column('integer', { comment: 'b' }), a: Column('text', { collation: 'NOCASE' }) },
        Check('c', '( a>1 and b <100 )'),
        Index([sql`LOWER( a )`], { where: sql`a IS NOT NULL AND a <> ${'x'}` }),
        entityOptions('t', { comment: 'c', renamedFrom: 'long_ago' }),
      ),
    ],
    changes: [],
  },
];

describe('entities that change under a database with rows', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'limbeck-evolution-'));
    mkdirSync(path.join(folder, 'migrations'));
    writeFileSync(path.join(folder, 'package.json'), '{}');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const commands = (entities: readonly Class[]) =>
    migrations({
      url: `sqlite:${path.join(folder, 'test.db')}`,
      entities: [...entities],
      migrations: path.join(folder, 'migrations'),
    });

  function database<T>(use: (db: Database.Database) => T): T {
    const db = new Database(path.join(folder, 'test.db'));
    try {
      db.pragma('foreign_keys = ON');
      return use(db);
    } finally {
      db.close();
    }
  }

  const rowsOf = (): unknown =>
    database((db) => {
      expect(db.pragma('foreign_key_check')).toEqual([]);
      const tables = db
        .prepare<[], { name: string }>(
          "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT GLOB 'limbeck_*' AND name NOT GLOB 'sqlite_*' ORDER BY name",
        )
        .all();
      return tables.map(({ name }) => [
        name,
        db.prepare(`SELECT * FROM "${name.replaceAll('"', '""')}"`).all(),
      ]);
    });

  /** Makes the first database, and its rows. */
  async function begin({ from, rows }: Pick<Evolution, 'from' | 'rows'>): Promise<void> {
    await commands(from).revision({ message: 'from', autogenerate: true });
    await commands(from).upgrade('head');
    await commands(from).check();
    if (rows !== undefined) database((db) => db.exec(rows));
  }

  test.each(evolutions.map((each) => [each.name, each] as const))('%s', async (_, evolution) => {
    const { from, to, decide, changes, select, after, lossy } = evolution;
    await begin(evolution);
    const before = rowsOf();
    const made = await commands(to).revision({ message: 'to', autogenerate: true, ...decide });
    expect(made?.changes ?? []).toEqual(changes);
    if (made === null) return;
    for (let round = 0; round < 2; round++) {
      await commands(to).upgrade('head');
      await commands(to).check();
      if (select !== undefined)
        expect(database((db) => db.prepare(select).raw().all())).toEqual(
          round === 0 || !lossy ? after : expect.anything(),
        );
      await commands(to).downgrade('-1');
      const aside = path.join(folder, path.basename(made.path));
      renameSync(made.path, aside);
      await commands(from).check();
      renameSync(aside, made.path);
      if (!lossy) expect(rowsOf()).toEqual(before);
    }
  });

  test('a question about a table is asked before flags about its columns are understood', async () => {
    await begin({ from: [entity('t', { a: Column('text'), k: Column('text') })] });
    const asked = commands([entity('u', { b: Column('text'), k: Column('text') })]).revision({
      autogenerate: true,
      renames: ['u.a:b'],
      drops: ['u.a'],
    });
    await expect(asked).rejects.toMatchObject({
      code: 'DECISION_NEEDED',
      context: { flags: ['--rename t:u', '--drop t', '--no-rename'] },
    });
  });

  test('a value of an enum that is gone is asked about where the enum is called after a renamed table', async () => {
    await begin({ from: [entity('t', { x: Column('enum', LETTERS) })] });
    const asked = commands([entity('u', { x: Column('enum', { enum: ['a', 'c'] }) })]).revision({
      autogenerate: true,
      renames: ['t:u'],
    });
    await expect(asked).rejects.toMatchObject({
      code: 'DECISION_NEEDED',
      context: { flags: ['--rename-value t_x_enum.b:c', '--drop t_x_enum.b', '--no-rename'] },
    });
  });

  test('a fill does not stand in the way of the check that a cast keeps the values', async () => {
    await begin({
      from: [entity('t', { a: Column('text', { nullable: true }) })],
      rows: "INSERT INTO t (a) VALUES ('5x'), (NULL)",
    });
    const changed = commands([entity('t', { a: Column('integer') })]);
    await changed.revision({ autogenerate: true, fills: { 't.a': 7 } });
    await expect(changed.upgrade('head')).rejects.toMatchObject({ code: 'STEP_LOSES_DATA' });
  });
});
