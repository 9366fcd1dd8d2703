/** What people have put on a database by hand and no model knows is still there after a column underneath has changed. */

import { settle } from '../../../src/dialects/postgres/settle.js';
import type { Column } from '../../../src/schema/model.js';
import type { ColumnChange } from '../../../src/schema/operations.js';
import { createDatabase, isAvailable } from '../../support/databases';
import { Bench, bench, closeBenches } from './schema-support.js';

const describeServer = isAvailable('postgres') ? describe : describe.skip;

const HAND_MADE = `
  CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.note := 'touched'; RETURN NEW; END $$;
  CREATE TABLE t (id integer, a varchar(10), n integer, note text);
  INSERT INTO t VALUES (1, 'x', 5, 'as it was');
  CREATE VIEW v AS SELECT id, a, n FROM t;
  ALTER VIEW v ALTER COLUMN n SET DEFAULT 7;
  COMMENT ON COLUMN v.n IS 'a number';
  GRANT SELECT ON v TO PUBLIC;
  GRANT SELECT (a), UPDATE (n) ON v TO pg_monitor WITH GRANT OPTION;
  CREATE RULE ignored AS ON DELETE TO v DO INSTEAD NOTHING;
  CREATE MATERIALIZED VIEW m WITH (fillfactor = 80) AS SELECT a, n FROM v;
  CREATE UNIQUE INDEX m_a ON m (a);
  CLUSTER m USING m_a;
  COMMENT ON MATERIALIZED VIEW m IS 'kept';
  COMMENT ON INDEX m_a IS 'of the view';
  ALTER MATERIALIZED VIEW m ALTER COLUMN n SET STATISTICS 7;
  ALTER MATERIALIZED VIEW m ALTER COLUMN n SET (n_distinct = 3);
  CREATE TRIGGER off BEFORE UPDATE OF a ON t FOR EACH ROW EXECUTE FUNCTION touch();
  ALTER TABLE t DISABLE TRIGGER off;
  COMMENT ON TRIGGER off ON t IS 'not now';
  CREATE TRIGGER always BEFORE INSERT ON t FOR EACH ROW WHEN (NEW.a = 'never') EXECUTE FUNCTION touch();
  ALTER TABLE t ENABLE ALWAYS TRIGGER always;
`;

/** What the model does not hold, each by name. */
const QUESTIONS: Readonly<Record<string, string>> = {
  options: "SELECT relname, reloptions::text FROM pg_class WHERE relname IN ('v', 'm') ORDER BY 1",
  defaults: "SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid = 'v'::regclass ORDER BY adnum",
  rules: "SELECT rulename FROM pg_rewrite WHERE ev_class = 'v'::regclass ORDER BY 1",
  rights:
    "SELECT attname, attacl::text FROM pg_attribute WHERE attrelid IN ('v'::regclass, 'm'::regclass) AND attnum > 0 ORDER BY attrelid::regclass::text, attnum",
  columns:
    "SELECT attname, attstattarget::text, attoptions::text FROM pg_attribute WHERE attrelid = 'm'::regclass AND attnum > 0 ORDER BY attnum",
  comments: `SELECT d.description FROM pg_description d WHERE d.classoid IN ('pg_class'::regclass, 'pg_trigger'::regclass)
    AND d.objoid >= 16384 ORDER BY 1`,
  clustered: 'SELECT indexrelid::regclass::text FROM pg_index WHERE indisclustered ORDER BY 1',
  triggers: "SELECT tgname, tgenabled::text FROM pg_trigger WHERE tgrelid = 't'::regclass ORDER BY 1",
};

async function answers(db: Bench): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  for (const [name, sql] of Object.entries(QUESTIONS)) found[name] = await db.queryArrays(sql);
  return found;
}

async function alter(db: Bench, name: string, change: ColumnChange): Promise<Column | undefined> {
  await db.apply(await db.introspect(), [{ kind: 'alterColumn', table: 't', name, change }]);
  const table = (await db.introspect()).tables.find((each) => each.name === 't');
  return table?.columns.find((each) => each.name === name);
}

