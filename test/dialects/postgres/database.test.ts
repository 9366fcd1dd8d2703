import net from 'node:net';
import { Client } from 'pg';
import { openPostgres } from '../../../src/dialects/postgres/database';
import { describePostgresUrl, withDatabase } from '../../../src/dialects/postgres/url';
import { failure, NO_DIALECT, useDatabase } from './connection-support';

const place = useDatabase();

/** Runs a statement on a connection of somebody else's. */
async function elsewhere(sql: string, params: unknown[] = []) {
  const client = new Client(place.url);
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query(sql, params)).rows;
  } finally {
    await client.end();
  }
}

const settled = async (promise: PromiseLike<unknown>) => {
  let done = false;
  promise.then(
    () => {
      done = true;
    },
    () => {
      done = true;
    },
  );
  await new Promise((resolve) => setTimeout(resolve, 30));
  return done;
};

describe('opening', () => {
  const open = (url: string) => openPostgres({ url, mode: 'existing' }, NO_DIALECT);

  test('a database that is not there says so', async () => {
    const url = withDatabase(place.url, 'no such database');
    const error = await failure(open(url));
    expect(error.code).toBe('DATABASE_MISSING');
    expect(error.message).toBe(`Database ${describePostgresUrl(url)} does not exist.`);
    expect(error.hint).toContain('CREATE DATABASE');
  });

  test('a port on which nobody listens says so in one line', async () => {
    const server = net.createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as net.AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    const error = await failure(open(`postgres://ada:s3cret@127.0.0.1:${port}/books`));
    expect(error).toMatchObject({
      code: 'CONNECTION_FAILED',
      message: `Cannot open 127.0.0.1:${port}/books: no server listens on 127.0.0.1:${port}`,
    });
    const local = await failure(open(`postgres://localhost:${port}/books`));
    expect(local.message).toBe(`Cannot open localhost:${port}/books: no server listens on localhost:${port}`);
  });

  test('a host that nobody knows says so in one line', async () => {
    const error = await failure(open('postgres://ada:s3cret@no-such-host.invalid/books'));
    expect(error).toMatchObject({ code: 'CONNECTION_FAILED' });
    expect(error.message).toMatch(
      /^Cannot open no-such-host\.invalid:5432\/books: the host 'no-such-host\.invalid' is not known$/,
    );
  });

  test('a folder without a socket says so in one line', async () => {
    const error = await failure(open('postgres:///books?host=/nowhere&port=99'));
    expect(error.message).toBe('Cannot open /nowhere:99/books: there is no socket /nowhere/.s.PGSQL.99');
  });

  test('a server that is silent is given up in time', async () => {
    const sockets = new Set<net.Socket>();
    const server = net.createServer((socket) => sockets.add(socket));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as net.AddressInfo;
    const error = await failure(open(`postgres://127.0.0.1:${port}/books?connect_timeout=1`));
    expect(error.message).toBe(
      `Cannot open 127.0.0.1:${port}/books: 127.0.0.1:${port} gave no answer within 1 s`,
    );
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });

  test('what is no PostgreSQL server says so', async () => {
    const server = net.createServer((socket) => socket.resume().end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as net.AddressInfo;
    expect(await failure(open(`postgres://ada:s3cret@127.0.0.1:${port}/b`))).toMatchObject({
      code: 'CONNECTION_FAILED',
    });
    await new Promise((resolve) => server.close(resolve));
  });

  test('with a user that is none, or a wrong password, is told without the password', async () => {
    const url = new URL(place.url);
    url.username = 'nobody_here';
    url.password = 's3cret';
    const error = await failure(open(url.toString()));
    expect(error.code).toBe('CONNECTION_FAILED');
    expect(error.message).toMatch(/nobody_here/);
    expect(JSON.stringify([error, error.message, error.stack])).not.toContain('s3cret');
  });

  test('takes TLS where it can be had, and insists on it where it must', async () => {
    const url = new URL(place.url);
    url.search = '?sslmode=prefer';
    const database = await open(url.toString());
    await database.close();
    url.search = '?sslmode=require';
    expect(await failure(open(url.toString()))).toMatchObject({ code: 'CONNECTION_FAILED' });
    url.search = '?sslmode=verify-full&sslrootcert=/nowhere/ca.pem';
    expect((await failure(open(url.toString()))).message).toMatch(
      /certificate cannot be read.*\/nowhere\/ca\.pem/,
    );
  });

  test('takes the application name and options of the URL', async () => {
    const url = `${place.url}?application_name=my%20app&options=-c%20statement_timeout%3D12345`;
    const database = await open(url);
    const lease = await database.acquire('read');
    expect(
      await lease.connection.queryArrays(
        "SELECT current_setting('application_name'), current_setting('statement_timeout')",
      ),
    ).toEqual([['my app', '12345ms']]);
    lease.release();
    await database.close();
  });
});

describe('a session', () => {
  test('means the same whatever the defaults of the database are', async () => {
    const name = new URL(place.url).pathname.slice(1);
    const settings = {
      timezone: "'America/New_York'",
      datestyle: "'SQL, DMY'",
      intervalstyle: 'iso_8601',
      standard_conforming_strings: 'off',
      bytea_output: 'escape',
      extra_float_digits: '0',
      array_nulls: 'off',
      transform_null_equals: 'on',
      quote_all_identifiers: 'on',
      client_encoding: 'LATIN1',
    };
    for (const [setting, value] of Object.entries(settings)) {
      await elsewhere(`ALTER DATABASE "${name}" SET ${setting} = ${value}`);
    }
    const database = await place.open();
    const lease = await database.acquire('read');
    const [row] = await lease.connection.queryArrays(`
      SELECT timestamptz '2024-01-02 03:04:05+00', interval '1 day 1 hour', 'a\\b', '\\x00ff'::bytea, 0.1::float8 + 0.2::float8,
             '{NULL}'::text[] IS NOT DISTINCT FROM ARRAY[NULL::text], NULL = NULL, quote_ident('a'), '01/02/2024'::date, 'é\u{1f600}'`);
    expect(row).toEqual([
      '2024-01-02 03:04:05+00',
      '1 day 01:00:00',
      'a\\b',
      Buffer.from([0, 255]),
      0.30000000000000004,
      true,
      null,
      'a',
      '2024-01-02',
      'é\u{1f600}',
    ]);
    lease.release();
    await elsewhere(`ALTER DATABASE "${name}" RESET ALL`);
  });

  test('is as it was when it comes back to the pool', async () => {
    const database = await place.open({ maxConnections: 1 });
    const first = await database.acquire('write');
    await first.connection.script('CREATE TABLE public.kept (a int)');
    const spoil = [
      "SET TimeZone = 'Asia/Tokyo'",
      "SELECT set_config('statement_timeout', '77', false)",
      'SET ROLE NONE',
      'SELECT pg_advisory_lock(4711)',
      'LISTEN something',
      'CREATE TEMP TABLE kept (b int)',
      'PREPARE mine AS SELECT 1',
    ];
    for (const sql of spoil) await first.connection.run(sql);
    first.release();
    const second = await database.acquire('write');
    const [row] = await second.connection.queryArrays(`
      SELECT current_setting('TimeZone'), current_setting('statement_timeout'), (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()),
             (SELECT count(*) FROM pg_listening_channels()), (SELECT attname FROM pg_attribute WHERE attrelid = 'kept'::regclass AND attnum = 1)::text`);
    expect(row).toEqual(['UTC', '0', 0, 0, 'a']);
    second.release();
    const third = await database.acquire('write');
    await third.connection.run('BEGIN');
    await third.connection.run('SET LOCAL TimeZone = 8');
    await third.connection.run('INSERT INTO kept VALUES (1)');
    third.release();
    const fourth = await database.acquire('write');
    expect(fourth.connection.inTransaction).toBe(false);
    expect(
      await fourth.connection.queryArrays("SELECT current_setting('TimeZone'), count(*) FROM kept"),
    ).toEqual([['UTC', 0]]);
    fourth.release();
  });

  test('has the schema that was asked for in front', async () => {
    const schema = 'odd "sch\\ema\'';
    const at = async (mode: 'create' | 'existing') => {
      const database = await place.open({ mode, schema });
      const lease = await database.acquire('write');
      const [row] = await lease.connection.queryArrays(
        "SELECT current_schema()::text, current_setting('search_path')",
      );
      return { row, lease, database };
    };
    const missing = await at('existing');
    expect(missing.row?.[0]).toBeNull();
    const error = await failure(missing.lease.connection.run('CREATE TABLE somewhere (a int)'));
    expect(error).toMatchObject({
      code: 'QUERY_FAILED',
      message: expect.stringMatching(/search_path names no schema that exists/),
    });
    const made = await at('create');
    expect(made.row).toEqual([schema, '"odd ""sch\\ema\'", public']);
    await made.lease.connection.run("SET TimeZone = '+1'");
    made.lease.release();
    const again = await made.database.acquire('write');
    expect(await again.connection.queryArrays('SELECT current_schema()::text')).toEqual([[schema]]);
    expect((await at('existing')).row?.[0]).toBe(schema);
  });
});

describe('leases', () => {
  test('are served first in, first out, and are never more than allowed', async () => {
    const database = await place.open({ maxConnections: 2 });
    const [a, b] = [await database.acquire('write'), await database.acquire('read')];
    expect(database.tryAcquire?.('read')).toBeUndefined();
    const order: string[] = [];
    const wait = async (name: string) => {
      const lease = await database.acquire('write');
      order.push(name);
      return lease;
    };
    const waiting = [wait('first'), wait('second'), wait('third')];
    b.release();
    const first = await waiting[0];
    expect(database.tryAcquire?.('read')).toBeUndefined();
    a.release();
    a.release();
    await waiting[1];
    expect(order).toEqual(['first', 'second']);
    first?.release();
    await waiting[2];
    expect(order).toEqual(['first', 'second', 'third']);
    const [count] = await elsewhere(
      'SELECT count(*)::int FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
    );
    // Two here, and the one that all tests share.
    expect(count).toEqual({ count: 3 });
  });

  test('are to be had at once where a connection is idle', async () => {
    const database = await place.open();
    const lease = database.tryAcquire?.('read');
    expect(lease).toBeDefined();
    expect(await lease?.connection.queryArrays('SELECT 1')).toEqual([[1]]);
    lease?.release();
  });

  test('are of no use when they were given back', async () => {
    const database = await place.open();
    const lease = await database.acquire('write');
    lease.release();
    expect(lease.connection.inTransaction).toBe(false);
    expect(await failure(() => lease.connection.run('SELECT 1'))).toMatchObject({
      code: 'CONNECTION_CLOSED',
    });
  });

  test('give a connection back without the transaction that its holder left open, failed or not', async () => {
    const database = await place.open({ maxConnections: 1 });
    await place.connection.run('CREATE TABLE left_open (a int)');
    for (const last of ['INSERT INTO left_open VALUES (1)', 'SELECT 1/0']) {
      const lease = await database.acquire('write');
      await lease.connection.run('BEGIN');
      await Promise.resolve(lease.connection.run(last)).catch(() => {});
      lease.release();
      const next = await database.acquire('write');
      expect(next.connection.inTransaction).toBe(false);
      expect(await next.connection.queryArrays('SELECT count(*) FROM left_open')).toEqual([[0]]);
      next.release();
    }
  });

  test('wait for what a former holder has not awaited', async () => {
    const database = await place.open({ maxConnections: 1 });
    const lease = await database.acquire('write');
    const late = lease.connection.queryArrays('SELECT pg_sleep(0.05), 1');
    lease.release();
    const next = await database.acquire('write');
    expect(await next.connection.queryArrays('SELECT 2')).toEqual([[2]]);
    expect(await late).toEqual([['', 1]]);
    next.release();
  });
});

describe('a connection that breaks', () => {
  const kill = (pid: unknown) => elsewhere('SELECT pg_terminate_backend($1)', [pid]);
  const pidOf = async (lease: {
    connection: { queryArrays(sql: string): PromiseLike<unknown[][]> | unknown[][] };
  }) => (await lease.connection.queryArrays('SELECT pg_backend_pid()'))[0]?.[0];

  test('under a statement is told as lost, and replaced', async () => {
    const database = await place.open({ maxConnections: 1 });
    const lease = await database.acquire('write');
    const pid = await pidOf(lease);
    const statement = failure(lease.connection.run('SELECT pg_sleep(30)'));
    while (
      !(await elsewhere("SELECT 1 FROM pg_stat_activity WHERE pid = $1 AND state = 'active'", [pid])).length
    );
    await kill(pid);
    expect(await statement).toMatchObject({ code: 'CONNECTION_LOST' });
    expect(await failure(lease.connection.run('SELECT 1'))).toMatchObject({ code: 'CONNECTION_LOST' });
    const waiting = database.acquire('write');
    lease.release();
    const next = await waiting;
    expect(await pidOf(next)).not.toBe(pid);
    next.release();
  });

  test('in an open transaction is told by the next statement', async () => {
    const database = await place.open();
    const lease = await database.acquire('write');
    await lease.connection.run('BEGIN');
    await kill(await pidOf(lease));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(lease.connection.inTransaction).toBe(true);
    expect(await failure(lease.connection.run('COMMIT'))).toMatchObject({ code: 'CONNECTION_LOST' });
    lease.release();
  });

  test('while it is idle is not handed out', async () => {
    const database = await place.open();
    const lease = await database.acquire('write');
    const pid = await pidOf(lease);
    lease.release();
    await kill(pid);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const next = await database.acquire('write');
    expect(await pidOf(next)).not.toBe(pid);
    next.release();
  });
});

describe('closing', () => {
  test('turns away who waits and who holds, and is done twice as well as once', async () => {
    const database = await place.open({ maxConnections: 1 });
    const lease = await database.acquire('write');
    await lease.connection.run('BEGIN');
    const running = failure(lease.connection.run('SELECT pg_sleep(30)'));
    const waiting = failure(database.acquire('read'));
    await database.close();
    await database.close();
    for (const error of [
      await running,
      await waiting,
      await failure(() => lease.connection.run('SELECT 1')),
    ]) {
      expect(error.code).toBe('CONNECTION_CLOSED');
    }
    expect(await failure(async () => database.tryAcquire?.('read'))).toMatchObject({
      code: 'CONNECTION_CLOSED',
    });
    expect(await failure(database.acquire('read'))).toMatchObject({ code: 'CONNECTION_CLOSED' });
    lease.release();
  });

  test('ends what it interrupts on the server as well', async () => {
    await place.connection.run('CREATE TABLE held (a int)');
    const database = await place.open();
    const lease = await database.acquire('write');
    await lease.connection.run('BEGIN');
    await lease.connection.run('LOCK TABLE held');
    await database.close();
    await place.connection.run("SET lock_timeout = '5s'");
    expect(await place.connection.run('DROP TABLE held')).toEqual({ changes: 0 });
    await place.connection.run('RESET lock_timeout');
  });
});

describe('too many connections', () => {
  test('are waited for where we have one ourselves', async () => {
    const name = new URL(place.url).pathname.slice(1);
    await elsewhere('CREATE ROLE few LOGIN CONNECTION LIMIT 1');
    await elsewhere(`GRANT CONNECT ON DATABASE "${name}" TO few`);
    const url = new URL(place.url);
    url.username = 'few';
    const database = await place.open({ url: url.toString(), maxConnections: 3 });
    const lease = await database.acquire('read');
    const second = database.acquire('read');
    expect(await settled(second)).toBe(false);
    lease.release();
    (await second).release();
    await database.close();
    await elsewhere(`REVOKE CONNECT ON DATABASE "${name}" FROM few`);
    await elsewhere('DROP ROLE few');
  });
});
