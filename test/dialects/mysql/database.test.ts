import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection, Database, Lease } from '../../../src/dialects/contract.js';
import type { Flavour } from '../../../src/dialects/mysql/flavour.js';
import { isAvailable, serverUrl } from '../../support/databases.js';
import { codeOf, connect, emptyDatabase, errorOf, open } from './open-databases.js';

const described = isAvailable('mysql') ? describe : describe.skip;

async function one(connection: Connection, sql: string, params: readonly unknown[] = []): Promise<unknown> {
  const [[value] = []] = await connection.queryArrays(sql, params);
  return value;
}

/** Ends a session from outside, as an administrator would. */
async function kill(connection: Connection, id: unknown): Promise<void> {
  await connection.run(`KILL ${Number(id)}`);
}

async function idOf(lease: Lease): Promise<number> {
  return Number(await one(lease.connection, 'SELECT CONNECTION_ID()'));
}

describe('opening a database on a server', () => {
  const refused = (url: string): Promise<any> => errorOf(() => open(url));

  test('that nobody runs is refused in one line', async () => {
    const failure = await refused('mysql://u:canary@127.0.0.1:1/d');
    expect(failure.code).toBe('CONNECTION_FAILED');
    expect(failure.message).toBe('Cannot open mysql://127.0.0.1:1/d: nobody listens there (ECONNREFUSED)');
  });

  test('whose host nobody knows is refused', async () => {
    const failure = await refused('mysql://u:canary@nobody.invalid/d');
    expect(failure.code).toBe('CONNECTION_FAILED');
    expect(failure.message).toMatch(/the name of the host is not known/);
  });

  test('on a socket that is not there is refused', async () => {
    const failure = await refused('mysql:///d?socketPath=/nowhere.sock');
    expect(failure.code).toBe('CONNECTION_FAILED');
    expect(failure.message).toBe('Cannot open mysql:///nowhere.sock/d: there is no such socket (ENOENT)');
  });

  (isAvailable('mysql') ? test : test.skip)(
    'with a wrong password is refused without showing it',
    async () => {
      const url = new URL(await serverUrl('mysql'));
      url.password = 'canary';
      const failure = await refused(url.toString());
      expect(failure.code).toBe('CONNECTION_FAILED');
      expect(failure.message).toMatch(
        /^Cannot open mariadb:\/\/\S+: Access denied for user .* \(error 1045\)$/,
      );
      expect(`${failure.stack} ${JSON.stringify(failure)}`).not.toContain('canary');
    },
  );

  (isAvailable('mysql') ? test : test.skip)('that does not exist is refused as missing', async () => {
    const url = new URL(await serverUrl('mysql'));
    url.pathname = '/limbeck_nowhere';
    const failure = await refused(url.toString());
    expect(failure.code).toBe('DATABASE_MISSING');
    expect(failure.message).toContain('/limbeck_nowhere');
    expect(failure.hint).toContain('CREATE DATABASE');
  });
});

