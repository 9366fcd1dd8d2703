/** `--sql`: the script, run by the server's own client, does what a run does. */

import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { DataSource, migrations, sql } from 'limbeck';
import { databaseOf } from '../../src/data-source';
import { ownTables } from '../../src/migration/environment';
import type { Operations } from '../../src/migration/operations-api';
import type { Schema } from '../../src/schema/model';
import { DatabaseBench } from '../support/database-bench';
import { createDatabase, isAvailable, type TestDatabase } from '../support/databases';

const KINDS = ['postgres', 'mysql'] as const;
type Kind = (typeof KINDS)[number];

const CLIENTS = {
  postgres: {
    command: 'psql',
    words: (url: URL) => ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', url.toString()],
  },
  mysql: {
    command: 'mariadb',
    words: (url: URL) => [
      `--host=${url.hostname}`,
      `--port=${url.port}`,
      `--user=${url.username}`,
      `--password=${url.password}`,
      url.pathname.slice(1),
    ],
  },
} as const;

/** Where nobody listens: a script that asked a database would fail. */
const NOBODY = {
  postgres: 'postgres://nobody:secret@127.0.0.1:1/none',
  mysql: 'mariadb://nobody:secret@127.0.0.1:1/none',
} as const;

const hasClient = (kind: Kind): boolean =>
  isAvailable(kind) && spawnSync(CLIENTS[kind].command, ['--version']).status === 0;

