/** A connection that goes: before COMMIT nothing is there; while it is under way nobody knows, and nobody repeats it. */

import { setTimeout as sleep } from 'node:timers/promises';
import {
  Column,
  CommitUnknownError,
  ConnectionError,
  DataSource,
  Entity,
  PrimaryGeneratedColumn,
} from 'limbeck';
import { createDatabase, isAvailable, type TestDatabase } from '../support/databases';
import { type CommitFate, proxied, type TcpProxy } from '../support/tcp-proxy';

@Entity('marks')
class Mark {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar', { length: 20 }) text!: string;
}

const failureOf = (promise: Promise<unknown>): Promise<{ code?: string; retryable?: boolean }> =>
  promise.then(
    () => ({ code: 'nothing was thrown' }),
    (cause: object) => cause,
  );

describe.each((['postgres', 'mysql'] as const).filter(isAvailable))('%s', (kind) => {
  let database: TestDatabase;
  let straight: DataSource;
  let db: DataSource;
  let proxy: TcpProxy;
  beforeEach(async () => {
    database = await createDatabase(kind);
    straight = await new DataSource({ url: database.url, entities: [Mark] }).initialize();
    await straight.createSchema();
    const through = await proxied(database.url);
    proxy = through.proxy;
    db = await new DataSource({ url: through.url, entities: [Mark] }).initialize();
  });
  afterEach(async () => {
    await db.destroy();
    await straight.destroy();
    await proxy.close();
    await database.drop();
  });

  /** What is there, once the server has noticed that its client is gone. */
  const texts = async (): Promise<string[]> => {
    const marks = await straight.getRepository(Mark).find({ order: { id: 'asc' } });
    return marks.map(({ text }) => text);
  };

  test.each<[CommitFate, string[]]>([
    ['cut', []],
    ['swallow', ['a']],
  ])(
    'a COMMIT that is %s is unknown, whether it was carried out or not, and is not retried',
    async (fate, there) => {
      let runs = 0;
      proxy.fate = fate;
      const failure = await failureOf(
        db.transaction(
          async (manager) => {
            runs += 1;
            await manager.getRepository(Mark).insert({ text: 'a' });
          },
          { retries: 3 },
        ),
      );
      expect(failure).toMatchObject({ code: 'COMMIT_UNKNOWN', retryable: false });
      expect(failure).toBeInstanceOf(CommitUnknownError);
      expect(failure).toHaveProperty('hint', expect.stringMatching(/Look in the database/));
      expect(runs).toBe(1);
      proxy.fate = 'pass';
      expect(await texts()).toEqual(there);
      // The pool has another connection by then.
      await db.getRepository(Mark).insert({ text: 'b' });
      expect(await texts()).toEqual([...there, 'b']);
    },
  );

  test.each<[CommitFate, string[]]>([
    ['cut', []],
    ['swallow', ['a', 'b']],
  ])('a save of several whose COMMIT is %s is unknown as well', async (fate, there) => {
    proxy.fate = fate;
    const failure = await failureOf(db.getRepository(Mark).save([{ text: 'a' }, { text: 'b' }]));
    expect(failure).toMatchObject({ code: 'COMMIT_UNKNOWN', retryable: false });
    expect(await texts()).toEqual(there);
  });

  test('a connection that was killed before COMMIT is lost, and nothing of its transaction is there', async () => {
    const id = kind === 'postgres' ? 'pg_backend_pid()' : 'CONNECTION_ID()';
    const kill = kind === 'postgres' ? 'SELECT pg_terminate_backend($1)' : 'KILL ?';
    const failure = await failureOf(
      db.transaction(async (manager) => {
        await manager.getRepository(Mark).insert({ text: 'a' });
        const [row] = await manager.query<{ id: number }>(`SELECT ${id} AS id`);
        // KILL takes no parameter on every version.
        await straight.query(
          kind === 'mysql' ? kill.replace('?', String(row?.id)) : kill,
          kind === 'mysql' ? [] : [row?.id],
        );
        await sleep(50);
      }),
    );
    expect(failure).toMatchObject({ code: 'CONNECTION_LOST' });
    expect(failure).toBeInstanceOf(ConnectionError);
    expect(failure).not.toBeInstanceOf(CommitUnknownError);
    expect(await texts()).toEqual([]);
    await db.getRepository(Mark).insert({ text: 'b' });
  });

  test('a line that is cut between two statements is a lost connection, in the statements and at the end', async () => {
    const inside: unknown[] = [];
    const failure = await failureOf(
      db.transaction(async (manager) => {
        await manager.getRepository(Mark).insert({ text: 'a' });
        proxy.cutAll();
        await sleep(20);
        inside.push((await failureOf(manager.getRepository(Mark).insert({ text: 'b' }))).code);
        inside.push((await failureOf(manager.transaction(async () => {}))).code);
      }),
    );
    expect(inside).toEqual(['CONNECTION_LOST', 'CONNECTION_LOST']);
    expect(failure.code).toBe('CONNECTION_LOST');
    expect(await texts()).toEqual([]);
  });

  test('a read-only transaction whose COMMIT gets lost has nothing that could be unknown', async () => {
    proxy.fate = 'cut';
    const failure = await failureOf(
      db.transaction(async (manager) => manager.getRepository(Mark).find(), { readOnly: true }),
    );
    expect(failure.code).toBe('CONNECTION_LOST');
  });

  test('a data source that is destroyed while COMMIT waits for its answer does not know either', async () => {
    if (kind !== 'postgres') {
      // Nothing makes a COMMIT take its time there.
      const failure = failureOf(
        db.transaction(async (manager) => {
          await manager.getRepository(Mark).insert({ text: 'a' });
          void db.destroy();
        }),
      );
      expect(['CONNECTION_CLOSED', 'COMMIT_UNKNOWN']).toContain((await failure).code);
      return;
    }
    await slowCommit(straight);
    const failure = failureOf(
      db.transaction(async (manager) => manager.getRepository(Mark).insert({ text: 'a' })),
    );
    await sleep(100);
    await db.destroy();
    expect((await failure).code).toBe('COMMIT_UNKNOWN');
  });

  if (kind === 'postgres') {
    test('a server process that is ended while it commits leaves it unknown', async () => {
      await slowCommit(straight);
      const failure = failureOf(
        db.transaction(async (manager) => manager.getRepository(Mark).insert({ text: 'a' })),
      );
      await sleep(100);
      await straight.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = 'COMMIT' AND state = 'active'",
      );
      expect(await failure).toMatchObject({ code: 'COMMIT_UNKNOWN', retryable: false });
      expect(await texts()).toEqual([]);
    });
  }
});

/** A trigger that is fired at COMMIT and takes a second. */
async function slowCommit(db: DataSource): Promise<void> {
  await db.query(
    'CREATE FUNCTION nap() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(1); RETURN NULL; END $$',
  );
  await db.query(
    'CREATE CONSTRAINT TRIGGER nap AFTER INSERT ON marks DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION nap()',
  );
}
