import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection, Database } from '../../../src/dialects/contract.js';
import { MARIADB_10_11 } from '../../../src/dialects/mysql/flavour.js';
import { revisionTransactions } from '../../../src/dialects/mysql/revision-transactions.js';
import { isAvailable } from '../../support/databases.js';
import { codeOf, connect, emptyDatabase, errorOf, open } from './open-databases.js';

const described = isAvailable('mysql') ? describe : describe.skip;
const revisions = revisionTransactions(MARIADB_10_11);
const begin = { enforceForeignKeys: true, timeoutMs: 2_000 };

async function one(connection: Connection, sql: string): Promise<unknown> {
  const [[value] = []] = await connection.queryArrays(sql);
  return value;
}

async function writer(database: Database): Promise<Connection> {
  return (await database.acquire('write')).connection;
}

async function two(url?: string): Promise<[Connection, Connection]> {
  const place = url ?? (await emptyDatabase());
  return Promise.all([open(place).then(writer), open(place).then(writer)]);
}

described('the lock of a revision', () => {
  test('is had by one at a time, and names who has it', async () => {
    const [a, b] = await two();
    await revisions.begin(a, { ...begin, stepwise: true });
    const failure = await errorOf(() => revisions.begin(b, { ...begin, timeoutMs: 100, stepwise: true }));
    expect(failure).toMatchObject({ code: 'LOCK_TIMEOUT', context: { seconds: 0.1 } });
    const id = await one(a, 'SELECT CONNECTION_ID()');
    expect(failure.context.holder).toMatch(
      new RegExp(
        `^connection ${id} of limbeck from 127\\.0\\.0\\.1:\\d+, idle for \\d+ s \\(since \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d UTC\\)$`,
      ),
    );
    await revisions.commit(a);
    await revisions.begin(b, { ...begin, timeoutMs: 0, stepwise: true });
    await revisions.rollback(b);
  });

  test('is waited for, and taken when it is free', async () => {
    const [a, b] = await two();
    await revisions.begin(a, begin);
    const waiting = revisions.begin(b, begin).then(() => 'had');
    await revisions.rollback(a);
    expect(await waiting).toBe('had');
    await revisions.commit(b);
  });

  test('belongs to one database of the server', async () => {
    const [a] = await two();
    const [b] = await two();
    await revisions.begin(a, begin);
    await revisions.begin(b, { ...begin, timeoutMs: 0 });
    await Promise.all([revisions.rollback(a), revisions.rollback(b)]);
  });

  test('is told by a hash where the name of the database is too long', async () => {
    const [admin] = await two();
    const names = ['a', 'b'].map((end) => `limbeck_test_${'x'.repeat(45)}${process.pid}`.slice(0, 63) + end);
    const connections: Connection[] = [];
    for (const name of names) {
      await admin.run(`CREATE DATABASE \`${name}\``);
      const url = new URL(await emptyDatabase());
      url.pathname = `/${name}`;
      connections.push(await open(url.toString()).then(writer));
    }
    for (const connection of connections) await revisions.begin(connection, { ...begin, timeoutMs: 0 });
    for (const connection of connections) await revisions.rollback(connection);
    for (const name of names) await admin.run(`DROP DATABASE \`${name}\``);
  });

  test('is free when the connection that had it is gone', async () => {
    const [a, b] = await two();
    await revisions.begin(a, begin);
    const id = await one(a, 'SELECT CONNECTION_ID()');
    await b.run(`KILL ${id}`);
    await revisions.begin(b, begin);
    expect(await codeOf(() => revisions.commit(a))).toBe('CONNECTION_LOST');
    await revisions.rollback(a);
    await revisions.rollback(b);
  });

  test('is given back also where a revision has changed the default database', async () => {
    const [a, b] = await two();
    await revisions.begin(a, begin);
    await a.run('USE mysql');
    await revisions.commit(a);
    await revisions.begin(b, { ...begin, timeoutMs: 0 });
    await revisions.rollback(b);
  });
});

described('the transaction of a revision', () => {
  test.each([
    [{}, true],
    [{ stepwise: false }, true],
    [{ stepwise: true }, false],
  ])('is opened with %j: %s', async (options, isOpen) => {
    const connection = await connect();
    await revisions.begin(connection, { ...begin, ...options });
    expect(connection.inTransaction).toBe(isOpen);
    await revisions.commit(connection);
    expect(connection.inTransaction).toBe(false);
  });

  test('is kept by commit and undone by rollback', async () => {
    const connection = await connect();
    await connection.run('CREATE TABLE t (a int)');
    for (const end of ['commit', 'rollback'] as const) {
      await revisions.begin(connection, begin);
      await connection.run('INSERT INTO t VALUES (1)');
      await revisions[end](connection);
    }
    expect(await one(connection, 'SELECT COUNT(*) FROM t')).toBe(1);
  });

  test('may be rolled back where none was begun, and twice', async () => {
    const connection = await connect();
    await revisions.rollback(connection);
    await revisions.rollback(connection);
    expect(await one(connection, 'SELECT @@foreign_key_checks')).toBe(1);
  });

  test.each([
    [true, 1],
    [false, 0],
  ])(
    'enforces foreign keys: %s, and waits for no table and not long for rows',
    async (enforceForeignKeys, checks) => {
      const connection = await connect();
      const settings = 'SELECT @@foreign_key_checks, @@lock_wait_timeout, @@innodb_lock_wait_timeout';
      await revisions.begin(connection, { ...begin, enforceForeignKeys, stepwise: true });
      expect(await connection.queryArrays(settings)).toEqual([[checks, 0, 5]]);
      await revisions.rollback(connection);
      expect(await connection.queryArrays(settings)).toEqual([[1, 50, 50]]);
    },
  );

  test('finds no broken keys, of which InnoDB says nothing', async () => {
    expect(await revisions.brokenForeignKeys(await connect())).toEqual([]);
  });

  test('a catalog reads the same until the schema changes', async () => {
    const connection = await connect();
    await connection.script('CREATE TABLE t (a int); CREATE TABLE u (a int)');
    const stamp = await revisions.fingerprint?.(connection);
    expect(await revisions.fingerprint?.(connection)).toBe(stamp);
    await connection.run('ALTER TABLE u ADD b int');
    expect(await revisions.fingerprint?.(connection)).not.toBe(stamp);
  });

  test('what is in the way of a statement is named', async () => {
    const [a, b] = await two();
    await a.script('CREATE TABLE t (a int); BEGIN; INSERT INTO t VALUES (1)');
    await b.run('SET SESSION lock_wait_timeout = 1');
    expect(await codeOf(() => b.run('ALTER TABLE t ADD b int'))).toBe('LOCK_NOT_AVAILABLE');
    const id = await one(a, 'SELECT CONNECTION_ID()');
    expect(await revisions.blockers?.(b, ['t'])).toEqual([
      expect.stringMatching(
        new RegExp(`^connection ${id} of limbeck from 127.0.0.1:\\d+, (idle|busy) for \\d+ s`),
      ),
    ]);
    await a.run('ROLLBACK');
    // The server keeps its list of transactions until nobody has read it for a tenth of a second.
    let left = await revisions.blockers?.(b, ['t']);
    for (let i = 0; i < 50 && left?.length !== 0; i++) {
      await sleep(150);
      left = await revisions.blockers?.(b, ['t']);
    }
    expect(left).toEqual([]);
  });
});
