/** The test servers themselves: they answer, lose nothing that was committed when killed, and leave nothing behind. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createConnection } from 'mysql2/promise';
import { Client } from 'pg';
import {
  canStartServer,
  createDatabase,
  isAvailable,
  serverUrl,
  startServer,
  type TestServer,
} from '../databases';
import { isAlive } from './stale-folders';

type Run = (sql: string) => Promise<readonly Record<string, unknown>[]>;

const connect = {
  async postgres<T>(url: string, work: (run: Run) => Promise<T>): Promise<T> {
    const client = new Client({ connectionString: url });
    client.on('error', () => {});
    await client.connect();
    return work(async (sql) => (await client.query(sql)).rows).finally(() => client.end());
  },
  async mysql<T>(url: string, work: (run: Run) => Promise<T>): Promise<T> {
    const connection = await createConnection(url);
    connection.on('error', () => {});
    return work(async (sql) => (await connection.query(sql))[0] as Record<string, unknown>[]).finally(() =>
      connection.destroy(),
    );
  },
};

const kinds = ['postgres', 'mysql'] as const;
const list = {
  postgres: 'SELECT datname AS name FROM pg_database',
  mysql: 'SELECT schema_name AS name FROM information_schema.schemata',
};

describe.each(kinds.filter(isAvailable))('the %s server of the run', (kind) => {
  test('gives every caller an empty database, and takes it back while a transaction is open in it', async () => {
    const [one, other] = await Promise.all([createDatabase(kind), createDatabase(kind)]);
    expect(one.url).not.toBe(other.url);
    await connect[kind](one.url, async (run) => {
      await run('CREATE TABLE t (c INT)');
      await run('BEGIN');
      expect(await run('SELECT c FROM t')).toEqual([]);
      await one.drop();
    });
    await connect[kind](other.url, async (run) => expect(run('SELECT c FROM t')).rejects.toThrow(/\bt\b/));
    await one.drop();
    await other.drop();
    const names = await connect[kind](await serverUrl(kind), (run) => run(list[kind]));
    const ours = [one, other].map(({ url }) => new URL(url).pathname.slice(1));
    expect(names.filter(({ name }) => ours.includes(String(name)))).toEqual([]);
  });

  test('keeps every character', async () => {
    const database = await createDatabase(kind);
    await connect[kind](database.url, async (run) =>
      expect(await run(`SELECT 'ß 漢 🦊' AS words`)).toEqual([{ words: 'ß 漢 🦊' }]),
    );
    await database.drop();
  });
});

test('a MySQL database has the scheme and the collation that were asked for', async () => {
  if (!isAvailable('mysql')) return;
  const database = await createDatabase('mysql', { scheme: 'mysql', collation: 'utf8mb4_bin' });
  expect(database.url).toMatch(/^mysql:/);
  await connect.mysql(database.url, async (run) =>
    expect(await run('SELECT @@collation_database AS c, @@character_set_database AS s')).toEqual([
      { c: 'utf8mb4_bin', s: 'utf8mb4' },
    ]),
  );
  await database.drop();
});

test('a SQLite database is a file of its own', async () => {
  const database = await createDatabase('sqlite');
  const folder = path.dirname(database.url.slice('sqlite:'.length));
  expect(existsSync(folder)).toBe(true);
  await database.drop();
  expect(existsSync(folder)).toBe(false);
});

describe.each(kinds.filter(canStartServer))('a %s server of one test', (kind) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer(kind);
  });
  afterAll(() => server?.stop());

  test('has after SIGKILL what was committed, and nothing else', async () => {
    const before = server.pid;
    const table = kind === 'mysql' ? 'mysql.kept' : 'kept';
    await connect[kind](server.url, async (run) => {
      await run(`CREATE TABLE ${table} (c INT)`);
      await run(`INSERT INTO ${table} VALUES (1)`);
      await run('BEGIN');
      await run(`INSERT INTO ${table} VALUES (2)`);
      await server.kill();
      expect(isAlive(before)).toBe(false);
    }).catch((cause) => expect(cause.message).toMatch(/terminated|lost|closed/i));
    await server.restart();
    expect(server.pid).not.toBe(before);
    const rows = await connect[kind](server.url, (run) => run(`SELECT c FROM ${table}`));
    expect(rows).toEqual([{ c: 1 }]);
  });

  test('leaves neither process nor folder', async () => {
    await server.stop();
    expect([isAlive(server.pid), existsSync(server.folder)]).toEqual([false, false]);
    await server.stop();
  });
});

test('servers end soon after the process that started them was killed', async () => {
  const name = kinds.find(canStartServer);
  if (name === undefined) return;
  const script = `
    const { startServer } = require(${JSON.stringify(path.join(__dirname, '..', 'databases.ts'))});
    startServer('${name}').then((s) => process.stdout.write(JSON.stringify([s.pid, s.folder]) + '\\n'));
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--import', 'tsx', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [pid, folder] = JSON.parse(await firstLine(child));
  expect(isAlive(pid)).toBe(true);
  child.kill('SIGKILL');
  const deadline = Date.now() + 10_000;
  while ((isAlive(pid) || existsSync(folder)) && Date.now() < deadline) await sleep(50);
  expect([isAlive(pid), existsSync(folder)]).toEqual([false, false]);
});

async function firstLine(child: ChildProcess): Promise<string> {
  let text = '';
  for await (const chunk of child.stdout ?? []) {
    text += chunk;
    if (text.includes('\n')) break;
  }
  return text;
}