function runScript(kind: Kind, url: string, script: string, env: Record<string, string> = {}): void {
  const { command, words } = CLIENTS[kind];
  const run = spawnSync(command, words(new URL(url)), {
    input: script,
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  if (run.status !== 0) throw new Error(`${run.stderr}\n${script}`);
}

/** The last revision before one that asks a database. */
const LAST = '00000000000e';
const HISTORY = path.join(__dirname, 'history');

async function read(url: string, tables: readonly string[]): Promise<{ schema: Schema; rows: unknown[] }> {
  const source = await new DataSource({ url }).initialize();
  const database = databaseOf(source);
  const lease = await database.acquire('read');
  try {
    const rows: unknown[] = [];
    for (const table of tables)
      rows.push(
        await lease.connection.queryArrays(`SELECT * FROM ${table} ORDER BY 1`, [], { bigints: true }),
      );
    return {
      schema: await database.dialect.introspect(lease.connection, {
        ignoreTables: ownTables({ versionTable: 'limbeck_version' }),
      }),
      rows,
    };
  } finally {
    lease.release();
    await source.destroy();
  }
}

const VALUES = [
  { id: 1, text: "back\\slash \\' \\n '' \" ` % _ ?", flag: true, bytes: Buffer.from([0, 1, 39, 92, 255]) },
  { id: 2, text: 'Łódź 🎉 \t\r\n; -- no comment /* nor this', flag: false, bytes: Buffer.alloc(0) },
  { id: 3, text: '$1 :name \\: @x', flag: true, bytes: null },
];

function everyValue(op: Operations): void {
  op.createTable('hard', {
    columns: {
      id: { type: 'integer' },
      text: { type: 'text' },
      flag: { type: 'boolean' },
      bytes: { type: 'blob', nullable: true },
      big: { type: 'bigint', nullable: true },
      price: { type: 'decimal', precision: 20, scale: 4, nullable: true },
      ratio: { type: 'double', nullable: true },
      day: { type: 'date', nullable: true },
      at: { type: 'timestamp', nullable: true },
      zoned: { type: 'timestamptz', nullable: true },
      doc: { type: 'json', nullable: true },
      uid: { type: 'uuid', nullable: true },
      list: { type: 'simple-array', nullable: true },
      made: { type: 'varchar', length: 20, default: "it's \\ é" },
    },
    primaryKey: { columns: ['id'] },
  });
  op.bulkInsert('hard', VALUES);
  op.bulkInsert('hard', [
    {
      id: 4,
      text: '',
      flag: false,
      big: 9007199254740993n,
      price: '1234567890123456.7891',
      ratio: 1e-300,
      day: '0999-12-31',
      at: new Date('2026-03-29T01:30:00.123Z'),
      zoned: new Date('2026-10-25T00:30:00.456Z'),
      doc: { 'a\\b': ["it's", 'é', null, 1.5, true], 'x"y': '\n' },
      uid: '00000000-0000-4000-8000-00000000abcd',
      list: ['a', 'c'],
    },
  ]);
  void op.execute(
    sql`UPDATE hard SET text = ${"exec \\ ' é"}, bytes = ${Buffer.from('é\0\\')}, flag = ${true}, big = ${-5n}, at = ${new Date('2026-01-01T00:00:00Z')} WHERE id IN (${[3, 33]})`,
  );
  void op.execute(sql`UPDATE hard SET zoned = ${new Date('2026-07-01T12:00:00Z')} WHERE id = 2`);
}

function laterValues(op: Operations): void {
  op.bulkInsert('hard', [
    { id: 5, text: 'x', flag: true, zoned: new Date('2026-10-25T00:30:00.456Z'), bytes: Buffer.from('\\x') },
  ]);
  op.createIndex('ix_hard_big', 'hard', ['big'], { concurrently: true });
  op.bulkInsert('hard', [
    {
      id: 6,
      text: 'a\\b',
      flag: true,
      zoned: new Date('2026-10-25T00:30:00.456Z'),
      bytes: Buffer.from('\\'),
    },
  ]);
}

function objectsWithBodies(op: Operations): void {
  op.createTable('counters', { columns: { n: { type: 'integer' }, m: { type: 'integer', default: 0 } } });
  if (op.dialect === 'postgres') {
    void op.execute(
      'CREATE FUNCTION one() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.m := 1; RETURN NEW; END; $$',
    );
  }
  op.createTrigger('tg_counters', 'counters', {
    default:
      'CREATE TRIGGER tg_counters BEFORE INSERT ON counters FOR EACH ROW BEGIN SET NEW.m = 1; SET NEW.n = NEW.n + 1; END',
    postgres: 'CREATE TRIGGER tg_counters BEFORE INSERT ON counters FOR EACH ROW EXECUTE FUNCTION one()',
  });
  op.bulkInsert('counters', [{ n: 1 }]);
  if (op.dialect !== 'postgres')
    void op.execute("CREATE PROCEDURE two() BEGIN INSERT INTO counters (n) VALUES (7); SELECT '//'; END;");
  void op.execute('UPDATE counters SET m = 5 WHERE m = 1 -- done');
}

describe.each(KINDS.filter(hasClient))('on %s', (kind) => {
  const made: TestDatabase[] = [];
  const empty = async (): Promise<string> => {
    const database = await createDatabase(kind);
    made.push(database);
    return database.url;
  };
  afterAll(async () => {
    for (const database of made) await database.drop();
  });

  test('the history of all directives, up from nothing and part of it down and up again', async () => {
    const offline = migrations({ url: NOBODY[kind], migrations: HISTORY });
    const [byScript, byRun] = [await empty(), await empty()];
    const online = migrations({ url: byRun, migrations: HISTORY });
    const tables = ['limbeck_version', 'authors', 'publications', 'departments', 'employees'];
    runScript(kind, byScript, (await offline.upgrade(LAST, { sql: true })).sql ?? '');
    await online.upgrade(LAST);
    const head = await read(byRun, tables);
    const withoutTimes = (rows: unknown[]) =>
      JSON.parse(
        JSON.stringify(rows, (_, value: unknown) =>
          typeof value === 'bigint' ? `${value}n` : value,
        ).replaceAll(/"20\d\d-\d\d-\d\d [^"]*"/g, '"now"'),
      ) as unknown;
    const same = async (names: string[]) => {
      const [script, run] = [await read(byScript, names), await read(byRun, names)];
      expect(script.schema).toEqual(run.schema);
      expect(withoutTimes(script.rows)).toEqual(withoutTimes(run.rows));
    };
    await same(tables);
    runScript(kind, byScript, (await offline.downgrade(`${LAST}:000000000003`, { sql: true })).sql ?? '');
    await online.downgrade('000000000003');
    await same(['limbeck_version', 'authors', 'books']);
    runScript(kind, byScript, (await offline.upgrade(`000000000003:${LAST}`, { sql: true })).sql ?? '');
    await online.upgrade(LAST);
    expect((await read(byRun, tables)).schema).toEqual(head.schema);
    await same(tables);
    runScript(kind, byScript, (await offline.downgrade(`${LAST}:base`, { sql: true })).sql ?? '');
    expect((await read(byScript, ['limbeck_version'])).rows).toEqual([[]]);
  }, 120_000);

  test('a stamp, and a stamp from a revision to another', async () => {
    const offline = migrations({ url: NOBODY[kind], migrations: HISTORY });
    const url = await empty();
    runScript(kind, url, (await offline.stamp('000000000003', { sql: true })).sql ?? '');
    expect((await read(url, ['limbeck_version'])).rows).toEqual([[['000000000003']]]);
    runScript(kind, url, (await offline.stamp('000000000003:head', { sql: true })).sql ?? '');
    expect((await read(url, ['limbeck_version'])).rows).toEqual([[[(await offline.heads())[0]?.revision]]]);
    runScript(kind, await empty(), (await offline.ensureVersion({ sql: true })).sql ?? '');
  });

  test('triggers and routines whose bodies hold semicolons', async () => {
    const bench = await DatabaseBench.open(kind, { url: await empty() });
    try {
      bench.add(objectsWithBodies);
      const script = await bench.commands.upgrade('head', { sql: true });
      runScript(kind, bench.url, script.sql ?? '');
      expect(await bench.sql('SELECT m FROM counters')).toEqual([{ m: 5 }]);
    } finally {
      await bench.close();
    }
  });

  test.each([
    {},
    {
      PGTZ: 'America/New_York',
      PGCLIENTENCODING: 'LATIN1',
      TZ: 'America/New_York',
      PGOPTIONS: '-c standard_conforming_strings=off -c bytea_output=escape',
    },
  ])('values that are hard to write down, for a client with %j', async (env) => {
    const [byScript, byRun] = [
      await DatabaseBench.open(kind, { url: await empty() }),
      await DatabaseBench.open(kind, { url: await empty() }),
    ];
    try {
      for (const bench of [byScript, byRun]) {
        bench.add(everyValue);
        bench.add(laterValues);
      }
      const { sql: script = '' } = await byScript.commands.upgrade('head', { sql: true });
      runScript(kind, byScript.url, script, env as Record<string, string>);
      await byRun.commands.upgrade('head');
      const [one, two] = [
        await read(byScript.url, ['hard', 'limbeck_version']),
        await read(byRun.url, ['hard', 'limbeck_version']),
      ];
      expect(one).toEqual(two);
      expect(two.rows[0]).toHaveLength(6);
    } finally {
      await byScript.close();
      await byRun.close();
    }
  });
});
