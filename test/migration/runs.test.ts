/** Runs from code: what an application's connection, a script and somebody else's run must not suffer. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Native from 'better-sqlite3';
import type { MigrationEvent } from '../../src/index';
import { DataSource, migrations, sql } from '../../src/index';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

type Step = (op: never) => unknown;

/** What the files below call, by revision: a test's own functions, with all that they close over. */
const steps = new Map<string, { readonly upgrade?: Step; readonly downgrade?: Step }>();
(globalThis as { limbeckSteps?: unknown }).limbeckSteps = steps;

interface Revision {
  readonly down?: string;
  readonly upgrade?: (op: any) => unknown;
  readonly downgrade?: (op: any) => unknown;
}

/** A project in a folder of its own, whose revisions are functions of the test. */
function project(revisions: Readonly<Record<string, Revision>>, name = 'limbeck-runs-') {
  const folder = mkdtempSync(path.join(tmpdir(), name));
  folders.push(folder);
  mkdirSync(path.join(folder, 'migrations'));
  for (const [id, { down, ...functions }] of Object.entries(revisions)) {
    const key = `${folder}/${id}`;
    steps.set(key, functions as { upgrade?: Step; downgrade?: Step });
    const call = (direction: string): string =>
      `exports.${direction} = (op) => globalThis.limbeckSteps.get(${JSON.stringify(key)}).${direction}?.(op);`;
    const text = `exports.revision = '${id}';\nexports.downRevision = ${down === undefined ? 'null' : `'${down}'`};\n`;
    writeFileSync(
      path.join(folder, 'migrations', `${id}.js`),
      `${text}${call('upgrade')}\n${call('downgrade')}\n`,
    );
  }
  const file = path.join(folder, 'app.db');
  const config = { url: `sqlite:${file}`, migrations: path.join(folder, 'migrations'), entities: [] };
  return { config, file };
}

const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'nothing was thrown',
    (cause: { code?: string; message?: string }) => cause.code ?? cause.message,
  );

const makeTable =
  (name: string) =>
  (op: any): unknown =>
    op.createTable(name, { columns: { a: { type: 'integer', nullable: true } } });
const dropTable =
  (name: string) =>
  (op: any): unknown =>
    op.dropTable(name);

describe('on a data source', () => {
  test('the database is the one that is open when a command runs', async () => {
    const { config } = project({ aa: { upgrade: makeTable('t') } });
    const db = new DataSource({ ...config, url: 'sqlite::memory:' });
    const early = migrations(db);
    await db.initialize();
    await early.upgrade('head');
    expect(await db.query('SELECT count(*) AS rows FROM t')).toEqual([{ rows: 0 }]);
    await db.destroy();
  });

  test.each(['sqlite::memory:', undefined])('they are refused inside a transaction (%s)', async (url) => {
    const { config } = project({ aa: { upgrade: makeTable('t') } });
    const db = new DataSource({ ...config, url: url ?? config.url });
    await db.initialize();
    const m = migrations(db);
    expect(await codeOf(db.transaction(() => m.upgrade('head')))).toBe('SCHEMA_IN_TRANSACTION');
    expect(await codeOf(db.transaction(() => m.current()))).toBe('SCHEMA_IN_TRANSACTION');
    expect((await m.upgrade('head')).heads).toEqual(['aa']);
    await db.destroy();
  });

  test('a lock that was not to be had leaves foreign keys on', async () => {
    const { config, file } = project({ aa: { upgrade: makeTable('t') } });
    const db = new DataSource({ ...config, lockTimeoutMs: 50 });
    await db.initialize();
    const other = new Native(file);
    other.exec('BEGIN IMMEDIATE');
    expect(await codeOf(db.dropSchema())).toBe('LOCK_TIMEOUT');
    expect(await codeOf(migrations(db).ensureVersion())).toBe('LOCK_TIMEOUT');
    other.exec('ROLLBACK');
    other.close();
    expect(await db.query('PRAGMA foreign_keys')).toEqual([{ foreign_keys: 1 }]);
    expect(await db.query('PRAGMA synchronous')).toEqual([{ synchronous: 1 }]);
    await db.destroy();
  });
});

