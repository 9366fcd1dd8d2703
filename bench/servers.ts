/**
 * The servers: a diff that finds nothing against Alembic's in the same run, creating many tables, and the test
 * kit's reset. Needs servers as the tests do, and for the peer Debian's packages alembic, python3-psycopg2 and
 * python3-pymysql.
 */

import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { DataSource, migrations } from 'limbeck';
import { useTestDatabase } from 'limbeck/testing';
import { createConnection } from 'mysql2/promise';
import { Client } from 'pg';
import { createDatabase, isAvailable } from '../test/support/databases.js';
import { type EntityClass, entities } from './entities.js';
import { median } from './harness.js';

const KINDS = ['postgres', 'mysql'] as const;
const PYTHON = '/usr/bin/python3';
const ROUNDS = 7;

type Measured = Map<string, number[]>;

function report(title: string, aim: string, times: Measured): void {
  console.log(`\n${title}   (aim: ${aim})`);
  const base = median([...times.values()][0] ?? []);
  for (const [name, list] of times) {
    const middle = median(list);
    const ratio = (middle / base).toFixed(2).padStart(7);
    console.log(`  ${name.padEnd(44)} ${middle.toFixed(1).padStart(10)} ms ${ratio} x`);
  }
}

async function timed(
  times: Measured,
  name: string,
  run: () => Promise<unknown>,
  counts: boolean,
): Promise<void> {
  const start = process.hrtime.bigint();
  await run();
  const ms = Number(process.hrtime.bigint() - start) / 1e6;
  if (counts) times.set(name, [...(times.get(name) ?? []), ms]);
}

/** A no-op diff over 300 and 1,000 tables. */
export async function serverDiff(): Promise<void> {
  for (const kind of KINDS.filter(isAvailable)) {
    for (const count of [300, 1000]) {
      const { url, drop } = await createDatabase(kind);
      const folder = mkdtempSync(path.join(tmpdir(), 'limbeck-bench-'));
      const classes = entities(count);
      const m = migrationsOf(url, folder, classes);
      await m.revision({ message: 'all', autogenerate: true });
      await m.upgrade('head');
      const peer = AlembicPeer.start(url, count);
      const times: Measured = new Map();
      for (let round = 0; round <= ROUNDS; round++) {
        if (peer) {
          const ms = await peer.measure();
          if (round > 0) times.set('alembic', [...(times.get('alembic') ?? []), ms]);
        }
        const run = async (): Promise<void> => {
          const { operations } = await migrationsOf(url, folder, classes).diff();
          if (operations.length > 0) throw new Error(`the diff found ${operations.length} operations`);
        };
        await timed(times, 'limbeck diff', run, round > 0);
      }
      report(`${kind}: a diff that finds nothing, over ${count} tables`, "half of Alembic's time", times);
      peer?.stop();
      await drop();
      rmSync(folder, { recursive: true, force: true });
    }
  }
}