describeServer('what was made by hand', () => {
  afterEach(closeBenches);

  test.each([
    ['a', { type: { kind: 'varchar', length: 20 } }],
    ['a', { type: { kind: 'text' } }],
    ['n', { type: { kind: 'bigint' } }],
  ] satisfies [string, ColumnChange][])('is kept when column %s becomes %j', async (name, change) => {
    const db = await bench();
    await db.script(HAND_MADE);
    const before = await answers(db);
    expect(Object.values(before).every((rows) => (rows as unknown[]).length > 0)).toBe(true);
    expect(await alter(db, name, change)).toMatchObject(change);
    expect(await answers(db)).toEqual(before);
    await db.script("UPDATE t SET a = 'y'");
    expect(await db.value('SELECT note FROM t')).toBe('as it was');
  });
});

describeServer('values of an enum that are none yet', () => {
  afterEach(closeBenches);

  test.each(["(e <> 'c')", "(e <> 'c'::mood)"])(
    'may be said by a check that comes after them: %s',
    async (expression) => {
      const db = await bench();
      await db.script(
        "CREATE TYPE mood AS ENUM ('b', 'a'); CREATE TABLE t (e mood); INSERT INTO t VALUES ('a')",
      );
      await db.apply(await db.introspect(), [
        { kind: 'alterEnum', name: 'mood', add: [{ value: 'c' }], order: ['a', 'b', 'c'] },
        { kind: 'createCheck', table: 't', check: { name: 'ck', expression } },
      ]);
      await expect(db.run("INSERT INTO t VALUES ('c')")).rejects.toMatchObject({ code: '23514' });
      expect(await db.values('SELECT e FROM t')).toEqual(['a']);
    },
  );
});

describeServer('the dialect of an open database', () => {
  test('plans for the version of its server', async () => {
    const { postgres } = await import('../../../src/dialects/postgres/index.js');
    const own = await createDatabase('postgres');
    const database = await postgres.open({ url: own.url, mode: 'existing' });
    const bare = await Bench.connect(own.url);
    try {
      const version = Number(await bare.value("SELECT current_setting('server_version_num')"));
      await bare.script('CREATE TABLE t (a integer)');
      const generated = { sql: 'a + 1', stored: false };
      const column: Column = { name: 'g', type: { kind: 'integer' }, nullable: true, generated };
      const plan = () =>
        database.dialect.plan(
          {
            tables: [
              {
                name: 't',
                columns: [{ name: 'a', type: { kind: 'integer' }, nullable: true }],
                uniques: [],
                checks: [],
                foreignKeys: [],
                exclusions: [],
                indexes: [],
              },
            ],
            enums: [],
            views: [],
            sequences: [],
            triggers: [],
          },
          [{ kind: 'addColumn', table: 't', column }],
          {},
        );
      if (version < 180000) expect(plan).toThrow(expect.objectContaining({ code: 'CAPABILITY_MISSING' }));
      else expect(plan().steps).toMatchObject([{ sql: expect.stringContaining('VIRTUAL') }]);
      const text = database.dialect.plan(
        {
          tables: [
            {
              name: 't',
              columns: [{ name: 'a', type: { kind: 'text' }, nullable: true }],
              uniques: [],
              checks: [],
              foreignKeys: [],
              exclusions: [],
              indexes: [],
            },
          ],
          enums: [],
          views: [],
          sequences: [],
          triggers: [],
        },
        [{ kind: 'alterColumn', table: 't', name: 'a', change: { type: { kind: 'json' } } }],
        {},
      );
      expect(JSON.stringify(text.steps).includes('pg_input_is_valid')).toBe(version >= 160000);
    } finally {
      await bare.close();
      await database.close();
      await own.drop();
    }
  });
});

describeServer('an expression that cannot be sent', () => {
  afterEach(closeBenches);

  test.each(['\0', '\ud800'])('leaves the others their answers: %j', async (character) => {
    const db = await bench();
    const columns = [{ name: 'b', type: { kind: 'text' }, nullable: true }] as const;
    const table = {
      name: 't',
      columns,
      uniques: [],
      checks: [],
      foreignKeys: [],
      exclusions: [],
      indexes: [],
    };
    const questions = (['check', 'view', 'exclusion'] as const).map((kind) => ({
      kind,
      sql: `b <> '${character}'`,
      table,
    }));
    const schema = { tables: [table], enums: [], views: [], sequences: [], triggers: [] };
    const asked = [...questions, { kind: 'check' as const, sql: "b<>'x'", table }];
    expect(await settle(db, asked, schema)).toEqual([undefined, undefined, undefined, "(b <> 'x'::text)"]);
  });
});
