/** Runs from code: what an application's connection, a script and somebody else's run must not suffer. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Native from 'better-sqlite3';
import type { LogEntry, MigrationEvent, Migrations, RunResult } from '../../src/index';
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

  test.each(['sqlite::memory:', undefined])(
    'a revision that asks the data source is refused (%s)',
    async (url) => {
      const codes: unknown[] = [];
      const { config } = project({
        aa: {
          upgrade: async (op) => {
            await makeTable('t')(op);
            codes.push(
              await codeOf(db.query('INSERT INTO t VALUES (1)')),
              await codeOf(db.transaction(async () => {})),
              await codeOf(db.createSchema()),
              await codeOf(migrations(db).upgrade('head')),
            );
          },
        },
      });
      const db = new DataSource({ ...config, url: url ?? config.url });
      await db.initialize();
      let logged: Promise<unknown> | undefined;
      const log = (): void => {
        logged ??= db.query('CREATE TABLE log (a)');
      };
      await migrations(db, { onEvent: log }).upgrade('head');
      expect(codes).toEqual(Array(4).fill('DATABASE_HELD'));
      // A listener is not part of it and waits for its turn, as everybody else does.
      await logged;
      expect(await db.query('SELECT count(*) AS rows FROM log')).toEqual([{ rows: 0 }]);
      await db.destroy();
    },
  );

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

  test('transaction control is found behind any number of comments, at once', async () => {
    const { config } = project({
      aa: { upgrade: (op) => op.execute(`${'/**/'.repeat(200_000)}SELECT 1`) },
      bb: { down: 'aa', upgrade: (op) => op.execute('/* a * b */ -- c\n; COMMIT') },
    });
    await migrations(config).upgrade('aa');
    expect(await codeOf(migrations(config).upgrade('bb'))).toBe('TRANSACTION_LEFT');
  });

  test('a helper that nobody awaited is found out before the revision counts as applied', async () => {
    const fill = async (op: { query(text: string): Promise<unknown>; execute(text: string): unknown }) => {
      await op.query('SELECT 1');
      // As work between two steps does that asks no clock and no disk.
      for (let i = 0; i < 20; i++) await null;
      await op.execute('INSERT INTO t VALUES (1)');
    };
    const { config } = project({
      aa: {
        upgrade: (op) => {
          makeTable('t')(op);
          fill(op).catch(() => {});
        },
      },
    });
    expect(await codeOf(migrations(config).upgrade('head'))).toBe('OPERATION_AFTER_END');
    expect(await migrations(config).current()).toEqual([]);
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

describe('somebody else moves the rows meanwhile', () => {
  /** Runs SQL on a connection of its own, as another process would, after the COMMIT behind a call of `next()`. */
  async function betweenRevisions(
    revisions: (next: () => void) => Readonly<Record<string, Revision>>,
    statement: string,
    run: (m: Migrations) => Promise<RunResult>,
  ): Promise<readonly string[]> {
    let armed = false;
    const { config, file } = project(
      revisions(() => {
        armed = true;
      }),
    );
    const logger = (entry: LogEntry): void => {
      if (!armed || entry.kind !== 'query' || entry.sql !== 'COMMIT') return;
      armed = false;
      const other = new Native(file);
      other.exec(statement);
      other.close();
    };
    const db = new DataSource({ ...config, logger });
    await db.initialize();
    const { heads } = await run(migrations(db));
    await db.destroy();
    return [...heads].sort();
  }

  const branches = (next: () => void): Record<string, Revision> => ({
    aa: { upgrade: makeTable('aa'), downgrade: dropTable('aa') },
    a2: { down: 'aa', upgrade: makeTable('a2'), downgrade: dropTable('a2') },
    a3: { down: 'a2', upgrade: makeTable('a3'), downgrade: dropTable('a3') },
    a4: {
      down: 'a3',
      upgrade: makeTable('a4'),
      downgrade: (op) => {
        dropTable('a4')(op);
        next();
      },
    },
    bb: { upgrade: makeTable('bb'), downgrade: dropTable('bb') },
    b2: { down: 'bb' },
  });

  test('a relative downgrade takes back what it set out to, and no more', async () => {
    const moved = "UPDATE limbeck_version SET version_num = 'b2' WHERE version_num = 'bb'";
    const heads = await betweenRevisions(branches, moved, async (m) => {
      await m.upgrade('a4');
      await m.upgrade('bb');
      return m.downgrade('a4@-2');
    });
    expect(heads).toEqual(['a2', 'b2']);
  });

  test('a branch that another run has begun is not taken back with one that ends at base', async () => {
    const heads = await betweenRevisions(branches, "INSERT INTO limbeck_version VALUES ('bb')", async (m) => {
      await m.upgrade('a4');
      return m.downgrade('a4-4');
    });
    expect(heads).toEqual(['bb']);
  });

  test('an upgrade does not bring back what another run has taken back', async () => {
    const revisions = (next: () => void): Record<string, Revision> => ({
      aa: { upgrade: () => next() },
      a2: { down: 'aa' },
      bb: {},
    });
    const heads = await betweenRevisions(
      revisions,
      "DELETE FROM limbeck_version WHERE version_num = 'bb'",
      async (m) => {
        await m.upgrade('bb');
        return m.upgrade('a2');
      },
    );
    expect(heads).toEqual(['a2']);
  });
});
