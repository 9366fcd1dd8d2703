import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import Native from 'better-sqlite3';
import type { Connection, Database } from '../../../src/dialects/contract.js';
import { codeOf, errorOf, makeFolder, open } from './support.js';

const root = process.getuid?.() === 0;
const NOBODY = 65_534;

async function pragma(database: Database, name: string): Promise<unknown> {
  const lease = await database.acquire('write');
  const [row] = await lease.connection.queryArrays(`PRAGMA ${name}`);
  lease.release();
  return row?.[0];
}

/** A file in WAL or rollback mode with one row, all its connections closed. */
function makeFile(folder: string, mode: 'wal' | 'delete'): string {
  const file = path.join(folder, `${mode}.db`);
  const native = new Native(file);
  native.pragma(`journal_mode = ${mode}`);
  native.exec('CREATE TABLE t (a); INSERT INTO t VALUES (1)');
  native.close();
  return file;
}

describe('opening', () => {
  test('a new file is made, in WAL mode, with foreign keys on and no busy handler', async () => {
    const file = path.join(makeFolder(), 'a b.db');
    const database = await open(`sqlite:${file}`);
    expect(existsSync(file)).toBe(true);
    expect(await pragma(database, 'journal_mode')).toBe('wal');
    expect(await pragma(database, 'foreign_keys')).toBe(1);
    expect(await pragma(database, 'busy_timeout')).toBe(0);
    expect(await pragma(database, 'synchronous')).toBe(1);
    await database.close();
    expect(readdirSync(path.dirname(file))).toEqual(['a b.db']);
  });

  test('a database in memory is one of its own', async () => {
    const [a, b] = [await open('sqlite::memory:'), await open('sqlite::memory:', 'existing')];
    await (await a.acquire('write')).connection.script('CREATE TABLE t (a)');
    expect(await (await b.acquire('write')).connection.query('SELECT * FROM sqlite_schema')).toEqual([]);
  });

  test.each(['existing', 'inspect'] as const)('%s makes no file', async (mode) => {
    const folder = makeFolder();
    const error = await errorOf(() => open(`sqlite:${folder}/typo.db`, mode));
    expect(error.code).toBe('DATABASE_MISSING');
    expect(error.message).toContain('typo.db');
    expect(readdirSync(folder)).toEqual([]);
  });

  test.each(['create', 'existing', 'inspect'] as const)('%s names what is no database', async (mode) => {
    const folder = makeFolder();
    mkdirSync(path.join(folder, 'folder.db'));
    writeFileSync(path.join(folder, 'text.db'), 'this is only a text, '.repeat(20));
    writeFileSync(path.join(folder, 'short.db'), 'short');
    const codeFor = (file: string): Promise<string> => codeOf(() => open(`sqlite:${folder}/${file}`, mode));
    expect(await codeFor('folder.db')).toBe('CONNECTION_FAILED');
    expect(await codeFor('text.db')).toBe('DATABASE_CORRUPT');
    expect(await codeFor('short.db')).toBe('DATABASE_CORRUPT');
    expect(['CONNECTION_FAILED', 'DATABASE_MISSING']).toContain(await codeFor('text.db/below.db'));
    expect(readFileSync(path.join(folder, 'short.db'), 'utf8')).toBe('short');
    if (existsSync('/dev/null'))
      expect(await codeOf(() => open('sqlite:/dev/null', mode))).toBe('CONNECTION_FAILED');
  });

  test('a folder that does not exist is named', async () => {
    const error = await errorOf(() => open(`sqlite:${makeFolder()}/none/x.db`));
    expect(error.code).toBe('CONNECTION_FAILED');
    expect(error.message).toMatch(/folder .*none does not exist/);
  });

  test.each(['create', 'existing', 'inspect'] as const)('%s takes an empty file', async (mode) => {
    const file = path.join(makeFolder(), 'empty.db');
    writeFileSync(file, '');
    const { connection } = await (await open(`sqlite:${file}`, mode)).acquire('read');
    expect(await connection.query('SELECT * FROM sqlite_schema')).toEqual([]);
    if (mode === 'inspect') expect(readFileSync(file).length).toBe(0);
  });

  test('a file that may not be read is named', async () => {
    const folder = makeFolder();
    const file = makeFile(folder, 'delete');
    chmodSync(folder, 0o755);
    chmodSync(file, 0);
    // Nothing is closed to root, so root steps down for as long as it asks.
    if (root) process.seteuid?.(NOBODY);
    try {
      expect(await codeOf(() => open(`sqlite:${file}`, 'inspect'))).toBe('CONNECTION_FAILED');
    } finally {
      if (root) process.seteuid?.(0);
    }
  });

  test('another connection that reads all the time only costs the WAL mode', async () => {
    const file = makeFile(makeFolder(), 'delete');
    const native = new Native(file);
    const rows = native.prepare('SELECT * FROM t').iterate();
    rows.next();
    const database = await open(`sqlite:${file}`);
    expect(await pragma(database, 'journal_mode')).toBe('delete');
    expect(await pragma(database, 'synchronous')).toBe(2);
    rows.return?.();
    native.close();
  });

  test('the driver is named where it is missing, with the line that installs it', () => {
    // In a process of its own, where a package cannot be found.
    const script = `
      const Module = require('node:module');
      const load = Module._load;
      Module._load = (name, ...rest) => {
        if (name !== 'better-sqlite3') return load(name, ...rest);
        throw Object.assign(new Error("Cannot find module 'better-sqlite3'"), { code: 'MODULE_NOT_FOUND' });
      };
      const { openSqlite } = require(${JSON.stringify(path.resolve('src/dialects/sqlite/database.ts'))});
      openSqlite({ url: 'sqlite::memory:', mode: 'create' }, {}).catch((e) => console.log(e.code, '|', e.hint));
    `;
    const { stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', '-e', script], {
      encoding: 'utf8',
    });
    expect(stdout || stderr).toBe('DRIVER_MISSING | Install it: npm install better-sqlite3\n');
  });
});