described('a database on a server', () => {
  test('knows what the server is, whatever the URL calls it', async () => {
    const database = await open(await emptyDatabase({ scheme: 'mysql' }));
    const { flavour } = database.dialect as unknown as { readonly flavour: Flavour };
    expect(flavour).toMatchObject({ name: 'mysql', mariadb: true, databaseCharset: 'utf8mb4' });
    expect(flavour.version[0]).toBeGreaterThanOrEqual(10);
    expect(database.singleWriter).toBe(false);
  });

  describe('settles its sessions', () => {
    test.each([
      ['sql_mode', /^(?=.*STRICT_ALL_TABLES)(?!.*ANSI_QUOTES)(?!.*NO_BACKSLASH_ESCAPES)/],
      ['time_zone', /^\+00:00$/],
      ['autocommit', /^1$/],
      ['foreign_key_checks', /^1$/],
      ['character_set_client', /^utf8mb4$/],
      ['character_set_connection', /^utf8mb4$/],
      ['character_set_results', /^utf8mb4$/],
      ['sql_auto_is_null', /^0$/],
      ['lock_wait_timeout', /^50$/],
    ])('with %s like %s, also after a holder has changed it', async (name, expected) => {
      const database = await open(await emptyDatabase(), { maxConnections: 1 });
      const first = await database.acquire('write');
      expect(String(await one(first.connection, `SELECT @@SESSION.${name}`))).toMatch(expected);
      await first.connection.run(
        "SET NAMES latin1, sql_mode = '', time_zone = '+05:00', autocommit = 0, foreign_key_checks = 0, sql_auto_is_null = 1, lock_wait_timeout = 1",
      );
      first.release();
      const second = await database.acquire('write');
      expect(String(await one(second.connection, `SELECT @@SESSION.${name}`))).toMatch(expected);
      second.release();
    });

    test('with the collation of the database, so that literals compare as its columns do', async () => {
      const connection = await connect({ collation: 'utf8mb4_bin' });
      expect(await one(connection, 'SELECT @@collation_connection')).toBe('utf8mb4_bin');
    });

    test('and reads names in backticks, text in both quotes, and backslashes as escapes', async () => {
      const connection = await connect();
      expect(await one(connection, `SELECT "a\\'b" AS \`x"y\``)).toBe("a'b");
    });
  });

  describe('leases', () => {
    const take = (database: Database): Promise<Lease> => database.acquire('write');

    test('are served first in, first out', async () => {
      const database = await open(await emptyDatabase(), { maxConnections: 1 });
      const first = await take(database);
      const order: number[] = [];
      const waiting = [1, 2, 3].map(async (n) => {
        const lease = await take(database);
        order.push(n);
        lease.release();
      });
      expect(database.tryAcquire?.('read')).toBeUndefined();
      first.release();
      await Promise.all(waiting);
      expect(order).toEqual([1, 2, 3]);
    });

    test('have a connection each, up to the limit', async () => {
      const database = await open(await emptyDatabase(), { maxConnections: 3 });
      const leases = await Promise.all([take(database), take(database), take(database)]);
      expect(new Set(await Promise.all(leases.map(idOf))).size).toBe(3);
      let fourth: Lease | undefined;
      const waiting = take(database).then((lease) => {
        fourth = lease;
      });
      await sleep(20);
      expect(fourth).toBeUndefined();
      leases[1]?.release();
      await waiting;
      expect(fourth).toBeDefined();
      for (const lease of [...leases, fourth]) lease?.release();
    });

    test('number ten where nothing is said', async () => {
      const database = await open(await emptyDatabase());
      const leases = await Promise.all(Array.from({ length: 10 }, () => take(database)));
      expect(database.tryAcquire?.('write')).toBeUndefined();
      const late = take(database);
      leases[0]?.release();
      expect(await idOf(await late)).toBe(await idOf(leases[0] as Lease));
    });

    test('can be given back twice', async () => {
      const database = await open(await emptyDatabase(), { maxConnections: 1 });
      const first = await take(database);
      first.release();
      const second = await take(database);
      first.release();
      expect(database.tryAcquire?.('write')).toBeUndefined();
      second.release();
    });

    test('leave no transaction behind', async () => {
      const database = await open(await emptyDatabase(), { maxConnections: 1 });
      const first = await take(database);
      await first.connection.script('CREATE TABLE t (a int); BEGIN; INSERT INTO t VALUES (1)');
      first.release();
      const second = await take(database);
      expect(second.connection.inTransaction).toBe(false);
      expect(await one(second.connection, 'SELECT COUNT(*) FROM t')).toBe(0);
      second.release();
    });

    test('leave no transaction behind that nobody awaited', async () => {
      const database = await open(await emptyDatabase(), { maxConnections: 1 });
      const first = await take(database);
      await first.connection.run('CREATE TABLE t (a int)');
      const pending = [
        first.connection.run('START TRANSACTION'),
        first.connection.run('INSERT INTO t VALUES (1)'),
      ];
      first.release();
      const second = await take(database);
      await Promise.all(pending);
      expect(second.connection.inTransaction).toBe(false);
      expect(await one(second.connection, 'SELECT COUNT(*) FROM t')).toBe(0);
    });

    test.each([
      ['a variable', 'SET @a = 1', 'SELECT @a', null],
      ['a named lock', "SELECT GET_LOCK('limbeck_test', 0)", "SELECT IS_FREE_LOCK('limbeck_test')", 1],
      ['another default database', 'USE mysql', "SELECT DATABASE() = 'mysql'", 0],
      [
        'a temporary table',
        'CREATE TEMPORARY TABLE shadow (a int)',
        "SELECT COUNT(*) FROM information_schema.tables WHERE table_name = 'shadow' AND table_schema = DATABASE()",
        0,
      ],
    ])('leave nothing behind: %s', async (_, change, question, answer) => {
      const database = await open(await emptyDatabase(), { maxConnections: 1 });
      const first = await take(database);
      const id = await idOf(first);
      await first.connection.run(change);
      first.release();
      const second = await take(database);
      expect(await one(second.connection, question)).toBe(answer);
      expect(await idOf(second)).toBe(id);
    });

    test('are not given a table lock that the last holder took', async () => {
      const database = await open(await emptyDatabase(), { maxConnections: 1 });
      const first = await take(database);
      await first.connection.script('CREATE TABLE t (a int); CREATE TABLE u (a int); LOCK TABLES t READ');
      first.release();
      const second = await take(database);
      expect(await one(second.connection, 'SELECT COUNT(*) FROM u')).toBe(0);
    });

    test('are not given a connection that broke while it was idle', async () => {
      const url = await emptyDatabase();
      const [database, other] = await Promise.all([open(url, { maxConnections: 1 }), open(url)]);
      const first = await take(database);
      const id = await idOf(first);
      first.release();
      await kill((await take(other)).connection, id);
      await sleep(50);
      const second = await take(database);
      expect(await idOf(second)).not.toBe(id);
    });

    test('whose connection breaks say so, and the next one gets another', async () => {
      const url = await emptyDatabase();
      const [database, other] = await Promise.all([open(url, { maxConnections: 1 }), open(url)]);
      const first = await take(database);
      const id = await idOf(first);
      await first.connection.run('START TRANSACTION');
      const busy = codeOf(() => first.connection.query('SELECT SLEEP(10)'));
      const waiting = take(database);
      await sleep(20);
      await kill((await take(other)).connection, id);
      expect(await busy).toBe('CONNECTION_LOST');
      expect(first.connection.inTransaction).toBe(false);
      expect(await codeOf(() => first.connection.query('SELECT 1'))).toBe('CONNECTION_LOST');
      first.release();
      expect(await one((await waiting).connection, 'SELECT 1')).toBe(1);
    });

    test('wait where the server takes no more connections but has given us some', async () => {
      const url = await emptyDatabase();
      const admin = (await (await open(url)).acquire('write')).connection;
      await admin.run(
        "CREATE OR REPLACE USER 'limbeck_few'@'127.0.0.1' IDENTIFIED BY 'x' WITH MAX_USER_CONNECTIONS 1",
      );
      await admin.run("GRANT ALL ON *.* TO 'limbeck_few'@'127.0.0.1'");
      const few = new URL(url);
      few.username = 'limbeck_few';
      few.password = 'x';
      const database = await open(few.toString());
      const first = await take(database);
      const second = take(database);
      await sleep(50);
      const id = await idOf(first);
      first.release();
      expect(await idOf(await second)).toBe(id);
      expect(await errorOf(() => open(few.toString()))).toMatchObject({ code: 'CONNECTION_FAILED' });
      await database.close();
      await admin.run("DROP USER 'limbeck_few'@'127.0.0.1'");
    });
  });

  describe('when it is closed', () => {
    test('turns away who waits, who holds and who comes', async () => {
      const database = await open(await emptyDatabase(), { maxConnections: 1 });
      const lease = await database.acquire('write');
      const busy = codeOf(() => lease.connection.query('SELECT SLEEP(5)'));
      const waiting = codeOf(() => database.acquire('read'));
      await sleep(10);
      await database.close();
      expect(await Promise.all([busy, waiting])).toEqual(['CONNECTION_CLOSED', 'CONNECTION_CLOSED']);
      expect(await codeOf(() => lease.connection.query('SELECT 1'))).toBe('CONNECTION_CLOSED');
      expect(await codeOf(() => database.acquire('write'))).toBe('CONNECTION_CLOSED');
      expect(await codeOf(() => database.tryAcquire?.('read'))).toBe('CONNECTION_CLOSED');
      lease.release();
    });

    test('while a connection is tidied up', async () => {
      for (let i = 0; i < 5; i++) {
        const database = await open(await emptyDatabase());
        const lease = await database.acquire('write');
        await lease.connection.run('SET @a = 1');
        lease.release();
        // A little later each time.
        for (let turn = 0; turn < i * 20; turn++) await Promise.resolve();
        if (i % 2 === 1) await new Promise((resolve) => setImmediate(resolve));
        await database.close();
        expect(await codeOf(() => database.acquire('write'))).toBe('CONNECTION_CLOSED');
      }
    });

    test('twice, that is once; and connections that were being opened are closed as well', async () => {
      const url = await emptyDatabase();
      const database = await open(url, { maxConnections: 5 });
      const held = await database.acquire('write');
      const opening = codeOf(() => database.acquire('write'));
      await Promise.all([database.close(), database.close()]);
      expect(await opening).toBe('CONNECTION_CLOSED');
      held.release();
      const other = (await (await open(url)).acquire('read')).connection;
      const left =
        'SELECT COUNT(*) FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()';
      for (let i = 0; i < 100 && (await one(other, left)) !== 0; i++) await sleep(10);
      expect(await one(other, left)).toBe(0);
    });
  });
});
