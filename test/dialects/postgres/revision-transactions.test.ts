import { Client } from 'pg';
import type { Lease } from '../../../src/dialects/contract';
import { revisionTransactions as revisions } from '../../../src/dialects/postgres/revision-transactions';
import { failure, useDatabase } from './connection-support';

const place = useDatabase();
const OPTIONS = { enforceForeignKeys: true, timeoutMs: 5000 };
const leases: Lease[] = [];

async function connect(options: { schema?: string } = {}) {
  const database = await place.open(
    options.schema === undefined ? {} : { mode: 'create', schema: options.schema },
  );
  const lease = await database.acquire('write');
  leases.push(lease);
  return lease.connection;
}

const locks = async () =>
  (
    await place.connection.queryArrays(
      "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
    )
  )[0]?.[0];

afterEach(() => {
  for (const lease of leases.splice(0)) lease.release();
});

test('a revision holds the lock and a transaction, and its commit gives up both', async () => {
  const connection = await connect();
  await revisions.begin(connection, OPTIONS);
  expect(connection.inTransaction).toBe(true);
  expect(await locks()).toBe(1);
  await connection.run('CREATE TABLE committed (a int)');
  await revisions.commit(connection);
  expect(connection.inTransaction).toBe(false);
  expect(await locks()).toBe(0);
  expect(await place.connection.queryArrays("SELECT to_regclass('committed')::text")).toEqual([
    ['committed'],
  ]);
});

test.each(['SELECT 1', 'SELECT 1/0'])(
  'a rollback after %s undoes what is open and gives up the lock',
  async (last) => {
    const connection = await connect();
    await revisions.begin(connection, OPTIONS);
    await connection.run('CREATE TABLE undone (a int)');
    await Promise.resolve(connection.run(last)).catch(() => {});
    await revisions.rollback(connection);
    expect(connection.inTransaction).toBe(false);
    expect(await locks()).toBe(0);
    expect(await place.connection.queryArrays("SELECT to_regclass('undone')::text")).toEqual([[null]]);
    await revisions.rollback(connection);
  },
);

test('a commit that fails leaves the lock to the rollback that follows', async () => {
  const connection = await connect();
  await connection.script(
    'CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (p int REFERENCES p DEFERRABLE INITIALLY DEFERRED)',
  );
  await revisions.begin(connection, OPTIONS);
  await connection.run('INSERT INTO c VALUES (1)');
  expect(await failure(revisions.commit(connection))).toMatchObject({ code: 'FOREIGN_KEY_VIOLATION' });
  await revisions.rollback(connection);
  expect(await locks()).toBe(0);
});

test('a commit of a transaction in which a statement failed is no success', async () => {
  const connection = await connect();
  await revisions.begin(connection, OPTIONS);
  await failure(connection.run('SELECT 1/0'));
  expect(await failure(revisions.commit(connection))).toMatchObject({ code: 'TRANSACTION_LOST' });
  await revisions.rollback(connection);
  expect(await locks()).toBe(0);
});

test('a stepwise run holds the lock alone, and transactions come and go inside it', async () => {
  const connection = await connect();
  await revisions.begin(connection, { ...OPTIONS, stepwise: true });
  expect(connection.inTransaction).toBe(false);
  await connection.run('CREATE TABLE stepwise (a int)');
  await connection.run('CREATE INDEX CONCURRENTLY ix_stepwise ON stepwise (a)');
  await connection.run('BEGIN');
  await connection.run('DROP TABLE stepwise');
  await revisions.commit(connection);
  expect(connection.inTransaction).toBe(false);
  expect(await locks()).toBe(0);
});

test('statements wait for locks only for a while, and as long as before when the run is over', async () => {
  const connection = await connect();
  const settings = async () =>
    (
      await connection.queryArrays(
        "SELECT current_setting('lock_timeout'), current_setting('client_connection_check_interval', true)",
      )
    )[0];
  const before = await settings();
  for (const end of [revisions.commit, revisions.rollback]) {
    await revisions.begin(connection, OPTIONS);
    expect((await settings())?.[0]).toBe(`${revisions.tableWaitMs}ms`);
    await end(connection);
    expect(await settings()).toEqual(before);
  }
});

test('a second run waits for the first one, and creating an index concurrently meanwhile is no deadlock', async () => {
  const [first, second] = [await connect(), await connect()];
  await first.run('CREATE TABLE busy (a int)');
  await revisions.begin(first, { ...OPTIONS, stepwise: true });
  let waited = true;
  const waiting = revisions.begin(second, OPTIONS).then(() => {
    waited = false;
  });
  await first.run('CREATE INDEX CONCURRENTLY ix_busy ON busy (a)');
  expect(waited).toBe(true);
  await revisions.commit(first);
  await waiting;
  await revisions.commit(second);
  expect(await locks()).toBe(0);
});