describe('inspecting', () => {
  test('finds the log of a crashed process beside the file that a link names', async () => {
    const folder = makeFolder();
    mkdirSync(path.join(folder, 'real'));
    const file = makeFile(path.join(folder, 'real'), 'wal');
    const script = `const db = new (require(${JSON.stringify(require.resolve('better-sqlite3'))}))(${JSON.stringify(file)});
      db.exec('INSERT INTO t VALUES (2)');
      process.kill(process.pid, 'SIGKILL');`;
    spawnSync(process.execPath, ['-e', script]);
    const log = readFileSync(`${file}-wal`);
    expect(log.length).toBeGreaterThan(0);
    symlinkSync(file, path.join(folder, 'link.db'));
    const database = await open(`sqlite:${folder}/link.db`, 'inspect');
    const { connection } = await database.acquire('read');
    expect(await connection.query('SELECT a FROM t')).toEqual([{ a: 1 }, { a: 2 }]);
    await database.close();
    expect(readFileSync(`${file}-wal`).equals(log)).toBe(true);
  });

  test.each(['wal', 'delete'] as const)(
    'changes nothing of a database in %s mode, nor beside it',
    async (mode) => {
      const folder = makeFolder();
      const file = makeFile(folder, mode);
      const before = readFileSync(file);
      const database = await open(`sqlite:${file}`, 'inspect');
      const { connection } = await database.acquire('read');
      expect(await connection.query('SELECT a FROM t')).toEqual([{ a: 1 }]);
      expect(await codeOf(() => connection.run('INSERT INTO t VALUES (2)'))).toBe('DATABASE_READONLY');
      expect(await codeOf(() => connection.script('CREATE TABLE u (a)'))).toBe('DATABASE_READONLY');
      await database.close();
      expect(readFileSync(file).equals(before)).toBe(true);
      expect(readdirSync(folder)).toEqual([path.basename(file)]);
    },
  );

  test('reads what a killed process has left in the log, and leaves it there', async () => {
    const folder = makeFolder();
    const file = makeFile(folder, 'wal');
    const native = new Native(file);
    native.exec('INSERT INTO t VALUES (2)');
    // A copy of an open database is what a killed process leaves behind.
    const left = path.join(folder, 'left');
    mkdirSync(left);
    for (const name of ['wal.db', 'wal.db-wal']) cpSync(path.join(folder, name), path.join(left, name));
    native.close();
    const [main, log] = ['wal.db', 'wal.db-wal'].map((name) => readFileSync(path.join(left, name)));
    const database = await open(`sqlite:${left}/wal.db`, 'inspect');
    const { connection } = await database.acquire('read');
    expect(await connection.query('SELECT count(*) AS n FROM t')).toEqual([{ n: 2 }]);
    await database.close();
    expect(readFileSync(path.join(left, 'wal.db')).equals(main as Buffer)).toBe(true);
    expect(readFileSync(path.join(left, 'wal.db-wal')).equals(log as Buffer)).toBe(true);
  });

  test('rolls back the journal of a killed writer, for nobody can read before', async () => {
    const folder = makeFolder();
    const file = makeFile(folder, 'delete');
    const native = new Native(file);
    native.pragma('cache_size = 1');
    native.pragma('cache_spill = 1');
    native.exec(
      'BEGIN; UPDATE t SET a = 2; INSERT INTO t SELECT zeroblob(3000) FROM (VALUES (1),(2),(3),(4),(5),(6),(7),(8),(9))',
    );
    const left = path.join(folder, 'left');
    mkdirSync(left);
    for (const name of readdirSync(folder).filter((each) => each.startsWith('delete.db'))) {
      cpSync(path.join(folder, name), path.join(left, name));
    }
    native.close();
    const { connection } = await (await open(`sqlite:${left}/delete.db`, 'inspect')).acquire('read');
    expect(await connection.query('SELECT a FROM t')).toEqual([{ a: 1 }]);
  });

  test('sees what another connection writes meanwhile', async () => {
    const file = makeFile(makeFolder(), 'wal');
    const inspector = (await (await open(`sqlite:${file}`, 'inspect')).acquire('read')).connection;
    const writer = (await (await open(`sqlite:${file}`)).acquire('write')).connection;
    await writer.run('INSERT INTO t VALUES (2)');
    expect(await inspector.query('SELECT count(*) AS n FROM t')).toEqual([{ n: 2 }]);
  });
});

