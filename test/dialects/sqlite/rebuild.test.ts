/**
 * A table with everything that hangs on a table in SQLite, rebuilt by many changes of its model: afterwards
 * all of it is there and works. What a change would break makes the revision refuse, with nothing changed.
 */

import type { Operations } from '../../../src/migration/operations-api.js';
import { type Native, Workbench } from '../../support/sqlite-workbench.js';
import { errorOf, makeFolder } from './support.js';

/** `shelf` is hung about with all there is; its name and some others need quoting. */
const SETUP = `
  CREATE TABLE genre (code text PRIMARY KEY, label text);
  INSERT INTO genre VALUES ('sf', 'Science'), ('po', 'Poetry');
  CREATE TABLE "the ""shelf""" (
    id integer PRIMARY KEY AUTOINCREMENT,
    "na me" text NOT NULL COLLATE NOCASE CONSTRAINT uq_name UNIQUE,
    size integer DEFAULT 3 CONSTRAINT ck_size CHECK (size > 0),
    genre text CONSTRAINT fk_genre REFERENCES genre (code) ON UPDATE CASCADE,
    up integer CONSTRAINT fk_up REFERENCES "the ""shelf""" (id) ON DELETE SET NULL,
    twice integer GENERATED ALWAYS AS (size * 2) STORED,
    lower text GENERATED ALWAYS AS (lower("na me")) VIRTUAL,
    note text
  );
  CREATE INDEX ix_part ON "the ""shelf""" (size DESC) WHERE size > 2;
  CREATE UNIQUE INDEX ux_expr ON "the ""shelf""" (length("na me"), "na me" COLLATE BINARY);
  INSERT INTO "the ""shelf""" (id, "na me", size, genre, up, note) VALUES
    (1, 'One', 5, 'sf', NULL, 'x'), (2, 'Two', 7, 'po', 1, NULL), (3, 'Three', 1, NULL, 2, 'it''s'), (40, 'Gone', 1, NULL, NULL, NULL);
  DELETE FROM "the ""shelf""" WHERE id = 40;

  CREATE TABLE c_cascade (shelf integer REFERENCES "the ""shelf""" (id) ON DELETE CASCADE);
  CREATE TABLE c_null (shelf integer REFERENCES "the ""shelf""" (id) ON DELETE SET NULL);
  CREATE TABLE c_default (shelf integer DEFAULT 3 REFERENCES "the ""shelf""" (id) ON DELETE SET DEFAULT);
  CREATE TABLE c_restrict (shelf integer REFERENCES "the ""shelf""" (id) ON DELETE RESTRICT);
  INSERT INTO c_cascade VALUES (1), (2); INSERT INTO c_null VALUES (1); INSERT INTO c_default VALUES (1); INSERT INTO c_restrict VALUES (2);

  CREATE TABLE log (what text);
  CREATE TRIGGER "tr in" AFTER INSERT ON "the ""shelf""" BEGIN INSERT INTO log VALUES ('in ' || new."na me"); END;
  CREATE TRIGGER tr_up AFTER UPDATE OF size ON "the ""shelf""" WHEN new.size <> old.size BEGIN INSERT INTO log VALUES ('up ' || new.size); END;
  CREATE TRIGGER tr_del BEFORE DELETE ON "the ""shelf""" BEGIN INSERT INTO log VALUES ('del ' || old.id); END;
  CREATE TRIGGER tr_other AFTER INSERT ON genre BEGIN UPDATE "the ""shelf""" SET genre = new.code WHERE id = 3; END;
  CREATE VIEW thick AS SELECT id, "na me" AS name FROM "the ""shelf""" WHERE size > 4;
  CREATE VIEW "thick ones" AS SELECT name FROM thick;
  CREATE TRIGGER tr_view INSTEAD OF INSERT ON thick BEGIN INSERT INTO "the ""shelf""" ("na me", size) VALUES (new.name, 9); END;

  CREATE TABLE orphan (id integer PRIMARY KEY, p integer REFERENCES "the ""shelf""" (id));
  PRAGMA foreign_keys = OFF; INSERT INTO orphan VALUES (1, 999); PRAGMA foreign_keys = ON;
`;

