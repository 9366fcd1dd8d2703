/** Several runs at once, and a run inside a program that has other things to do. */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { hostname } from 'node:os';
import { migration, type Project, useProjects } from '../support/project';

const newProject = useProjects();
const rounds = Number(process.env.LIMBECK_ROUNDS ?? 10);

/** Three revisions, each of which would leave a second row, or fail, if it ran twice; one of them rebuilds. */
const REVISIONS = {
  'migrations/aa.js': migration('aa', {
    upgrade: `
  op.createTable('runs', { columns: { revision: { type: 'varchar', length: 12 } } });
  op.createTable('parents', { columns: { id: { type: 'integer', generated: 'increment' }, name: { type: 'text', nullable: true } }, primaryKey: { columns: ['id'] } });
  op.createTable('children', {
    columns: { parent_id: { type: 'integer' } },
    foreignKeys: [{ columns: ['parent_id'], refTable: 'parents', refColumns: ['id'], onDelete: 'CASCADE' }],
  });
  op.bulkInsert('runs', [{ revision: 'aa' }]);
  op.bulkInsert('parents', [{ id: 1, name: 'one' }]);
  return op.bulkInsert('children', [{ parent_id: 1 }]);`,
  }),
  'migrations/bb.js': migration('bb', {
    down: 'aa',
    async: true,
    upgrade: `
  op.alterColumn('parents', 'name', { nullable: false });
  await op.bulkInsert('runs', [{ revision: 'bb' }]);`,
  }),
  'migrations/cc.js': migration('cc', {
    down: 'bb',
    async: true,
    upgrade: `
  op.addColumn('parents', 'born', { type: 'date', nullable: true });
  await op.bulkInsert('runs', [{ revision: 'cc' }]);`,
  }),
};

/** A program that uses the package; what it prints at the end is its answer. */
function program(body: string): string {
  return `const { migrations, DataSource } = require('limbeck');
const config = require('./ormconfig.js');
const { setTimeout: sleep } = require('node:timers/promises');
(async () => { ${body} })().then((answer) => console.log(JSON.stringify(answer ?? null)), (cause) => {
  console.log(JSON.stringify({ code: cause.code, message: cause.message, retryable: cause.retryable }));
});
`;
}

/** Those who hold a lock; a test that fails must not leave one behind. */
const holders = new Set<ChildProcess>();
afterEach(() => {
  for (const child of holders) child.kill('SIGKILL');
  holders.clear();
});