test('who waits in vain is told who holds the lock', async () => {
  const [first, second] = [await connect(), await connect()];
  await revisions.begin(first, OPTIONS);
  const [[pid] = []] = await first.queryArrays('SELECT pg_backend_pid()');
  const error = await failure(revisions.begin(second, { ...OPTIONS, timeoutMs: 60 }));
  expect(error).toMatchObject({ code: 'LOCK_TIMEOUT' });
  expect((error.context as { holder: string }).holder).toMatch(
    new RegExp(
      `^limbeck .+:${process.pid}, server process ${pid}, from 127\\.0\\.0\\.1, connected since \\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ$`,
    ),
  );
  expect(second.inTransaction).toBe(false);
  await revisions.rollback(second);
  expect(await locks()).toBe(1);
  await revisions.commit(first);
  await revisions.begin(second, { ...OPTIONS, timeoutMs: 0 });
  await revisions.commit(second);
});

test('other schemas have other locks', async () => {
  const [first, second] = [await connect(), await connect({ schema: 'tenant' })];
  await revisions.begin(first, OPTIONS);
  await revisions.begin(second, { ...OPTIONS, timeoutMs: 0 });
  await revisions.commit(second);
  await revisions.commit(first);
});

test('a migration that sets another search path still gives up the lock', async () => {
  const connection = await connect();
  await revisions.begin(connection, OPTIONS);
  await connection.run('SET search_path = pg_catalog');
  await revisions.commit(connection);
  expect(await locks()).toBe(0);
  await connection.run('RESET search_path');
});

test('a broken connection is no reason for a rollback to fail', async () => {
  const connection = await connect();
  await revisions.begin(connection, OPTIONS);
  const [[pid] = []] = await connection.queryArrays('SELECT pg_backend_pid()');
  await place.connection.queryArrays('SELECT pg_terminate_backend($1)', [pid]);
  expect(await failure(connection.run('SELECT 1'))).toMatchObject({ code: 'CONNECTION_LOST' });
  await revisions.rollback(connection);
  expect(await failure(revisions.begin(connection, OPTIONS))).toMatchObject({ code: 'CONNECTION_LOST' });
  const next = await connect();
  await revisions.begin(next, OPTIONS);
  await revisions.commit(next);
});

test('keys are always enforced, so none are broken', async () => {
  expect(await revisions.brokenForeignKeys(place.connection)).toEqual([]);
});

describe('who is in the way of a statement', () => {
  let client: Client;
  beforeAll(async () => {
    await place.connection.script(
      'CREATE TABLE "odd ""t" (a int, b text); CREATE SCHEMA s; CREATE TABLE s."odd ""t" (a int)',
    );
    client = new Client({ connectionString: place.url, application_name: 'reports' });
    await client.connect();
  });
  afterAll(() => client.end());

  test('is named with what it does, without the values in it', async () => {
    await client.query('BEGIN');
    await client.query(
      `SELECT a FROM "odd ""t" WHERE b = 's3cret' AND a IN (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)`,
    );
    const connection = await connect();
    await revisions.begin(connection, OPTIONS);
    await connection.run("SET LOCAL lock_timeout = '50ms'");
    const error = await failure(connection.run('ALTER TABLE "odd ""t" ADD c int'));
    expect(error).toMatchObject({ code: 'LOCK_NOT_AVAILABLE', retryable: true });
    const blockers = await revisions.blockers?.(connection, ['odd "t']);
    expect(blockers).toEqual([
      expect.stringMatching(
        /^server process \d+ \(reports from 127\.0\.0\.1\), idle in transaction(?: for \d+ s)?, holds AccessShareLock on odd "t, ran: SELECT a FROM "odd ""t" WHERE b = '…' AND a IN/,
      ),
    ]);
    expect(blockers?.join()).not.toContain('s3cret');
    await revisions.rollback(connection);
    expect(await revisions.blockers?.(connection, ['s.odd "t'])).toEqual([]);
    expect(await revisions.blockers?.(connection, ['nowhere'])).toEqual([]);
    expect(await revisions.blockers?.(connection, [])).toHaveLength(1);
    await client.query('ROLLBACK');
    expect(await revisions.blockers?.(connection, ['odd "t'])).toEqual([]);
  });
});