describe('data steps', () => {
  test('an array in SQL is a list, so that NOT IN spares what it names', async () => {
    const left: unknown[] = [];
    const { config } = project({
      aa: {
        upgrade: async (op) => {
          op.execute('CREATE TABLE t (a)');
          op.execute('INSERT INTO t VALUES (1), (2), (3)');
          await op.execute(sql`DELETE FROM t WHERE a NOT IN (${[1, 2]})`);
          await op.execute(sql`DELETE FROM t WHERE a IN (${[]})`);
          left.push(...(await op.query(sql`SELECT a FROM t WHERE a > ${0} AND a IN (${[1, 2]}) ORDER BY a`)));
        },
      },
    });
    await migrations(config).upgrade('head');
    expect(left).toEqual([{ a: 1 }, { a: 2 }]);
  });

  test('a script stores what the run stores', async () => {
    const columns = {
      a: { type: 'integer', default: 7 },
      j: { type: 'json', nullable: true },
      s: { type: 'simple-array', nullable: true },
      d: { type: 'decimal', precision: 5, scale: 2, nullable: true },
      n: { type: 'bigint', nullable: true },
    };
    const rows = [
      {},
      { a: undefined, j: 'text', s: ['x', 'y'], d: '1.50' },
      { a: 1, j: null, n: 9007199254740993n },
    ];
    const { config, file } = project({
      aa: {
        upgrade: async (op) => {
          op.createTable('t', { columns });
          await op.bulkInsert('t', rows);
          await op.execute(sql`DELETE FROM t WHERE a IN (${[8, 9]}) -- none of them`);
        },
      },
    });
    const { sql: script = '' } = await migrations(config).upgrade('head', { sql: true });
    await migrations(config).upgrade('head');
    const read = (native: Native.Database): unknown => {
      const found = native.prepare('SELECT *, typeof(d) FROM t').safeIntegers(true).all();
      native.close();
      return found;
    };
    const scripted = new Native(':memory:');
    scripted.exec(script);
    const wanted = read(new Native(file));
    expect(wanted).toHaveLength(3);
    expect(read(scripted)).toEqual(wanted);
  });

  test('many rows cost no look at every table each', async () => {
    const { config } = project({
      aa: {
        upgrade: async (op) => {
          for (let i = 0; i < 60; i++) makeTable(`t${i}`)(op);
          await op.bulkInsert(
            't0',
            Array.from({ length: 20_000 }, (_, a) => ({ a })),
          );
        },
      },
    });
    const start = performance.now();
    await migrations(config).upgrade('head');
    // It took half a second a column on the machine that takes a tenth now.
    expect(performance.now() - start).toBeLessThan(2000);
  });

  test('transaction control is found behind any number of comments, at once', async () => {
    const { config } = project({
      aa: { upgrade: (op) => op.execute(`${'/**/'.repeat(200_000)}SELECT 1`) },
      bb: { down: 'aa', upgrade: (op) => op.execute('/* a * b */ -- c\n; COMMIT') },
    });
    await migrations(config).upgrade('aa');
    expect(await codeOf(migrations(config).upgrade('bb'))).toBe('TRANSACTION_LEFT');
  });

  test('one that nobody awaited is reported with its place, blanks in the path or not', async () => {
    const { config } = project({ aa: { upgrade: makeTable('t') } }, 'limbeck (a) runs-');
    const file = path.join(config.migrations, 'bb.js');
    writeFileSync(
      file,
      "exports.revision = 'bb';\nexports.downRevision = 'aa';\nexports.upgrade = (op) => { op.execute('SELECT 1'); };\nexports.downgrade = () => {};\n",
    );
    const events: MigrationEvent[] = [];
    await migrations(config, { onEvent: (event) => events.push(event) }).upgrade('head');
    const [warning] = events.flatMap((event) => (event.kind === 'warning' ? [event.text] : []));
    expect(warning).toContain(`The data step at ${file}:3:`);
  });
});

/**
 * Moves the version rows as another process would, as soon as the lock is free: between two revisions of a
 * run, which goes on in microtasks alone.
 */
async function whenLockIsFree(file: string, statement: string): Promise<void> {
  const other = new Native(file, { timeout: 0 });
  for (let tries = 0; tries < 10_000; tries++) {
    try {
      other.exec(`BEGIN IMMEDIATE; ${statement}; COMMIT`);
      break;
    } catch {
      await null;
    }
  }
  other.close();
}

describe('somebody else moves the rows meanwhile', () => {
  const branches = (between: () => void): Record<string, Revision> => ({
    aa: { upgrade: makeTable('aa'), downgrade: dropTable('aa') },
    a2: { down: 'aa', upgrade: makeTable('a2'), downgrade: dropTable('a2') },
    a3: { down: 'a2', upgrade: makeTable('a3'), downgrade: dropTable('a3') },
    a4: {
      down: 'a3',
      upgrade: makeTable('a4'),
      downgrade: (op) => {
        dropTable('a4')(op);
        between();
      },
    },
    bb: { upgrade: makeTable('bb'), downgrade: dropTable('bb') },
    b2: { down: 'bb', downgrade: dropTable('b2') },
  });

  test('a relative downgrade takes back what it set out to, and no more', async () => {
    let other: Promise<void> | undefined;
    const { config, file } = project(
      branches(() => {
        other ??= whenLockIsFree(
          file,
          "UPDATE limbeck_version SET version_num = 'b2' WHERE version_num = 'bb'",
        );
      }),
    );
    const m = migrations(config);
    await m.upgrade('a4');
    await m.upgrade('bb');
    const { heads } = await m.downgrade('a4-2');
    await other;
    expect([...heads].sort()).toEqual(['a2', 'b2']);
  });

  test('a branch that another run has begun is not taken back with one that ends at base', async () => {
    let other: Promise<void> | undefined;
    const { config, file } = project(
      branches(() => {
        other ??= whenLockIsFree(file, "INSERT INTO limbeck_version VALUES ('bb')");
      }),
    );
    const m = migrations(config);
    await m.upgrade('a4');
    const { heads } = await m.downgrade('a4-4');
    await other;
    expect(heads).toEqual(['bb']);
  });

  test('an upgrade does not bring back what another run has taken back', async () => {
    let other: Promise<void> | undefined;
    const { config, file } = project({
      aa: {
        upgrade: (op) => {
          makeTable('aa')(op);
          other ??= whenLockIsFree(file, "DELETE FROM limbeck_version WHERE version_num = 'bb'");
        },
      },
      a2: { down: 'aa', upgrade: makeTable('a2') },
      bb: { upgrade: makeTable('bb') },
    });
    const m = migrations(config);
    await m.upgrade('bb');
    const { heads } = await m.upgrade('a2');
    await other;
    expect(heads).toEqual(['a2']);
  });
});