const SHELF = 'the "shelf"';
const pluck = (native: Native, sql: string): unknown[] => native.prepare(sql).pluck().all();

async function shelves(): Promise<Workbench> {
  const bench = await Workbench.open(makeFolder());
  bench.look((native) => native.exec(SETUP));
  return bench;
}

/** Everything about the shelf that must be true whatever was changed. */
function expectWorking(native: Native): void {
  expect(native.pragma('integrity_check', { simple: true })).toBe('ok');
  // What was broken before is still so, and nothing else is.
  expect(native.pragma('foreign_key_check')).toEqual([{ table: 'orphan', rowid: 1, parent: SHELF, fkid: 0 }]);
  expect(pluck(native, 'SELECT name FROM "thick ones" ORDER BY 1')).toEqual(['One', 'Two']);
  expect(
    pluck(
      native,
      `SELECT name FROM pragma_index_list('the "shelf"') WHERE origin = 'c' AND name IN ('ix_part', 'ux_expr') ORDER BY 1`,
    ),
  ).toEqual(['ix_part', 'ux_expr']);
  expect(
    pluck(native, `EXPLAIN QUERY PLAN SELECT 1 FROM "the ""shelf""" WHERE size > 2 ORDER BY size DESC`),
  ).toHaveLength(1);

  // Triggers: on the table, on its view, and on another table that writes to it.
  native.exec(`INSERT INTO "the ""shelf""" ("na me", size) VALUES ('New', 2)`);
  // The key of a deleted row is not given again.
  expect(pluck(native, `SELECT id FROM "the ""shelf""" WHERE "na me" = 'new'`)).toEqual([41]);
  native.exec(`UPDATE "the ""shelf""" SET size = 3 WHERE id = 41`);
  native.exec(`INSERT INTO thick (name) VALUES ('Viewed')`);
  native.exec(`INSERT INTO genre VALUES ('hi', 'History')`);
  expect(pluck(native, `SELECT genre FROM "the ""shelf""" WHERE id = 3`)).toEqual(['hi']);
  expect(pluck(native, `SELECT size FROM "the ""shelf""" WHERE "na me" = 'viewed'`)).toEqual([9]);

  // Keys of children, each with its own action.
  expect(() => native.exec(`DELETE FROM "the ""shelf""" WHERE id = 2`)).toThrow(/FOREIGN KEY/);
  native.exec(`DELETE FROM "the ""shelf""" WHERE id = 1`);
  expect(pluck(native, 'SELECT shelf FROM c_cascade')).toEqual([2]);
  expect(pluck(native, 'SELECT shelf FROM c_null')).toEqual([null]);
  expect(pluck(native, 'SELECT shelf FROM c_default')).toEqual([3]);
  expect(pluck(native, `SELECT up FROM "the ""shelf""" WHERE id = 2`)).toEqual([null]);
  native.exec(`UPDATE genre SET code = 'verse' WHERE code = 'po'`);
  expect(pluck(native, `SELECT genre FROM "the ""shelf""" WHERE id = 2`)).toEqual(['verse']);
  // The statement that failed has logged nothing.
  expect(pluck(native, 'SELECT what FROM log')).toEqual(['in New', 'up 3', 'in Viewed', 'del 1']);

  // A virtual and a stored column, the collation and the unique key on it.
  expect(pluck(native, `SELECT "lower" || ' ' || id FROM "the ""shelf""" WHERE "na me" = 'THREE'`)).toEqual([
    'three 3',
  ]);
  expect(() => native.exec(`INSERT INTO "the ""shelf""" ("na me", size) VALUES ('tWO', 2)`)).toThrow(
    /UNIQUE/,
  );
}