describe('leases', () => {
  const next = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

  test.each(['sqlite::memory:', 'file'])('writers of %s queue first in, first out', async (kind) => {
    const database = await open(kind === 'file' ? `sqlite:${makeFolder()}/q.db` : kind);
    const order: string[] = [];
    const first = await database.acquire('write');
    const others = ['a', 'b', 'c'].map(async (name) => {
      const lease = await database.acquire('write');
      order.push(name);
      await next();
      order.push(name);
      lease.release();
      lease.release();
    });
    expect(database.tryAcquire?.('write')).toBeUndefined();
    await next();
    expect(order).toEqual([]);
    first.release();
    await Promise.all(others);
    expect(order).toEqual(['a', 'a', 'b', 'b', 'c', 'c']);
  });

  test('reads of a file go on beside a transaction and see what is committed', async () => {
    const database = await open(`sqlite:${makeFolder()}/r.db`);
    const writer = await database.acquire('write');
    await writer.connection.script('CREATE TABLE t (a); BEGIN IMMEDIATE; INSERT INTO t VALUES (1)');
    const reader = database.tryAcquire?.('read');
    const { connection } = reader as { connection: Connection };
    expect(await connection.query('SELECT * FROM t')).toEqual([]);
    expect(await codeOf(() => connection.run('INSERT INTO t VALUES (2)'))).toBe('DATABASE_READONLY');
    await writer.connection.run('COMMIT');
    expect(await connection.query('SELECT * FROM t')).toEqual([{ a: 1 }]);
    reader?.release();
  });

  test('a reader keeps its snapshot to itself', async () => {
    const database = await open(`sqlite:${makeFolder()}/s.db`);
    const writer = await database.acquire('write');
    await writer.connection.script('CREATE TABLE t (a)');
    const [old, fresh] = [await database.acquire('read'), await database.acquire('read')];
    await old.connection.run('BEGIN');
    await old.connection.query('SELECT * FROM t');
    await writer.connection.run('INSERT INTO t VALUES (1)');
    expect(await old.connection.query('SELECT * FROM t')).toEqual([]);
    expect(await fresh.connection.query('SELECT * FROM t')).toEqual([{ a: 1 }]);
    old.release();
    const again = await database.acquire('read');
    expect(again.connection.inTransaction).toBe(false);
    expect(await again.connection.query('SELECT * FROM t')).toEqual([{ a: 1 }]);
  });

  test('no more readers than a few are opened; the next waits for one', async () => {
    const database = await open(`sqlite:${makeFolder()}/m.db`);
    const leases = await Promise.all([1, 2, 3, 4].map(() => database.acquire('read')));
    expect(new Set(leases.map((lease) => lease.connection)).size).toBe(4);
    const fifth = database.acquire('read');
    leases[2]?.release();
    expect((await fifth).connection).toBe(leases[2]?.connection);
  });

  test('in memory a read waits for the transaction that is open', async () => {
    const database = await open('sqlite::memory:');
    const writer = await database.acquire('write');
    await writer.connection.script('CREATE TABLE t (a); BEGIN; INSERT INTO t VALUES (1)');
    expect(database.tryAcquire?.('read')).toBeUndefined();
    const read = database.acquire('read').then(async (lease) => lease.connection.query('SELECT * FROM t'));
    await next();
    await writer.connection.run('ROLLBACK');
    writer.release();
    expect(await read).toEqual([]);
  });

  test('a transaction left open is undone before the next holder comes', async () => {
    const database = await open('sqlite::memory:');
    const first = await database.acquire('write');
    await first.connection.script('CREATE TABLE t (a); BEGIN; INSERT INTO t VALUES (1)');
    first.release();
    const second = await database.acquire('write');
    expect(second.connection.inTransaction).toBe(false);
    expect(await second.connection.query('SELECT * FROM t')).toEqual([]);
  });

  test('closing turns away who waits, twice does no harm, and used connections say so', async () => {
    const database = await open(`sqlite:${makeFolder()}/c.db`);
    const { connection, release } = await database.acquire('write');
    const waiting = codeOf(() => database.acquire('write'));
    await connection.query('SELECT 1');
    await database.close();
    await database.close();
    expect(await waiting).toBe('CONNECTION_CLOSED');
    expect(await codeOf(() => database.acquire('read'))).toBe('CONNECTION_CLOSED');
    expect(await codeOf(() => database.tryAcquire?.('read'))).toBe('CONNECTION_CLOSED');
    expect(await codeOf(() => connection.query('SELECT 1'))).toBe('CONNECTION_CLOSED');
    expect(await codeOf(() => connection.run('SELECT 2'))).toBe('CONNECTION_CLOSED');
    expect(await codeOf(() => connection.script('SELECT 3'))).toBe('CONNECTION_CLOSED');
    expect(connection.inTransaction).toBe(false);
    expect(release).toBeDefined();
  });

  test('an open database does not keep the process alive', () => {
    const script = `
      const { openSqlite } = require(${JSON.stringify(path.resolve('src/dialects/sqlite/database.ts'))});
      openSqlite({ url: 'sqlite:${makeFolder()}/x.db', mode: 'create' }, {}).then(async (d) => {
        await d.acquire('write'); await d.acquire('read'); console.log('open');
      });
    `;
    const result = spawnSync(process.execPath, ['--import', 'tsx', '-e', script], {
      encoding: 'utf8',
      timeout: 15_000,
    });
    expect({ out: result.stdout, status: result.status }).toEqual({ out: 'open\n', status: 0 });
  });
});

describe('snapshots', () => {
  test.each(['sqlite::memory:', 'file'])('of %s open again and again, with keys going on', async (kind) => {
    const database = await open(kind === 'file' ? `sqlite:${makeFolder()}/s.db` : kind);
    const lease = await database.acquire('write');
    await lease.connection.script(`
      CREATE TABLE t (id integer PRIMARY KEY AUTOINCREMENT, a);
      INSERT INTO t (a) VALUES ('x'), ('y'); DELETE FROM t WHERE id = 2`);
    lease.release();
    const snapshot = await (database.snapshot as () => ReturnType<NonNullable<Database['snapshot']>>)();
    for (let i = 0; i < 2; i++) {
      const copy = await snapshot.open();
      const { connection } = await copy.acquire('write');
      expect(await connection.run("INSERT INTO t (a) VALUES ('z')")).toEqual({ changes: 1, lastInsertId: 3 });
      expect(await connection.queryArrays('PRAGMA foreign_keys')).toEqual([[1]]);
      await copy.close();
    }
    await snapshot.discard();
    expect(await codeOf(() => snapshot.open())).toBe('CONNECTION_CLOSED');
  });
});
