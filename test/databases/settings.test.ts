/** Settings of servers that bite: whatever they are, a migration has the same result, or says in one line why not. */

import { DataSource } from 'limbeck';
import { isLimbeckError } from '../../src/base/errors';
import { DatabaseBench } from '../support/database-bench';
import {
  canStartServer,
  createDatabase,
  isAvailable,
  startServer,
  type TestDatabase,
} from '../support/databases';

const databases: TestDatabase[] = [];
afterEach(async () => {
  for (const database of databases.splice(0)) await database.drop();
});

async function fresh(kind: 'postgres' | 'mysql'): Promise<TestDatabase> {
  const database = await createDatabase(kind);
  databases.push(database);
  return database;
}

/** Runs statements on a connection of an administrator. */
async function admin(url: string, ...statements: readonly string[]): Promise<void> {
  const source = await new DataSource({ url }).initialize();
  try {
    for (const text of statements) await source.query(text);
  } finally {
    await source.destroy();
  }
}

const withUser = (url: string, user: string, password: string): string => {
  const changed = new URL(url);
  changed.username = user;
  changed.password = password;
  return changed.toString();
};

/** The work that must come out the same everywhere. */
async function work(url: string): Promise<unknown> {
  const bench = await DatabaseBench.open('postgres', { url });
  try {
    await bench.run(async (op) => {
      op.createTable('t', {
        columns: {
          id: { type: 'integer' },
          text: { type: 'varchar', length: 40, default: 'it\'s \\ "q" \n' },
          at: { type: 'timestamptz', default: '2026-06-30 12:00:00.123' },
          day: { type: 'date', nullable: true },
        },
        primaryKey: { columns: ['id'] },
        checks: [{ expression: "text <> 'a\\b'" }],
      });
      op.bulkInsert('t', [
        { id: 1 },
        { id: 2, text: 'back\\slash', day: '2026-03-29', at: new Date('2026-03-29T01:30:00Z') },
      ]);
    });
    const table = (await bench.found()).tables.find(({ name }) => name === 't');
    const rows = await bench.sql('SELECT id, text, at, day FROM t ORDER BY id');
    return { columns: table?.columns.map((column) => [column.name, column.default]), rows };
  } finally {
    await bench.close();
  }
}

(isAvailable('postgres') ? describe : describe.skip)('on PostgreSQL', () => {
  test('time zones, string syntax and date styles of the database change nothing', async () => {
    const plain = await fresh('postgres');
    const odd = await fresh('postgres');
    const name = new URL(odd.url).pathname.slice(1);
    await admin(
      odd.url,
      `ALTER DATABASE ${name} SET timezone = 'Australia/Lord_Howe'`,
      `ALTER DATABASE ${name} SET standard_conforming_strings = off`,
      `ALTER DATABASE ${name} SET datestyle = 'German, DMY'`,
      `ALTER DATABASE ${name} SET intervalstyle = 'sql_standard'`,
      `ALTER DATABASE ${name} SET bytea_output = 'escape'`,
      `ALTER DATABASE ${name} SET default_transaction_isolation = 'serializable'`,
    );
    expect(await work(odd.url)).toEqual(await work(plain.url));
  });

  test('a search path whose first schema is another one is where tables go, and nothing else is looked at', async () => {
    const odd = await fresh('postgres');
    const name = new URL(odd.url).pathname.slice(1);
    await admin(
      odd.url,
      'CREATE SCHEMA "my app"',
      'CREATE TABLE public.t (other text)',
      'CREATE TABLE public.limbeck_version (version_num varchar(32) NOT NULL)',
      "INSERT INTO public.limbeck_version VALUES ('nonsense')",
      `ALTER DATABASE ${name} SET search_path = "my app", public`,
    );
    const plain = await fresh('postgres');
    expect(await work(odd.url)).toEqual(await work(plain.url));
  });

  test('a search path without any schema is one clear line', async () => {
    const odd = await fresh('postgres');
    const name = new URL(odd.url).pathname.slice(1);
    await admin(odd.url, `ALTER DATABASE ${name} SET search_path = nowhere`);
    await expect(work(odd.url)).rejects.toThrow(/schema/);
  });

  test('a user who may not create anything is told so in one line, and nothing has changed', async () => {
    const database = await fresh('postgres');
    const user = `nobody_${Date.now()}`;
    await admin(
      database.url,
      `CREATE ROLE ${user} LOGIN PASSWORD 'x'`,
      'REVOKE ALL ON SCHEMA public FROM PUBLIC',
      `GRANT USAGE ON SCHEMA public TO ${user}`,
    );
    const failure = await work(withUser(database.url, user, 'x')).catch((cause) => cause);
    expect(isLimbeckError(failure) && failure.code).toBe('PERMISSION_DENIED');
    await admin(database.url, `DROP OWNED BY ${user}`, `DROP ROLE ${user}`);
  });
});

(isAvailable('mysql') ? describe : describe.skip)('on MariaDB', () => {
  // On a server of its own: settings of the whole server would be those of other tests as well.
  (canStartServer('mysql') ? test : test.skip)(
    'SQL modes and time zones of the server change nothing',
    async () => {
      const plain = await fresh('mysql');
      const expected = await work(plain.url);
      const server = await startServer('mysql');
      const at = (name: string): string => server.url.replace(/\/\w*$/, `/${name}`);
      try {
        await admin(
          server.url,
          'CREATE DATABASE odd CHARACTER SET utf8mb4',
          'CREATE DATABASE lax CHARACTER SET utf8mb4',
          "SET GLOBAL sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES,PIPES_AS_CONCAT'",
          "SET GLOBAL time_zone = '-07:30'",
          'SET GLOBAL autocommit = 0',
        );
        expect(await work(at('odd'))).toEqual(expected);
        await admin(server.url, "SET GLOBAL sql_mode = ''");
        expect(await work(at('lax'))).toEqual(expected);
      } finally {
        await server.stop();
      }
    },
  );

  test('without strict mode on the server a narrowing is refused all the same', async () => {
    const database = await fresh('mysql');
    const bench = await DatabaseBench.open('mysql', { url: database.url });
    try {
      await bench.run((op) => {
        op.createTable('t', { columns: { v: { type: 'varchar', length: 10, nullable: true } } });
        op.bulkInsert('t', [{ v: 'abcdefghij' }, { v: null }]);
      });
      bench.add((op) => op.alterColumn('t', 'v', { length: 3 }));
      await expect(bench.commands.upgrade('head')).rejects.toMatchObject({ code: 'STEP_LOSES_DATA' });
      expect(await bench.sql('SELECT v FROM t WHERE v IS NOT NULL')).toEqual([{ v: 'abcdefghij' }]);
    } finally {
      await bench.close();
    }
  });

  test('a user who may not create anything is told so in one line', async () => {
    const database = await fresh('mysql');
    const user = `u${Date.now() % 1e9}`;
    const name = new URL(database.url).pathname.slice(1);
    await admin(
      database.url,
      `CREATE USER '${user}'@'127.0.0.1' IDENTIFIED BY 'x'`,
      `GRANT SELECT ON ${name}.* TO '${user}'@'127.0.0.1'`,
    );
    const failure = await work(withUser(database.url, user, 'x')).catch((cause) => cause);
    expect(isLimbeckError(failure) && failure.code).toBe('PERMISSION_DENIED');
    await admin(database.url, `DROP USER '${user}'@'127.0.0.1'`);
  });
});