const CHANGES: readonly (readonly [what: string, change: (op: Operations) => void])[] = [
  ['a new default', (op) => void op.alterColumn(SHELF, 'note', { default: 'none' })],
  ['no default', (op) => void op.alterColumn(SHELF, 'size', { default: null })],
  ['a default that is SQL', (op) => void op.alterColumn(SHELF, 'note', { default: () => "lower('X')" })],
  ['a longer type', (op) => void op.alterColumn(SHELF, 'na me', { type: 'varchar', length: 200 })],
  ['another integer', (op) => void op.alterColumn(SHELF, 'size', { type: 'bigint' })],
  ['another integer key', (op) => void op.alterColumn(SHELF, 'id', { type: 'bigint' })],
  [
    'NOT NULL with a value for NULL',
    (op) => void op.alterColumn(SHELF, 'note', { nullable: false, default: '', using: "coalesce(note, '')" }),
  ],
  ['NOT NULL', (op) => void op.alterColumn(SHELF, 'size', { nullable: false })],
  [
    'a new column with a fill',
    (op) => void op.addColumn(SHELF, 'colour', { type: 'text', default: 'red' }, { fill: 'blue' }),
  ],
  ['a new column in place', (op) => void op.addColumn(SHELF, 'colour', { type: 'text', nullable: true })],
  [
    'a new stored column',
    (op) =>
      void op.addColumn(SHELF, 'thrice', {
        type: 'integer',
        nullable: true,
        asExpression: 'size * 3',
        generatedType: 'STORED',
      }),
  ],
  [
    'a stored column that becomes virtual',
    (op) => void op.alterColumn(SHELF, 'twice', { asExpression: 'size * 2', generatedType: 'VIRTUAL' }),
  ],
  [
    'a stored column that becomes a plain one',
    (op) => void op.alterColumn(SHELF, 'twice', { asExpression: null }),
  ],
  ['a dropped column', (op) => void op.dropColumn(SHELF, 'note')],
  ['a dropped generated column', (op) => void op.dropColumn(SHELF, 'twice')],
  ['a renamed column', (op) => void op.renameColumn(SHELF, 'note', 'remark "of" it')],
  [
    'a renamed column in a rebuild',
    (op) => {
      op.alterColumn(SHELF, 'note', { default: 'x' });
      op.renameColumn(SHELF, 'note', 'remark');
    },
  ],
  ['a new check', (op) => void op.createCheckConstraint('ck_note', SHELF, "note <> ')' -- '")],
  ['a check less', (op) => void op.dropConstraint('ck_size', SHELF)],
  ['a new unique key', (op) => void op.createUniqueConstraint('uq_two', SHELF, ['na me', 'size'])],
  [
    'a new key to another table',
    (op) =>
      void op.createForeignKey('fk_note', SHELF, ['up'], SHELF, ['id'], {
        onDelete: 'SET NULL',
        deferrable: 'INITIALLY DEFERRED',
      }),
  ],
  ['another unique index', (op) => void op.createIndex('ux_lower', SHELF, ['lower'], { unique: true })],
  [
    'an enum',
    (op) => void op.alterColumn(SHELF, 'note', { type: 'enum', enumName: 'note', enum: ['x', "it's", 'y'] }),
  ],
  [
    'many changes at once, of children as well',
    (op) => {
      op.alterColumn(SHELF, 'size', { type: 'smallint', nullable: false });
      op.alterColumn('c_cascade', 'shelf', { nullable: false });
      op.addColumn(SHELF, 'colour', { type: 'text', default: 'red' }, { fill: 'blue' });
      op.createCheckConstraint('ck_colour', SHELF, "colour <> 'pink'");
      op.alterColumn('genre', 'label', { nullable: false });
      op.dropColumn(SHELF, 'note');
      op.renameColumn(SHELF, 'colour', 'paint');
    },
  ],
  [
    'a rebuild in each of two batches',
    async (op) => {
      await op.alterColumn(SHELF, 'size', { default: 8 });
      await op.execute('SELECT 1');
      op.alterColumn(SHELF, 'size', { default: 9 });
    },
  ],
];

describe('everything about a table is there and works after', () => {
  test('nothing', async () => {
    (await shelves()).look(expectWorking);
  });

  test.each(CHANGES)('%s', async (_, change) => {
    const bench = await shelves();
    const rows = `SELECT id, "na me", size, up FROM "the ""shelf""" ORDER BY id`;
    const before = bench.look((native) => native.prepare(rows).all());
    await bench.run(change);
    expect(bench.look((native) => native.prepare(rows).all())).toEqual(before);
    bench.look(expectWorking);
  });

  test('the table under another name, rebuilt there', async () => {
    const bench = await shelves();
    await bench.run((op) => {
      op.renameTable(SHELF, 'tmp');
      op.alterColumn('tmp', 'size', { default: 1 });
      op.renameTable('tmp', SHELF);
    });
    bench.look((native) => native.pragma('foreign_key_check'));
    bench.look(expectWorking);
  });
});