/** Holds the database's lock in another process until it is let go of. */
async function hold(project: Project): Promise<{ readonly pid: number; release(): Promise<void> }> {
  const script = `
    const db = new (require(${JSON.stringify(require.resolve('better-sqlite3'))}))('app.db');
    db.exec('BEGIN IMMEDIATE');
    console.log('held');
    process.stdin.on('data', () => {}).on('end', () => { db.exec('ROLLBACK'); db.close(); });`;
  const child = spawn(process.execPath, ['-e', script], {
    cwd: project.folder,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  holders.add(child);
  const closed = new Promise<void>((resolve) => child.on('close', () => resolve()));
  await new Promise((resolve) => child.stdout.once('data', resolve));
  return {
    pid: child.pid as number,
    release: async () => {
      child.stdin.end();
      await closed;
    },
  };
}

describe('several runs at once', () => {
  it('apply each revision once, to a file that none of them found', async () => {
    for (let round = 0; round < rounds; round++) {
      const project = newProject(REVISIONS);
      const runs = await Promise.all(
        Array.from({ length: 8 }, () => project.start(['upgrade', 'head']).done),
      );
      const told = runs.flatMap(({ stderr }) =>
        stderr.split('\n').filter((line) => line.startsWith('Running')),
      );
      expect({ round, failed: runs.filter(({ status }) => status !== 0) }).toEqual({ round, failed: [] });
      expect(told.sort()).toEqual([
        'Running upgrade  -> aa, aa',
        'Running upgrade aa -> bb, bb',
        'Running upgrade bb -> cc, cc',
      ]);
      expect(project.rows('SELECT revision FROM runs ORDER BY 1').map((row) => row.revision)).toEqual([
        'aa',
        'bb',
        'cc',
      ]);
      expect(project.versions()).toEqual(['cc']);
      expect(project.rows('SELECT revision, step, state FROM limbeck_journal ORDER BY 1')).toEqual([
        { revision: 'aa', step: 0, state: 'done' },
        { revision: 'bb', step: 0, state: 'done' },
        { revision: 'cc', step: 0, state: 'done' },
      ]);
      expect(project.rows('SELECT * FROM limbeck_lock')).toEqual([]);
      expect(project.rows('SELECT * FROM children')).toEqual([{ parent_id: 1 }]);
      expect(project.rows('PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }]);
      project.remove();
    }
  }, 600_000);

  it('take each revision back once', async () => {
    const project = newProject({ ...REVISIONS, 'migrations/cc.js': migration('cc', { down: 'bb' }) });
    project.ok(['upgrade', 'head']);
    const runs = await Promise.all(
      Array.from({ length: 6 }, () => project.start(['downgrade', 'base']).done),
    );
    expect(runs.filter(({ status }) => status !== 0)).toEqual([]);
    expect(project.versions()).toEqual([]);
  }, 60_000);

  it('read while another one writes', async () => {
    const project = newProject(REVISIONS);
    project.ok(['upgrade', 'aa']);
    const holder = await hold(project);
    const before = project.state();
    const current = project.run(['current']);
    const history = project.run(['history', '-i']);
    await holder.release();
    expect(current).toEqual({ status: 0, stdout: 'aa\n', stderr: '' });
    expect(history.stdout).toContain('<base> -> aa (current), aa\n');
    expect(Object.keys(project.state())).toEqual(
      Object.keys(before).filter((name) => !/-(wal|shm)$/.test(name)),
    );
  });
});

describe('a run that waits for the lock', () => {
  it('goes on when the lock is free', async () => {
    const project = newProject(REVISIONS);
    project.ok(['upgrade', 'aa']);
    const holder = await hold(project);
    const { done } = project.start(['upgrade', 'head']);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(project.versions()).toEqual(['aa']);
    await holder.release();
    expect((await done).status).toBe(0);
    expect(project.versions()).toEqual(['cc']);
  });

  it('says who has announced a run when its patience ends', async () => {
    const project = newProject({
      ...REVISIONS,
      'ormconfig.js': `module.exports = { url: 'sqlite:app.db', lockTimeoutMs: 400 };\n`,
    });
    project.ok(['upgrade', 'aa']);
    const since = '2026-11-22T18:25:16.000Z';
    project.exec(`INSERT INTO limbeck_lock (host, pid, since) VALUES ('elsewhere', 4711, '${since}')`);
    const holder = await hold(project);
    const before = project.state();
    const [words, data] = [project.run(['upgrade', 'head']), project.run(['--json', 'upgrade', 'head'])];
    expect(words).toEqual({
      status: 1,
      stdout: '',
      stderr: `FAILED: The database was locked for more than 0.4 s; migrations were announced by process 4711 on elsewhere, since ${since}.
hint: Wait for the other run to finish, end it, or raise lockTimeoutMs.
`,
    });
    expect(data.status).toBe(1);
    expect(JSON.parse(data.stdout)).toMatchObject({
      error: {
        code: 'LOCK_TIMEOUT',
        context: { seconds: 0.4, holder: `process 4711 on elsewhere, since ${since}` },
      },
    });
    expect(project.state()).toEqual(before);
    await holder.release();
  });

  it('names the run that really holds it', async () => {
    const project = newProject({
      ...REVISIONS,
      'ormconfig.js': `module.exports = { url: 'sqlite:app.db', lockTimeoutMs: 300 };\n`,
      'migrations/bb.js': migration('bb', {
        down: 'aa',
        async: true,
        upgrade: `await op.execute('SELECT 1'); await new Promise((resolve) => setTimeout(resolve, 3000));`,
      }),
      'migrations/cc.js': migration('cc', { down: 'bb' }),
    });
    project.ok(['upgrade', 'aa']);
    const first = project.start(['upgrade', 'head']);
    await new Promise<void>((resolve) => first.child.stderr?.once('data', () => resolve()));
    const second = project.run(['upgrade', 'head']);
    expect(second.status).toBe(1);
    expect(second.stderr).toContain(
      `migrations were announced by process ${first.child.pid} on ${hostname()}, since 20`,
    );
    expect((await first.done).status).toBe(0);
    expect(project.versions()).toEqual(['cc']);
  });

  it('does not name a run that was killed, and its word is taken away by the next one', async () => {
    const project = newProject({
      ...REVISIONS,
      'ormconfig.js': `module.exports = { url: 'sqlite:app.db', lockTimeoutMs: 300 };\n`,
    });
    project.ok(['upgrade', 'aa']);
    const { pid: dead } = spawnSync('true');
    project.exec(`INSERT INTO limbeck_lock (host, pid, since) VALUES ('${hostname()}', ${dead}, '2026')`);
    const holder = await hold(project);
    const { stderr } = project.run(['upgrade', 'head']);
    await holder.release();
    expect(stderr).toMatch(/^FAILED: The database was locked for more than 0\.3 s\.\n/);
    project.ok(['upgrade', 'head']);
    expect(project.rows('SELECT * FROM limbeck_lock')).toEqual([]);
  });

  it('leaves the event loop of its program free', async () => {
    const project = newProject({
      ...REVISIONS,
      'service.js': program(`
        let last = performance.now();
        let lag = 0;
        let ticks = 0;
        const timer = setInterval(() => {
          const now = performance.now();
          lag = Math.max(lag, now - last - 10);
          ticks++;
          last = now;
        }, 10);
        const { steps } = await migrations(config).upgrade('head');
        clearInterval(timer);
        return { lag, ticks, steps: steps.map(({ line }) => line) };`),
    });
    project.ok(['upgrade', 'aa']);
    const holder = await hold(project);
    const child = spawn(process.execPath, ['service.js'], {
      cwd: project.folder,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    child.stdout.on('data', (text: Buffer) => (said += text));
    const closed = new Promise((resolve) => child.on('close', resolve));
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    await holder.release();
    await closed;
    const { lag, ticks, steps } = JSON.parse(said) as { lag: number; ticks: number; steps: string[] };
    expect(steps).toEqual(['Running upgrade aa -> bb, bb', 'Running upgrade bb -> cc, cc']);
    expect(ticks).toBeGreaterThan(50);
    expect(lag).toBeLessThan(200);
  });
});

describe('a run inside a program', () => {
  it('shares the connection of a data source, whose transactions it waits for', () => {
    const project = newProject({
      ...REVISIONS,
      'service.js': program(`
        const db = new DataSource({ ...config, entities: [] });
        await db.initialize();
        await migrations(db).upgrade('aa');
        const order = [];
        const transaction = db.transaction(async (manager) => {
          await manager.query("INSERT INTO runs (revision) VALUES ('app')");
          await sleep(300);
          order.push('transaction');
        });
        const run = migrations(db).upgrade('head').then(() => order.push('run'));
        await Promise.all([transaction, run]);
        const rows = await db.query('SELECT revision FROM runs ORDER BY revision');
        await db.destroy();
        return { order, rows: rows.map((row) => row.revision) };`),
    });
    const { stdout, stderr } = project.spawn([process.execPath, 'service.js']);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual({ order: ['transaction', 'run'], rows: ['aa', 'app', 'bb', 'cc'] });
  });

  it('keeps what one flow has done when another one rolls back', () => {
    const project = newProject({
      ...REVISIONS,
      'service.js': program(`
        const db = new DataSource({ ...config, entities: [] });
        await db.initialize();
        await migrations(db).upgrade('aa');
        const add = (revision, handle = db) => handle.query('INSERT INTO runs (revision) VALUES (?)', [revision]);
        const failing = db.transaction(async (manager) => {
          await add('lost', manager);
          await sleep(200);
          await add('lost too');
          throw new Error('no');
        });
        const plain = (async () => { await sleep(50); await add('kept'); return 'acknowledged'; })();
        const other = db.transaction(async (manager) => { await add('kept as well', manager); });
        const outcome = await Promise.allSettled([failing, plain, other]);
        const rows = await db.query('SELECT revision FROM runs ORDER BY revision');
        await db.destroy();
        return { outcome: outcome.map(({ status }) => status), rows: rows.map((row) => row.revision) };`),
    });
    const { stdout, stderr } = project.spawn([process.execPath, 'service.js']);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual({
      outcome: ['rejected', 'fulfilled', 'fulfilled'],
      rows: ['aa', 'kept', 'kept as well'],
    });
  });

  it('rejects with LOCK_TIMEOUT, which may be tried again', async () => {
    const project = newProject({
      ...REVISIONS,
      'service.js': program(`return migrations({ ...config, lockTimeoutMs: 300 }).upgrade('head');`),
    });
    project.ok(['upgrade', 'aa']);
    const holder = await hold(project);
    const { stdout } = project.spawn([process.execPath, 'service.js']);
    await holder.release();
    expect(JSON.parse(stdout)).toEqual({
      code: 'LOCK_TIMEOUT',
      message: 'The database was locked for more than 0.3 s.',
      retryable: true,
    });
  });
});
