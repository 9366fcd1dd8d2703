/**
 * Processes and servers that die in the middle of a change. A killed client's statement runs on in the server; a
 * killed server has undone or finished it when it comes back. Whoever runs next finishes the revision, and no data
 * step is run twice.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { DataSource } from 'limbeck';
import { canStartServer, createDatabase, isAvailable, startServer } from '../support/databases';
import { migration, type Project, useProjects } from '../support/project';

const newProject = useProjects();
const ROWS = 400_000;
const TEST_MS = 180_000;

/** A rewrite of a large table between two data steps, each of which would be seen if it ran twice. */
const REVISIONS = {
  'migrations/aa.js': migration('aa', {
    upgrade: `
  op.createTable('big', { columns: { id: { type: 'integer' }, n: { type: 'integer' } }, primaryKey: { columns: ['id'] } });
  op.createTable('counters', { columns: { n: { type: 'integer' } } });
  return op.bulkInsert('counters', [{ n: 0 }]);`,
  }),
  'migrations/bb.js': migration('bb', {
    down: 'aa',
    async: true,
    upgrade: `
  await op.execute('UPDATE counters SET n = n + 1');
  op.alterColumn('big', 'n', { type: 'bigint' });
  await op.execute('UPDATE counters SET n = n + 10');
  op.createIndex('ix_big_n', 'big', ['n']);`,
  }),
};

const SERVERS = {
  postgres: {
    rows: `INSERT INTO big SELECT i, i FROM generate_series(1, ${ROWS}) i`,
    altering:
      "SELECT count(*) AS n FROM pg_stat_activity WHERE query ILIKE 'alter table%' AND state = 'active'",
  },
  mysql: {
    rows: `INSERT INTO big WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < ${ROWS}) SELECT i, i FROM s`,
    altering: "SELECT count(*) AS n FROM information_schema.processlist WHERE info LIKE 'ALTER TABLE%'",
  },
} as const;

type Kind = keyof typeof SERVERS;

async function prepare(kind: Kind, url: string): Promise<{ project: Project; source: DataSource }> {
  const project = newProject({
    'ormconfig.js': `module.exports = { url: ${JSON.stringify(url)} };\n`,
    ...REVISIONS,
  });
  project.ok(['upgrade', 'aa']);
  const source = await new DataSource({ url }).initialize();
  if (kind === 'mysql') await source.query('SET GLOBAL max_recursive_iterations = 1000000');
  await source.query(SERVERS[kind].rows);
  return { project, source };
}

/** Waits until the server is at the rewrite. */
async function untilAltering(kind: Kind, source: DataSource): Promise<void> {
  for (let i = 0; i < 2_000; i++) {
    const [row] = await source.query<{ n: number }>(SERVERS[kind].altering);
    if (Number(row?.n) > 0) return;
    await sleep(2);
  }
  throw new Error('The rewrite was never seen.');
}

async function expectDone(project: Project, source: DataSource): Promise<void> {
  expect(await source.query('SELECT n FROM counters')).toEqual([{ n: 11 }]);
  expect(await source.query('SELECT count(*) AS n, sum(id) AS ids FROM big')).toEqual([
    { n: ROWS, ids: expect.anything() },
  ]);
  expect(project.ok(['current']).stdout).toBe('bb (head)\n');
  await source.query('INSERT INTO big VALUES (0, 9007199254740991)');
}

describe.each((Object.keys(SERVERS) as Kind[]).filter(isAvailable))('on %s', (kind) => {
  test(
    'a client is killed in the middle of a rewrite, and another one starts at once',
    async () => {
      const database = await createDatabase(kind);
      const { project, source } = await prepare(kind, database.url);
      try {
        const first = project.start(['upgrade', 'head']);
        await untilAltering(kind, source);
        first.child.kill('SIGKILL');
        await first.done;
        const second = project.run(['upgrade', 'head']);
        expect([second.status, second.stderr]).toEqual([
          0,
          expect.stringContaining('Running upgrade aa -> bb'),
        ]);
        await expectDone(project, source);
      } finally {
        await source.destroy();
        await database.drop();
      }
    },
    TEST_MS,
  );
});

describe.each((Object.keys(SERVERS) as Kind[]).filter(canStartServer))(
  'on a server of its own, %s',
  (kind) => {
    test(
      'the server is killed in the middle of a rewrite, and started again',
      async () => {
        const server = await startServer(kind);
        try {
          const { project, source } = await prepare(kind, server.url);
          const run = project.start(['upgrade', 'head']);
          await untilAltering(kind, source);
          await server.kill();
          const { status, stderr } = await run.done;
          expect([status, stderr]).toEqual([
            1,
            expect.stringMatching(/^FAILED: The connection to .* broke/m),
          ]);
          await source.destroy();
          await server.restart();
          const again = await new DataSource({ url: server.url }).initialize();
          project.ok(['upgrade', 'head']);
          await expectDone(project, again);
          await again.destroy();
        } finally {
          await server.stop();
        }
      },
      TEST_MS,
    );
  },
);