describe('what a change would break makes the revision refuse', () => {
  test.each<[what: string, change: (op: Operations) => void, message: RegExp]>([
    ['a view over a dropped column', (op) => void op.dropColumn(SHELF, 'size'), /still used by/],
    [
      'a view over a column dropped in place',
      (op) => void op.dropColumn('genre', 'label'),
      /would leave view 'labels' broken \(no such column: label\)/,
    ],
    [
      'a view over a column dropped in a rebuild',
      (op) => {
        op.createCheckConstraint('ck', 'genre', "code <> ''");
        op.dropColumn('genre', 'label');
      },
      /would leave view 'labels' broken/,
    ],
    [
      'a view over a dropped table',
      (op) => void op.dropTable('log2'),
      /would leave view 'logs' broken \(no such table: main\.log2\)/,
    ],
    [
      'a trigger of the table',
      (op) => {
        op.alterColumn('log2', 'b', { default: 'x' });
        op.dropColumn('log2', 'a');
      },
      /would leave trigger 'tr_log2' broken \(no such column: new\.a\)/,
    ],
    [
      'a trigger of another table',
      (op) => void op.dropColumn('log2', 'b'),
      /would leave trigger 'tr_far' broken/,
    ],
    [
      'a trigger that counts on the number of columns',
      (op) => void op.addColumn('log', 'more', { type: 'text', nullable: true }),
      /would leave trigger .* broken \(table log has 2 columns but 1 values were supplied\)/,
    ],
    [
      'a trigger that counts on a unique key',
      (op) => void op.dropConstraint('uq_log2', 'log2'),
      /would leave trigger 'tr_upsert' broken \(ON CONFLICT/,
    ],
  ])('%s', async (_, change, message) => {
    const bench = await shelves();
    bench.look((native) =>
      native.exec(`
        CREATE VIEW labels AS SELECT label FROM genre;
        CREATE TABLE log2 (a text, b text, c text CONSTRAINT uq_log2 UNIQUE);
        CREATE VIEW logs AS SELECT c FROM log2;
        CREATE TRIGGER tr_log2 AFTER INSERT ON log2 BEGIN SELECT new.a; END;
        CREATE TRIGGER tr_far AFTER UPDATE ON genre BEGIN UPDATE log2 SET b = 'x'; END;
        CREATE TRIGGER tr_upsert AFTER DELETE ON genre BEGIN INSERT INTO log2 (c) VALUES (old.code) ON CONFLICT (c) DO NOTHING; END;`),
    );
    const before = bench.dump();
    const refused = await errorOf(() => bench.run(change));
    expect(refused.message).toMatch(message);
    expect(['DEPENDENT_BROKEN', 'SCHEMA_OBJECT_IN_USE']).toContain(refused.code);
    expect(bench.dump()).toEqual(before);
    bench.look(expectWorking);
  });

  test('but not where the view is replaced, or goes, in the same revision', async () => {
    const bench = await shelves();
    bench.look((native) =>
      native.exec(
        'CREATE VIEW labels AS SELECT label FROM genre; CREATE VIEW also AS SELECT label FROM genre',
      ),
    );
    await bench.run((op) => {
      op.dropColumn('genre', 'label');
      op.replaceView('labels', 'SELECT code FROM genre');
      op.dropView('also');
    });
    expect(bench.look((native) => pluck(native, 'SELECT * FROM labels ORDER BY 1'))).toEqual(['po', 'sf']);
  });

  test('and not for what was broken before', async () => {
    const bench = await shelves();
    bench.look((native) =>
      native.exec(`CREATE VIEW bad AS SELECT x FROM nowhere;
        CREATE TABLE t (a text, b text); CREATE TRIGGER bad_too AFTER INSERT ON t BEGIN SELECT new.gone; END;`),
    );
    await bench.run((op) => {
      op.dropColumn('t', 'b');
      op.alterColumn('t', 'a', { default: 'x' });
      op.alterColumn(SHELF, 'note', { default: 'x' });
    });
    bench.look(expectWorking);
  });
});

describe('foreign keys that are broken', () => {
  const rebuild = (op: Operations) => void op.alterColumn(SHELF, 'note', { default: 'x' });

  test('before the revision, in a table that it rebuilds, do not block it', async () => {
    const bench = await shelves();
    await bench.run((op) => void op.alterColumn('orphan', 'p', { default: 1 }));
    expect(bench.look((native) => pluck(native, 'SELECT p FROM orphan'))).toEqual([999]);
  });

  test('in a table without rowid, of which the new ones are told from the old', async () => {
    const bench = await shelves();
    bench.look((native) => {
      native.pragma('foreign_keys = OFF');
      native.exec(
        `CREATE TABLE bare (k text PRIMARY KEY, p integer REFERENCES "the ""shelf""" (id)) WITHOUT ROWID; INSERT INTO bare VALUES ('a', 998), ('b', 1)`,
      );
    });
    await bench.run((op) => void op.alterColumn('bare', 'p', { default: 1 }));
    const before = bench.dump();
    const refused = await errorOf(() =>
      bench.run(async (op) => {
        rebuild(op);
        await op.execute("UPDATE bare SET p = 997 WHERE k = 'b'");
      }),
    );
    expect(refused.code).toBe('FOREIGN_KEYS_BROKEN');
    expect(bench.dump()).toEqual(before);
  });

  test('by the revision make it refuse, naming the new rows alone', async () => {
    const bench = await shelves();
    const before = bench.dump();
    const refused = await errorOf(() =>
      bench.run(async (op) => {
        rebuild(op);
        await op.execute('INSERT INTO orphan VALUES (7, 555)');
      }),
    );
    expect(refused).toMatchObject({
      code: 'FOREIGN_KEYS_BROKEN',
      context: { keys: [{ table: 'orphan', columns: 'p', refTable: SHELF, rows: ['7'] }] },
    });
    expect(bench.dump()).toEqual(before);
  });

  test('parents deleted while keys are off: where they would have cascaded the revision refuses', async () => {
    const bench = await shelves();
    const before = bench.dump();
    const refused = await errorOf(() =>
      bench.run(async (op) => {
        rebuild(op);
        await op.execute(`DELETE FROM "the ""shelf""" WHERE id = 1`);
      }),
    );
    expect(refused.code).toBe('FOREIGN_KEYS_BROKEN');
    expect(refused.message).toContain("of 'c_cascade' (shelf) without their 'the \"shelf\"'");
    expect(bench.dump()).toEqual(before);
  });
});

test('a table that holds what no model can is not rebuilt, but may be changed in place', async () => {
  const bench = await Workbench.open(makeFolder());
  bench.look((native) =>
    native.exec(
      'CREATE TABLE odd (a text UNIQUE ON CONFLICT REPLACE, b text); INSERT INTO odd VALUES (1, 2)',
    ),
  );
  await bench.run((op) => void op.addColumn('odd', 'c', { type: 'text', nullable: true }));
  const before = bench.dump();
  const refused = await errorOf(() =>
    bench.run((op) => void op.alterColumn('odd', 'b', { nullable: false })),
  );
  expect(refused).toMatchObject({
    code: 'CAPABILITY_MISSING',
    message: expect.stringMatching(/no way to rebuild table 'odd' and keep all of it: .*ON CONFLICT/),
  });
  expect(bench.dump()).toEqual(before);
});

test('a name that a rebuild would take is free or another one is taken', async () => {
  const bench = await Workbench.open(makeFolder());
  bench.look((native) =>
    native.exec(`CREATE TABLE t (a text); INSERT INTO t VALUES ('x');
      CREATE TABLE _limbeck_new_t (a text); INSERT INTO _limbeck_new_t VALUES ('mine');
      CREATE VIEW _limbeck_new2_t AS SELECT 1; CREATE INDEX _LIMBECK_NEW3_T ON t (a);`),
  );
  await bench.run((op) => void op.alterColumn('t', 'a', { nullable: false }));
  expect(
    bench.look((native) => [pluck(native, 'SELECT a FROM t'), pluck(native, 'SELECT a FROM _limbeck_new_t')]),
  ).toEqual([['x'], ['mine']]);
});
