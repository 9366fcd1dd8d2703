/** Copies that answer reads: which statements go there, which never do, and what happens when one is gone. */

import { channel } from 'node:diagnostics_channel';
import { copyFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  Column,
  type Config,
  DataSource,
  Entity,
  type LogEntry,
  migrations,
  PrimaryGeneratedColumn,
  type QueryTrace,
} from 'limbeck';
import { createDatabase, type DatabaseKind, type TestDatabase, testDatabases } from '../support/databases';
import { proxied, type TcpProxy } from '../support/tcp-proxy';

@Entity('marks')
class Mark {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar', { length: 20 }) text!: string;
}

/** A database that says of itself which one it is. */
async function filled(kind: DatabaseKind, text: string): Promise<TestDatabase> {
  const database = await createDatabase(kind);
  const db = await new DataSource({ url: database.url, entities: [Mark] }).initialize();
  await db.createSchema();
  await db.getRepository(Mark).insert({ text });
  await db.destroy();
  return database;
}

describe.each(testDatabases())('%s', (kind) => {
  let databases: TestDatabase[];
  let db: DataSource;
  let entries: LogEntry[] = [];
  const open = async (config: Partial<Config> = {}): Promise<DataSource> => {
    const [primary, ...replicas] = databases as [TestDatabase, ...TestDatabase[]];
    db = new DataSource({
      url: primary.url,
      replicas: replicas.map(({ url }) => url),
      entities: [Mark],
      logger: (entry) => entries.push(entry),
      ...config,
    });
    await db.initialize();
    return db;
  };
  beforeEach(async () => {
    entries = [];
    databases = [];
    for (const text of ['primary', 'first', 'second']) databases.push(await filled(kind, text));
  });
  afterEach(async () => {
    await db.destroy();
    for (const database of databases) await database.drop();
  });
  const read = async (source: DataSource = db): Promise<string> => {
    const [mark] = await source.getRepository(Mark).find({ order: { id: 'asc' }, take: 1 });
    return mark?.text ?? '';
  };

  test('reads go to the replicas in turn', async () => {
    await open();
    const seen = [await read(), await read(), await read(), await read()];
    expect(seen).toEqual(['first', 'second', 'first', 'second']);
    const marks = db.getRepository(Mark);
    expect(await marks.countBy({ text: 'primary' })).toBe(0);
    expect(await marks.existsBy({ text: 'second' })).toBe(true);
    expect(await marks.findOneBy({ text: 'primary' })).toBeNull();
  });

  test('writes and what they read back go to the primary', async () => {
    await open();
    const marks = db.getRepository(Mark);
    const saved = await marks.save({ text: 'new' });
    await marks.update({ id: saved.id }, { text: 'newer' });
    await marks.save([{ text: 'a' }, { text: 'b' }]);
    expect(await marks.count()).toBe(1);
    expect(await db.readFrom('primary', () => marks.find({ order: { id: 'asc' } }))).toMatchObject([
      { text: 'primary' },
      { text: 'newer' },
      { text: 'a' },
      { text: 'b' },
    ]);
    await marks.delete({ text: 'first' });
    expect(await read()).toBe('second');
    expect(await read()).toBe('first');
  });

  test('transactions are on the primary from end to end, read-only ones as well', async () => {
    await open();
    const inside = await db.transaction(async (manager) => [
      await read(),
      (await manager.getRepository(Mark).find())[0]?.text,
      await db.transaction(() => read()),
      await db.readFrom('replica', () => read()),
    ]);
    expect(inside).toEqual(['primary', 'primary', 'primary', 'primary']);
    expect(await db.transaction(() => read(), { readOnly: true })).toBe('primary');
  });

  test('raw SQL goes to the primary, unless it is sent to a replica', async () => {
    await open();
    const raw = async (): Promise<unknown> =>
      (await db.query<{ text: string }>('SELECT text FROM marks'))[0]?.text;
    expect(await raw()).toBe('primary');
    expect(await db.readFrom('replica', raw)).toMatch(/^(first|second)$/);
    expect(await db.sql`SELECT text FROM marks WHERE text = ${'primary'}`).toHaveLength(1);
  });

  test('readFrom holds for what runs inside, and nothing else', async () => {
    await open();
    const seen = await db.readFrom('primary', async () => {
      await sleep(1);
      return [await read(), await db.readFrom('replica', () => read()), await read()];
    });
    expect(seen).toEqual(['primary', 'first', 'primary']);
    expect(await read()).toBe('second');
    const wrong = 'master' as 'primary';
    expect(() => db.readFrom(wrong, () => 1)).toThrow("readFrom: expected 'primary' or 'replica'");
  });

  test('a call that comes too late for its transaction is refused, not read from a replica', async () => {
    await open();
    let late: Promise<unknown> = Promise.resolve();
    await db.transaction(async () => {
      late = sleep(20).then(() => read().catch((cause: { code: string }) => cause.code));
    });
    expect(await late).toBe('TRANSACTION_CLOSED');
  });

  test("the schema and migrations are the primary's alone", async () => {
    const touched = new Set<string>();
    const listen = (message: unknown): void => {
      touched.add((message as QueryTrace).database);
    };
    await open();
    channel('limbeck:query').subscribe(listen);
    try {
      await db.synchronize();
      await migrations(db).current();
      await migrations(db).diff();
    } finally {
      channel('limbeck:query').unsubscribe(listen);
    }
    expect(touched.size).toBe(1);
    await read();
    expect(entries.filter((entry) => entry.kind === 'query').length).toBeGreaterThan(0);
  });

  test('one that is not there is passed over with a warning, and tried again', async () => {
    if (kind === 'sqlite') {
      const file = (url: string | undefined): string => String(url).slice('sqlite:'.length);
      const later = `${file(databases[1]?.url)}.later`;
      await open({ replicas: [`sqlite:${later}`] });
      expect(entries).toContainEqual({
        kind: 'warning',
        message: expect.stringMatching(/^The replica .*later is passed over for 1 s: .* does not exist\.$/),
        error: expect.objectContaining({ code: 'DATABASE_MISSING' }),
      });
      expect([await read(), await read()]).toEqual(['primary', 'primary']);
      copyFileSync(file(databases[2]?.url), later);
      await sleep(1_100);
      expect(await read()).toBe('second');
      return;
    }
    const through = await proxied(databases[1]?.url ?? '');
    await withProxy(through.proxy, async (proxy) => {
      await open({ replicas: [through.url, databases[2]?.url ?? ''] });
      expect([await read(), await read()]).toEqual(['first', 'second']);
      proxy.isDown = true;
      proxy.cutAll();
      const seen = await Promise.all(Array.from({ length: 6 }, () => read()));
      expect(new Set(seen)).toEqual(new Set(['second']));
      const warnings = entries.filter((entry) => entry.kind === 'warning');
      expect(warnings.length).toBeGreaterThan(0);
      expect(warnings[0]).toMatchObject({
        message: expect.stringMatching(/^The replica .* is passed over for 1 s: /),
      });
      proxy.isDown = false;
      await sleep(1_100);
      expect(new Set([await read(), await read()])).toEqual(new Set(['first', 'second']));
    });
  });

  if (kind !== 'sqlite') {
    test('a read that is under way when its replica goes is done elsewhere', async () => {
      const through = await proxied(databases[1]?.url ?? '');
      await withProxy(through.proxy, async (proxy) => {
        await open({ replicas: [through.url] });
        expect(await read()).toBe('first');
        const nap =
          kind === 'postgres'
            ? 'SELECT pg_sleep(0.2), text FROM marks'
            : 'SELECT sleep(0.2), text FROM marks';
        const slow = db.readFrom('replica', () => db.query<{ text: string }>(nap));
        await sleep(50);
        proxy.isDown = true;
        proxy.cutAll();
        expect((await slow)[0]?.text).toBe('primary');
        expect(await read()).toBe('primary');
      });
    });
  }

  test('what is wrong with a statement is told, and not tried elsewhere', async () => {
    await open();
    const wrong = db.readFrom('replica', () => db.query('SELECT nothing FROM nowhere'));
    await expect(wrong).rejects.toMatchObject({ code: 'QUERY_FAILED' });
    expect(entries.filter((entry) => entry.kind === 'query' && entry.error !== undefined)).toHaveLength(1);
    expect(entries.filter((entry) => entry.kind === 'warning')).toEqual([]);
  });

  test.each<[unknown, string]>([
    ['sqlite:a.db', 'replicas: must be an array of URLs, not a string.'],
    [[5], "replicas: entry 0 must be a URL such as 'sqlite:library.db', not a number."],
    [
      [kind === 'sqlite' ? 'postgres://u:hunter2@h/d' : 'sqlite:a.db'],
      'replicas: entry 0 is of another kind than the database itself.',
    ],
  ])('%j is refused', async (replicas, words) => {
    const wrong = new DataSource({ url: databases[0]?.url ?? '', replicas: replicas as string[] });
    await expect(wrong.initialize()).rejects.toThrow(words);
    await expect(wrong.initialize()).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    await open();
  });
});

async function withProxy(proxy: TcpProxy, work: (proxy: TcpProxy) => Promise<void>): Promise<void> {
  try {
    await work(proxy);
  } finally {
    await proxy.close();
  }
}