/** Creating 300 tables, against the same statements through the driver. */
export async function serverCreate(): Promise<void> {
  const classes = entities(300);
  for (const kind of KINDS.filter(isAvailable)) {
    const folder = mkdtempSync(path.join(tmpdir(), 'limbeck-bench-'));
    const first = await createDatabase(kind);
    await migrationsOf(first.url, folder, classes).revision({ message: 'all', autogenerate: true });
    const script = (await migrationsOf(first.url, folder, classes).upgrade('head', { sql: true })).sql ?? '';
    await first.drop();
    const times: Measured = new Map();
    for (let round = 0; round <= 3; round++) {
      const bare = await createDatabase(kind);
      const statements = script
        .split(/;\n/)
        .map((text) => text.replace(/^--.*$/gm, '').trim())
        .filter((text) => text !== '');
      await timed(times, 'the same statements, one by one', () => runAll(bare.url, statements), round > 0);
      await bare.drop();
      const own = await createDatabase(kind);
      await timed(
        times,
        'limbeck upgrade',
        () => migrationsOf(own.url, folder, []).upgrade('head'),
        round > 0,
      );
      await own.drop();
    }
    report(`${kind}: creating 300 tables with their indexes`, 'near the bare statements', times);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The statements one by one on the driver alone, in one transaction where there can be one. */
async function runAll(url: string, statements: readonly string[]): Promise<void> {
  if (url.startsWith('postgres')) {
    const client = new Client({ connectionString: url });
    await client.connect();
    for (const text of statements) await client.query(text);
    await client.end();
  } else {
    const connection = await createConnection(url.replace(/^mariadb:/, 'mysql:'));
    for (const text of statements) await connection.query(text);
    await connection.end();
  }
}

/** The kit's reset for 50 tables, against dropping and creating them. */
export async function serverReset(): Promise<void> {
  const classes = entities(50);
  for (const kind of KINDS.filter(isAvailable)) {
    const { url, drop } = await createDatabase(kind);
    const hooks: (() => Promise<void>)[] = [];
    const hook = (run: () => Promise<void>): void => void hooks.push(run);
    const block = (): void => {};
    const kit = useTestDatabase(
      { url, entities: classes },
      { runner: { describe: block, it: block, beforeAll: hook, afterAll: hook } },
    );
    const [open, close] = hooks;
    await open?.();
    const other = await new DataSource({ url, entities: classes }).initialize();
    await other.createSchema();
    const times: Measured = new Map();
    const again = async (): Promise<void> => {
      await other.dropSchema();
      await other.createSchema();
    };
    for (let round = 0; round <= 20; round++) {
      await fill(other);
      await fill(kit);
      if (round < 6) await timed(times, 'drop and create all tables', again, round > 0);
      await timed(times, 'limbeck reset()', () => kit.reset(), round > 0);
    }
    report(`${kind}: reset for 50 tables`, 'a few milliseconds', times);
    await other.destroy();
    await close?.();
    await drop();
  }
}

async function fill(place: Pick<DataSource, 'query'>): Promise<void> {
  const columns = Array.from({ length: 8 }, (_, c) => `column${c}`).join(', ');
  await place.query(`INSERT INTO thing_0 (${columns}) VALUES ('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h')`, []);
}

function migrationsOf(url: string, folder: string, classes: readonly EntityClass[]) {
  const migrationsFolder = path.join(folder, 'migrations');
  mkdirSync(migrationsFolder, { recursive: true });
  writeFileSync(path.join(folder, 'package.json'), '{}');
  writeFileSync(path.join(migrationsFolder, 'placeholder.js'), '');
  return migrations({ url, entities: classes, migrations: migrationsFolder });
}

/** Alembic in a process of its own, which measures itself: its start does not count. */
class AlembicPeer {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  readonly #reader: Interface;

  private constructor(url: string, count: number) {
    const script = path.join(__dirname, 'peers/alembic_diff.py');
    this.#child = spawn(PYTHON, [script, url, String(count)]);
    this.#child.stderr.pipe(process.stderr);
    this.#reader = createInterface({ input: this.#child.stdout });
    this.#lines = this.#reader[Symbol.asyncIterator]();
  }

  /** Undefined where it is not installed, which is said. */
  static start(url: string, count: number): AlembicPeer | undefined {
    const { status } = spawnSync(PYTHON, ['-c', 'import alembic, psycopg2, pymysql']);
    if (status !== 0) {
      console.log('alembic is not here: apt-get install alembic python3-psycopg2 python3-pymysql');
      return undefined;
    }
    const sqlalchemy = url
      .replace(/^postgres:/, 'postgresql+psycopg2:')
      .replace(/^(?:mariadb|mysql):/, 'mysql+pymysql:');
    return new AlembicPeer(sqlalchemy, count);
  }

  async measure(): Promise<number> {
    this.#child.stdin.write('\n');
    const { value } = await this.#lines.next();
    const [ms = '', differences] = String(value).split(' ');
    if (differences !== '0') console.log(`  (alembic found ${differences} differences)`);
    return Number(ms);
  }

  stop(): void {
    this.#reader.close();
    this.#child.kill();
  }
}
